"""Information: a text without a question."""

from __future__ import annotations

from pathlib import Path

from survey_engine.language.question_types.information import INFORMATION
from tests.writing import post, write_questions, write_sections

NEWS = "- information: news\n  text: |-\n    First this.\n\n    Then that."


def test_it_has_paragraphs_and_neither_items_nor_variables(tmp_path: Path) -> None:
    written = write_questions(tmp_path, NEWS)
    assert written.question.text.wording == {"en": "First this.\n\nThen that."}
    assert written.question.items == () and "news" not in written.questionnaire.variables
    assert not INFORMATION.prompts


def test_nothing_is_read_from_it(tmp_path: Path) -> None:
    reading = post(write_questions(tmp_path, NEWS).question, news="x")
    assert not reading.values and not reading.errors


def test_nothing_can_depend_on_it(tmp_path: Path) -> None:
    main = "section: main\npages:\n  - page: a\n    questions:\n      - information: news\n        text: News.\n"
    main += "  - page: b\n    when: «answered(news)\n    questions: [{mark: m, text: M?}]"
    problem = write_sections(tmp_path, main).find("no-answer")
    assert "of type information" in problem.wrong and "Nothing can depend on it" in problem.remedy

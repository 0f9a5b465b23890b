"""Comments on closed questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.model.questionnaire import Question
from tests.writing import HEAD, ask, write_questions, write_sections

JOB = "- yes_no: job\n  text: Job?\n  comment: true"


def find_comment(folder: Path, questions: str) -> Question:
    written = write_questions(folder, questions)
    assert written.codes == []
    (found,) = (q for page in written.questionnaire.sections["main"].pages for q in page.questions if q.comments_on)
    return found


def test_a_comment_is_an_open_question_below_the_closed_one(tmp_path: Path) -> None:
    comment = find_comment(tmp_path, JOB)
    assert (comment.type, comment.code, comment.comments_on) == ("open", "job__comment", "job")
    assert comment.text.wording["en"] == "Would you like to explain your answer?"


def test_a_comment_may_have_a_text_of_its_own(tmp_path: Path) -> None:
    comment = find_comment(tmp_path, JOB.replace("true", "Which job?"))
    assert (comment.text.code, comment.text.wording["en"]) == ("job.comment", "Which job?")


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("- yes_no: job\n  text: Job?\n  comment: true\n  when: level >= 3", "level >= 3"),
        ("- grid: g\n  text: G?\n  scale: agree\n  comment: true\n  items: {a: {text: A, when: level == 1}}", "level == 1"),
        ("- choice: c\n  text: C?\n  comment: true\n  options: {a: {text: A, when: level == 1}, b: B}", None),
    ],
)
def test_a_comment_is_asked_if_its_question_is(tmp_path: Path, question: str, source: str | None) -> None:
    when = find_comment(tmp_path, question).when
    assert (when.source if when else None) == source


def test_a_comment_on_lists_of_institutions_is_asked_where_they_are(tmp_path: Path) -> None:
    grid = "- grid: g\n  text: G?\n  scale: agree\n  comment: true\n  items_from: clubs\n- mark: m\n  text: M?"
    north = "institution: north\nname: North\nlists: {clubs: {choir: Choir}}"
    written = write_sections(tmp_path, ask(grid), north, "institution: south\nname: South", head=HEAD)
    assert written.codes.count("nothing-offered") == 1
    comment = written.questionnaire.sections["main"].pages[0].questions[1]
    assert comment.when is None and comment.items[0].institutions == {"north"}


def test_a_comment_is_asked_with_a_list_or_a_conditional_statement(tmp_path: Path) -> None:
    grid = (
        "- grid: g\n  text: G?\n  scale: agree\n  comment: true\n  items_from: clubs\n  items: {a: {text: A, when: level == 1}}"
    )
    north = "institution: north\nname: North\nlists: {clubs: {choir: Choir}}"
    written = write_sections(tmp_path, ask(f"{grid}\n- mark: m\n  text: M?"), north, "institution: south\nname: South", head=HEAD)
    when = written.questionnaire.sections["main"].pages[0].questions[1].when
    cases = [{"institution": "north", "level": 2}, {"institution": "south", "level": 1}, {"institution": "south", "level": 2}]
    assert when and [when.test(case) for case in cases] == [True, True, False]


def test_a_bank_question_keeps_its_comment(tmp_path: Path) -> None:
    bank = (
        f"bank: stock\nquestions:\n{JOB.replace('- ', '  - ').replace('  text', '    text').replace('  comment', '    comment')}"
    )
    page = write_sections(tmp_path, ask("- bank: job\n  when: level == 1"), bank).questionnaire.sections["main"].pages[0]
    assert [(question.code, question.bank) for question in page.questions] == [("job", True), ("job__comment", True)]
    assert all(question.when and question.when.source == "level == 1" for question in page.questions)


def test_a_notice_needs_a_comment(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- yes_no: job\n  text: Job?\n  «notice: no_names").find("no-effect")


def test_an_option_may_not_have_the_code_comment(tmp_path: Path) -> None:
    question = "- choice: c\n  text: C?\n  comment: More?\n  options: {comment: «A, b: B}"
    assert "reserved-code" in write_questions(tmp_path, question).codes


def test_no_author_can_write_the_code_of_a_comment(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- open: «job__comment\n  text: Why?").find("bad-code")


def test_anything_but_true_and_a_text_is_no_comment(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- yes_no: job\n  text: Job?\n  comment: «[a]").find("wrong-value")
    assert problem.remedy == "It must be true, or a text."


def test_a_comment_with_its_notice_inside_is_explained(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- yes_no: job\n  text: Job?\n  comment: «{text: Why?, notice: no_names}").find(
        "wrong-value"
    )
    assert "`notice` is a key of the question" in problem.remedy

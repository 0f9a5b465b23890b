"""A translation beside a source with other words than in the earlier edition is to be compared with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.trends import check_trends
from survey_engine.analysis.edition_diff import compare_questionnaires
from survey_engine.analysis.edition_report import format_comparison, serialize_comparison
from survey_engine.model.questionnaire import Questionnaire
from tests.writing import ask, change_head, write_questions, write_sections

BOTH = "{en: {name: English}, nl: {name: Nederlands}}"
WEEK = "- mark: week\n  text: {en: How was your week?, nl: Hoe was je week?}\n"
LIST = "- choice: travel\n  text: {en: How?, nl: Hoe?}\n  options: {bus: {en: By bus, nl: Met de bus}, foot: {en: On foot, nl: Te voet}}\n"


def make(folder: Path, questions: str, change: tuple[tuple[str, str], ...] = ()) -> Questionnaire:
    for was, now in change:
        assert was in questions
        questions = questions.replace(was, now)
    head = change_head({"languages": BOTH, "title": "{en: Example, nl: Voorbeeld}"})
    return write_questions(folder, questions, head).questionnaire


def make_editions(tmp_path: Path, *change: tuple[str, str]) -> tuple[Questionnaire, Questionnaire]:
    return make(tmp_path / "old", WEEK + LIST), make(tmp_path / "new", WEEK + LIST, change)


@pytest.mark.parametrize(
    ("change", "texts"),
    [
        ([("How was your week?", "How was your school week?")], ["week"]),
        ([("By bus", "By bus or tram"), ("On foot", "Walking a while")], ["travel.bus, travel.foot"]),
        ([("your week?", "your school week?"), ("je week?", "je schoolweek?")], []),
        ([("Hoe was je week?", "Hoe ging je week?")], []),
        ([("How was your week?", "How was your week…")], []),
    ],
)
def test_a_translation_beside_a_reworded_source_is_compared(
    tmp_path: Path, change: list[tuple[str, str]], texts: list[str]
) -> None:
    old, new = make_editions(tmp_path, *change)
    found = [problem for problem in check_trends(new, old) if problem.code == "partly-reworded"]

    assert [problem.facts["texts"] for problem in found] == texts


def test_texts_of_one_file_are_one_message_with_places(tmp_path: Path) -> None:
    old, new = make_editions(tmp_path, ("your week?", "your school week?"), ("On foot", "Walking there"))
    (problem,) = (each for each in check_trends(new, old) if each.code == "partly-reworded")

    assert (problem.facts["language"], problem.facts["unchanged"], len(problem.others)) == ("en", "nl", 1)


def test_a_translation_in_a_catalogue_is_not_compared(tmp_path: Path) -> None:
    editions = []
    for name, word in (("old", "week"), ("new", "school week")):
        catalogue = tmp_path / name / "translations" / "nl" / "LC_MESSAGES" / "example.po"
        catalogue.parent.mkdir(parents=True)
        catalogue.write_text(
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
            f'msgctxt "week"\nmsgid "How was your {word}?"\nmsgstr "Hoe was je week?"\n'
        )
        head = change_head({"languages": BOTH})
        editions.append(
            write_sections(tmp_path / name, ask(f"- mark: week\n  text: How was your {word}?"), head=head).questionnaire
        )

    assert "partly-reworded" not in [problem.code for problem in check_trends(editions[1], editions[0])]


def test_the_comparison_names_translations_that_stayed(tmp_path: Path) -> None:
    comparison = compare_questionnaires(*make_editions(tmp_path, ("your week?", "your school week?")))

    assert comparison.partly_reworded == {"week": ("nl",)}
    assert "  week: nl as before" in format_comparison(comparison)
    assert serialize_comparison(comparison)["partly_reworded"] == {"week": ["nl"]}

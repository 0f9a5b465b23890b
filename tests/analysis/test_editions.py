"""Items of two editions, identified by their codes alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.editions import (
    are_alike,
    index_asked_items,
    index_bank_items,
    iter_item_differences,
    list_shared_languages,
)
from tests.writing import HEAD, write_questions, write_sections

GRID = "- grid: views\n  text: Views?\n  scale: agree\n  items: {fun: Fun, calm: Calm}\n"


def test_a_statement_is_worded_with_its_question(tmp_path: Path) -> None:
    asked = index_asked_items(write_questions(tmp_path, GRID + "- mark: week\n  text: Week?\n").questionnaire)

    assert {code: item.wording["en"] for code, item in asked.items()} == {
        "fun": "Views? – Fun",
        "calm": "Views? – Calm",
        "week": "Week?",
    }


def test_an_item_that_is_asked_in_two_places_has_two_guards(tmp_path: Path) -> None:
    questionnaire = write_sections(
        tmp_path,
        "bank: stock\nquestions: [{mark: energy, text: Energy?}]",
        """
        section: main
        pages:
          - {page: one, when: path == 'bol', questions: [{bank: energy}]}
          - {page: two, when: path == 'bbl', questions: [{bank: energy}]}
        """,
    ).questionnaire

    guards = index_asked_items(questionnaire)["energy"].guards
    assert [[condition.source for condition in guard] for guard in guards] == [["path == 'bol'"], ["path == 'bbl'"]]
    assert list(index_bank_items(questionnaire)) == ["energy"]


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("none: {text: None, exclusive: true}", "none: None", "`exclusive` of none"),
        ("none: None", "none: {text: None, exclusive: true}", "`exclusive` of none"),
    ],
)
def test_an_option_that_excludes_the_others_in_one_edition_differs(tmp_path: Path, old: str, new: str, change: str) -> None:
    question = "- multiple: tasks\n  text: T?\n  options: {{cook: Cook, wash: Wash, {}}}"
    before, now = (
        index_asked_items(write_questions(tmp_path / name, question.format(option)).questionnaire)["tasks"]
        for name, option in (("a", old), ("b", new))
    )
    assert list(iter_item_differences(before, now, ["en"])) == [change]


@pytest.mark.parametrize(
    ("new", "changes"),
    [
        (GRID, []),
        (GRID.replace("Fun,", "Great fun,"), ["wording in en"]),
        (GRID.replace("Views?", "Your views?"), ["wording in en"]),
        (GRID.replace("scale: agree", "options: {1: Disagree, 2: Neutral, 3: Agree}"), []),
        (GRID.replace("scale: agree", "options: {1: No, 2: Neutral, 3: Agree}"), ["label of 1 in en"]),
        (GRID.replace("scale: agree", "options: {1: Disagree, 2: Agree}"), ["options", "label of 2 in en"]),
        (GRID.replace("scale: agree", "scale: agree\n  random_order: true"), ["`random_order`"]),
    ],
)
def test_differences_between_two_items_are_listed(tmp_path: Path, new: str, changes: list[str]) -> None:
    before, now = (
        index_asked_items(write_questions(tmp_path / name, text).questionnaire)["fun"] for name, text in (("a", GRID), ("b", new))
    )

    assert list(iter_item_differences(before, now, ["en"])) == changes


def test_a_draft_is_not_compared(tmp_path: Path) -> None:
    heads = [
        HEAD.replace("{en: {name: English}}", f"{{en: {{name: E}}, nl: {{name: N, draft: {draft}}}}}")
        for draft in ("true", "false")
    ]
    text = "- mark: week\n  text: {en: Week?, nl: Week?}"
    old, new = (write_questions(tmp_path / str(n), text, head).compilation.questionnaire for n, head in enumerate(heads))
    assert old and new

    assert (list_shared_languages(old, new), list_shared_languages(new, new)) == (["en"], ["en", "nl"])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("De uitleg van docenten", "De uitleg die docenten geven", True),
        ("Je rooster", "Het rooster", True),
        ("Je boeken", "De sfeer in de klas", False),
        ("By train", "On foot", False),
        ("Te duur", "Te ver", False),
        ("Too expensive", "Too far", False),
        ("Ja, soms", "Ja, vaak", False),
        ("By train", "By trains", True),
        ("Bus", "Bus of tram", True),
        ("Te laat", "Te vaak te laat", True),
        ("1 uur", "2 uur", True),
    ],
)
def test_a_rewording_is_similar_and_another_text_is_not(one: str, other: str, alike: bool) -> None:
    assert are_alike(one, other) == are_alike(other, one) == alike

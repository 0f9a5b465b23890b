"""Local questions use only question types and scales of the questionnaire."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.own import check_own_references, check_own_scales, check_own_types
from tests.analysis.checks.advice import advise
from tests.writing import ask, write_sections

HEAD_OWN = """\
questionnaire: example
title: Example
source_language: en
languages: {en: {name: English}}
scales:
  agree: {1: Disagree, 2: Neutral, 3: Agree}
order:
  - {group: main, sections: [main]}
  - {group: own, own_questions: true}
"""
CORE = ask("- grid: views\n  text: V?\n  scale: agree\n  items: {fun: Fun}")
OWN = "institution: north\nname: North\nown_questions: {{pages: [{{page: own, questions: [{}]}}]}}\n"


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("{panel: mail, text: Mail?}", [("own-type", "mail")]),
        ("{consent: agree_all, text: Agree?, parts: {agree_part: I agree}}", [("own-type", "agree_all")]),
        ("{mark: canteen, text: Canteen?}", []),
    ],
)
def test_an_institution_asks_no_consent_and_no_address(tmp_path: Path, question: str, found: list[tuple[str, str]]) -> None:
    assert advise(check_own_types, write_sections(tmp_path, CORE, OWN.format(question), head=HEAD_OWN)) == found


@pytest.mark.parametrize(
    ("scale", "found"),
    [("scale: agree", []), ("options: {1: Bad, 2: Good}", [("own-scale", "mine")]), ("from: 1, to: 10", [])],
)
def test_local_statements_use_a_scale_of_the_questionnaire(tmp_path: Path, scale: str, found: list[tuple[str, str]]) -> None:
    own = OWN.format(f"{{grid: mine, text: M?, {scale}, items: {{food: Food}}}}")

    assert advise(check_own_scales, write_sections(tmp_path, CORE, own, head=HEAD_OWN)) == found


def test_without_shared_scales_local_scales_are_allowed(tmp_path: Path) -> None:
    own = OWN.format("{grid: mine, text: M?, options: {1: Bad, 2: Good}, items: {food: Food}}")
    core = ask("- mark: week\n  text: Week?")

    assert advise(check_own_scales, write_sections(tmp_path, core, own, head=HEAD_OWN)) == []


AFTER = HEAD_OWN + "  - {group: end, sections: [end]}\nbackground: {level: {text: L, from: 1, to: 4}}\n"
END = "section: end\npages: [{{page: end, when: {}, questions: [{{mark: last, text: L?}}]}}]"
LUNCH = OWN.format("{yes_no: lunch, text: Lunch?}")
SOUTH = "institution: south\nname: South\n"


@pytest.mark.parametrize(
    ("condition", "reported"),
    [
        ("lunch == 'yes'", True),
        ("level == 1 or answered(lunch)", True),
        ("institution == 'north' and lunch == 'yes'", False),
        ("level == 1", False),
    ],
)
def test_a_core_condition_on_a_local_question_is_reported(tmp_path: Path, condition: str, reported: bool) -> None:
    written = write_sections(tmp_path, CORE, END.format(condition), LUNCH, SOUTH, head=AFTER)
    assert [code for code, _ in advise(check_own_references, written)] == ["local-reference"] * reported


def test_local_questions_may_depend_on_each_other(tmp_path: Path) -> None:
    own = OWN.format("{yes_no: lunch, text: Lunch?}, {mark: meal, text: M?, when: lunch == 'yes'}")
    assert advise(check_own_references, write_sections(tmp_path, CORE, own, SOUTH, head=HEAD_OWN)) == []


def test_a_bank_question_that_all_institutions_ask_is_not_local(tmp_path: Path) -> None:
    bank = "bank: more\nquestions: [{yes_no: lunch, text: Lunch?}]"
    own = OWN.format("{bank: lunch}")
    files = (CORE, END.format("lunch == 'yes'"), bank, own, own.replace("north", "south").replace("page: own", "page: other"))
    assert advise(check_own_references, write_sections(tmp_path, *files, head=AFTER)) == []

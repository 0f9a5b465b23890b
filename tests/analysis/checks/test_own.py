"""Local questions use only question types and scales of the questionnaire."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.own import check_own_scales, check_own_types
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

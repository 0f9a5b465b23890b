"""Solver and engine check each other: a difference is an error, undecided claims are listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_engine.analysis.proof import translation
from survey_engine.analysis.proof.formulas import negate
from survey_engine.analysis.proof.replay import SolverDiffersError
from survey_engine.authoring.proof_sheet import prove_questionnaire
from survey_engine.cli.prove import prove
from survey_engine.model.conditions import OPERATORS
from tests.analysis.proof.small import FILES, build_small, find_failure, write_small

SECOND = FILES["main.yaml"] + "  - page: second\n    when: job == 'yes'\n    questions:\n      - {yes_no: evening, text: T}\n"
WRONG = {**OPERATORS, "==": OPERATORS["!="]}
"""Translate with a deliberate error."""


def test_a_solver_formula_that_differs_from_the_engine_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questionnaire = build_small(tmp_path, {"main.yaml": SECOND})
    monkeypatch.setattr(translation, "OPERATORS", WRONG)
    with pytest.raises(SolverDiffersError, match="page second") as caught:
        prove_questionnaire(questionnaire)
    assert caught.value.witness.respondent.institution == "north"


def test_the_command_exits_with_2_when_solver_and_engine_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small(tmp_path, {"main.yaml": SECOND})
    monkeypatch.setattr(translation, "OPERATORS", WRONG)
    result = CliRunner().invoke(prove, [str(tmp_path / "q" / "x")])
    assert result.exit_code == 2
    assert "The solver and the engine disagree" in result.stderr


def test_a_comparison_of_two_wide_ranges_is_proved(tmp_path: Path) -> None:
    wide = "      - {{number: {0}, text: T, from: 0, to: 100000}}\n"
    main = FILES["main.yaml"] + wide.format("income") + wide.format("costs")
    main += "  - page: second\n    when: job == 'yes' and income < costs\n    questions:\n      - {yes_no: evening, text: T}\n"
    assert prove_questionnaire(build_small(tmp_path, {"main.yaml": main})).proved
    narrow = main.replace("income < costs", "income < costs and costs < 2 and income > 0")
    sheet = prove_questionnaire(build_small(tmp_path / "narrow", {"main.yaml": narrow}))
    assert find_failure(sheet, "items").wrong == "nobody is asked page 'second'"


def test_a_comparison_of_two_narrow_ranges_is_proved_value_by_value(tmp_path: Path) -> None:
    main = FILES["main.yaml"] + "      - {mark: one, text: T}\n      - {mark: two, text: T}\n"
    main += "  - page: second\n    when: one < two\n    questions:\n      - {yes_no: evening, text: T, when: two == 1}\n"
    sheet = prove_questionnaire(build_small(tmp_path, {"main.yaml": main}))
    assert not sheet.proof.untranslated
    found = [finding.wrong for verdict in sheet.verdicts for finding in verdict.findings if verdict.code == "items"]
    assert found == ["nobody is asked page 'second'"]


@pytest.mark.parametrize("type", ["choice", "multiple"])
@pytest.mark.parametrize("outside", ["dont_know", "does_not_apply"])
def test_an_answer_outside_the_scale_alone_makes_no_question(tmp_path: Path, type: str, outside: str) -> None:
    options = "{one: {text: A, when: level <= 2}, two: {text: B, when: level == 3}}"
    main = FILES["main.yaml"] + f"      - {{{type}: plan, text: T, {outside}: N, options: {options}}}\n"
    sheet = prove_questionnaire(build_small(tmp_path, {"main.yaml": main}))
    assert sheet.proved
    session = sheet.proof.sessions[0]
    missed = session.find(negate(session.exposures["question", "first", "plan"]))
    assert missed and missed.witness.respondent.background.get("level") in (None, 4)

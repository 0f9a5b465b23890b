"""What a check says of a questionnaire written inside a test."""

from __future__ import annotations

from collections.abc import Iterable

from survey_engine.analysis.checks import Check
from survey_engine.model.messages import Problem
from tests.writing import Written


def advise(check: Check, written: Written) -> list[tuple[str, str]]:
    """Code and offending line number, or text code, of every problem that a check finds; errors of compiling fail the test."""
    assert not [problem for problem in written.problems if problem.code == "condition-syntax"]
    return [(problem.code, str(problem.facts.get("code", problem.place.line))) for problem in check(written.questionnaire)]


def name_codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]

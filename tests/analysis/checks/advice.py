"""Runs a check on a questionnaire written in a test."""

from __future__ import annotations

from collections.abc import Iterable

from survey_engine.analysis.checks import Check
from survey_engine.model.messages import Problem
from tests.writing import Written, change_head

THREE_LANGUAGES = change_head(
    {
        "source_language": "nl",
        "title": "{nl: X, en: X, de: X}",
        "languages": "{nl: {name: N}, en: {name: E}, de: {name: D}}",
        "background": "",
        "scales": "",
    }
)


def advise(check: Check, written: Written) -> list[tuple[str, str]]:
    """Return code and line number (or text code) of every problem that a check finds; fail on compilation errors."""
    assert not [problem for problem in written.problems if problem.code == "condition-syntax"]
    return [(problem.code, str(problem.facts.get("code", problem.place.line))) for problem in check(written.questionnaire)]


def name_codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]

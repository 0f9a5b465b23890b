"""Advice for a variable without a comparison in a condition: the comparison that the author probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Variable


def advise_comparisons(problems: Iterable[Problem], variables: Mapping[str, Variable]) -> list[Problem]:
    """Return the problems; those about a variable without a comparison now suggest one."""
    return [
        replace(problem, facts={**problem.facts, "advice": _advise(variable)})
        if (variable := variables.get(str(problem.facts.get("lone"))))
        else problem
        for problem in problems
    ]


def _advise(variable: Variable) -> str:
    answered = f"`answered({variable.code})`"
    if variable.kind in ("text", "date"):
        return f"Write {answered}"
    values = [repr(code) for code in variable.codes] or [str(variable.high)]
    comparison = f"{values[0]} in {variable.code}" if variable.kind == "codes" else f"{variable.code} == {values[0]}"
    return f"Write `{comparison}`" + ("" if variable.origin == "built-in" else f", or {answered} if every answer will do")

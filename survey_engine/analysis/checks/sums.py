"""Sums of different units or periods: hours and euros, or hours a week and hours a month. Definitions have the place of a sum."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from survey_engine.analysis.units import ANY_UNIT, find_named_units, find_units
from survey_engine.language.definition_fields import Definition
from survey_engine.language.documents import QuestionnaireDefinition
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Question, Questionnaire

_RATE = re.compile(rf"\b(?:per|a|an|each|every|een|elke|iedere|pro|pa) ({ANY_UNIT})\b|\b(day|week|month|year)ly\b", re.IGNORECASE)


def check_sums(questionnaire: Questionnaire, documents: Iterable[Definition]) -> Iterator[Problem]:
    asked = {each.code: each for section in questionnaire.all_sections for each in section.iter_questions()}
    heads = [document for document in documents if isinstance(document, QuestionnaireDefinition)]
    for derived in questionnaire.derived.values():
        parts = [(index, asked[code]) for index, code in enumerate(derived.parts) if code in asked]
        for index, part in parts[1:] if derived.kind == "sum" else ():
            other = parts[0][1]
            was, now = (_find_measure(each, questionnaire.source_language) for each in (other, part))
            if any(all(pair) and pair[0] != pair[1] for pair in zip(was, now, strict=True)):
                facts = {
                    "name": derived.code,
                    "other": other.code,
                    "was": _describe(was),
                    "part": part.code,
                    "now": _describe(now),
                }
                yield Problem("sum-of-units", heads[0].derived[derived.code].place("sum", index), facts)


def _find_measure(question: Question, language: str) -> tuple[str, str]:
    """Return (unit, period) of a number, as in "hours per week"; an element is empty if its texts name none or several."""
    text = question.text.wording.get(language, "")
    unit = question.unit.wording.get(language, "") if question.unit else ""
    found = (find_units(unit) or find_units(text)) if question.type == "number" else set()
    periods = {name for rate in _RATE.finditer(f"{text} {unit}") for name in find_named_units(rate[1] or rate[2])}
    return _take_only(found), _take_only(periods)


def _take_only(names: set[str]) -> str:
    return min(names) if len(names) == 1 else ""


def _describe(measure: tuple[str, str]) -> str:
    unit, period = measure
    return " ".join(filter(None, (unit and f"{unit}s", period and f"per {period}")))

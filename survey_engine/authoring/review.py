"""Everything an author can be told about a questionnaire: its problems, advice, the edition before it, and its minutes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from survey_engine.analysis.checks import ADVICE
from survey_engine.analysis.checks.offers import check_taking_part
from survey_engine.analysis.checks.time import check_time
from survey_engine.analysis.checks.trends import check_trends
from survey_engine.analysis.checks.unused import check_unused
from survey_engine.analysis.duration import Minutes, estimate_minutes
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import inspect_questionnaire
from survey_engine.publication.folders import check_folder

_EDITION = re.compile(r"(?P<name>.+?)-?(?P<year>\d{4})")
_OF_TRANSLATIONS = frozenset({"missing-wording", "stale-wording", "placeholders-differ", "bad-catalogue"})
"""Errors that hide neither what is used nor who takes part."""


@dataclass(slots=True)
class Review:
    """What came of reviewing one questionnaire."""

    questionnaire: Questionnaire | None
    problems: list[Problem]
    minutes: dict[str, Minutes] = field(default_factory=dict)
    """Language variant → expected minutes."""
    before: str = ""
    """The earlier edition that it was laid beside; empty when there is none."""


def review_questionnaire(folder: Path, translations: Path | None = None) -> Review:
    """All problems and advice; an earlier edition is looked for beside the folder, such as job-2026 for job-2027."""
    compilation = inspect_questionnaire(folder, translations)
    questionnaire = compilation.questionnaire
    if questionnaire is None:
        return Review(None, compilation.problems)
    advice = (problem for check in ADVICE for problem in check(questionnaire))
    problems = [*compilation.problems, *check_folder(folder, questionnaire), *advice]
    minutes = estimate_minutes(questionnaire)
    if all(problem.code in _OF_TRANSLATIONS for problem in compilation.errors):
        problems += [*check_unused(compilation.definitions), *check_taking_part(questionnaire)]
    problems += check_time(questionnaire, minutes)
    before = _inspect_before(folder, translations)
    if before:
        problems += check_trends(questionnaire, before)
    distinct = {(problem.code, problem.place, str(problem)): problem for problem in problems}
    ordered = sorted(distinct.values(), key=lambda problem: (problem.place, problem.code))
    return Review(questionnaire, ordered, minutes, before.code if before else "")


def _inspect_before(folder: Path, translations: Path | None) -> Questionnaire | None:
    before = find_edition_before(folder)
    return inspect_questionnaire(before, translations).questionnaire if before else None


def find_edition_before(folder: Path) -> Path | None:
    """The folder beside this one that holds the latest earlier edition, by the year at the end of its name."""
    here = _EDITION.fullmatch(folder.resolve().name)
    if here is None:
        return None
    earlier = {}
    for other in folder.resolve().parent.iterdir():
        found = _EDITION.fullmatch(other.name)
        if found and other.is_dir() and found["name"] == here["name"] and found["year"] < here["year"]:
            earlier[found["year"]] = other
    return earlier[max(earlier)] if earlier else None

"""Review of a questionnaire: problems, advice, comparison with the previous edition, and expected minutes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from survey_engine.analysis.checks import ADVICE
from survey_engine.analysis.checks.offers import check_taking_part
from survey_engine.analysis.checks.sums import check_sums
from survey_engine.analysis.checks.time import check_time
from survey_engine.analysis.checks.unused import check_unused
from survey_engine.analysis.duration import Minutes, estimate_minutes
from survey_engine.model.messages import Problem, group_families
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.acceptance import inspect_folder
from survey_engine.publication.compiler import omit_consequences
from survey_engine.publication.withholding import INCOMPLETE

_TRANSLATION_PROBLEMS = INCOMPLETE | {"placeholders-differ", "bad-catalogue"}
"""Errors that do not prevent advice: variables, options and institutions are complete."""


@dataclass(slots=True)
class Review:
    """Result of reviewing one questionnaire."""

    questionnaire: Questionnaire | None
    problems: list[Problem]
    minutes: dict[str, Minutes] = field(default_factory=dict)
    """Language variant → expected minutes."""
    previous_edition: str = ""
    """The id of the earlier edition that the questionnaire was compared with; empty if there is none."""


def review_questionnaire(folder: Path, translations: Path | None = None) -> Review:
    """Return all problems and advice. The earlier edition is searched in neighbouring folders: job-2026 for job-2027."""
    inspection = inspect_folder(folder, translations)
    compilation, previous = inspection.compilation, inspection.previous
    questionnaire = compilation.questionnaire
    if questionnaire is None:
        return Review(None, group_families(compilation.problems))
    advice = (problem for check in ADVICE for problem in check(questionnaire))
    problems = [*compilation.problems, *inspection.added, *omit_consequences(advice, compilation)]
    minutes = estimate_minutes(questionnaire)
    if all(problem.code in _TRANSLATION_PROBLEMS for problem in compilation.errors):
        problems += [*check_unused(compilation.definitions), *check_taking_part(questionnaire)]
        problems += check_sums(questionnaire, compilation.definitions)
    if not any(problem.code == "condition-syntax" for problem in compilation.errors):
        problems += check_time(questionnaire, minutes)
    distinct = {(problem.code, problem.place, str(problem)): problem for problem in problems}
    ordered = sorted(distinct.values(), key=lambda problem: (problem.place, problem.code))
    return Review(questionnaire, group_families(ordered), minutes, previous.code if previous else "")

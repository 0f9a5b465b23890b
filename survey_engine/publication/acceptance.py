"""The errors for which a folder is neither published nor served: of its definition, its names, and its previous edition."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from survey_engine.analysis.checks.trends import check_trends
from survey_engine.model.messages import BrokenQuestionnaireError, Problem
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import Compilation, inspect_questionnaire
from survey_engine.publication.folders import check_folder
from survey_engine.publication.withholding import withhold_variants

_EDITION = re.compile(r"\A(?P<name>.+?)-?(?P<year>\d{4})")


@dataclass(frozen=True, slots=True)
class Inspection:
    """A compiled folder, with the problems that its name and its previous edition add."""

    compilation: Compilation
    added: list[Problem] = field(default_factory=list)
    previous: Questionnaire | None = None

    @property
    def errors(self) -> list[Problem]:
        return [*self.compilation.errors, *(problem for problem in self.added if problem.severity == "error")]


def inspect_folder(folder: Path, translations: Path | None = None) -> Inspection:
    """Compile a folder as far as possible, and compare it with its previous edition. Its errors are those of `check`."""
    compilation = inspect_questionnaire(folder, translations)
    questionnaire = compilation.questionnaire
    if questionnaire is None:
        return Inspection(compilation)
    earlier = find_previous_edition(folder)
    previous = inspect_questionnaire(earlier, translations).questionnaire if earlier else None
    trends = check_trends(questionnaire, previous) if previous else ()
    return Inspection(compilation, [*check_folder(folder, questionnaire), *trends], previous)


def accept_questionnaire(folder: Path, translations: Path | None = None) -> Questionnaire:
    """Compile the questionnaire in `folder` for respondents, without draft variants that lack wordings.

    Raises:
        BrokenQuestionnaireError: if `check` finds an error; it has all errors.
    """
    inspection = inspect_folder(folder, translations)
    questionnaire = inspection.compilation.questionnaire
    if inspection.errors or questionnaire is None:
        raise BrokenQuestionnaireError(inspection.errors)
    return withhold_variants(questionnaire, inspection.compilation.gaps.withheld)


def find_previous_edition(folder: Path) -> Path | None:
    """Find the neighbouring folder of the latest earlier edition, by the year at the end of its name."""
    here = _EDITION.fullmatch(folder.resolve().name)
    if here is None:
        return None
    earlier = {}
    for other in folder.resolve().parent.iterdir():
        found = _EDITION.fullmatch(other.name)
        if found and other.is_dir() and found["name"] == here["name"] and found["year"] < here["year"]:
            earlier[found["year"]] = other
    return earlier[max(earlier)] if earlier else None

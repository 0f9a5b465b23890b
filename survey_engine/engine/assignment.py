"""Assigns modules: those that the council chose, those that the institution chose, and one drawn from the rest.

The draw takes the module with the fewest responses; a seed breaks ties, so that a draw can be repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from survey_engine.model.questionnaire import Institution, ModuleRule, Questionnaire, Values

AssignmentReason = Literal["council", "institution", "random"]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A module of a respondent, and the reason for it."""

    module: str
    reason: AssignmentReason


def find_module_rule(questionnaire: Questionnaire) -> ModuleRule | None:
    return next((group.modules for group in questionnaire.order if group.modules), None)


def shows_modules(questionnaire: Questionnaire, language: str) -> bool:
    """Whether a language variant shows modules; simple Dutch shows only the standard questions."""
    return any(group.modules and questionnaire.languages[language].shows(group) for group in questionnaire.order)


def choose_modules(institution: Institution) -> tuple[Assigned, ...]:
    """Return the modules of all students of an institution; a module that both chose counts as the council's."""
    council = tuple(Assigned(module, "council") for module in institution.council)
    own = (Assigned(module, "institution") for module in institution.chosen if module not in institution.council)
    return (*council, *own)


def list_pool(questionnaire: Questionnaire, institution: Institution, known: Values) -> tuple[str, ...]:
    """Return the modules that may be drawn for this respondent: not chosen already, and with a true condition."""
    chosen = {assigned.module for assigned in choose_modules(institution)}
    return tuple(
        code
        for code, module in questionnaire.modules.items()
        if code not in chosen
        and (module.when is None or module.when.test(known))
        and (module.languages is None or known.get("language") in module.languages)
    )


def assign_modules(
    questionnaire: Questionnaire,
    institution: Institution,
    known: Values,
    counts: Mapping[str, int],
    seed: str,
) -> tuple[Assigned, ...]:
    """Assign modules to one respondent, in the order in which they are asked.

    A respondent who starts in a language variant without modules gets none, so no module counts as skipped.

    Args:
        known: values of background variables, `language` and `institution`.
        counts: module → number of active or completed responses of this institution that drew it.
        seed: breaks ties; the same seed and counts give the same draw.
    """
    rule = find_module_rule(questionnaire)
    if rule is None or not shows_modules(questionnaire, known["language"]):
        return ()
    chosen = choose_modules(institution)
    pool = list_pool(questionnaire, institution, known)
    if not rule.random or not pool:
        return chosen
    fewest = min(counts.get(code, 0) for code in pool)
    tied = [code for code in pool if counts.get(code, 0) == fewest]
    drawn = min(tied, key=lambda code: blake2b(f"{seed}:{code}".encode(), digest_size=8).digest())
    return (*chosen, Assigned(drawn, "random"))

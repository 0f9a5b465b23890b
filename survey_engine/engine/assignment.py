"""Who gets which modules: chosen by the council, chosen by the institution, one drawn from what is left.

The draw goes to the least-filled module of the pool; ties are broken by a seed, so that it can be repeated.
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
    """One module that a respondent gets, and why."""

    module: str
    reason: AssignmentReason


def find_rule(questionnaire: Questionnaire) -> ModuleRule | None:
    return next((group.modules for group in questionnaire.order if group.modules), None)


def shows_modules(questionnaire: Questionnaire, language: str) -> bool:
    """Whether a language variant has room for modules: simple Dutch shows the standard questions only."""
    return any(group.modules and questionnaire.languages[language].shows(group) for group in questionnaire.order)


def choose_modules(institution: Institution) -> tuple[Assigned, ...]:
    """The modules that all students of an institution get; one that both picked counts once, as the council's."""
    council = tuple(Assigned(module, "council") for module in institution.council)
    own = (Assigned(module, "institution") for module in institution.chosen if module not in institution.council)
    return (*council, *own)


def list_pool(questionnaire: Questionnaire, institution: Institution, known: Values) -> tuple[str, ...]:
    """The modules that may be drawn for this respondent: not chosen already, and routed to people like this."""
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
    """The modules of one respondent, in the order in which they are asked.

    Who starts in a language variant without modules gets none, and so does not count as an answer to any of them.

    Args:
        known: background variables, with `language` and `institution`.
        counts: module → how many live or completed responses of this institution drew it.
        seed: breaks ties; the same seed and counts give the same draw.
    """
    rule = find_rule(questionnaire)
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

"""The cases that institutions exclude: modules that they do not choose, languages that they do not offer, draws that always
give a module."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_engine.engine.assignment import choose_modules, list_candidates, list_rules
from survey_engine.model.questionnaire import Code, Institution, Questionnaire
from survey_engine.model.rules import ModuleRule

ASSIGNED = "assigned"
"""The variable of the modules of a respondent."""
LIMITED = (ASSIGNED, "institution", "language")
"""The variables whose values an institution limits."""


@dataclass(frozen=True, slots=True)
class InstitutionLimits:
    """What the students of one institution may have."""

    languages: frozenset[str]
    given: frozenset[str]
    """The modules that every student has; in variants that leave out a group with modules they may be missing."""
    drawn: frozenset[frozenset[str]]
    """The sets of modules from which at most one is drawn."""
    undecided: frozenset[str]
    """The modules that may still be chosen."""
    sure: bool
    """Whether every student has the given modules and one of each drawn set, whatever their language and background."""

    def allows(self, case: Mapping[str, Any], named: Collection[str]) -> bool:
        """Whether a student can have these modules and this language; only the modules that are named count."""
        if "language" in case and case["language"] not in self.languages:
            return False
        known = frozenset(named)
        has = known & {*(case.get(ASSIGNED) or ())}
        if not has <= self.given.union(self.undecided, *self.drawn) or (self.sure and not self.given & known <= has):
            return False
        counts = [(len(has & pool), pool <= known) for pool in self.drawn]
        return all(count <= 1 and (count or not (complete and self.sure)) for count, complete in counts)


def find_limits(questionnaire: Questionnaire) -> dict[str, InstitutionLimits]:
    """Return the limits of each institution. A module that no institution has chosen is in stock, and limits nobody."""
    institutions, rules = questionnaire.institutions.values(), list_rules(questionnaire)
    chosen = {code for institution in institutions for code in (*institution.council, *institution.chosen)}
    choices = (rule for rule in rules if rule.council + rule.institution)
    free = frozenset(code for rule in choices for code in questionnaire.find_shares(rule) if code not in chosen)
    return {institution.code: _find_limits(questionnaire, institution, rules, free) for institution in institutions}


def _find_limits(
    questionnaire: Questionnaire, institution: Institution, rules: list[ModuleRule], undecided: frozenset[str]
) -> InstitutionLimits:
    given = {assigned.name for rule in rules for assigned in choose_modules(questionnaire, institution, rule)}
    pools = {frozenset(list_candidates(questionnaire, institution, rule)) - undecided for rule in rules} - {frozenset()}
    drawn = [questionnaire.modules[code] for pool in pools for code in pool]
    shown = all(len(list_rules(questionnaire, language)) == len(rules) for language in questionnaire.languages)
    free = not any(module.when or module.languages is not None for module in drawn)
    return InstitutionLimits(frozenset(institution.languages), frozenset(given), frozenset(pools), undecided, shown and free)


def list_distinct(codes: Sequence[Code], limits: Mapping[str, InstitutionLimits], values: Collection[Code]) -> list[Code]:
    """Return the institutions that conditions distinguish, and one of the others for each kind of limits."""
    others = {limits.get(str(code)): code for code in codes if code not in values}
    return [code for code in codes if code in values or code in others.values()]

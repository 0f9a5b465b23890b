"""The cases that an institution excludes: modules it did not choose, languages it does not offer, missing drawn modules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_engine.engine.assignment import choose_modules, list_candidates, list_rules
from survey_engine.model.questionnaire import Code, Institution, Questionnaire
from survey_engine.model.rules import ModuleRule

ASSIGNED = "assigned"
"""The built-in variable with the modules of a respondent."""
LIMITED = (ASSIGNED, "institution", "language")
"""The institution, and the variables whose values it limits."""


@dataclass(frozen=True, slots=True)
class InstitutionLimits:
    """The languages and modules that students of one institution can have."""

    languages: frozenset[str]
    given: frozenset[str]
    """The modules that every student has, except in language variants that omit the module's group."""
    drawn: frozenset[frozenset[str]]
    """Sets of modules; a student has at most one module of each set."""
    undecided: frozenset[str]
    """The modules that no institution has chosen yet, but may choose."""
    sure: bool
    """Whether every student has all `given` modules and one module of each `drawn` set, in any language, with any background."""

    def allows(self, case: Mapping[str, Any], named: Collection[str]) -> bool:
        """Whether a student can have the language and modules of a case. Only modules in `named` are tested."""
        if "language" in case and case["language"] not in self.languages:
            return False
        known = frozenset(named)
        has = known & {*(case.get(ASSIGNED) or ())}
        if not has <= self.given.union(self.undecided, *self.drawn) or (self.sure and not self.given & known <= has):
            return False
        counts = [(len(has & pool), pool <= known) for pool in self.drawn]
        return all(count <= 1 and (count or not (complete and self.sure)) for count, complete in counts)


def find_limits(questionnaire: Questionnaire) -> dict[str, InstitutionLimits]:
    """Return institution → its limits. A module that no institution has chosen yet is not excluded anywhere."""
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
    """Return the institutions in `values`, and of the others one for each different `InstitutionLimits`."""
    others = {limits.get(str(code)): code for code in codes if code not in values}
    return [code for code in codes if code in values or code in others.values()]

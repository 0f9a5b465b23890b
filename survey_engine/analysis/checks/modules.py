"""Institutions choose at most the allowed number of modules, and leave modules to draw."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, ModuleRule, Questionnaire


def check_modules(questionnaire: Questionnaire) -> Iterator[Problem]:
    for group in questionnaire.order:
        if group.modules:
            for institution in questionnaire.institutions.values():
                yield from _check_institution(institution, group.modules, questionnaire)


def _check_institution(institution: Institution, rule: ModuleRule, questionnaire: Questionnaire) -> Iterator[Problem]:
    choosers = (("council", institution.council, rule.council), ("institution", institution.chosen, rule.institution))
    for chooser, chosen, limit in choosers:
        if len(chosen) > limit:
            facts = {"chooser": f"the {chooser}", "count": len(chosen), "limit": limit}
            yield Problem("too-many-choices", institution.place_of(f"{chooser}.{limit}"), facts)
        for index, name in enumerate(chosen):
            if name in chosen[:index]:
                yield Problem("twice-in-order", institution.place_of(f"{chooser}.{index}"), {"kind": "module", "name": name})
    left = set(questionnaire.modules) - {*institution.council, *institution.chosen}
    if len(left) < rule.random:
        yield Problem("empty-pool", institution.place_of("council.0"))

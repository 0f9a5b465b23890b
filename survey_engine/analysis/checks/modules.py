"""Modules: their chosen number is allowed, some are left for the draw, and every module can be asked of somebody."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.institution_limits import ASSIGNED
from survey_engine.analysis.reachability import find_reachability, make_reachability
from survey_engine.engine.assignment import list_candidates, list_rules
from survey_engine.model.messages import Problem, join_names
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.model.rules import ModuleRule


def check_modules(questionnaire: Questionnaire) -> Iterator[Problem]:
    for group in questionnaire.order:
        if group.modules:
            for institution in questionnaire.institutions.values():
                yield from _check_institution(institution, group.code, group.modules, questionnaire)


def _check_institution(institution: Institution, group: str, rule: ModuleRule, questionnaire: Questionnaire) -> Iterator[Problem]:
    shares = questionnaire.find_shares(rule)
    choosers = (("council", institution.council, rule.council), ("institution", institution.chosen, rule.institution))
    for chooser, chosen, limit in choosers:
        here = [(index, name) for index, name in enumerate(chosen) if name in shares]
        if len(here) > limit:
            named = f"{len(here)} modules" if len(here) > 1 else f"module '{here[0][1]}'"
            none = f"The {chooser} chooses none of group '{group}': choose a module of another group"
            advice = f"The questionnaire gives it {limit}" if limit else none
            facts = {"chooser": f"the {chooser}", "chosen": named, "advice": advice}
            yield Problem("too-many-choices", institution.place_of(f"{chooser}.{here[limit][0]}"), facts)
        for index, name in here:
            if name in chosen[:index]:
                yield Problem("twice-in-order", institution.place_of(f"{chooser}.{index}"), {"kind": "module", "name": name})
    left = shares.keys() - {*institution.council, *institution.chosen}
    if len(left) < rule.random:
        yield Problem("empty-pool", institution.place_of("council.0"))


def check_module_choices(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report choices that give students fewer modules than the rule says, and modules that nobody is asked."""
    if any(group.modules for group in questionnaire.order):
        for institution in questionnaire.institutions.values():
            yield from _check_both(institution)
            yield from _check_missing(institution)
            yield from _check_languages(institution, questionnaire)
    yield from _check_stock(questionnaire)


def _check_both(institution: Institution) -> Iterator[Problem]:
    for index, name in enumerate(institution.chosen):
        if name in institution.council:
            yield Problem("chosen-twice", institution.place_of(f"institution.{index}"), {"name": name})


def _check_missing(institution: Institution) -> Iterator[Problem]:
    """Report an empty list of modules. No list at all means "not chosen yet"; unknown modules have their own message."""
    for chooser, chosen in (("council", institution.council), ("institution", institution.chosen)):
        if chooser in institution.places and f"{chooser}.0" not in institution.places and not chosen:
            yield Problem("no-choice", institution.places[chooser], {"chooser": chooser, "institution": institution.code})


def _check_languages(institution: Institution, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a chosen module that is missing in a language variant of the institution, although the variant shows modules."""
    offered = [code for code in institution.languages if list_rules(questionnaire, code)]
    for chooser, chosen in (("council", institution.council), ("institution", institution.chosen)):
        for index, name in enumerate(chosen):
            languages = questionnaire.modules[name].languages
            lacking = [code for code in offered if languages is not None and code not in languages]
            if lacking:
                facts = {"name": name, "languages": ", ".join(lacking), "institution": institution.code}
                yield Problem("module-language", institution.place_of(f"{chooser}.{index}"), facts)


def _check_stock(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report each module without a group, and in one hint all modules that nobody chose or draws, which may be intended."""
    placed = [group for group in questionnaire.order if group.modules or group.blocks]
    shares = {code for rule in list_rules(questionnaire) for code in questionnaire.find_shares(rule)}
    if not any(group.blocks for group in placed):
        for code, module in questionnaire.modules.items():
            if code not in shares:
                yield Problem("unplaced-module", module.place, {"name": code})
    if placed and questionnaire.institutions:
        institutions = questionnaire.institutions.values()
        used = {code for institution in institutions for code in (*institution.council, *institution.chosen)}
        used |= {block.theme for institution in institutions for block in institution.blocks if block.theme}
        drawn = {code for rule in list_rules(questionnaire) if rule.random for code in questionnaire.find_shares(rule)}
        stock = (questionnaire.modules.keys() if any(group.blocks for group in placed) else shares) - used - drawn
        if stock:
            yield Problem("modules-in-stock", placed[0].place, {"names": join_names(stock)})


def check_draws(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report modules that can never be drawn, because their conditions need answers: the draw precedes the first answer."""
    variables = questionnaire.variables
    if not all(condition.names <= variables.keys() for condition in iter_used_conditions(questionnaire)):
        return
    institutions = questionnaire.institutions.values()
    candidates = {
        code for rule in list_rules(questionnaire) for each in institutions for code in list_candidates(questionnaire, each, rule)
    }
    answers = {name for name, variable in variables.items() if variable.origin == "answer"}
    routed = {code: when for code in sorted(candidates) if (when := questionnaire.modules[code].when)}
    if any(not when.names.isdisjoint(answers) for when in routed.values()):
        reach = find_reachability(questionnaire)
        start = {name: variable for name, variable in reach.variables.items() if name not in answers | {ASSIGNED}}
        before = make_reachability(questionnaire, start, ())
        for code, when in routed.items():
            if not when.names.isdisjoint(answers) and before.is_closed([when]) and not reach.is_closed([when]):
                yield Problem("never-drawn", when.place, {"name": code, "condition": when.source})

"""Compares who is asked each item in two editions, by routing every kind of respondent through both.

A kind of respondent is a shared institution and language variant, with values for the background and answers that
the conditions of the item depend on. If there are too many kinds, the text of the conditions is compared; a reported
difference may then be one in wording only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, product
from math import prod
from typing import Any, Literal

from survey_engine.analysis.editions import AskedItem, index_asked_items
from survey_engine.analysis.offered_sections import iter_offered_sections
from survey_engine.analysis.reachability import Guard, Reachability, find_reachability, format_condition
from survey_engine.analysis.tried_values import TooManyCasesError, list_values
from survey_engine.engine.assignment import list_draws, list_rules
from survey_engine.engine.routing import Respondent, route
from survey_engine.model.conditions import And, Or, Tree
from survey_engine.model.questionnaire import EXPERIMENT, Code, Condition, Questionnaire, Values, Variable
from survey_engine.model.variables import is_asked

MAX_KINDS = 2_000
ExposureLevel = Literal["never", "if drawn", "always"]
_ORDER: tuple[ExposureLevel, ...] = ("never", "if drawn", "always")


@dataclass(frozen=True, slots=True)
class ExampleRespondent:
    """A kind of respondent for which the exposure of an item differs between two editions."""

    institution: str
    language: str
    background: Values
    answers: Values
    before: ExposureLevel
    now: ExposureLevel

    def __str__(self) -> str:
        known = ", ".join(f"{name} {value}" for name, value in self.background.items())
        given = ", ".join(f"{name} = {_show(value)}" for name, value in self.answers.items())
        parts = [f"a student of {self.institution} in {self.language}", known, f"who answers {given}" if given else ""]
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """A difference in the text of two editions' conditions: of an item, or of a question that the item's conditions use."""

    code: Code
    was: str
    now: str

    def __str__(self) -> str:
        return f"'{self.code}' was asked {self.was} and is asked {self.now}; too many cases to compare the respondents"


@dataclass(frozen=True, slots=True)
class AudienceChange:
    """Example respondents whom the new edition asks an item more often (`gained`) or less often (`lost`); None if there is none."""

    gained: ExampleRespondent | None = None
    lost: ExampleRespondent | None = None
    written: ConditionChange | None = None
    """A difference in the text of the conditions, if there are too many kinds of respondents to compare."""


@dataclass
class ComparedEdition:
    """One edition, with cached lookups for comparisons."""

    questionnaire: Questionnaire
    _exposures: dict[tuple[object, ...], frozenset[str]] = field(default_factory=dict)

    @cached_property
    def asked(self) -> dict[str, AskedItem]:
        return index_asked_items(self.questionnaire)

    @cached_property
    def pages(self) -> dict[str, set[str]]:
        """Variable → codes of the pages that ask it."""
        found: dict[str, set[str]] = {}
        for asked in self._reach.asked_questions:
            for item in asked.question.items:
                found.setdefault(item.code, set()).add(asked.page.code)
        return found

    @cached_property
    def conditions(self) -> dict[str, list[Condition]]:
        """Variable → the conditions under which it is asked."""
        return {code: [condition for guard in found for condition in guard] for code, found in self.guards.items()}

    @property
    def guards(self) -> dict[str, list[Guard]]:
        return self._reach.guards

    @cached_property
    def _reach(self) -> Reachability:
        return find_reachability(self.questionnaire)

    def list_offers(self, code: str, institutions: Iterable[str]) -> list[str]:
        """Return which institutions may ask an item; `(chosen)` follows an institution that chose the item's module."""
        asked, found = self.asked[code], []
        for name in institutions:
            offered = iter_offered_sections(self.questionnaire, self.questionnaire.institutions[name])
            if asked.item.is_at(name) and any(asked.section and section.code == asked.section.code for _, section in offered):
                place = self.questionnaire.institutions[name]
                found.append(
                    f"{name} (chosen)" if asked.section and asked.section.code in (*place.council, *place.chosen) else name
                )
        return found

    def measure_exposure(self, code: str, institution: str, language: str, values: Values) -> ExposureLevel:
        """Return whether this kind of respondent is asked the item: always, if drawn, or never."""
        asked = self.asked.get(code)
        if asked is None:
            return "never"
        background = {name: value for name, value in values.items() if name in self.questionnaire.background}
        arms = {each.code: values[each.variable] for each in self.questionnaire.experiments.values() if each.variable in values}
        respondent = Respondent(institution, language, background, arms=arms)
        draws = self._iter_draws(respondent, asked)
        seen = [code in self._list_path_items(replace(respondent, modules=modules), values) for modules in draws]
        if not any(seen):
            return "never"
        return "if drawn" if self._is_drawn(asked, institution) or not all(seen) else "always"

    def _is_drawn(self, asked: AskedItem, institution: str) -> bool:
        """Whether the item is in a module that council and institution have not chosen."""
        place, code = self.questionnaire.institutions[institution], asked.section.code if asked.section else ""
        placed = any(code in self.questionnaire.find_shares(rule) for rule in list_rules(self.questionnaire))
        return placed and code not in {*place.council, *place.chosen}

    def _iter_draws(self, respondent: Respondent, asked: AskedItem) -> Iterator[tuple[str, ...]]:
        """Yield the sets of modules that decide whether the item is asked. They contain the item's own module if it can be drawn."""
        place = self.questionnaire.institutions[respondent.institution]
        module = asked.section.code if asked.section else ""
        asks_modules = any("assigned" in condition.names for guard in asked.guards for condition in guard)
        groups: list[list[tuple[str, ...]]] = []
        for chosen, pool in list_draws(self.questionnaire, place, respondent.known()):
            drawn = (module,) if module in pool else pool if asks_modules else pool[:1]
            groups.append([(*chosen, code) for code in drawn] or [chosen])
        yield from (tuple(chain.from_iterable(drawn)) for drawn in product(*groups))

    def _list_path_items(self, respondent: Respondent, values: Values) -> frozenset[str]:
        """Return the codes of all items on this respondent's path."""
        given = {name: value for name, value in values.items() if name in self.pages}
        key = (
            *(respondent.institution, respondent.language, respondent.modules),
            *(repr(each) for each in (respondent.background, respondent.arms, given)),
        )
        if key not in self._exposures:
            answers: dict[str, dict[str, Any]] = {}
            for name, value in given.items():
                for page in self.pages[name]:
                    answers.setdefault(page, {})[name] = value
            path = route(self.questionnaire, respondent, answers)
            self._exposures[key] = frozenset(
                item.code
                for step in path.steps
                for question in step.page.questions
                if is_asked(question, path.known, respondent.institution)
                for item in question.items
                if is_asked(item, path.known, respondent.institution)
            )
        return self._exposures[key]


def find_audience_changes(
    old: ComparedEdition, new: ComparedEdition, codes: Iterable[str] | None = None
) -> dict[str, AudienceChange]:
    """Return the audience change of each item by code; items without a change are omitted.

    Args:
        codes: the items to compare; default: all.
    """
    found: dict[str, AudienceChange] = {}
    known: dict[object, AudienceChange] = {}
    for code in dict.fromkeys((*old.asked, *new.asked) if codes is None else codes):
        signature = tuple(_make_audience_key(edition.asked.get(code)) for edition in (old, new))
        if signature not in known:
            try:
                known[signature] = _find_audience_change(code, old, new)
            except TooManyCasesError:
                known[signature] = AudienceChange(written=_find_condition_change(code, old, new))
        if known[signature] != AudienceChange():
            found[code] = known[signature]
    return found


def _make_audience_key(asked: AskedItem | None) -> object:
    """Return a key that is equal for items that are asked of the same respondents."""
    if asked is None or asked.page is None:
        return None
    return (asked.page.code, tuple(tuple(c.tree for c in guard) for guard in asked.guards), asked.item.institutions)


def _find_audience_change(code: str, old: ComparedEdition, new: ComparedEdition) -> AudienceChange:
    gained = lost = None
    for institution, language in _iter_shared_variants(old.questionnaire, new.questionnaire):
        for values in iter_respondent_kinds(code, old, new):
            before, now = (edition.measure_exposure(code, institution, language, values) for edition in (old, new))
            if before == now:
                continue
            background, answers = _split_values(values, old, new)
            example = ExampleRespondent(institution, language, background, answers, before, now)
            if _ORDER.index(now) > _ORDER.index(before):
                gained = gained or example
            else:
                lost = lost or example
            if (gained or code not in new.asked) and (lost or code not in old.asked):
                return AudienceChange(gained, lost)
    return AudienceChange(gained, lost)


def _find_condition_change(code: str, old: ComparedEdition, new: ComparedEdition) -> ConditionChange | None:
    """Return the first difference in the text of the conditions of an item and the questions that they depend on."""
    if code not in old.asked or code not in new.asked:
        return None
    conditions = [c for edition in (old, new) for guard in edition.asked[code].guards for c in guard]
    names = _collect_dependencies({name for condition in conditions for name in condition.names}, conditions, old, new)
    for name in (code, *names):
        guards = [edition.guards.get(name, []) for edition in (old, new)]
        if len({frozenset(_order_freely(_join_trees(guard)) for guard in found) for found in guards}) > 1:
            return ConditionChange(name, *map(_describe_guards, guards))
    shared = [institution for institution in old.questionnaire.institutions if institution in new.questionnaire.institutions]
    was, now = (edition.list_offers(code, shared) for edition in (old, new))
    return ConditionChange(code, *(f"at {', '.join(found) or 'none'}" for found in (was, now))) if was != now else None


def _join_trees(guard: Guard) -> Tree:
    return And(tuple(condition.tree for condition in guard))


def _order_freely(tree: Tree) -> object:
    """Return a key of the tree that ignores the order of `and` and `or` parts."""
    return (type(tree), frozenset(map(_order_freely, tree.parts))) if isinstance(tree, And | Or) else tree


def _describe_guards(guards: Iterable[Guard]) -> str:
    found = dict.fromkeys(format_condition(_join_trees(guard)) for guard in guards)
    return "everybody" if "" in found or not found else " or ".join(f"if `{text}`" for text in found)


def _split_values(values: Values, old: ComparedEdition, new: ComparedEdition) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split values into (background and arms, answers)."""
    known = {**old.questionnaire.background, **new.questionnaire.background}
    background = {name: value for name, value in values.items() if name in known or name.startswith(EXPERIMENT)}
    return background, {name: value for name, value in values.items() if name not in background}


def _iter_shared_variants(old: Questionnaire, new: Questionnaire) -> Iterator[tuple[str, str]]:
    """Yield (institution, language variant) pairs that both editions have."""
    for code, institution in old.institutions.items():
        if code in new.institutions:
            yield from ((code, language) for language in institution.languages if language in new.institutions[code].languages)


def iter_respondent_kinds(code: str, old: ComparedEdition, new: ComparedEdition) -> Iterator[dict[str, Any]]:
    """Yield every combination of background and answers that the conditions of an item distinguish in either edition.

    Raises:
        TooManyCasesError: before the first combination, if there are more than MAX_KINDS.
    """
    conditions = [c for edition in (old, new) if code in edition.asked for guard in edition.asked[code].guards for c in guard]
    names = _collect_dependencies({name for condition in conditions for name in condition.names}, conditions, old, new)
    trees = [condition.tree for condition in conditions]
    domains = {name: _list_domain(name, old.questionnaire.variables, new.questionnaire.variables, trees) for name in names}
    if prod(len(domain) for domain in domains.values()) > MAX_KINDS:
        raise TooManyCasesError
    for values in product(*domains.values()):
        yield {name: value for name, value in zip(domains, values, strict=True) if value is not None}


def _collect_dependencies(names: set[str], conditions: list[Condition], old: ComparedEdition, new: ComparedEdition) -> list[str]:
    """Return the names and all variables that they depend on; of built-in variables only arms. Extends `conditions`."""
    found: set[str] = set()
    fresh = names
    while fresh:
        found |= fresh
        more = [c for name in fresh for edition in (old, new) for c in edition.conditions.get(name, ())]
        conditions += more
        fresh = {name for condition in more for name in condition.names} - found
    variables = {**old.questionnaire.variables, **new.questionnaire.variables}
    found &= variables.keys()
    return sorted(name for name in found if variables[name].origin != "built-in" or name.startswith(EXPERIMENT))


def _list_domain(name: str, old: Mapping[str, Variable], new: Mapping[str, Variable], trees: Iterable[Any]) -> list[Any]:
    """Return the values of a variable in either edition. None is last for background variables, so that examples are complete."""
    values = [value for variables in (new, old) if name in variables for value in list_values(variables[name], trees)[1:]]
    distinct = [value for index, value in enumerate(values) if value not in values[:index]]
    variable = new.get(name) or old[name]
    if variable.origin == "built-in":
        return distinct
    return [*distinct, None] if variable.origin == "background" else [None, *distinct]


def _show(value: Any) -> str:
    return " + ".join(map(str, value)) if isinstance(value, list) else str(value)

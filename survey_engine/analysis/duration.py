"""Estimates the duration of each language variant from the expected seconds of its questions.

The longest time is an upper bound: it includes follow-ups that exclude each other. `analysis.proof` computes the exact
longest path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from statistics import mean, median

from survey_engine.analysis.reachability import iter_asked_questions
from survey_engine.analysis.tried_values import TooManyCasesError, list_values
from survey_engine.engine.assignment import choose_modules, list_draws, list_rules
from survey_engine.engine.routing import list_possible_sections
from survey_engine.model.conditions import all_of
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import (
    Condition,
    Institution,
    Item,
    Page,
    Question,
    Questionnaire,
    Section,
    Values,
    Variable,
)

_MAX_PROFILES = 500
_FOLLOW_UP_SHARE = 0.5
"""The typical duration includes this share of a question whose condition depends on an unknown answer."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """Expected minutes; `longest` is an upper bound, `shortest` a lower bound."""

    shortest: float
    typical: float
    longest: float

    def __str__(self) -> str:
        return f"{self.typical:.1f} ({self.shortest:.1f} to at most {self.longest:.1f})"


@dataclass(frozen=True, slots=True)
class _Seconds:
    certain: float = 0
    possible: float = 0

    def __add__(self, other: _Seconds) -> _Seconds:
        return _Seconds(self.certain + other.certain, self.possible + other.possible)

    @property
    def typical(self) -> float:
        return self.certain + _FOLLOW_UP_SHARE * self.possible


class _SectionTimer:
    """Caches the seconds of a section by the values of the background variables in its conditions."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, ...]] = {}
        self._times: dict[tuple[object, ...], _Seconds] = {}

    def time(self, section: Section, known: Values, institution: Institution) -> _Seconds:
        if id(section) not in self._names:
            self._names[id(section)] = tuple({name for condition in iter_time_conditions([section]) for name in condition.names})
        key = (id(section), institution.code, *(known.get(name) for name in self._names[id(section)]))
        if key not in self._times:
            self._times[key] = _time_section(section, known, institution)
        return self._times[key]


def estimate_minutes(questionnaire: Questionnaire) -> dict[str, Minutes]:
    """Return language variant → minutes, over all institutions that offer it and all profiles."""
    found = {}
    timer = _SectionTimer()
    for language in questionnaire.languages:
        offering = list_institutions_offering(questionnaire, language)
        totals = [total for who in offering for total in _iter_totals(questionnaire, who, language, timer)]
        if totals:
            shortest, typical, longest = zip(*totals, strict=True)
            found[language] = Minutes(min(shortest) / 60, median(typical) / 60, max(longest) / 60)
    return found


def list_institutions_offering(questionnaire: Questionnaire, language: str) -> list[Institution]:
    """Return the institutions that offer the language; a placeholder institution if the questionnaire has no institutions."""
    nobody = Institution("", "", questionnaire.place, tuple(questionnaire.languages))
    institutions = questionnaire.institutions.values() or [nobody]
    return [institution for institution in institutions if language in institution.languages]


def _iter_totals(
    questionnaire: Questionnaire, institution: Institution, language: str, timer: _SectionTimer
) -> Iterator[tuple[float, float, float]]:
    """Yield (shortest, typical, longest) seconds for each profile."""
    rules = list_rules(questionnaire, language)
    chosen = [assigned.name for rule in rules for assigned in choose_modules(questionnaire, institution, rule)]
    sections = list_possible_sections(questionnaire, institution, language, chosen)
    for profile in list_profiles(questionnaire, institution, language):
        known = {**profile, "institution": institution.code, "language": language}
        base = sum((timer.time(section, known, institution) for section in sections), _Seconds())
        pools = [
            [timer.time(questionnaire.modules[code], known, institution) for code in pool]
            for _, pool in list_draws(questionnaire, institution, known)
            if pool
        ]
        yield (
            base.certain + sum(min(module.certain for module in pool) for pool in pools),
            base.typical + sum(mean(module.typical for module in pool) for pool in pools),
            base.certain + base.possible + sum(max(module.certain + module.possible for module in pool) for pool in pools),
        )


def list_profiles(questionnaire: Questionnaire, institution: Institution, language: str) -> list[Values]:
    """Return the profiles (values of background variables) that conditions distinguish; if too many, demo students' profiles."""
    sections = list_possible_sections(questionnaire, institution, language, questionnaire.modules)
    conditions = list(dict.fromkeys(iter_time_conditions(sections)))
    variables = [v for v in questionnaire.background.values() if any(v.code in condition.names for condition in conditions)]
    try:
        domains = [_list_known(variable, conditions) for variable in variables]
    except TooManyCasesError:
        return list(institution.demo) or [{}]
    if prod(len(domain) for domain in domains) > _MAX_PROFILES:
        return list(institution.demo) or [{}]
    return [dict(zip((v.code for v in variables), values, strict=True)) for values in product(*domains)]


def _list_known(variable: Variable, conditions: Iterable[Condition]) -> list[object]:
    return list_values(variable, [condition.tree for condition in conditions])[1:]


def iter_time_conditions(sections: Iterable[Section]) -> Iterator[Condition]:
    """Yield every condition that decides whether something is shown, once per use."""
    for asked in iter_asked_questions(sections):
        yield from asked.guard
        yield from (item.when for item in asked.question.items if item.when)


def _time_section(section: Section, known: Values, institution: Institution) -> _Seconds:
    outcome = _decide(section.when, known)
    pages = (_time_page(page, known, institution) for page in section.pages)
    return _weigh(outcome, sum(pages, _Seconds()))


def _time_page(page: Page, known: Values, institution: Institution) -> _Seconds:
    questions = (_time_question(question, known, institution) for question in page.questions)
    return _weigh(_decide(page.when, known), sum(questions, _Seconds()))


def _time_question(question: Question, known: Values, institution: Institution) -> _Seconds:
    """Divide a grid's seconds over its items. If institutions have different lists, the longest list counts."""
    items = [item for item in question.items if item.is_at(institution.code)]
    outcomes = [_decide(item.when, known) for item in items]
    share = question.seconds / (_count_most(question.items) or 1)
    opened = _decide(all_of([question.when, find_offer(question, institution.code)]), known)
    if not question.items:
        return _weigh(opened, _Seconds(question.seconds))
    return _weigh(opened, _Seconds(share * outcomes.count(True), share * outcomes.count(None)))


def _count_most(items: tuple[Item, ...]) -> int:
    lists = {item.institutions for item in items}
    return max((sum(item.institutions in (None, who) for item in items) for who in lists), default=0)


def _decide(condition: Condition | None, known: Values) -> bool | None:
    """Evaluate a condition for this background; return None if it depends on an answer or on the draw."""
    if condition is None:
        return True
    decided = condition.names <= set(known)
    return condition.test(known) if decided else None


def _weigh(outcome: bool | None, time: _Seconds) -> _Seconds:
    if outcome is None:
        return _Seconds(0, time.certain + time.possible)
    return time if outcome else _Seconds()

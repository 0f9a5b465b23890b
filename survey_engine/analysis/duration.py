"""How long a questionnaire takes per language variant, estimated from its expected seconds.

Cheap, therefore rough at the edges: follow-ups that exclude each other all count towards the longest time. The exact longest
path is the solver's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from statistics import mean, median

from survey_engine.analysis.reachability import TooManyCasesError, list_question_places, list_values
from survey_engine.engine.assignment import choose_modules, find_rule, list_pool, shows_modules
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

MOST_PROFILES = 500
FOLLOW_UP_SHARE = 0.5
"""What hangs on an answer counts for this share of its time in the typical case: who will be asked is not known beforehand."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """Expected minutes; `longest` is an upper bound, `shortest` a lower one."""

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
        return self.certain + FOLLOW_UP_SHARE * self.possible


class _Clock:
    """Times sections, each once for every background that its own conditions can tell apart."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, ...]] = {}
        self._times: dict[tuple[object, ...], _Seconds] = {}

    def time(self, section: Section, known: Values, institution: Institution) -> _Seconds:
        if id(section) not in self._names:
            self._names[id(section)] = tuple({name for condition in list_conditions([section]) for name in condition.names})
        key = (id(section), institution.code, *(known.get(name) for name in self._names[id(section)]))
        if key not in self._times:
            self._times[key] = _time_section(section, known, institution)
        return self._times[key]


def estimate_minutes(questionnaire: Questionnaire) -> dict[str, Minutes]:
    """Language variant → minutes, over all institutions that offer it and all kinds of background."""
    found = {}
    clock = _Clock()
    for language in questionnaire.languages:
        offering = list_institutions_offering(questionnaire, language)
        totals = [total for who in offering for total in _total(questionnaire, who, language, clock)]
        if totals:
            shortest, typical, longest = zip(*totals, strict=True)
            found[language] = Minutes(min(shortest) / 60, median(typical) / 60, max(longest) / 60)
    return found


def list_institutions_offering(questionnaire: Questionnaire, language: str) -> list[Institution]:
    """Those that offer a language; one that chose nothing where there is none yet."""
    nobody = Institution("", "", questionnaire.place, tuple(questionnaire.languages))
    institutions = questionnaire.institutions.values() or [nobody]
    return [institution for institution in institutions if language in institution.languages]


def _total(
    questionnaire: Questionnaire, institution: Institution, language: str, clock: _Clock
) -> Iterator[tuple[float, float, float]]:
    """Shortest, typical and longest seconds for each kind of student."""
    chosen = [assigned.module for assigned in choose_modules(institution)]
    sections = list_possible_sections(questionnaire, institution, language, chosen)
    rule = find_rule(questionnaire)
    draws = rule is not None and rule.random and shows_modules(questionnaire, language)
    for profile in list_profiles(questionnaire, institution, language):
        known = {**profile, "institution": institution.code, "language": language}
        base = sum((clock.time(section, known, institution) for section in sections), _Seconds())
        pool = list_pool(questionnaire, institution, known) if draws else ()
        drawn = [clock.time(questionnaire.modules[code], known, institution) for code in pool] or [_Seconds()]
        yield (
            base.certain + min(module.certain for module in drawn),
            base.typical + mean(module.typical for module in drawn),
            base.certain + base.possible + max(module.certain + module.possible for module in drawn),
        )


def list_profiles(questionnaire: Questionnaire, institution: Institution, language: str) -> list[Values]:
    """Every kind of background that routing can tell apart; the demonstration students where there are too many."""
    sections = list_possible_sections(questionnaire, institution, language, questionnaire.modules)
    conditions = list(dict.fromkeys(list_conditions(sections)))
    variables = [v for v in questionnaire.background.values() if any(v.code in condition.names for condition in conditions)]
    try:
        domains = [_list_known(variable, conditions) for variable in variables]
    except TooManyCasesError:
        return list(institution.demo) or [{}]
    if prod(len(domain) for domain in domains) > MOST_PROFILES:
        return list(institution.demo) or [{}]
    return [dict(zip((v.code for v in variables), values, strict=True)) for values in product(*domains)]


def _list_known(variable: Variable, conditions: Iterable[Condition]) -> list[object]:
    return list_values(variable, [condition.tree for condition in conditions])[1:]


def list_conditions(sections: Iterable[Section]) -> Iterator[Condition]:
    """Every condition that decides whether something takes time, as often as it is used."""
    for stop in list_question_places(sections):
        yield from stop.way
        yield from (item.when for item in stop.question.items if item.when)


def _time_section(section: Section, known: Values, institution: Institution) -> _Seconds:
    outcome = _decide(section.when, known)
    pages = (_time_page(page, known, institution) for page in section.pages)
    return _weigh(outcome, sum(pages, _Seconds()))


def _time_page(page: Page, known: Values, institution: Institution) -> _Seconds:
    questions = (_time_question(question, known, institution) for question in page.questions)
    return _weigh(_decide(page.when, known), sum(questions, _Seconds()))


def _time_question(question: Question, known: Values, institution: Institution) -> _Seconds:
    """A grid's seconds are spread over its items; with a list that differs per institution, over the longest of the lists."""
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
    """Whether a condition holds for this background; None when it hangs on an answer or on the draw."""
    if condition is None:
        return True
    decided = condition.names <= set(known)
    return condition.test(known) if decided else None


def _weigh(outcome: bool | None, time: _Seconds) -> _Seconds:
    if outcome is None:
        return _Seconds(0, time.certain + time.possible)
    return time if outcome else _Seconds()

"""Who can get where: the conditions on the way to a question, and every case that conditions can tell apart.

A *case* gives one value to each variable that matters; of values that no condition can tell apart only one is taken. So a
search through all cases is complete, and where there would be too many it says so instead of guessing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any, TypeAlias, cast

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import (
    OPERATORS,
    And,
    Answered,
    Compare,
    Constant,
    Count,
    Name,
    Not,
    Or,
    Tree,
    collect_variables,
)
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import Condition, Page, Question, Questionnaire, ResponseOption, Section, Variable

MOST_TRIES = 20_000
"""A search tries so many values, and no more."""
MOST_NAMES = 40
"""A search looks at so many variables, and no more: behind long chains of conditions there is too much to know."""
_FEW_NUMBERS = 12
"""Up to so many numbers all of them are tried; beyond, only those beside the numbers in conditions."""
_FEW_MEMBERS = 8
"""Up to so many named options of a multiple-choice question all combinations are tried."""

Case: TypeAlias = dict[str, Any]
Way: TypeAlias = tuple[Condition, ...]
Turn: TypeAlias = tuple[str, list[Any], list[str]]
"""A variable, its values, and the variables of which it can then be told whether they are asked."""


class TooManyCasesError(Exception):
    """The conditions look at so much that not every case can be tried; the solver can still decide."""


@dataclass(frozen=True, slots=True)
class QuestionPlace:
    """One question where it is asked: its section and page, with all conditions on the way to it."""

    section: Section
    page: Page
    question: Question
    way: Way


@dataclass(frozen=True)
class Reachability:
    """What a search needs to know of a questionnaire: its variables, and when each of them is asked."""

    variables: Mapping[str, Variable]
    stops: tuple[QuestionPlace, ...]
    limit: int = MOST_TRIES
    _found: dict[frozenset[Condition], Case | type[TooManyCasesError] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def ways(self) -> dict[str, list[Way]]:
        """Variable → the conditions under which it is asked, once for every place where it is."""
        found: dict[str, list[Way]] = {}
        for stop in self.stops:
            routed = {item.code: item.when for item in stop.question.items}
            for variable in QUESTION_TYPES[stop.question.type].variables(stop.question):
                found.setdefault(variable.code, []).append(join_conditions(stop.way, routed.get(variable.code)))
        return found

    @cached_property
    def asked_at(self) -> dict[str, int]:
        """Variable → its number in the order in which they are asked; what comes along has none."""
        return {name: number for number, name in enumerate(self.ways)}

    def find_case(self, conditions: Iterable[Condition]) -> Case | None:
        """A case in which all conditions hold; None when there is none.

        Raises:
            TooManyCasesError: when not every case can be tried.
        """
        key = frozenset(conditions)
        if key not in self._found:
            self._found[key] = self._seek(key)
        found = self._found[key]
        if found is TooManyCasesError:
            raise TooManyCasesError
        return cast(Case | None, found)

    def _seek(self, conditions: frozenset[Condition]) -> Case | type[TooManyCasesError] | None:
        try:
            cases = self.list_cases(conditions)
            return next((case for case in cases if all(condition.test(case) for condition in conditions)), None)
        except TooManyCasesError:
            return TooManyCasesError

    def list_cases(self, conditions: Iterable[Condition]) -> Iterator[Case]:
        """Every case that these conditions can tell apart and that routing lets happen.

        Raises:
            TooManyCasesError: when there is too much to try; cases may have been given before that shows.
        """
        conditions = list(conditions)
        names = self._close({name for condition in conditions for name in condition.names})
        trees = _group_by_name(condition.tree for condition in [*conditions, *self._asking(names)])
        domains = [list_values(self.variables[name], trees.get(name, ())) for name in names]
        turns = list(zip(names, domains, self._list_decided(names), strict=True))
        yield from self._extend({}, turns, iter(range(self.limit)))

    def _extend(self, case: Case, turns: Sequence[Turn], tries: Iterator[int]) -> Iterator[Case]:
        """The cases that begin with this one; what routing rules out is left before more is added to it."""
        if not turns:
            yield case
            return
        name, values, decided = turns[0]
        for value in values:
            if next(tries, None) is None:
                raise TooManyCasesError
            longer = case if value is None else {**case, name: value}
            if all(self._can_have(other, longer[other], longer) for other in decided if other in longer):
                yield from self._extend(longer, turns[1:], tries)

    def _list_decided(self, names: list[str]) -> Iterator[list[str]]:
        """For each name, those of which it can be told whether they are asked as soon as it has its value."""
        at = {name: number for number, name in enumerate(names)}
        decided: list[list[str]] = [[] for _ in names]
        for name in names:
            needed = {other for condition in self._asking([name]) for other in condition.names}
            decided[max(at[other] for other in (needed & at.keys()) | {name})].append(name)
        return iter(decided)

    def _close(self, names: set[str]) -> list[str]:
        """The names with all that decides whether they are asked, in that order; what comes along first.

        Raises:
            TooManyCasesError: when they are more than MOST_NAMES.
        """
        found: set[str] = set()
        fresh = names & self.variables.keys()
        while fresh:
            found |= fresh
            if len(found) > MOST_NAMES:
                raise TooManyCasesError
            asking = {name for condition in self._asking(fresh) for name in condition.names}
            fresh = (asking & self.variables.keys()) - found
        return sorted(found, key=lambda name: (self.asked_at.get(name, -1), name))

    def _asking(self, names: Iterable[str]) -> Iterator[Condition]:
        for name in names:
            for way in self.ways.get(name, ()):
                yield from way
            yield from (option.when for option in self.variables[name].options if option.when)

    def _can_have(self, name: str, value: Any, case: Case) -> bool:
        ways = self.ways.get(name)
        asked = ways is None or any(all(condition.test(case) for condition in way) for way in ways)
        return asked and all(option.when is None or option.when.test(case) for option in _chosen(self.variables[name], value))


def _chosen(variable: Variable, value: Any) -> Iterator[ResponseOption]:
    codes = value if isinstance(value, list) else (value,)
    return (option for option in variable.options if option.code in codes)


def join_conditions(way: Way, *more: Condition | None) -> Way:
    return (*way, *(condition for condition in more if condition))


def find_reachability(questionnaire: Questionnaire) -> Reachability:
    """The reach of everything that a questionnaire asks, whoever is asked."""
    return Reachability(questionnaire.variables, tuple(list_question_places(list_all_sections(questionnaire))))


def list_all_sections(questionnaire: Questionnaire) -> list[Section]:
    """Every section in every form: a theme also as each institution routes it in its blocks."""
    themes = [block.section for institution in questionnaire.institutions.values() for block in institution.blocks if block.theme]
    return [*questionnaire.all_sections, *themes]


def list_question_places(sections: Iterable[Section]) -> Iterator[QuestionPlace]:
    for section in sections:
        for page in section.pages:
            for question in page.questions:
                way = join_conditions((), section.when, page.when, question.when, find_offer(question))
                yield QuestionPlace(section, page, question, way)


def iter_subtrees(tree: Tree) -> Iterator[Tree]:
    """The tree and all its parts."""
    yield tree
    match tree:
        case Not(part):
            yield from iter_subtrees(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from iter_subtrees(part)


def _group_by_name(trees: Iterable[Tree]) -> dict[str, list[Tree]]:
    """Variable → the trees that look at it."""
    found: dict[str, list[Tree]] = {}
    for tree in trees:
        for name in collect_variables(tree):
            found.setdefault(name, []).append(tree)
    return found


def list_values(variable: Variable, trees: Iterable[Tree]) -> list[Any]:
    """The values of a variable that these conditions can tell apart; None, which is empty, is the first.

    Raises:
        TooManyCasesError: when an operator leaves no way to split them, and they are too many to try each.
    """
    compared = [c for tree in trees for c in iter_subtrees(tree) if isinstance(c, Compare) and variable.code in _list_names(c)]
    constants = {value for comparison in compared for value in _list_constants(comparison)}
    everything = any(len(_list_names(c)) > 1 or not OPERATORS[c.operator].splits_at_constants for c in compared)
    if variable.kind == "codes":
        return [None, *_list_choices(variable, {*constants, *variable.codes} if everything else constants)]
    if variable.kind == "number" and not variable.options:
        return [None, *_list_numbers(variable, constants, everything=everything)]
    if variable.options:
        if variable.kind == "number" or everything:
            return [None, *variable.codes]
        other = next((code for code in variable.codes if code not in constants), None)
        return [None, *(code for code in variable.codes if code in constants or code == other)]
    return [None, "…"]


def _list_names(comparison: Compare) -> set[str]:
    return {operand.code for operand in (comparison.left, comparison.right) if isinstance(operand, Name | Count)}


def _list_constants(comparison: Compare) -> Iterator[str | int]:
    for operand in (comparison.left, comparison.right):
        if isinstance(operand, Constant):
            yield from operand.value if isinstance(operand.value, tuple) else (operand.value,)


def _list_numbers(variable: Variable, constants: set[str | int], *, everything: bool) -> list[int]:
    low, high = variable.low or 0, variable.high or 0
    if high - low < _FEW_NUMBERS:
        return list(range(low, high + 1))
    if everything:
        raise TooManyCasesError
    near = {number + step for number in constants if isinstance(number, int) for step in (-1, 0, 1)}
    return sorted({low, high, *(number for number in near if low <= number <= high)})


def _list_choices(variable: Variable, constants: set[str | int]) -> Iterator[list[Any]]:
    """Combinations of the options that conditions name, each with none, some or all of the others added."""
    alone = {option.code for option in variable.options if option.exclusive}
    yield from ([code] for code in variable.codes if code in alone)
    named = [code for code in variable.codes if code in constants and code not in alone]
    others = [code for code in variable.codes if code not in constants and code not in alone]
    if len(named) > _FEW_MEMBERS:
        raise TooManyCasesError
    counts = [number for number in constants if isinstance(number, int)]
    most = min(len(others), max([0, *counts]) + 1)
    for size in range(len(named) + 1):
        for chosen in combinations(named, size):
            for more in range(most + 1):
                if chosen or more:
                    yield [*chosen, *others[:more]]


def format_condition(tree: Tree) -> str:
    """A tree as an author would write it.

    >>> express(Not(Some((Compare("==", Name("path"), Constant("bol")), Answered("q1")))))
    "not (path == 'bol' or answered(q1))"
    """
    match tree:
        case Answered(code):
            return f"answered({code})"
        case Not(part):
            return f"not {_express_part(part)}"
        case And(parts):
            return " and ".join(map(_express_part, parts))
        case Or(parts):
            return " or ".join(map(_express_part, parts))
        case Compare(operator, left, right):
            return f"{_express_operand(left)} {operator} {_express_operand(right)}"


def _express_part(tree: Tree) -> str:
    return f"({format_condition(tree)})" if isinstance(tree, And | Or) else format_condition(tree)


def _express_operand(operand: Name | Count | Constant) -> str:
    match operand:
        case Name(code):
            return code
        case Count(code):
            return f"count({code})"
        case Constant(value):
            return str(list(value)) if isinstance(value, tuple) else repr(value)

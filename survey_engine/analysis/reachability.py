"""Guards of questions, and an exhaustive search over the cases that conditions can distinguish.

A *case* assigns a value to each relevant variable. Of values that no condition distinguishes, only one is tried, so
the search is complete. If there are too many cases, it raises TooManyCasesError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, product
from typing import Any, TypeAlias, cast

from survey_engine.analysis.derived_bounds import list_stand_ins, weaken
from survey_engine.engine.assignment import list_rules
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.yes_no import YES
from survey_engine.model.conditions import (
    OPERATORS,
    And,
    Answered,
    Compare,
    Constant,
    Count,
    Name,
    Not,
    Operand,
    Or,
    Tree,
    collect_variables,
    list_names,
    make_condition,
)
from survey_engine.model.derived import Derived
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import (
    EXPERIMENT,
    Condition,
    Page,
    Question,
    Questionnaire,
    ResponseOption,
    Section,
    Variable,
)

MAX_TRIES = 20_000
"""Maximum number of values that one search tries."""
MAX_VARIABLES = 40
"""Maximum number of variables in one search; long chains of conditions exceed it."""
ASSIGNED = "assigned"
"""The variable of the modules of a respondent."""
_MAX_LISTED_NUMBERS = 12
"""Larger ranges of numbers are reduced to the bounds and the neighbours of numbers in conditions."""
_MAX_COMBINED_OPTIONS = 8
"""Maximum number of named options of a multiple-choice question; all their combinations are tried."""

Case: TypeAlias = dict[str, Any]
Guard: TypeAlias = tuple[Condition, ...]
_SearchStep: TypeAlias = tuple[str, list[Any], list[str]]
"""A variable, its values, and the variables whose guards are decided once it has a value."""


class TooManyCasesError(Exception):
    """An exhaustive search is impossible: the conditions depend on too much. The solver may still decide."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question with its section and page, and the conditions under which it is asked."""

    section: Section
    page: Page
    question: Question
    guard: Guard


@dataclass(frozen=True)
class Reachability:
    """The variables of a questionnaire and their guards, for searches."""

    variables: Mapping[str, Variable]
    asked_questions: tuple[AskedQuestion, ...]
    limit: int = MAX_TRIES
    stand_ins: Mapping[str, Variable] = field(default_factory=dict)
    """Derived value → a number that stands for it in searches with too many cases."""
    modules: Mapping[str, Section] = field(default_factory=dict)
    """The modules of which only those in `assigned` are asked."""
    apart: tuple[frozenset[str], ...] = ()
    """Sets of modules of which nobody has two."""
    _found: dict[frozenset[Condition], Case | type[TooManyCasesError] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def guards(self) -> dict[str, list[Guard]]:
        """Variable → its guards, one for each place that asks it; without the draw of modules."""
        return self._collect_guards(lambda asked: asked.guard)

    @cached_property
    def _drawn_guards(self) -> dict[str, list[Guard]]:
        """Variable → its guards, with the draw of modules."""
        return self._collect_guards(lambda asked: join_guard(asked.guard, self._find_draw(asked.section)))

    def _collect_guards(self, find_guard: Callable[[AskedQuestion], Guard]) -> dict[str, list[Guard]]:
        found: dict[str, list[Guard]] = {}
        for asked in self.asked_questions:
            routed, guard = {item.code: item.when for item in asked.question.items}, find_guard(asked)
            for variable in QUESTION_TYPES[asked.question.type].variables(asked.question):
                found.setdefault(variable.code, []).append(join_guard(guard, routed.get(variable.code)))
        return found

    def _find_draw(self, section: Section) -> Condition | None:
        """Return the condition that the respondent has this module; None for other sections, and for a theme of a block."""
        if self.modules.get(section.code) is not section:
            return None
        has = Compare("in", Constant(section.code), Name(ASSIGNED))
        return make_condition(format_condition(has), has, section.place)

    @cached_property
    def asked_at(self) -> dict[str, int]:
        """Variable → its position in reading order; background variables have none."""
        return {name: number for number, name in enumerate(self.guards)}

    def find_case(self, conditions: Iterable[Condition]) -> Case | None:
        """Return a case in which all conditions hold; None if there is none.

        Raises:
            TooManyCasesError: if an exhaustive search is impossible.
        """
        key = frozenset(conditions)
        if key not in self._found:
            found = self._search(key)
            if found is TooManyCasesError and self._has_derived(key) and self._weaker.is_closed(self._weaken(key)):
                found = None
            self._found[key] = found
        found = self._found[key]
        if found is TooManyCasesError:
            raise TooManyCasesError
        return cast(Case | None, found)

    def is_closed(self, conditions: Iterable[Condition]) -> bool:
        """Whether it is certain that there is no case in which all conditions hold."""
        with suppress(TooManyCasesError):
            return self.find_case(conditions) is None
        return False

    def find_outcomes(self, *conditions: Condition) -> set[tuple[bool, ...]]:
        """Return what the conditions can be together: one tuple for each combination; all if it cannot be decided."""
        found: set[tuple[bool, ...]] = set()
        with suppress(TooManyCasesError):
            for case in self.iter_cases(conditions):
                found.add(tuple(condition.test(case) for condition in conditions))
                if len(found) == 2 ** len(conditions):
                    break
            return found
        if self._has_derived(conditions):
            return self._weaker.find_outcomes(*self._weaken(conditions))
        return set(product((True, False), repeat=len(conditions)))

    def _has_derived(self, conditions: Iterable[Condition]) -> bool:
        return any(derived.code in self.stand_ins for condition in conditions for derived in list_derived(condition.tree))

    def _weaken(self, conditions: Iterable[Condition]) -> list[Condition]:
        return [weaken(condition, self.stand_ins) for condition in conditions]

    @cached_property
    def _weaker(self) -> Reachability:
        """The same with stand-ins: it has every case that is possible, and others."""
        asked = (replace(each, guard=tuple(self._weaken(each.guard))) for each in self.asked_questions)
        variables = {**self.variables, **self.stand_ins}
        return Reachability(variables, tuple(asked), self.limit, modules=self.modules, apart=self.apart)

    def _search(self, conditions: frozenset[Condition]) -> Case | type[TooManyCasesError] | None:
        try:
            cases = self.iter_cases(conditions)
            return next((case for case in cases if all(condition.test(case) for condition in conditions)), None)
        except TooManyCasesError:
            return TooManyCasesError

    def iter_cases(self, conditions: Iterable[Condition]) -> Iterator[Case]:
        """Yield every case that these conditions distinguish and that routing allows.

        Raises:
            TooManyCasesError: if there are too many cases, perhaps after some cases were yielded.
        """
        conditions = list(conditions)
        names = self._collect_dependencies({name for condition in conditions for name in condition.names})
        trees = _group_by_name(condition.tree for condition in [*conditions, *self._iter_guard_conditions(names)])
        domains = [self._list_domain(name, trees.get(name, ())) for name in names]
        search_steps = list(zip(names, domains, self._list_decided(names), strict=True))
        yield from self._extend({}, search_steps, iter(range(self.limit)))

    def _list_domain(self, name: str, trees: Sequence[Tree]) -> list[Any]:
        values = list_values(self.variables[name], trees)[is_never_empty(name) :]
        if name != ASSIGNED or not self.apart:
            return values
        named = {
            value
            for tree in trees
            for part in iter_subtrees(tree)
            if isinstance(part, Compare)
            for value in _iter_constants(part)
        }
        return [value for value in values if all(len(named & group & {*(value or ())}) < 2 for group in self.apart)]

    def _extend(self, case: Case, search_steps: Sequence[_SearchStep], tries: Iterator[int]) -> Iterator[Case]:
        """Yield the cases that extend this one; skip those that routing excludes as soon as that is decided."""
        if not search_steps:
            yield case
            return
        name, values, decided = search_steps[0]
        for value in values:
            if next(tries, None) is None:
                raise TooManyCasesError
            longer = case if value is None else {**case, name: value}
            if all(self._can_have(other, longer[other], longer) for other in decided if other in longer):
                yield from self._extend(longer, search_steps[1:], tries)

    def _list_decided(self, names: list[str]) -> Iterator[list[str]]:
        """Return, for each name, the variables whose guards are decided once it has a value."""
        at = {name: number for number, name in enumerate(names)}
        decided: list[list[str]] = [[] for _ in names]
        for name in names:
            needed = {other for condition in self._iter_guard_conditions([name]) for other in condition.names}
            decided[max(at[other] for other in (needed & at.keys()) | {name})].append(name)
        return iter(decided)

    def _collect_dependencies(self, names: set[str]) -> list[str]:
        """Return these names and all variables they depend on, in reading order; background first.

        Raises:
            TooManyCasesError: if there are more than MAX_VARIABLES.
        """
        found: set[str] = set()
        fresh = names & self.variables.keys()
        while fresh:
            found |= fresh
            if len(found) > MAX_VARIABLES:
                raise TooManyCasesError
            asking = {name for condition in self._iter_guard_conditions(fresh) for name in condition.names}
            fresh = (asking & self.variables.keys()) - found
        return sorted(found, key=lambda name: (self.asked_at.get(name, -1), name))

    def _iter_guard_conditions(self, names: Iterable[str]) -> Iterator[Condition]:
        for name in names:
            for guard in self._drawn_guards.get(name, ()):
                yield from guard
            yield from (option.when for option in self.variables[name].options if option.when)

    def _can_have(self, name: str, value: Any, case: Case) -> bool:
        guards = self._drawn_guards.get(name)
        asked = guards is None or any(all(condition.test(case) for condition in guard) for guard in guards)
        return asked and all(
            option.when is None or option.when.test(case) for option in _iter_chosen(self.variables[name], value)
        )


def is_never_empty(name: str) -> bool:
    """Whether a variable has a value for every respondent."""
    return name in ("institution", "language") or name.startswith(EXPERIMENT)


def _iter_chosen(variable: Variable, value: Any) -> Iterator[ResponseOption]:
    codes = value if isinstance(value, list) else (value,)
    return (option for option in variable.options if option.code in codes)


def join_guard(guard: Guard, *more: Condition | None) -> Guard:
    return (*guard, *(condition for condition in more if condition))


def find_reachability(questionnaire: Questionnaire) -> Reachability:
    """Return the guards of every question, for any institution."""
    asked = tuple(iter_asked_questions(list_all_sections(questionnaire)))
    return make_reachability(questionnaire, limit_variables(questionnaire), asked)


def make_reachability(
    questionnaire: Questionnaire, variables: Mapping[str, Variable], asked: tuple[AskedQuestion, ...]
) -> Reachability:
    rules = list_rules(questionnaire)
    modules = {code: questionnaire.modules[code] for rule in rules for code in questionnaire.find_shares(rule)}
    apart = tuple(frozenset(questionnaire.find_shares(rule)) for rule in rules if not rule.council + rule.institution)
    return Reachability(variables, asked, stand_ins=list_stand_ins(questionnaire), modules=modules, apart=apart)


def limit_variables(questionnaire: Questionnaire) -> dict[str, Variable]:
    """Return the variables with the values that an answer before a condition can have.

    A respondent goes on only with the required parts of a consent, and has no more modules than the groups of the order give.
    """
    rules = list_rules(questionnaire)
    most = sum(rule.council + rule.institution + min(rule.random, 1) for rule in rules)
    variables = dict(questionnaire.variables)
    variables[ASSIGNED] = replace(variables[ASSIGNED], at_most=most)
    for section in questionnaire.all_sections:
        for item in (item for question in section.list_questions() for item in question.items if item.required):
            agreed = tuple(option for option in variables[item.code].options if option.code == YES)
            variables[item.code] = replace(variables[item.code], options=agreed)
    return variables


def list_all_sections(questionnaire: Questionnaire) -> list[Section]:
    """Return all sections; a theme also in the form that each institution gives it in its blocks."""
    themes = [block.section for institution in questionnaire.institutions.values() for block in institution.blocks if block.theme]
    return [*questionnaire.all_sections, *themes]


def iter_asked_questions(sections: Iterable[Section]) -> Iterator[AskedQuestion]:
    for section in sections:
        for page in section.pages:
            for question in page.questions:
                guard = join_guard((), section.when, page.when, question.when, find_offer(question))
                yield AskedQuestion(section, page, question, guard)


def iter_subtrees(tree: Tree) -> Iterator[Tree]:
    """Yield the tree and all its subtrees."""
    yield tree
    for part in _list_parts(tree):
        yield from iter_subtrees(part)


def list_derived(tree: Tree) -> list[Derived]:
    """Return the derived values in a condition."""
    compared = (part for part in iter_subtrees(tree) if isinstance(part, Compare))
    return [side for part in compared for side in (part.left, part.right) if isinstance(side, Derived)]


def _group_by_name(trees: Iterable[Tree]) -> dict[str, list[Tree]]:
    """Return variable → the trees that use it."""
    found: dict[str, list[Tree]] = {}
    for tree in trees:
        for name in collect_variables(tree):
            found.setdefault(name, []).append(tree)
    return found


def list_values(variable: Variable, trees: Iterable[Tree]) -> list[Any]:
    """Return None (no answer) and one value of each set that these conditions distinguish.

    Raises:
        TooManyCasesError: if an operator requires every value and there are too many.
    """
    compared = [c for tree in trees for c in iter_subtrees(tree) if isinstance(c, Compare) and variable.code in _list_names(c)]
    if variable.kind == "date" and compared:
        raise TooManyCasesError
    computed = any(isinstance(side, Derived) for comparison in compared for side in (comparison.left, comparison.right))
    constants = {value for comparison in compared for value in _iter_constants(comparison)}
    everything = computed or any(len(_list_names(c)) > 1 or not OPERATORS[c.operator].splits_at_constants for c in compared)
    if variable.kind == "codes":
        return [None, *_iter_choices(variable, {*constants, *variable.codes} if everything else constants)]
    if variable.kind == "number" and not variable.options:
        return [None, *_list_numbers(variable, constants, everything=everything)]
    if variable.options:
        if variable.kind == "number" or everything:
            return [None, *variable.codes]
        other = next((code for code in variable.codes if code not in constants), None)
        return [None, *(code for code in variable.codes if code in constants or code == other)]
    return [None, "…"]


def _list_names(comparison: Compare) -> set[str]:
    return {name for operand in (comparison.left, comparison.right) for name in list_names(operand)}


def _iter_constants(comparison: Compare) -> Iterator[str | int]:
    for operand in (comparison.left, comparison.right):
        if isinstance(operand, Constant):
            yield from operand.value if isinstance(operand.value, tuple) else (operand.value,)


def _list_numbers(variable: Variable, constants: set[str | int], *, everything: bool) -> list[int]:
    low, high = variable.low or 0, variable.high or 0
    if high - low < _MAX_LISTED_NUMBERS:
        return list(range(low, high + 1))
    if everything:
        raise TooManyCasesError
    near = {number + step for number in constants if isinstance(number, int) for step in (-1, 0, 1)}
    return sorted({low, high, *(number for number in near if low <= number <= high)})


def _iter_choices(variable: Variable, constants: set[str | int]) -> Iterator[list[Any]]:
    """Yield combinations of the options that conditions name, each with none, some or all of the other options."""
    alone = {option.code for option in variable.options if option.exclusive}
    yield from ([code] for code in variable.codes if code in alone)
    named = [code for code in variable.codes if code in constants and code not in alone]
    others = [code for code in variable.codes if code not in constants and code not in alone]
    if len(named) > _MAX_COMBINED_OPTIONS:
        raise TooManyCasesError
    counts = [number for number in constants if isinstance(number, int)]
    most = min(len(others), max([0, *counts, variable.at_least]) + 1)
    for size in range(len(named) + 1):
        for chosen in combinations(named, size):
            for more in range(most + 1):
                if (chosen or more) and variable.at_least <= size + more <= (variable.at_most or size + more):
                    yield [*chosen, *others[:more]]


def format_condition(tree: Tree, names: Mapping[Tree, str] | None = None) -> str:
    """Format a syntax tree in the condition language; parts that are a named condition by their name.

    >>> format_condition(Not(Or((Compare("==", Name("path"), Constant("bol")), Answered("q1")))))
    "not (path == 'bol' or answered(q1))"
    """
    parts = [_format_part(part, tree, names or {}) for part in _list_parts(tree)]
    match tree:
        case Answered(code):
            return f"answered({code})"
        case Not():
            return f"not {parts[0]}"
        case And():
            return " and ".join(parts)
        case Or():
            return " or ".join(parts)
        case Compare(operator, left, right):
            return f"{_format_operand(left)} {operator} {_format_operand(right)}"


def _list_parts(tree: Tree) -> tuple[Tree, ...]:
    return (tree.part,) if isinstance(tree, Not) else tree.parts if isinstance(tree, And | Or) else ()


def _format_part(tree: Tree, whole: Tree, names: Mapping[Tree, str]) -> str:
    if tree in names:
        return names[tree]
    text = format_condition(tree, names)
    return f"({text})" if isinstance(tree, And | Or) or (isinstance(whole, Not) and isinstance(tree, Compare)) else text


def _format_operand(operand: Operand) -> str:
    match operand:
        case Name(code) | Derived(code):
            return code
        case Count(code):
            return f"count({code})"
        case Constant(value):
            return str(list(value)) if isinstance(value, tuple) else repr(value)

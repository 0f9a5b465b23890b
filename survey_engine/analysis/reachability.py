"""Guards of questions, and an exhaustive search over the cases that conditions can distinguish.

A *guard* is the conditions under which a question is asked. A *case* assigns a value to each relevant variable. Of values
that no condition distinguishes, the search tries one, so it misses no outcome. With too many cases it raises TooManyCasesError.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import product
from typing import Any, TypeAlias, cast

from survey_engine.analysis.derived_bounds import map_stand_ins, weaken
from survey_engine.analysis.institution_limits import ASSIGNED, LIMITED, InstitutionLimits, find_limits, list_distinct
from survey_engine.analysis.sum_ties import is_possible_sum
from survey_engine.analysis.tried_values import TooManyCasesError, iter_subtrees, list_constants, list_operands, list_values
from survey_engine.engine.assignment import list_rules
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.yes_no import YES
from survey_engine.model.conditions import (
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
    make_condition,
)
from survey_engine.model.derived import Derived
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import (
    EXPERIMENT,
    Condition,
    Page,
    Place,
    Question,
    Questionnaire,
    ResponseOption,
    Section,
    Variable,
)

_MAX_TRIES = 20_000
"""Maximum number of values that one search tries."""
MAX_VARIABLES = 40
"""Maximum number of variables in one search; long chains of conditions exceed it."""
Case: TypeAlias = dict[str, Any]
Guard: TypeAlias = tuple[Condition, ...]
_Test: TypeAlias = Callable[[Case], bool]
_SearchStep: TypeAlias = tuple[str, list[Any], list[_Test]]
"""A variable, its values, and the tests that can be evaluated once it has a value."""


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
    limit: int = _MAX_TRIES
    stand_ins: Mapping[str, Variable] = field(default_factory=dict)
    """Derived value → its stand-in (`derived_bounds`), for searches with too many cases."""
    modules: Mapping[str, Section] = field(default_factory=dict)
    """Modules; a respondent is asked those in the variable `assigned`."""
    apart: tuple[frozenset[str], ...] = ()
    """Sets of modules; a respondent has at most one module of each set."""
    limits: Mapping[str, InstitutionLimits] = field(default_factory=dict)
    """Institution → the languages and modules that its students can have."""
    owners: Mapping[int, Condition] = field(default_factory=dict)
    """Identity of a section with local questions → the condition that the respondent is of its institution."""
    sums: tuple[Derived, ...] = ()
    """Sums whose stand-ins must agree with the values of their parts."""
    _found: dict[frozenset[Condition], Case | type[TooManyCasesError] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def guards(self) -> dict[str, list[Guard]]:
        """Variable → its guards, one for each place that asks it. The draw of modules is ignored."""
        return self._collect_guards(lambda asked: asked.guard)

    @cached_property
    def drawn_guards(self) -> dict[str, list[Guard]]:
        """Variable → its guards, including the draw of modules and the institution of local questions."""
        return self._collect_guards(self.find_drawn_guard)

    def find_drawn_guard(self, asked: AskedQuestion) -> Guard:
        return join_guard(asked.guard, self._find_draw(asked.section), self.owners.get(id(asked.section)))

    def _collect_guards(self, find_guard: Callable[[AskedQuestion], Guard]) -> dict[str, list[Guard]]:
        found: dict[str, list[Guard]] = {}
        for asked in self.asked_questions:
            routed, guard = {item.code: item.when for item in asked.question.items}, find_guard(asked)
            for variable in QUESTION_TYPES[asked.question.type].variables(asked.question):
                found.setdefault(variable.code, []).append(join_guard(guard, routed.get(variable.code)))
        return found

    def _find_draw(self, section: Section) -> Condition | None:
        """Return the condition that the respondent has this module; None for sections that are not drawn, such as a block's theme."""
        if self.modules.get(section.code) is not section:
            return None
        has = Compare("in", Constant(section.code), Name(ASSIGNED))
        return make_condition(format_condition(has), has, section.place)

    @cached_property
    def asked_at(self) -> dict[str, int]:
        """Variable → its position in reading order; background variables have none."""
        return {name: number for number, name in enumerate(self.guards)}

    def find_case(self, conditions: Iterable[Condition]) -> Case | None:
        """Return a case in which all conditions are true; None if there is none.

        Raises:
            TooManyCasesError: if an exhaustive search is impossible.
        """
        key = frozenset(conditions)
        if key not in self._found:
            found = self._search(key)
            if found is TooManyCasesError:
                found = self._search_weaker(key)
            self._found[key] = found
        found = self._found[key]
        if found is TooManyCasesError:
            raise TooManyCasesError
        return cast(Case | None, found)

    def is_closed(self, conditions: Iterable[Condition]) -> bool:
        """Whether all conditions can certainly not be true together; False if it cannot be decided."""
        with suppress(TooManyCasesError):
            return self.find_case(conditions) is None
        return False

    def find_outcomes(self, *conditions: Condition) -> set[tuple[bool, ...]]:
        """Return the possible combinations of truth values, one tuple per combination; all combinations if it cannot be decided."""
        found: set[tuple[bool, ...]] = set()
        with suppress(TooManyCasesError):
            for case in self.iter_cases(conditions):
                found.add(tuple(condition.test(case) for condition in conditions))
                if len(found) == 2 ** len(conditions):
                    break
            return found
        outcomes = set(product((True, False), repeat=len(conditions)))
        for weaker, weakened in self._iter_weaker(conditions):
            outcomes &= weaker.find_outcomes(*weakened)
        return outcomes

    def _search_weaker(self, conditions: frozenset[Condition]) -> Case | type[TooManyCasesError] | None:
        """Search supersets of the possible cases. None proves that there is no case; a found case counts if stand-ins are not used."""
        found: Case | type[TooManyCasesError] | None = TooManyCasesError
        for weaker, weakened in self._iter_weaker(conditions):
            again = weaker._search(frozenset(weakened))
            if again is None:
                return None
            if weaker is self._without_limits:
                found = again
        return found

    def _iter_weaker(self, conditions: Iterable[Condition]) -> Iterator[tuple[Reachability, list[Condition]]]:
        """Yield (search over a superset of the possible cases, conditions adapted to it)."""
        conditions = list(conditions)
        if self.limits:
            yield self._without_limits, conditions
        if self.stand_ins:
            yield from ((weaker, self._weaken(conditions)) for weaker in (self._tied, self._weaker))

    @cached_property
    def _without_limits(self) -> Reachability:
        return replace(self, limits={}, owners={}, stand_ins={}, _found={})

    def _weaken(self, conditions: Iterable[Condition]) -> list[Condition]:
        return [weaken(condition, self.stand_ins) for condition in conditions]

    @cached_property
    def _tied(self) -> Reachability:
        """A copy with stand-ins; the stand-ins of sums must agree with the parts."""
        asked = (replace(each, guard=tuple(self._weaken(each.guard))) for each in self.asked_questions)
        variables = {**self.variables, **self.stand_ins}
        return replace(self, variables=variables, asked_questions=tuple(asked), stand_ins={}, _found={})

    @cached_property
    def _weaker(self) -> Reachability:
        """A copy with stand-ins that are independent of their parts."""
        return replace(self._tied, limits={}, owners={}, sums=(), _found={})

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
        domains = [self._list_domain(name, trees.get(name, ()), names) for name in names]
        search_steps = list(zip(names, domains, self._list_tests(names, trees), strict=True))
        yield from self._extend({}, search_steps, iter(range(self.limit)))

    def _list_domain(self, name: str, trees: Sequence[Tree], names: Collection[str]) -> list[Any]:
        values = list_values(self.variables[name], trees)[is_never_empty(name) :]
        if name == "institution" and self.limits and (ASSIGNED in names or "language" in names):
            return list_distinct(self.variables[name].codes, self.limits, values)
        if name != ASSIGNED or not self.apart:
            return values
        named = list_constants(trees)
        return [value for value in values if all(len(named & group & {*(value or ())}) < 2 for group in self.apart)]

    def _extend(self, case: Case, search_steps: Sequence[_SearchStep], tries: Iterator[int]) -> Iterator[Case]:
        """Yield the cases that extend this one. A case is dropped as soon as a test shows that routing excludes it."""
        if not search_steps:
            yield case
            return
        name, values, tests = search_steps[0]
        for value in values:
            if next(tries, None) is None:
                raise TooManyCasesError
            longer = case if value is None else {**case, name: value}
            if all(test(longer) for test in tests):
                yield from self._extend(longer, search_steps[1:], tries)

    def _list_tests(self, names: list[str], trees: Mapping[str, Sequence[Tree]]) -> list[list[_Test]]:
        """Return for each name the tests that can be evaluated once it has a value: guards, limits of institutions, sums."""
        at = {name: number for number, name in enumerate(names)}
        tests: list[list[_Test]] = [[] for _ in names]
        for name in names:
            needed = {other for condition in self._iter_guard_conditions([name]) for other in condition.names}
            tests[max(at[other] for other in (needed & at.keys()) | {name})].append(partial(self._is_asked, name))
        if self.limits and "institution" in at:
            named = {value for value in list_constants(trees.get(ASSIGNED, ())) if isinstance(value, str)}
            tests[max(at[name] for name in LIMITED if name in at)].append(partial(self._is_allowed, named))
        for derived in self.sums:
            if derived.code in at and at.keys() >= {*derived.parts}:
                last = max(at[name] for name in (derived.code, *derived.parts))
                tests[last].append(partial(is_possible_sum, derived, variables=self.variables, trees=trees))
        return tests

    def _is_asked(self, name: str, case: Case) -> bool:
        return name not in case or self._can_have(name, case[name], case)

    def _is_allowed(self, modules: Collection[str], case: Case) -> bool:
        limits = self.limits.get(case["institution"])
        return limits is None or limits.allows(case, modules)

    def _collect_dependencies(self, names: set[str]) -> list[str]:
        """Return the names and all variables that they depend on: background variables, then the others in reading order.

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
            asking |= {part for derived in self.sums if derived.code in fresh for part in derived.parts}
            asking |= {"institution"} if self.limits and ASSIGNED in fresh else set()
            fresh = (asking & self.variables.keys()) - found
        return sorted(found, key=lambda name: (self.asked_at.get(name, -1), name))

    def _iter_guard_conditions(self, names: Iterable[str]) -> Iterator[Condition]:
        for name in names:
            for guard in self.drawn_guards.get(name, ()):
                yield from guard
            yield from (option.when for option in self.variables[name].options if option.when)

    def _can_have(self, name: str, value: Any, case: Case) -> bool:
        guards = self.drawn_guards.get(name)
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
    owners = {
        id(section): _make_owner(institution.code, section.place)
        for institution in questionnaire.institutions.values()
        for section in institution.own_sections
    }
    return Reachability(
        variables,
        asked,
        stand_ins=map_stand_ins(questionnaire),
        modules=modules,
        apart=apart,
        limits=find_limits(questionnaire),
        owners=owners,
        sums=tuple(derived for derived in questionnaire.derived.values() if derived.kind == "sum"),
    )


def _make_owner(institution: str, place: Place) -> Condition:
    tree = Compare("==", Name("institution"), Constant(institution))
    return make_condition(format_condition(tree), tree, place)


def limit_variables(questionnaire: Questionnaire) -> dict[str, Variable]:
    """Return the variables, limited to the values that a condition on a later page can meet.

    A required part of a consent is always given there, and the number of modules is limited by the order's groups.
    """
    rules = list_rules(questionnaire)
    most = sum(rule.council + rule.institution + min(rule.random, 1) for rule in rules)
    variables = dict(questionnaire.variables)
    variables[ASSIGNED] = replace(variables[ASSIGNED], at_most=most)
    for section in questionnaire.all_sections:
        for item in (item for question in section.iter_questions() for item in question.items if item.required):
            agreed = tuple(option for option in variables[item.code].options if option.code == YES)
            variables[item.code] = replace(variables[item.code], options=agreed)
    return variables


def list_all_sections(questionnaire: Questionnaire) -> list[Section]:
    """Return all sections; a theme also as each institution has it in its blocks."""
    themes = [block.section for institution in questionnaire.institutions.values() for block in institution.blocks if block.theme]
    return [*questionnaire.all_sections, *themes]


def iter_asked_questions(sections: Iterable[Section]) -> Iterator[AskedQuestion]:
    for section in sections:
        for page in section.pages:
            for question in page.questions:
                guard = join_guard((), section.when, page.when, question.when, find_offer(question))
                yield AskedQuestion(section, page, question, guard)


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


def format_condition(tree: Tree, names: Mapping[Tree, str] | None = None) -> str:
    """Format a syntax tree in the condition language. A part that is a named condition is written as its name.

    >>> format_condition(Not(Or((Compare("==", Name("path"), Constant("bol")), Answered("q1")))))
    "not (path == 'bol' or answered(q1))"
    """
    parts = [_format_part(part, tree, names or {}) for part in list_operands(tree)]
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

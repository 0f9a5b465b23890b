"""Routing conditions: syntax trees, operators and their evaluation.

A variable without an answer is *empty*: with it, `==`, `in`, `<` and `>` are false, and its count is 0. `!=` and `not` are plain
negations, so every condition is true or false. To add an operator, add a record to OPERATORS, which parser, checks, search and
solver use; a test requires its truth table and its messages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias, cast

from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import Condition, Place, Values


@dataclass(frozen=True, slots=True)
class Name:
    code: str


@dataclass(frozen=True, slots=True)
class Count:
    code: str


@dataclass(frozen=True, slots=True)
class Constant:
    value: str | int | tuple[str | int, ...]


Operand: TypeAlias = Name | Count | Constant | Derived


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Answered:
    code: str


@dataclass(frozen=True, slots=True)
class Not:
    part: Tree


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Tree, ...]


Tree: TypeAlias = Compare | Answered | Not | And | Or


def _equal(left: Any, right: Any) -> bool:
    return left is not None and type(left) is type(right) and left == right


def _ordered(left: Any, right: Any) -> bool:
    return isinstance(left, int | Fraction) and isinstance(right, int | Fraction)


def _is_in(left: Any, right: Any) -> bool:
    return left is not None and isinstance(right, list | tuple | frozenset | set) and left in right


def _count(value: Any) -> int:
    return len(value) if isinstance(value, list | tuple) else 0


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison: its spelling, its meaning, and the values it distinguishes."""

    spelling: str
    """A sign such as `==`, or words separated by a space, which become keywords."""
    means: Callable[[Any, Any], bool]
    """Evaluates the comparison of two values; None stands for an empty variable."""
    compares: Literal["values", "numbers", "lists"] = "values"
    """The operand types: two values of any type, two numbers, or a value and a list."""
    opposite: str = ""
    """The spelling of the operator that is its plain negation, if there is one."""
    splits_at_constants: bool = False
    """Whether its result changes only at a constant (for numbers, also one below or above it), so that one value represents the values
    between two constants. If not, every value must be tried."""


OPERATORS: dict[str, Operator] = {
    operator.spelling: operator
    for operator in (
        Operator("==", _equal, "values", "!=", True),
        Operator("!=", lambda left, right: not _equal(left, right), "values", "==", True),
        Operator("<", lambda left, right: _ordered(left, right) and left < right, "numbers", "", True),
        Operator("<=", lambda left, right: _ordered(left, right) and left <= right, "numbers", "", True),
        Operator(">", lambda left, right: _ordered(left, right) and left > right, "numbers", "", True),
        Operator(">=", lambda left, right: _ordered(left, right) and left >= right, "numbers", "", True),
        Operator("in", _is_in, "lists", "not in", True),
        Operator("not in", lambda left, right: not _is_in(left, right), "lists", "in", True),
    )
}
"""Spelling → operator. `<` and `>=` are not opposites: for an empty variable both are false."""


def make_condition(source: str, tree: Tree, place: Place) -> Condition:
    return Condition(source, tree, frozenset(collect_variables(tree)), place, compile_test(tree))


def measure_tree(tree: Tree) -> tuple[int, int]:
    """Return the number of parts of the tree, and its depth."""
    match tree:
        case And(parts) | Or(parts):
            sizes = [measure_tree(part) for part in parts]
        case Not(part):
            sizes = [measure_tree(part)]
        case _:
            return 1, 1
    return 1 + sum(size for size, _ in sizes), 1 + max(depth for _, depth in sizes)


def collect_variables(tree: Tree) -> set[str]:
    """Return the codes of all variables that the tree uses."""
    match tree:
        case Answered(code):
            return {code}
        case Not(part):
            return collect_variables(part)
        case And(parts) | Or(parts):
            return set().union(*(collect_variables(part) for part in parts))
        case Compare(_, left, right):
            return {name for operand in (left, right) for name in list_names(operand)}


def list_names(operand: Operand) -> Collection[str]:
    """Return the codes of the variables that an operand uses."""
    match operand:
        case Constant():
            return ()
        case Derived():
            return operand.names
        case Name(code) | Count(code):
            return (code,)


def compile_test(tree: Tree) -> Callable[[Values], bool]:
    """Compile the tree to a function of known values; a missing variable is empty."""
    match tree:
        case Answered(code):
            return lambda values: values.get(code) is not None
        case Not(part):
            test = compile_test(part)
            return lambda values: not test(values)
        case And(parts):
            tests = [compile_test(part) for part in parts]
            return lambda values: all(test(values) for test in tests)
        case Or(parts):
            tests = [compile_test(part) for part in parts]
            return lambda values: any(test(values) for test in tests)
        case Compare(operator, left, right):
            apply, first, second = OPERATORS[operator].means, _getter(left), _getter(right)
            return lambda values: apply(first(values), second(values))


def _getter(operand: Operand) -> Callable[[Values], Any]:
    match operand:
        case Constant(value):
            return lambda values: value
        case Name(code):
            return lambda values: values.get(code)
        case Count(code):
            return lambda values: _count(values.get(code))
        case Derived():
            return operand.compute


NEVER = make_condition("never", Or(()), Place(""))
"""The condition that is always false."""


def all_of(conditions: Iterable[Condition | None]) -> Condition | None:
    """Return the conjunction of conditions; None stands for "always true", in the arguments and the result."""
    present = {condition.tree: condition for condition in conditions if condition}
    return NEVER if NEVER.tree in present else _join(list(present.values()), "and", And)


def any_of(conditions: Iterable[Condition | None]) -> Condition | None:
    """Return the disjunction of conditions; None (always true) if one of them is None, NEVER if there are no conditions."""
    present: dict[Tree, Condition] = {}
    for condition in conditions:
        if condition is None:
            return None
        present[condition.tree] = condition
    present.pop(NEVER.tree, None)
    return _join(list(present.values()), "or", Or) or NEVER


def _join(conditions: list[Condition], word: str, kind: type[And | Or]) -> Condition | None:
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    source = f" {word} ".join(f"({condition.source})" for condition in conditions)
    return make_condition(source, kind(tuple(condition.tree for condition in conditions)), conditions[0].place)


def evaluate_partially(condition: Condition, known: Values, unsettled: Container[str]) -> bool | None:
    """Evaluate a condition while some variables are unknown; return None if the result depends on them.

    Strong three-valued logic (Kleene 1952): `and` is false as soon as one part is, `or` true as soon as one part is.
    """
    if any(name in unsettled for name in condition.names):
        left = simplify_tree(condition.tree, known, unsettled)
        return left if isinstance(left, bool) else None
    return condition.test(known)


def simplify_tree(tree: Tree, known: Values, unsettled: Container[str]) -> Tree | bool:
    """Simplify a condition: replace all variables except the unsettled ones by their known values (a missing one is empty).

    >>> here = And((Compare("==", Name("path"), Constant("bol")), Answered("q1")))
    >>> simplify_tree(here, {"path": "bol"}, {"q1"}), simplify_tree(here, {"path": "bbl"}, {"q1"})
    (Answered(code='q1'), False)
    """
    match tree:
        case Not(part):
            left = simplify_tree(part, known, unsettled)
            return not left if isinstance(left, bool) else Not(left)
        case And(parts) | Or(parts):
            deciding = isinstance(tree, Or)
            found = [simplify_tree(part, known, unsettled) for part in parts]
            if any(part is deciding for part in found):
                return deciding
            open_parts = tuple(part for part in found if not isinstance(part, bool))
            return not deciding if not open_parts else open_parts[0] if len(open_parts) == 1 else type(tree)(open_parts)
        case Compare(operator, left, right) if any(name in unsettled for name in collect_variables(tree)):
            sides = (_settle(left, known, unsettled), _settle(right, known, unsettled))
            # a comparison with an empty operand has the same result for every other operand
            return OPERATORS[operator].means(None, None) if None in sides else Compare(operator, *cast(Any, sides))
        case _:
            return tree if any(name in unsettled for name in collect_variables(tree)) else compile_test(tree)(known)


def _settle(operand: Operand, known: Values, unsettled: Container[str]) -> Operand | None:
    """Replace a known variable or count by a constant; None if the variable is empty."""
    if isinstance(operand, Constant) or any(name in unsettled for name in list_names(operand)):
        return operand
    value = _getter(operand)(known)
    return None if value is None else Constant(tuple(value) if isinstance(value, list) else value)

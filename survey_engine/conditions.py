"""Routing conditions: parse them into a tree, evaluate them, name their variables.

One rule for what was not asked: its value is *empty*. Empty equals nothing, is in no list, is neither smaller nor
larger; `!=` and `not` are plain negation, so every condition is true or false. A new operator is one line in OPERATORS.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from survey_engine.model import Condition, Place, Values

MAX_NODES = 200


class ConditionError(Exception):
    """The author's condition cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Name:
    code: str


@dataclass(frozen=True, slots=True)
class Count:
    code: str


@dataclass(frozen=True, slots=True)
class Constant:
    value: str | int | tuple[str | int, ...]


Operand: TypeAlias = Name | Count | Constant


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
class Every:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Tree, ...]


Tree: TypeAlias = Compare | Answered | Not | Every | Some


def _equal(left: Any, right: Any) -> bool:
    return left is not None and type(left) is type(right) and left == right


def _ordered(left: Any, right: Any) -> bool:
    return isinstance(left, int) and isinstance(right, int)


def _among(left: Any, right: Any) -> bool:
    return left is not None and isinstance(right, list | tuple | frozenset | set) and left in right


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": lambda left, right: _ordered(left, right) and left < right,
    "<=": lambda left, right: _ordered(left, right) and left <= right,
    ">": lambda left, right: _ordered(left, right) and left > right,
    ">=": lambda left, right: _ordered(left, right) and left >= right,
    "in": _among,
    "not in": lambda left, right: not _among(left, right),
}
"""Symbol → its meaning for two values, either of which may be None: empty."""

_SYMBOLS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}


def parse_condition(source: str, place: Place, named: Mapping[str, Condition] | None = None) -> Condition:
    """Read an author's condition; names in `named` stand for other conditions.

    >>> intern = parse_condition("path == 'bol' and level >= 2", Place("a.yaml"))
    >>> sorted(intern.names), intern.test({"path": "bol", "level": 3}), intern.test({"path": "bol"})
    (['level', 'path'], True, False)

    Raises:
        ConditionError: with the reason in the author's words.
    """
    try:
        body = ast.parse(source.strip(), mode="eval").body
        if sum(1 for _ in ast.walk(body)) > MAX_NODES:
            raise ConditionError("it is too long; give a part of it a name under `conditions`")
        tree = _parse(body, named or {})
        return make_condition(source, tree, place)
    except SyntaxError as error:
        raise ConditionError(f"{error.msg} at character {error.offset or 1}") from None
    except (RecursionError, MemoryError, ValueError):
        raise ConditionError("it is nested too deeply or holds a strange character") from None


def make_condition(source: str, tree: Tree, place: Place) -> Condition:
    return Condition(source, tree, frozenset(name_variables(tree)), place, compile_test(tree))


def every(conditions: list[Condition | None]) -> Condition | None:
    """All of them together; None when there is nothing to hold."""
    present = [condition for condition in conditions if condition]
    if len(present) < 2:
        return present[0] if present else None
    source = " and ".join(f"({condition.source})" for condition in present)
    return make_condition(source, Every(tuple(condition.tree for condition in present)), present[0].place)


def _parse(node: ast.expr, named: Mapping[str, Condition]) -> Tree:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return Every(tuple(_parse(value, named) for value in values))
        case ast.BoolOp(op=ast.Or(), values=values):
            return Some(tuple(_parse(value, named) for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(_parse(operand, named))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _SYMBOLS:
            return Compare(_SYMBOLS[type(op)], _operand(left), _operand(right))
        case ast.Call(func=ast.Name(id="answered"), args=[ast.Name(id=code)], keywords=[]):
            return Answered(code)
        case ast.Name(id=code) if code in named:
            tree: Tree = named[code].tree
            return tree
        case ast.Name(id=code):
            raise ConditionError(f"'{code}' alone is no condition; compare it with a value, or name it under `conditions`")
        case ast.Compare(ops=[_, _, *_]):
            raise ConditionError("two comparisons in a row; join them with `and`")
    raise ConditionError(f"`{ast.unparse(node)[:60]}` is not part of the language")


def _operand(node: ast.expr) -> Operand:
    match node:
        case ast.Name(id=code):
            return Name(code)
        case ast.Constant(value=value) if isinstance(value, str | int) and not isinstance(value, bool):
            return Constant(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return Constant(-value)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            values = [_operand(element) for element in elements]
            if all(isinstance(value, Constant) and not isinstance(value.value, tuple) for value in values):
                return Constant(tuple(value.value for value in values))  # type: ignore[union-attr,misc]
        case ast.Call(func=ast.Name(id="count"), args=[ast.Name(id=code)], keywords=[]):
            return Count(code)
    raise ConditionError(f"`{ast.unparse(node)[:60]}` is neither a variable, a value nor a list of values")


def name_variables(tree: Tree) -> set[str]:
    """The codes of all variables that the tree looks at."""
    match tree:
        case Answered(code):
            return {code}
        case Not(part):
            return name_variables(part)
        case Every(parts) | Some(parts):
            return set().union(*(name_variables(part) for part in parts))
        case Compare(_, left, right):
            return {operand.code for operand in (left, right) if not isinstance(operand, Constant)}


def compile_test(tree: Tree) -> Callable[[Values], bool]:
    """The tree as a function of the values known so far; a variable that is missing there is empty."""
    match tree:
        case Answered(code):
            return lambda values: values.get(code) is not None
        case Not(part):
            test = compile_test(part)
            return lambda values: not test(values)
        case Every(parts):
            tests = [compile_test(part) for part in parts]
            return lambda values: all(test(values) for test in tests)
        case Some(parts):
            tests = [compile_test(part) for part in parts]
            return lambda values: any(test(values) for test in tests)
        case Compare(operator, left, right):
            apply, first, second = OPERATORS[operator], _getter(left), _getter(right)
            return lambda values: apply(first(values), second(values))


def _getter(operand: Operand) -> Callable[[Values], Any]:
    match operand:
        case Constant(value):
            return lambda values: value
        case Name(code):
            return lambda values: values.get(code)
        case Count(code):
            return lambda values: len(values[code]) if values.get(code) is not None else None

"""Conditions parsed with Python's own parser: true, false, or unknown while an answer is missing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from datetime import date
from fractions import Fraction
from statistics import mean
from typing import Any, TypeAlias

UNKNOWN = object()
Values: TypeAlias = Mapping[str, Any]
Test: TypeAlias = Callable[[Values, Collection[str]], bool | None]
"""Known values and undecided variables → result; None if it is not known yet."""


class Conditions:
    """The conditions of one questionnaire; named conditions are resolved at evaluation."""

    def __init__(self, named: Mapping[str, str], derived: Mapping[str, Mapping[str, list[str]]]) -> None:
        self._named, self._derived = named, derived
        self._read: dict[str, Test] = {}

    def read(self, source: str) -> Test:
        if source not in self._read:
            self._read[source] = self._test(ast.parse(source, mode="eval").body)
        return self._read[source]

    def _test(self, node: ast.expr) -> Test:
        match node:
            case ast.BoolOp(op, parts):
                return _join([self._test(part) for part in parts], isinstance(op, ast.Or))
            case ast.UnaryOp(ast.Not(), part):
                return _negate(self._test(part))
            case ast.Name(name):
                return self.read(self._named[name])
            case ast.Call(ast.Name("answered"), [ast.Name(name)]):
                return lambda known, coming: None if name in coming else known.get(name) is not None
            case ast.Compare(left, [op], [right]):
                return _compare(type(op).__name__, self._value(left), self._value(right))
        raise ValueError(ast.dump(node))

    def _value(self, node: ast.expr) -> Callable[[Values, Collection[str]], Any]:
        if isinstance(node, ast.Name) and node.id in self._derived:
            definition = self._derived[node.id]
            (parts,) = definition.values()
            return lambda known, coming: UNKNOWN if set(parts) & set(coming) else compute(definition, known)
        return _value(node)


def _join(tests: list[Test], deciding: bool) -> Test:
    def test(known: Values, coming: Collection[str]) -> bool | None:
        unsure = False
        for part in tests:
            verdict = part(known, coming)
            if verdict is deciding:
                return deciding
            unsure = unsure or verdict is None
        return None if unsure else not deciding

    return test


def any_of(ways: list[list[Test]]) -> Test:
    """Return whether all tests of one of the ways are true."""
    return _join([_join(tests, False) for tests in ways], True)


def _negate(part: Test) -> Test:
    def test(known: Values, coming: Collection[str]) -> bool | None:
        verdict = part(known, coming)
        return None if verdict is None else not verdict

    return test


def compute(definition: Mapping[str, list[str]], known: Values) -> Fraction | None:
    """Compute a derived value."""
    ((kind, parts),) = definition.items()
    given = [known[part] for part in parts if known.get(part) not in (None, "na", "dk", ["na"], ["dk"])]
    if kind == "years":
        if len(given) < 2:
            return None
        first, last = sorted(map(date.fromisoformat, given))
        years = last.year - first.year - ((last.month, last.day) < (first.month, first.day))
        return Fraction(years if [first.isoformat(), last.isoformat()] == given else -years)
    if not given:
        return None
    return Fraction(
        {"sum": sum, "mean": mean, "count": len}[kind]([Fraction(each) for each in given] if kind != "count" else given)
    )


def _value(node: ast.expr) -> Callable[[Values, Collection[str]], Any]:
    match node:
        case ast.Name(name):
            return lambda known, coming: UNKNOWN if name in coming else known.get(name)
        case ast.Call(ast.Name("count"), [ast.Name(name)]):
            return lambda known, coming: UNKNOWN if name in coming else len(known[name]) if known.get(name) else None
        case ast.Attribute(ast.Name(kind), code):  # an experiment
            return lambda known, coming: known.get(f"{kind}.{code}")
    constant = ast.literal_eval(node)
    return lambda known, coming: constant


def _compare(op: str, left: Callable[..., Any], right: Callable[..., Any]) -> Test:
    def test(known: Values, coming: Collection[str]) -> bool | None:
        one, other = left(known, coming), right(known, coming)
        return None if one is UNKNOWN or other is UNKNOWN else _holds(op, one, other)

    return test


def _holds(op: str, one: Any, other: Any) -> bool:
    """Compare: empty equals nothing, is in no list, and is neither smaller nor larger; a number never equals a word."""
    if op in ("Eq", "NotEq"):
        return (one is not None and type(one) is type(other) and one == other) is (op == "Eq")
    if op in ("In", "NotIn"):
        return (one is not None and isinstance(other, list | tuple) and one in other) is (op == "In")
    if not (isinstance(one, int | Fraction) and isinstance(other, int | Fraction)):
        return False
    return {"Lt": one < other, "LtE": one <= other, "Gt": one > other, "GtE": one >= other}[op]

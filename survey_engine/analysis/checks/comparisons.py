"""Comparisons in conditions: both sides must have the same type, and the variable must be able to have the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from survey_engine.model.conditions import OPERATORS, Compare, Constant, Count, Name, Operand
from survey_engine.model.derived import Derived
from survey_engine.model.messages import suggest_name
from survey_engine.model.questionnaire import Variable
from survey_engine.model.variables import can_have, format_domain

PlainOperand: TypeAlias = Name | Count | Constant
MessageFacts: TypeAlias = tuple[str, dict[str, object]]
"""A message code and its facts."""


def check_comparison(part: Compare, variables: Mapping[str, Variable]) -> Iterator[MessageFacts]:
    """Check one comparison. `references` reports unknown variables."""
    left, right, operator = part.left, part.right, part.operator
    yield from _check_repeats(right)
    if left == right and not isinstance(left, Constant):
        yield _reject(_name(left), "it is on both sides", "Compare it with a value, or with another variable")
        return
    if isinstance(left, Derived) or isinstance(right, Derived):
        yield from _check_derived(left, operator, right)
        return
    if any(isinstance(side, Name | Count) and side.code not in variables for side in (left, right)):
        return
    if isinstance(left, Constant) and isinstance(right, Constant):
        yield _reject("a value", "there is no variable in it", "Compare a variable with a value")
    elif OPERATORS[operator].compares == "lists":
        yield from _check_membership(left, right, variables)
    elif isinstance(left, Constant):
        yield from _check_relation(right, operator, left, variables)
    else:
        yield from _check_relation(left, operator, right, variables)


def _check_repeats(listed: Operand) -> Iterator[MessageFacts]:
    values = listed.value if isinstance(listed, Constant) and isinstance(listed.value, tuple) else ()
    for value in dict.fromkeys(value for value in values if values.count(value) > 1):
        yield "listed-twice", {"name": value}


def _name(operand: Operand) -> str:
    return "a value" if isinstance(operand, Constant) else operand.code


def _reject(name: str, detail: str, advice: str) -> MessageFacts:
    return "condition-type", {"name": f"'{name}'" if name != "a value" else name, "detail": detail, "advice": advice}


def _check_derived(left: Operand, operator: str, right: Operand) -> Iterator[MessageFacts]:
    """Check a comparison of a derived value: it can only be compared with numbers."""
    side, other = (left, right) if isinstance(left, Derived) else (right, left)
    values = other.value if isinstance(other, Constant) else ""
    listed = isinstance(values, tuple)
    numbers = all(isinstance(value, int) for value in (values if isinstance(values, tuple) else (values,)))
    if not numbers or listed != (OPERATORS[operator].compares == "lists") or (listed and side is right):
        code = side.code if isinstance(side, Derived) else ""
        yield _reject(code, "a derived value is compared with whole numbers", f"Write `{code} >= 3` or `{code} in [3, 4]`")


def _check_membership(left: PlainOperand, right: PlainOperand, variables: Mapping[str, Variable]) -> Iterator[MessageFacts]:
    if isinstance(right, Constant):
        if not isinstance(right.value, tuple):
            yield _reject("a value", "`in` needs a list", f"Write `in [{right.value!r}]`, or `==`")
        elif not isinstance(left, Constant):
            yield from _check_values(left, "in", right.value, variables)
    elif isinstance(right, Name) and variables[right.code].kind in ("text", "date"):
        yield from _check_kind(right, "in", variables)
    elif isinstance(right, Count) or variables[right.code].kind != "codes":
        advice = f"Write `{right.code} == …` or `{right.code} in [ … ]`"
        yield _reject(right.code, "only a question with several answers contains values", advice)
    elif isinstance(left, Constant):
        values = left.value if isinstance(left.value, tuple) else (left.value,)
        if isinstance(left.value, tuple):
            yield _reject(right.code, "a list is never in it", "Write `'…' in` for each value, joined with `or`")
        yield from _check_domain(variables[right.code], values)
    else:
        faults = list(_check_kind(left, "==", variables))
        yield from faults or _check_common_value(left, variables[right.code], variables)


def _check_relation(
    left: PlainOperand, operator: str, right: PlainOperand, variables: Mapping[str, Variable]
) -> Iterator[MessageFacts]:
    """Check a comparison with a variable or count on the left."""
    if isinstance(left, Constant):
        return
    if isinstance(right, Constant):
        if isinstance(right.value, tuple):
            yield _reject(left.code, f"`{operator}` with a list", "Use `in` with a list, `==` with one value")
        else:
            yield from _check_values(left, operator, (right.value,), variables)
        return
    kinds = []
    for side in (left, right):
        yield from _check_kind(side, operator, variables)
        kinds.append("number" if isinstance(side, Count) else variables[side.code].kind)
    if len(set(kinds)) > 1:
        yield _reject(left.code, f"it is a {kinds[0]}, {right.code} is a {kinds[1]}", "Compare two of a kind")
    elif isinstance(right, Name) and OPERATORS[operator].compares == "values":
        yield from _check_common_value(left, variables[right.code], variables)


def _check_common_value(left: Name | Count, right: Variable, variables: Mapping[str, Variable]) -> Iterator[MessageFacts]:
    """Report two variables that have no value in common, if one of them has codes."""
    one = variables[left.code]
    codes: Sequence[object] = range(len(one.codes) + 1) if isinstance(left, Count) else one.codes
    pairs = ((codes, right), (right.codes, one)) if isinstance(left, Name) else ((codes, right),)
    if right.kind not in ("text", "date") and any(c and not any(can_have(other, code) for code in c) for c, other in pairs):
        yield _reject(left.code, f"it has no value of {right.code}", "Compare two variables with the same values")


def _check_values(
    side: Name | Count, operator: str, values: tuple[str | int, ...], variables: Mapping[str, Variable]
) -> Iterator[MessageFacts]:
    """Check a comparison of a variable or count with values."""
    variable = variables[side.code]
    faults = list(_check_kind(side, operator, variables))
    yield from faults
    if faults:
        return
    if isinstance(side, Name) and OPERATORS[operator].compares != "numbers":
        yield from _check_domain(variable, values)
    elif not all(isinstance(value, int) for value in values):
        yield _reject(side.code, f"`{operator}` needs a number", "Compare with a whole number, without quotes")


def _check_kind(side: Name | Count, operator: str, variables: Mapping[str, Variable]) -> Iterator[MessageFacts]:
    code, kind = side.code, variables[side.code].kind
    points = [option.code for option in variables[side.code].options if not option.outside_scale]
    if isinstance(side, Count):
        if kind != "codes":
            yield _reject(code, "only several answers can be counted", f"Compare {code} itself")
    elif kind in ("text", "date"):
        years = f", or compare its years: `derived: {{age: {{years: [{code}, today]}}}}` in questionnaire.yaml, then `age >= 18`"
        yield _reject(
            code, f"a {kind} can only be answered or empty", f"Write `answered({code})`{years if kind == 'date' else ''}"
        )
    elif kind == "codes":
        yield _reject(code, "it has several answers", f"Write `('…' in {code})` or `count({code}) >= …`")
    elif (
        kind == "code" and OPERATORS[operator].compares == "numbers" and points and all(isinstance(each, str) for each in points)
    ):
        yield _reject(code, "its codes are words", "Use `==` or `in`")


def _check_domain(variable: Variable, values: tuple[str | int, ...]) -> Iterator[MessageFacts]:
    for value in values:
        if not can_have(variable, value):
            guess = suggest_name(str(value), map(str, variable.codes))
            if isinstance(value, str) and value.removeprefix("-").isdigit() and can_have(variable, int(value)):
                guess = ": numbers are written without quotes"
            yield "condition-value", {"value": value, "name": variable.code, "meant": guess, "known": format_domain(variable)}

"""Evaluation of conditions: a truth table for every operator, including empty."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.language.condition_parser import parse_condition
from survey_engine.model.conditions import (
    NEVER,
    OPERATORS,
    Compare,
    Constant,
    Count,
    all_of,
    any_of,
    collect_variables,
    compile_test,
    evaluate_partially,
    make_condition,
    measure_tree,
    simplify_tree,
)
from survey_engine.model.derived import TODAY, Derived
from survey_engine.model.questionnaire import Condition, Place

HERE = Place("a.yaml", 3)


def parse(source: str) -> Condition:
    return parse_condition(source, HERE)


def test(source: str, **values: Any) -> bool:
    return parse(source).test(values)


test.__test__ = False  # type: ignore[attr-defined]

EMPTY = None
TRUTH: dict[str, list[tuple[Any, Any, bool]]] = {
    "==": [
        ("bol", "bol", True),
        ("bol", "bbl", False),
        (3, 3, True),
        (3, 4, False),
        (3, "3", False),
        (EMPTY, "bol", False),
        ("bol", EMPTY, False),
        (EMPTY, EMPTY, False),
    ],
    "!=": [
        ("bol", "bol", False),
        ("bol", "bbl", True),
        (3, 3, False),
        (3, 4, True),
        (3, "3", True),
        (EMPTY, "bol", True),
        ("bol", EMPTY, True),
        (EMPTY, EMPTY, True),
    ],
    "<": [(2, 3, True), (3, 3, False), (4, 3, False), ("na", 3, False), (3, "na", False), (EMPTY, 3, False), (3, EMPTY, False)],
    "<=": [(2, 3, True), (3, 3, True), (4, 3, False), ("na", 3, False), (3, "na", False), (EMPTY, 3, False), (3, EMPTY, False)],
    ">": [(2, 3, False), (3, 3, False), (4, 3, True), ("na", 3, False), (3, "na", False), (EMPTY, 3, False), (3, EMPTY, False)],
    ">=": [(2, 3, False), (3, 3, True), (4, 3, True), ("na", 3, False), (3, "na", False), (EMPTY, 3, False), (3, EMPTY, False)],
    "in": [
        ("a", ["a", "b"], True),
        ("c", ["a", "b"], False),
        (1, [1, 2], True),
        (1, ["1"], False),
        ("a", [], False),
        (EMPTY, ["a"], False),
        ("a", EMPTY, False),
        (EMPTY, EMPTY, False),
        ("a", "abc", False),
    ],
    "not in": [
        ("a", ["a", "b"], False),
        ("c", ["a", "b"], True),
        (1, [1, 2], False),
        (1, ["1"], True),
        ("a", [], True),
        (EMPTY, ["a"], True),
        ("a", EMPTY, True),
        (EMPTY, EMPTY, True),
        ("a", "abc", True),
    ],
}


@pytest.mark.parametrize(("operator", "left", "right", "expected"), [(op, *row) for op, rows in TRUTH.items() for row in rows])
def test_each_operator_follows_its_truth_table(operator: str, left: Any, right: Any, expected: bool) -> None:
    assert OPERATORS[operator].means(left, right) is expected
    assert test(f"one {operator} other", one=left, other=right) is expected


def test_every_operator_has_a_truth_table_with_empty_on_each_side() -> None:
    assert TRUTH.keys() == OPERATORS.keys()
    for rows in TRUTH.values():
        assert any(left is EMPTY for left, _, _ in rows) and any(right is EMPTY for _, right, _ in rows)


values = st.none() | st.integers(-3, 3) | st.sampled_from(["a", "b", "na"]) | st.lists(st.sampled_from(["a", "b", 1]), max_size=2)


@given(values, values)
def test_not_is_plain_negation(left: Any, right: Any) -> None:
    known = {"one": left, "other": right}
    for operator, record in OPERATORS.items():
        if record.opposite:
            assert test(f"one {operator} other", **known) is not test(f"one {record.opposite} other", **known)
        assert test(f"one {operator} other", **known) is not test(f"not one {operator} other", **known)


@given(values, st.sampled_from(["==", "<", "<=", ">", ">="]))
def test_empty_equals_nothing_and_is_neither_smaller_nor_larger(other: Any, operator: str) -> None:
    assert not test(f"gone {operator} other", other=other)
    assert not test(f"other {operator} gone", other=other)


@pytest.mark.parametrize(("value", "expected"), [(None, False), ("a", True), (0, True), (["a"], True), ("", True), ([], True)])
def test_answered_is_true_for_every_value_except_empty(value: Any, expected: bool) -> None:
    assert test("answered(q)", q=value) is expected
    assert test("answered(q)") is False


def test_the_count_of_an_empty_variable_is_zero() -> None:
    assert test("count(q) >= 2", q=["a", "b"]) and not test("count(q) >= 2", q=["a"])
    assert test("count(q) == 0", q=[])
    for operator in ("==", "<=", ">="):
        assert test(f"count(q) {operator} 0")
    assert not test("count(q) != 0") and test("count(q) < 2") and test("not answered(q)")
    assert test("count(q) in [1, 2]", q=["a"]) and not test("count(q) in [1, 2]")
    assert test("count(one) < count(other)", one=["a"], other=["a", "b"])


def test_a_value_may_be_compared_with_several_answers() -> None:
    assert test("'money' in barriers", barriers=["time", "money"])
    assert not test("'money' in barriers", barriers=["time"])
    assert not test("'money' in barriers")
    assert test("'money' not in barriers")


@pytest.mark.parametrize("a", [True, False])
@pytest.mark.parametrize("b", [True, False])
@pytest.mark.parametrize("c", [True, False])
def test_not_binds_before_and_before_or(a: bool, b: bool, c: bool) -> None:
    known: dict[str, Any] = {"a": a or None, "b": b or None, "c": c or None}
    table = {
        "A and B": a and b,
        "A or B": a or b,
        "not A": not a,
        "A or B and C": a or (b and c),
        "(A or B) and C": (a or b) and c,
        "not A and B": (not a) and b,
        "not (A and B)": not (a and b),
        "not A or not B": not (a and b),
        "not not A": a,
        "A and B or C and A": (a and b) or (c and a),
        "A and B and C": a and b and c,
    }
    for source, expected in table.items():
        assert test(re.sub("[ABC]", lambda letter: f"answered({letter[0].lower()})", source), **known) is expected, source


def test_a_condition_has_the_names_of_its_variables() -> None:
    condition = parse("a == 1 and (answered(b) or not ('x' in c)) and count(d) > 1 and e in [1]")
    assert condition.names == frozenset("abcde")
    assert condition.source.startswith("a == 1") and condition.place == HERE


def test_a_derived_value_has_the_names_of_its_parts_in_a_condition() -> None:
    age, total = Derived("age", "years", ("born", TODAY)), Derived("total", "sum", ("x", "y"))
    both = make_condition("age > total", Compare(">", age, total), HERE)
    assert both.names == {"born", "x", "y"} and both.test({"born": "2000-01-01", TODAY: "2026-01-01", "x": 20, "y": 5})
    assert make_condition("count(q) == 1", Compare("==", Count("q"), Constant(1)), HERE).names == {"q"}


def test_all_of_is_the_conjunction() -> None:
    both = all_of([parse("a == 1"), None, parse("b == 2 or b == 3")])
    assert both and both.test({"a": 1, "b": 3}) and not both.test({"a": 1}) and not both.test({"b": 3})
    assert both.source == "(a == 1) and (b == 2 or b == 3)"
    assert parse(both.source).tree == both.tree
    assert all_of([None, None]) is None
    only = parse("a == 1")
    assert all_of([None, only]) is only


def test_never_is_absorbing_in_all_of_and_neutral_in_any_of() -> None:
    only, other = parse("a == 1"), parse("b == 2")
    either = any_of([only, NEVER, other, only])

    assert all_of([only, NEVER]) is NEVER
    assert (any_of([NEVER]), any_of([]), any_of([only, None]), any_of([only, NEVER])) == (NEVER, NEVER, None, only)
    assert either and (either.source, either.place) == ("(a == 1) or (b == 2)", only.place)
    assert [either.test({"a": a, "b": b}) for a, b in ((1, 0), (0, 2), (0, 0))] == [True, True, False]


def test_the_size_of_a_tree_is_its_parts_and_its_depth() -> None:
    assert measure_tree(parse("a == 1").tree) == (1, 1)
    assert measure_tree(parse("a == 1 and not (b == 1 or c == 1)").tree) == (6, 4)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a == 1", True),
        ("b == 1", None),
        ("b == c", False),
        ("b != c", True),
        ("b < c", False),
        ("c in b", False),
        ("b not in c", True),
        ("b > a", None),
        ("not b == 1", None),
        ("answered(b)", None),
        ("count(b) >= 1", None),
        ("a == 2 and b == 1", False),
        ("a == 1 and b == 1", None),
        ("a == 1 or b == 1", True),
        ("a == 2 or b == 1", None),
        ("not (a == 2 and b == 1)", True),
        ("c == 1 or b != 1 and a == 2", False),
    ],
)
def test_a_condition_is_decided_if_open_answers_cannot_change_it(source: str, expected: bool | None) -> None:
    assert evaluate_partially(parse(source), {"a": 1}, {"b"}) is expected


@given(
    st.recursive(
        st.sampled_from(["a == 1", "b != 1", "answered(c)", "b == c"]),
        lambda part: st.one_of(part.map("not ({})".format), st.tuples(part, st.sampled_from(["and", "or"]), part).map(" ".join)),
        max_leaves=5,
    ),
    st.dictionaries(st.sampled_from("bc"), st.integers(0, 1)),
)
def test_a_decided_condition_stays_so_whatever_is_answered(source: str, answers: dict[str, int]) -> None:
    verdict = evaluate_partially(parse(source), {"a": 1}, {"b", "c"})
    assert verdict is None or verdict is parse(source).test({"a": 1, **answers})


@given(
    st.recursive(
        st.sampled_from(["a == 1", "b < a", "a >= b", "b in c", "a != b", "answered(b)", "count(c) > b", "b == 'x'", "a in c"]),
        lambda part: st.one_of(part.map("not ({})".format), st.tuples(part, st.sampled_from(["and", "or"]), part).map(" ".join)),
        max_leaves=5,
    ),
    st.dictionaries(st.sampled_from("a"), st.integers(0, 3)),
    st.dictionaries(st.sampled_from("c"), st.lists(st.integers(0, 3), unique=True)),
    st.dictionaries(st.sampled_from("b"), st.integers(0, 3)),
)
def test_what_is_left_of_a_condition_decides_as_the_whole(source: str, a: Any, c: Any, b: Any) -> None:
    """The page has what is left, without the values of earlier answers."""
    whole = parse(source)
    left = simplify_tree(whole.tree, {**a, **c}, {"b"})
    assert isinstance(left, bool) or collect_variables(left) <= {"b"}
    assert (left if isinstance(left, bool) else compile_test(left)(b)) is whole.test({**a, **b, **c})

"""The condition parser: syntax trees, limits, and messages for authors."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.analysis.reachability import format_condition
from survey_engine.language.condition_parser import MAX_LENGTH, MAX_NESTING, MAX_PARTS, ConditionError, parse_condition
from survey_engine.model.conditions import And, Answered, Compare, Constant, Count, Name, Not, Or
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import Condition, Place

HERE = Place("a.yaml")


def parse(source: str, **named: Condition) -> Condition:
    return parse_condition(source, HERE, named)


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("path == 'bol'", Compare("==", Name("path"), Constant("bol"))),
        ('path=="bol"', Compare("==", Name("path"), Constant("bol"))),
        ("2 <= level", Compare("<=", Constant(2), Name("level"))),
        ("level > -3", Compare(">", Name("level"), Constant(-3))),
        ("level in [3, 4]", Compare("in", Name("level"), Constant((3, 4)))),
        ("level in [3,\n 4,]", Compare("in", Name("level"), Constant((3, 4)))),
        ("level in []", Compare("in", Name("level"), Constant(()))),
        ("level not in ['a']", Compare("not in", Name("level"), Constant(("a",)))),
        ("'x' in q", Compare("in", Constant("x"), Name("q"))),
        ("count(q) != 2", Compare("!=", Count("q"), Constant(2))),
        ("answered(q)", Answered("q")),
        ("not answered(q)", Not(Answered("q"))),
        ("((answered(q)))", Answered("q")),
        ("answered(a) and answered(b) or answered(c)", Or((And((Answered("a"), Answered("b"))), Answered("c")))),
        ("answered_all == 1", Compare("==", Name("answered_all"), Constant(1))),
        ("class == 'x'", Compare("==", Name("class"), Constant("x"))),
    ],
)
def test_a_condition_is_parsed_into_its_syntax_tree(source: str, tree: object) -> None:
    assert parse(source).tree == tree


def test_a_name_under_conditions_stands_for_its_condition() -> None:
    intern = parse("path == 'bol' and level >= 2")
    assert parse("not intern", intern=intern).tree == Not(intern.tree)
    assert parse("intern or level == 1", intern=intern).names == {"path", "level"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "found the end instead of a variable or a value"),
        ("   ", "found the end instead of"),
        ("path = 'bol'", "compared with `==`"),
        ("level => 2", "write `level >= 2`"),
        ("path == 'bol", "never closed"),
        ("path == ‘bol’", "quotes are"),
        ("path == “bol”", "quotes are"),
        ("path == 'bol' & level == 2", "write `and`"),
        ("path == 'bol' || level == 2", "write `path == 'bol' or level == 2`"),
        ("!intern", "write `not`"),
        ("path == 'bol' AND level == 2", "instead of `AND` write `and`"),
        ("path == 'bol' en level == 2", "instead of `en` write `and`"),
        ("path == 'bol' of level == 2", "instead of `of` write `or`"),
        ("niet path == 'bol'", "instead of `niet` write `not`"),
        ("NOT path == 'bol'", "instead of `NOT` write `not`"),
        ("level IN [2, 3]", "instead of `IN` write `in`"),
        ("path == 'bol' level == 2", "found `level` instead of `and`, `or` or the end"),
        ("1 < level < 3", "two comparisons in a row"),
        ("level", "`level` alone is no condition"),
        ("not level", "`level` alone is no condition"),
        ("(level)", "`level` alone is no condition"),
        ("level and path == 'bol'", "`level` alone is no condition"),
        ("experiment.frame", "alone is no condition; compare it"),
        ("if level", "`if` has no meaning here; begin with `level`"),
        ("'bol'", "`'bol'` alone is no condition"),
        ("level != 'ad' and 'ma'", "`'ma'` alone is no condition"),
        ("count(q)", "found the end instead of `==`"),
        ("level == 2 and", "found the end instead of"),
        ("(level == 2", "found the end instead of `)`"),
        ("level == 2)", "found `)` instead of `and`, `or` or the end"),
        ("level in [3, path]", "found `path` instead of a number or a code in quotes"),
        ("level in [3 4]", "found `4` instead of `]`"),
        ("level in [3, 4", "found the end instead of `]`"),
        ("level == 2.5", "numbers are whole"),
        ("level + 1 == 2", "no meaning"),
        ("level\u200b == 2", "zero width space (U+200B)"),
        ("len(q) > 1", "found `(` instead of"),
        ("answered q", "write `answered(q)`"),
        ("answered(q", "found the end instead of `)`"),
        ("count(q, r) > 1", "found `,` instead of `)`"),
        ("path is 'bol'", "instead of `is` write `==`"),
        ("__import__('os').system('x')", "found `(` instead of"),
        ("level == and", "found `and` instead of a variable"),
        ("level == 2 # or so", "`#`"),
        ("f'{x}' == 1", "instead of"),
    ],
)
def test_an_invalid_condition_is_explained_to_the_author(source: str, said: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(source)
    assert said in str(caught.value)


def test_a_message_quotes_the_tokens_before_the_error() -> None:
    with pytest.raises(ConditionError, match="after `== 2`"):
        parse("path == 'bol' and level == 2 level")


def test_a_condition_is_bounded_in_length_depth_and_parts() -> None:
    with pytest.raises(ConditionError, match="longer"):
        parse("answered(a) or " * 100 + "answered(a)")
    with pytest.raises(ConditionError, match="deeper"):
        parse("(" * (MAX_NESTING + 1) + "answered(a)" + ")" * (MAX_NESTING + 1))
    with pytest.raises(ConditionError, match="deeper"):
        parse("not " * (MAX_NESTING + 1) + "answered(a)")
    with pytest.raises(ConditionError):
        parse("(" * (MAX_LENGTH - 1))


def test_the_size_of_nested_named_conditions_is_limited() -> None:
    named = {"c0": parse("answered(a)")}
    with pytest.raises(ConditionError, match="write it shorter"):
        for number in range(40):
            named[f"c{number + 1}"] = parse(f"c{number} and not c{number}", **named)
    assert len(named) < 10 and MAX_PARTS < 1000


def test_the_depth_of_nested_named_conditions_is_limited() -> None:
    named = {"c0": parse("answered(a)")}
    with pytest.raises(ConditionError, match="deep"):
        for number in range(2 * MAX_NESTING):
            named[f"c{number + 1}"] = parse(f"not c{number}", **named)


PIECES = [
    "a",
    "b",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not",
    "and",
    "or",
    "(",
    ")",
    "[",
    "]",
    ",",
    "1",
    "'x'",
    "count",
    "answered",
]


@given(st.text(max_size=60) | st.lists(st.sampled_from([*PIECES, "=", "’", "é"]), max_size=25).map(" ".join))
def test_any_text_is_a_condition_or_an_error_with_a_reason(source: str) -> None:
    try:
        condition = parse(source)
    except ConditionError as error:
        assert str(error)
    else:
        for known in ({}, {"a": 1, "b": ["x"]}, {"a": ["x"], "b": "x"}):
            assert condition.test(known) in (True, False)


names = st.sampled_from(["a", "b", "c1"])
values = st.integers(-9, 9) | st.sampled_from(["x", "y_2"])
operands = names.map(Name) | names.map(Count) | values.map(Constant)
comparisons = st.builds(Compare, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), operands, operands) | st.builds(
    Compare, st.sampled_from(["in", "not in"]), operands, st.lists(values, max_size=3).map(tuple).map(Constant)
)
trees = st.recursive(
    comparisons | names.map(Answered),
    lambda parts: (
        st.builds(Not, parts)
        | st.lists(parts, min_size=2, max_size=3).map(tuple).map(And)
        | st.lists(parts, min_size=2, max_size=3).map(tuple).map(Or)
    ),
    max_leaves=12,
)


@given(trees)
def test_a_formatted_tree_parses_to_the_same_tree(tree: object) -> None:
    assert parse(format_condition(tree)).tree == tree  # type: ignore[arg-type]


SPENT = {"spent": Derived("spent", "sum", ("rent", "food")), "age": Derived("age", "years", ("born", "today"))}


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("spent == ''", "not (answered(rent) or answered(food))"),
        ("spent != ''", "(answered(rent) or answered(food))"),
        ("age == null", "not (answered(born))"),
        ("level >= 2 and answered(spent)", "(answered(rent) or answered(food))"),
    ],
)
def test_the_advice_for_an_empty_derived_value_is_in_the_language(source: str, meant: str) -> None:
    with pytest.raises(ConditionError, match=re.escape(f"write `{meant}`")):
        parse_condition(source, HERE, derived=SPENT)
    assert parse_condition(meant, HERE, derived=SPENT).names <= {"rent", "food", "born"}


@pytest.mark.parametrize("name", ["experiment.frame", "language", "institution"])
def test_a_variable_that_is_never_empty_is_not_to_be_tested(name: str) -> None:
    with pytest.raises(ConditionError) as raised:
        parse_condition(name, HERE)
    assert "answered" not in str(raised.value)

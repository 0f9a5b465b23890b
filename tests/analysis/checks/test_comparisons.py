"""Both sides of a comparison have the same type, and the value is one that the variable can have."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.comparisons import check_comparison
from survey_engine.language.condition_parser import parse_condition
from survey_engine.model.conditions import Compare
from survey_engine.model.questionnaire import Place, ResponseOption, Text, Variable
from tests.writing import write_questions

HERE = Place("a.yaml")


def options(*codes: str | int) -> tuple[ResponseOption, ...]:
    return tuple(ResponseOption(code, Text(str(code), {}, HERE)) for code in codes)


VARIABLES = {
    variable.code: variable
    for variable in (
        Variable("path", "code", options=options("bol", "bbl")),
        Variable("other_path", "code", options=options("bol", "bbl")),
        Variable("level", "number", low=1, high=4),
        Variable("agree", "number", options=options(1, 2, 3, "na")),
        Variable("barriers", "codes", options=options("money", "time")),
        Variable("paths", "codes", options=options("bol", "none")),
        Variable("years", "number", low=2000, high=2026),
        Variable("story", "text"),
        Variable("started", "date"),
    )
}


def judge(source: str) -> list[tuple[str, str]]:
    tree = parse_condition(source, HERE).tree
    assert isinstance(tree, Compare)
    return [(code, " ".join(map(str, facts.values()))) for code, facts in check_comparison(tree, VARIABLES)]


@pytest.mark.parametrize(
    "source",
    [
        "path == 'bol'",
        "'bol' != path",
        "path in ['bol', 'bbl']",
        "path == other_path",
        "level == 4",
        "level in [1, 2]",
        "2 <= level",
        "level < agree",
        "agree == 'na'",
        "agree in [1, 'na']",
        "agree >= 2",
        "'money' in barriers",
        "'time' not in barriers",
        "path in paths",
        "level < years",
        "count(barriers) > 1",
        "count(barriers) == level",
        "count(barriers) in [0, 2]",
        "nobody == 3",
        "level == nobody",
        "level > 3",
    ],
)
def test_valid_comparisons_are_allowed(source: str) -> None:
    assert judge(source) == []


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("path == 'bool'", "condition-value", "did you mean 'bol'?"),
        ("path in ['bol', 'x']", "condition-value", "x path"),
        ("'x' in barriers", "condition-value", "money, time"),
        ("level == 5", "condition-value", "1 to 4"),
        ("level == '3'", "condition-value", "numbers are written without quotes"),
        ("agree == '2'", "condition-value", "numbers are written without quotes"),
        ("path == 3", "condition-value", "bbl, bol"),
        ("level == 'na'", "condition-value", "1 to 4"),
        ("'a' == 'b'", "condition-type", "no variable"),
        ("'a' in ['b']", "condition-type", "no variable"),
        ("path < 'bol'", "condition-type", "its codes are words"),
        ("level < 'a'", "condition-type", "needs a number"),
        ("level == [1, 2]", "condition-type", "Use `in` with a list"),
        ("level in 3", "condition-type", "Write `in [3]`"),
        ("path in 'bol'", "condition-type", "Write `in ['bol']`"),
        ("'bol' in path", "condition-type", "only a question with several answers"),
        ("1 in count(barriers)", "condition-type", "only a question with several answers"),
        ("[1] in barriers", "condition-type", "a list is never in it"),
        ("barriers == 'money'", "condition-type", "it has several answers"),
        ("barriers in ['money']", "condition-type", "it has several answers"),
        ("barriers in barriers", "condition-type", "it is on both sides"),
        ("level == level", "condition-type", "it is on both sides"),
        ("count(barriers) <= count(barriers)", "condition-type", "it is on both sides"),
        ("path in barriers", "condition-type", "no value of barriers"),
        ("level in barriers", "condition-type", "no value of barriers"),
        ("agree == years", "condition-type", "no value of years"),
        ("path in story", "condition-type", "answered(story)"),
        ("'kids' in story", "condition-type", "answered(story)"),
        ("1 in started", "condition-type", "answered(started)"),
        ("path in ['bol', 'bol']", "listed-twice", "bol"),
        ("level not in [1, 2, 1]", "listed-twice", "1"),
        ("story in barriers", "condition-type", "answered(story)"),
        ("story == 'x'", "condition-type", "answered(story)"),
        ("started > 3", "condition-type", "answered(started)"),
        ("started < 2001-01-31", "condition-type", "years: [started, today]"),
        ("started < '2001-01-31'", "condition-type", "years: [started, today]"),
        ("started in [31-01-2001]", "condition-type", "years: [started, today]"),
        ("level == 2001-01-31", "condition-value", "1 to 4"),
        ("level > 2001-01-31", "condition-type", "needs a number"),
        ("count(level) > 1", "condition-type", "only several answers can be counted"),
        ("count(barriers) > 'a'", "condition-type", "needs a number"),
        ("count(barriers) in ['a']", "condition-type", "needs a number"),
        ("path == level", "condition-type", "it is a code, level is a number"),
        ("level == count(story)", "condition-type", "only several answers can be counted"),
        ("path < other_path", "condition-type", "its codes are words"),
    ],
)
def test_invalid_comparisons_are_reported_with_a_remedy(source: str, code: str, said: str) -> None:
    found = judge(source)
    assert any(code == c and said in facts for c, facts in found), found


def test_the_problem_has_the_place_of_the_condition(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- mark: m\n  text: M?\n  when: «level == 7").find("condition-value")
    assert str(problem).endswith("'7' is not a value of level. Its values: 1 to 4. [condition-value]")
    assert write_questions(tmp_path / "type", "- mark: m\n  text: M?\n  when: «path > 1").find("condition-type")

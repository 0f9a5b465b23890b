"""Reachability: the search for cases is exhaustive, or raises an error."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.analysis.reachability import Reachability, find_reachability, format_condition
from survey_engine.analysis.tried_values import TooManyCasesError, list_values
from survey_engine.language.condition_parser import parse_condition
from survey_engine.model.questionnaire import Place, ResponseOption, Text, Variable
from tests.writing import write_sections

HERE = Place("a.yaml")


def make_option(code: str | int, *, exclusive: bool = False) -> ResponseOption:
    return ResponseOption(code, Text(str(code), {}, HERE), exclusive=exclusive)


def make_variables() -> dict[str, Variable]:
    numbers = tuple(make_option(number) for number in range(1, 4))
    hobbies = (make_option("music"), make_option("sport"), make_option("games"), make_option("none", exclusive=True))
    colours = tuple(make_option(code) for code in ("red", "green", "blue", "grey"))
    return {
        "path": Variable("path", "code", options=(make_option("bol"), make_option("bbl")), origin="background"),
        "level": Variable("level", "number", low=1, high=4, origin="background"),
        "age": Variable("age", "number", low=0, high=120, origin="background"),
        "happy": Variable("happy", "number", options=numbers),
        "colour": Variable("colour", "code", options=colours),
        "hobbies": Variable("hobbies", "codes", options=hobbies),
        "wishes": Variable("wishes", "codes", options=colours),
        "story": Variable("story", "text"),
    }


REACH = Reachability(make_variables(), ())


def find(*sources: str) -> dict[str, Any] | None:
    return REACH.find_case([parse_condition(source, HERE) for source in sources])


@pytest.mark.parametrize(
    ("sources", "possible"),
    [
        (["path == 'bol'", "path == 'bbl'"], False),
        (["path == 'bol'", "not (path == 'bbl')"], True),
        (["level >= 3", "level < 3"], False),
        (["level >= 3", "level < 4"], True),
        (["age > 26", "age < 28"], True),
        (["age > 26", "age < 27"], False),
        (["not answered(level)", "level != 2"], True),
        (["not answered(level)", "level < 2"], False),
        (["'music' in hobbies", "'none' in hobbies"], False),
        (["'music' in hobbies", "count(hobbies) >= 3"], True),
        (["count(hobbies) > 2"], True),
        (["count(hobbies) >= 4"], False),
        (["not ('music' in hobbies)", "count(hobbies) >= 3"], False),
        (["answered(story)", "happy == 3"], True),
        (["count(hobbies) > count(wishes)", "count(wishes) == 2"], True),
        (["colour in wishes", "colour == 'grey'"], True),
        (["colour in wishes", "'grey' not in wishes", "colour == 'grey'"], False),
        (["colour not in ['red', 'green', 'blue', 'grey']", "answered(colour)"], False),
    ],
)
def test_a_case_is_found_exactly_when_there_is_one(sources: list[str], possible: bool) -> None:
    case = find(*sources)

    assert (case is not None) == possible
    assert case is None or all(parse_condition(source, HERE).test(case) for source in sources)


def test_one_unnamed_value_represents_all_others() -> None:
    tree = parse_condition("colour == 'red'", HERE).tree

    assert list_values(make_variables()["colour"], [tree]) == [None, "red", "green"]


@given(
    st.lists(
        st.sampled_from(
            ["path == 'bol'", "path != 'bbl'", "level <= 2", "level > 3", "happy in [1, 3]", "happy >= level", "answered(happy)"]
        ),
        min_size=1,
        max_size=4,
    )
)
def test_the_search_agrees_with_trying_every_value(sources: list[str]) -> None:
    conditions = [parse_condition(source, HERE) for source in sources]
    everything = product([None, "bol", "bbl"], [None, 1, 2, 3, 4], [None, 1, 2, 3])
    truth = any(
        all(condition.test({"path": path, "level": level, "happy": happy}) for condition in conditions)
        for path, level, happy in everything
    )

    assert (REACH.find_case(conditions) is not None) == truth


def test_too_many_cases_raise_an_error() -> None:
    narrow = Reachability(make_variables(), (), limit=3)

    with pytest.raises(TooManyCasesError):
        narrow.find_case([parse_condition("path == 'bol' and level == 1", HERE)])


def test_comparing_two_wide_ranges_is_too_many_cases() -> None:
    variables = {**make_variables(), "score": Variable("score", "number", low=0, high=1000)}

    with pytest.raises(TooManyCasesError):
        Reachability(variables, ()).find_case([parse_condition("age == score", HERE)])


def test_an_unasked_question_has_no_answer(tmp_path: Path) -> None:
    questionnaire = write_sections(
        tmp_path,
        """
        section: main
        pages:
          - page: one
            when: path == 'bol'
            questions: [{yes_no: job, text: Job?}]
          - page: two
            questions: [{mark: week, text: Week?}]
        """,
    ).questionnaire
    reach = find_reachability(questionnaire)
    answered = parse_condition("job == 'yes'", HERE)

    assert reach.find_case([answered]) == {"path": "bol", "job": "yes"}
    assert reach.find_case([answered, parse_condition("path == 'bbl'", HERE)]) is None


@pytest.mark.parametrize(
    "source",
    [
        "path == 'bol' and level >= 2",
        "not (path == 'bol' or answered(story))",
        "level in [3, 4] or (happy < 2 and count(hobbies) >= 2)",
        "'music' in hobbies",
        "not (level >= 2)",
        "not answered(story)",
    ],
)
def test_a_tree_is_formatted_in_the_condition_language(source: str) -> None:
    tree = parse_condition(source, HERE).tree

    assert format_condition(tree) == source
    assert parse_condition(format_condition(tree), HERE).tree == tree

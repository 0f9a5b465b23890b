"""What many walks add up to."""

from __future__ import annotations

import re

import pytest

from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.simulation.flow import format_bars, measure_flow, render_flow_page
from survey_engine.operations.simulation.walking import RobotEntry, RobotWalk, Stop
from tests.writing import write_sections

MAIN = """\
section: main
title: Your days
pages:
- {page: one, title: First & last, questions: [{mark: a, text: A?}]}
- {page: two, questions: [{mark: b, text: B?}]}
- {page: three, questions: [{mark: c, text: C?}]}
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return write_sections(tmp_path_factory.mktemp("flow"), MAIN, "institution: demo\nname: Demo").questionnaire


def walk(number: int, pages: str, receipt: str = "", profile: str = "honest") -> RobotWalk:
    stops = [Stop(page, 60.0, 0.002) for page in pages.split()]
    return RobotWalk(number, profile, RobotEntry("/", "demo"), stops, receipt=receipt)


WALKS = [walk(1, "one two", "AAAA"), walk(2, "one two one two", "BBBB", "speeder"), walk(3, "one two"), walk(4, "one")]


def test_each_page_counts_whom_it_reached_once_and_who_left_there(example):
    flow = measure_flow(example, WALKS)

    assert [(place.page, place.reached, place.left) for place in flow.pages] == [("one", 4, 1), ("two", 3, 1)]
    assert (flow.robots, flow.completed, flow.minutes) == (4, 2, 3.0)
    assert flow.profiles == {"honest": (3, 1), "speeder": (1, 1)}


def test_times_are_medians(example):
    flow = measure_flow(example, WALKS)
    assert (flow.pages[0].seconds, flow.pages[0].milliseconds) == (60.0, 2.0)


def test_in_a_terminal_each_page_has_a_bar_as_long_as_its_share(example):
    lines = format_bars(measure_flow(example, WALKS)).splitlines()

    assert lines[0] == "main"
    assert [line.count("█") for line in lines[1:]] == [32, 24]
    assert lines[1].split()[2:4] == ["4", "−1"]


def test_the_longest_bar_fills_its_room_and_bars_add_up(example):
    page = render_flow_page(measure_flow(example, WALKS), example, "1")
    assert re.findall(r'class="(\w+)" style="width:([\d.]+)%"', page) == [
        ("reached", "75.0"),
        ("left", "25.0"),
        ("reached", "50.0"),
        ("left", "25.0"),
    ]


def test_pages_are_named_by_titles_or_else_by_their_first_question(example):
    page = render_flow_page(measure_flow(example, WALKS), example, "1")
    assert re.findall(r'<span lang="en">([^<]*)</span> <code>(\w+)</code>', page) == [("First &amp; last", "one"), ("B?", "two")]
    assert re.findall(r'class="section"[^>]*>([^<]*)<', page) == ["Your days"]


def test_without_any_robot_there_is_nothing_to_draw(example):
    flow = measure_flow(example, [])
    assert (flow.pages, format_bars(flow)) == ([], "")
    assert "bar" not in render_flow_page(flow, example, "1").split("<body>")[1]

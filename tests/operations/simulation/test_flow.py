"""What many walks add up to."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.simulation.flow import draw_bars, draw_picture, measure_flow
from survey_engine.operations.simulation.walking import RobotEntry, RobotWalk, Stop
from tests.writing import write_sections

MAIN = """\
section: main
pages:
- {page: one, questions: [{mark: a, text: A?}]}
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
    lines = draw_bars(measure_flow(example, WALKS)).splitlines()

    assert lines[0] == "main"
    assert [line.count("█") for line in lines[1:]] == [32, 24]
    assert lines[1].split()[2:4] == ["4", "−1"]


def test_the_picture_is_well_formed_and_its_bars_add_up(example):
    picture = ElementTree.fromstring(draw_picture(measure_flow(example, WALKS)))
    widths = [(bar.get("class"), float(bar.get("width").removesuffix("%"))) for bar in picture.iter("rect")]

    assert [kind for kind, _ in widths] == ["reached", "left", "reached", "left"]
    assert [width for _, width in widths] == pytest.approx([33.75, 11.25, 22.5, 11.25], abs=0.06)
    assert [title.text.split(":")[0] for title in picture.iter("title")] == ["one", "two"]


def test_without_any_robot_there_is_nothing_to_draw(example):
    flow = measure_flow(example, [])
    assert (flow.pages, draw_bars(flow)) == ([], "")
    ElementTree.fromstring(draw_picture(flow))

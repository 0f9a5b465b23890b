"""History of response: a day stores what was shown on it, and nothing of a single person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.group_totals import STEP
from survey_engine.fieldwork.response_history import ALL, read_history, record_day, record_days
from survey_engine.storage.response_days import Numbers, list_days, note_reminders
from survey_engine.storage.retention import delete_links
from tests.databases import ENGINES, open_both
from tests.fieldwork.test_group_totals import School

FIRST = date(2026, 2, 2)


@pytest.fixture(params=ENGINES)
def school(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[School]:
    with open_both(request.param, request, tmp_path) as stores:
        yield School(*stores)


def record(school: School, number: int = 0, *institutions: str) -> Numbers:
    """Record a day of the institution; return its numbers."""
    record_day(school.totals, "q", institutions or ["demo"], FIRST + timedelta(number))
    return list_days(school.totals.identity, "q")[-1].numbers


def test_each_day_has_the_steps_at_its_end(school: School) -> None:
    seats = school.enrol(30)
    school.start(*seats[:7], completed=True)
    record(school)
    school.start(*seats[7:13])
    record(school)
    school.start(*seats[13:15], *[None] * 6, completed=True)
    record(school, 3)
    days = read_history(school.totals, "q")["demo"]
    assert [day.day.day for day in days] == [2, 3, 4, 5]
    assert days[0].numbers == days[1].numbers == days[2].numbers == Numbers(30, 10, 5)
    assert days[3].numbers == Numbers(30, 15, 5, 5, 5)


def test_a_day_without_a_count_has_the_numbers_of_the_day_before(school: School) -> None:
    school.start(*school.enrol(20)[:5])
    record(school)
    note_reminders(school.totals.identity, "q", ["demo"], FIRST + timedelta(1))
    note_reminders(school.totals.identity, "q", ["demo"], FIRST)
    first, second = read_history(school.totals, "q")["demo"]
    assert first.numbers == second.numbers == Numbers(20, 5, 0) and first.reminded and second.reminded
    record(school)
    assert list_days(school.totals.identity, "q")[0].reminded


def test_a_split_into_classes_lowers_no_earlier_number(school: School) -> None:
    seats = school.enrol(20, "3A"), school.enrol(20, "3B"), school.enrol(20, "3C")
    school.start(*seats[0][:6], *seats[1][:6], *seats[2][:4])
    assert record(school) == Numbers(60, 15, 0)
    assert school.count(label="3A") == (20, 5, 0)
    assert record(school, 1) == Numbers(60, 10), "the sum of the steps"
    assert [day.numbers.started for day in read_history(school.totals, "q")["demo"]] == [15, 15]


def test_all_institutions_are_added_and_only_open_questionnaires_counted(school: School) -> None:
    school.start(*school.enrol(20)[:10])
    school.start(*[None] * 7, institution="other")
    assert record_days(school.totals, FIRST, lambda questionnaire: questionnaire != "q") == 0
    assert record_days(school.totals, FIRST) == 2
    found = read_history(school.totals, "q")
    assert [*found] == [ALL, "demo", "other"]
    assert found[ALL][0].numbers == Numbers(20, 10, 0, 5, 0)
    assert [*read_history(school.totals, "q", ["other"])] == ["other"]


def test_the_history_goes_with_the_links(school: School) -> None:
    school.enrol(20)
    record(school)
    delete_links(school.totals.answers, school.totals.identity, "q")
    assert read_history(school.totals, "q") == {}


@pytest.mark.parametrize("label", ["", "3A"], ids=["alone", "beside a class of 20"])
def test_no_two_days_tell_that_the_last_of_a_class_of_6_started(school: School, label: str) -> None:
    """The same days, with and without the start of the sixth person: a reader of the whole table sees no difference."""
    small, others = school.enrol(6, "3B"), school.enrol(20, label) if label else []
    if label:
        school.count(label="3A")
    school.start(*small[:5], *others[:11])
    record(school)
    before = read_stored(school)
    school.start(small[5])
    record(school)
    assert read_stored(school) == before


def test_neither_who_comes_nor_who_leaves_changes_a_day(school: School) -> None:
    seats = school.enrol(24)
    school.start(*seats[:9])
    assert record(school) == Numbers(24, 5, 0)
    school.start(*school.enrol(1))
    assert record(school, 1) == Numbers(25, 5, 0), "the tenth who started came with the list"
    school.start(seats[9])
    assert record(school, 2) == Numbers(25, 10, 0)


def test_a_history_has_steps_only(school: School) -> None:
    seats = school.enrol(23)
    for number, seat in enumerate(seats):
        school.start(seat, None, completed=number % 2 == 0)
        record(school, number)
    numbers = [day.numbers for day in list_days(school.totals.identity, "q")]
    assert {number % STEP for day in numbers for number in day[1:] if number is not None} == {0}
    assert max(day.started or 0 for day in numbers) == 15, "at least 5 others remain"
    rises = {(now.started or 0) - (before.started or 0) for before, now in pairwise(numbers)}
    assert rises == {0, STEP}


def read_stored(school: School) -> list[tuple[object, ...]]:
    with school.totals.identity.read() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM response_day ORDER BY institution, day"))]

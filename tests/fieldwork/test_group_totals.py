"""Totals of groups: who counts, and which steps are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.group_totals import ALL_PERSONS, LEAST_PERSONS, OPEN_LINK, STEP, Totals, floor_to_step, name_group
from survey_engine.fieldwork.invitations.links import find_by_link, give_links
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.database import Database, make_id
from survey_engine.storage.erasures import erase_by_pseudonym, mark_withdrawn
from survey_engine.storage.group_totals import add_group, find_total, remove_group
from survey_engine.storage.identity import Seat
from tests.databases import ENGINES, open_both

KEY, KEYS = "pseudonym " * 4, ContactKeys(["k" * 32])
START = text(
    "INSERT INTO response (id, questionnaire, version, institution, pseudonym, language, languages, background, modules, completed_at)"
    " VALUES (:id, 'q', 'v', :institution, :pseudonym, 'en', 'en', '{}', '{}', :completed_at)"
)


class School:
    """Both stores, with persons of one institution."""

    def __init__(self, answers: Database, identity: Database) -> None:
        self.totals = Totals(answers, identity, KEYS, KEY)

    def enrol(self, count: int, label: str = "", **details: Any) -> list[int]:
        """Add persons, with the label `class` unless it is empty; return the numbers of their seats."""
        labels = {"class": label} if label else {}
        tokens = give_links(
            self.totals.identity, KEYS, [Seat("q", "demo", details={"labels": labels, **details}) for _ in range(count)]
        )
        return [seat.id for token in tokens if (seat := find_by_link(self.totals.identity, token))]

    def start(self, *seats: int | None, completed: bool = False, institution: str = "demo") -> None:
        """Store responses; None is a response by the open link."""
        rows = [
            {
                "id": make_id(),
                "institution": institution,
                "pseudonym": seat and make_pseudonym(KEY, "q", seat),
                "completed_at": "2026-03-01 10:00:00" if completed else None,
            }
            for seat in seats
        ]
        with self.totals.answers.write() as connection:
            connection.execute(START, rows)

    def count(self, code: str = "class", label: str = "3B") -> tuple[int | None, int | None, int | None]:
        name = name_group(KEY, "q", "demo", code, label)
        add_group(self.totals.identity, name, "q", "demo")
        self.totals.refresh()
        total = find_total(self.totals.identity, name)
        assert total and total.counted_at
        return total.persons, total.started, total.completed


@pytest.fixture(params=ENGINES)
def school(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[School]:
    with open_both(request.param, request, tmp_path) as stores:
        yield School(*stores)


def test_the_persons_of_a_class_are_counted_and_no_others(school: School) -> None:
    class_3b, others = school.enrol(20, "3B"), school.enrol(12, "3A")
    school.start(*class_3b[:4], *others[:6])
    school.start(*class_3b[4:10], completed=True)
    assert school.count() == (20, 10, 5)
    assert school.count(*ALL_PERSONS) == (32, 15, 5), "the sum of the steps of 3A and 3B"
    assert school.count(label=" 3b ") == (20, 10, 5), "case and white-space make no difference"


def test_withdrawn_excluded_and_erased_persons_do_not_count(school: School) -> None:
    seats = school.enrol(20, "3B")
    excluded = school.enrol(5, "3B", excluded="left")
    school.start(*seats[:10], *excluded, completed=True)
    mark_withdrawn(school.totals.identity, seats[:2], withdrawn=True)
    erase_by_pseudonym(school.totals.answers, "q", make_pseudonym(KEY, "q", seats[2]), str)
    assert school.count() == (18, 5, 5)
    school.start(*seats[15:18])
    assert school.count() == (18, 10, 5)


def test_responses_of_other_questionnaires_and_institutions_do_not_count(school: School) -> None:
    school.start(*[None] * 6)
    school.start(*[None] * 9, institution="other")
    assert school.count(*ALL_PERSONS) == (0, 5, 0), "there is no list"
    assert school.count(*OPEN_LINK) == (None, 5, 0), "nobody knows how many may come in by an open link"


def test_everybody_is_the_list_with_the_responses_by_the_open_link(school: School) -> None:
    assert school.count(*OPEN_LINK) == (None, None, None)
    school.start(*school.enrol(20)[:6], *[None] * 17, completed=True)
    assert school.count(*ALL_PERSONS) == (20, 20, 20)
    assert school.count(*OPEN_LINK) == (None, 15, 15)


def test_a_group_of_too_few_has_no_numbers(school: School) -> None:
    school.start(*school.enrol(LEAST_PERSONS - 1, "3B"))
    school.enrol(20, "3A")
    assert school.count() == (None, None, None)
    assert school.count(label="nobody") == (None, None, None)
    assert school.count(*ALL_PERSONS)[0] == 29


def test_small_classes_count_together_in_the_total(school: School) -> None:
    for label in ("3C", "3D"):
        school.start(*school.enrol(8, label)[:4])
    school.enrol(20, "3A")
    school.count(label="3A")
    assert school.count(*ALL_PERSONS) == (36, 5, None), "8 of the 16 of 3C and 3D"


def test_numbers_rise_in_steps_and_never_fall(school: School) -> None:
    seats = school.enrol(25, "3B")
    shown = []
    for seat in seats:
        school.start(seat)
        shown.append(school.count()[1])
    assert shown == [0] * 4 + [5] * 5 + [10] * 5 + [15] * 5 + [20] * 6
    erase_by_pseudonym(school.totals.answers, "q", make_pseudonym(KEY, "q", seats[0]), str)
    mark_withdrawn(school.totals.identity, seats[1:3], withdrawn=True)
    assert school.count() == (23, 15, 0), "of 23, 5 others remain"


def test_a_change_of_the_list_alone_takes_no_step(school: School) -> None:
    seats = school.enrol(20, "3B")
    school.start(*seats[:4])
    assert school.count() == (20, 0, 0)
    mark_withdrawn(school.totals.identity, seats[-1:], withdrawn=True)
    school.start(*school.enrol(1, "3B"))
    assert school.count()[1] == 0, "the fifth came with the list"
    assert school.count()[1] == 0, "nor at the next count"
    school.start(seats[5])
    assert school.count()[1] == 5


def test_a_total_is_split_by_each_kind_that_gets_numbers(school: School) -> None:
    school.start(*school.enrol(12, "3A")[:4], *school.enrol(12, "3B")[:4])
    assert school.count(label="3A") == (12, 0, 0)
    assert school.count(*ALL_PERSONS) == (24, None, None), "4 of each class"


def test_a_removed_group_is_not_counted(school: School) -> None:
    school.count()
    name = name_group(KEY, "q", "demo", "class", "3B")
    assert remove_group(school.totals.identity, name) and not remove_group(school.totals.identity, name)
    assert school.totals.refresh() == 0 and find_total(school.totals.identity, name) is None


def test_the_stored_name_of_a_group_shows_no_label(school: School) -> None:
    school.enrol(6, "Rosenborg")
    school.count(label="Rosenborg")
    with school.totals.identity.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM group_total").all()
    assert "rosenborg" not in repr(rows).lower()


@pytest.mark.parametrize("persons", range(31))
def test_a_step_leaves_five_values_and_five_others(persons: int) -> None:
    steps = [floor_to_step(number, persons) for number in range(persons + 1)]
    for step in {*steps} - {0}:
        assert step <= persons - STEP and steps.count(step) >= STEP and steps.index(step) == step


def test_classes_wait_while_an_earlier_total_would_narrow_their_numbers(school: School) -> None:
    seats = school.enrol(20, "3A"), school.enrol(20, "3B"), school.enrol(20, "3C")
    school.start(*(seat for persons in seats for seat in persons[:4]))
    assert school.count(*ALL_PERSONS) == (60, 10, 0)
    assert school.count(label="3A") == (20, None, None), "10 of 60, and fewer than 5 of each: 2 or more of each"
    assert school.count(*ALL_PERSONS) == (60, 10, 0)
    school.start(seats[0][4])
    assert school.count(label="3A") == (20, 5, 0)
    assert school.count(label="3B") == (20, 0, 0)

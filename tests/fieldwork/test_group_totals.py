"""Totals of groups: who counts, and no number from which fewer than five persons follow."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.group_totals import EVERYBODY, Group, GroupCounts, Totals, coarsen, is_exact, name_group
from survey_engine.fieldwork.invitations.links import find_by_link, give_links
from survey_engine.fieldwork.joint_totals import SMALLEST
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.database import Database, make_id
from survey_engine.storage.erasures import erase_answers, mark_withdrawn
from survey_engine.storage.group_totals import GroupTotal, add_group, find_total, remove_group
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
    assert school.count() == (20, 10, 6)
    assert school.count(*EVERYBODY) == (32, 16, -6), "exactly 6 would tell that nobody of 3A has completed"
    assert school.count(label=" 3b ") == (20, 10, 6), "case and white-space make no difference"


def test_withdrawn_excluded_and_erased_persons_do_not_count(school: School) -> None:
    seats = school.enrol(20, "3B")
    excluded = school.enrol(5, "3B", excluded="left")
    school.start(*seats[:10], *excluded, completed=True)
    mark_withdrawn(school.totals.identity, seats[:2], withdrawn=True)
    erase_answers(school.totals.answers, "q", make_pseudonym(KEY, "q", seats[2]), str)
    assert school.count() == (18, 7, 7)


def test_responses_of_other_questionnaires_and_institutions_do_not_count(school: School) -> None:
    school.start(*[None] * 6)
    school.start(*[None] * 9, institution="other")
    assert school.count(*EVERYBODY) == (None, 6, 0), "nobody knows how many may come in by an open link"


def test_a_group_of_fewer_than_five_has_no_numbers(school: School) -> None:
    school.start(*school.enrol(4, "3B"))
    school.enrol(20, "3A")
    assert school.count() == (None, None, None)
    assert school.count(label="nobody") == (None, None, None)


def test_a_class_is_hidden_when_a_small_one_would_follow_from_it(school: School) -> None:
    school.enrol(3, "3C")
    school.enrol(8, "3B")
    school.enrol(20, "3A")
    assert school.count() == (None, None, None), "all persons minus 3A and 3B are the three of 3C"
    assert school.count(label="3A") == (20, 0, 0)


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


@pytest.mark.parametrize("persons", range(SMALLEST, 31))
def test_no_stored_number_tells_fewer_than_five_persons_or_others_apart(persons: int) -> None:
    shown = {number: coarsen(number, persons) for number in range(persons + 1)}
    assert len({shown[number] for number in range(SMALLEST)}) == 1
    assert len({shown[number] for number in range(max(SMALLEST, persons - SMALLEST + 1), persons + 1)}) == 1
    for number, bound in shown.items():
        assert bound <= number
        assert is_exact(bound, persons) == (SMALLEST <= number <= persons - SMALLEST) and (
            not is_exact(bound, persons) or bound == number
        )


def test_without_groups_no_seat_is_read() -> None:
    assert GroupCounts().list_shown() == set() and GroupTotal("x").persons is None


def show(counts: GroupCounts, *groups: Group) -> dict[Group, tuple[int | None, int | None, int | None]]:
    return counts.summarise_all(groups)


def make_counts(*persons: tuple[str, str, bool]) -> GroupCounts:
    """Args: persons: class, team, and whether the person has started."""
    counts = GroupCounts()
    for name, team, started in persons:
        counts.add([EVERYBODY, ("class", name), ("team", team)], started=started, completed=False)
    return counts


def test_the_total_of_all_minus_that_of_a_class_tells_no_small_number() -> None:
    started = [("A", "T", True)] * 9 + [("B", "T", True)] * 2
    counts = make_counts(*started, *[("A", "T", False)] * 11, *[("B", "T", False)] * 18)
    shown = show(counts, EVERYBODY, ("class", "A"), ("class", "B"))
    assert [shown[group][1] for group in (("class", "A"), ("class", "B"), EVERYBODY)] == [9, 0, -9], "-9 is 9 or more"
    assert show(counts, EVERYBODY) == {EVERYBODY: (40, 11, 0)}, "a number that no page contradicts is exact"


def test_a_team_of_a_class_and_one_other_tells_nothing_of_that_one() -> None:
    persons = [("A", "T1", True)] * 8 + [("A", "T1", False)] * 12 + [("B", "T2", False)] * 19
    shown = [show(make_counts(*persons, ("B", "T1", late)), ("class", "A"), ("team", "T1")) for late in (False, True)]
    assert shown[0] == shown[1] == {("class", "A"): (20, 8, 0), ("team", "T1"): (21, -8, 0)}


def test_no_two_totals_of_overlapping_groups_tell_a_small_number() -> None:
    """All starts of 3 × 2 parts: what an observer of two shown totals concludes about a part is never a small number."""
    for first, second, third in product(range(0, 13, 2), repeat=3):
        parts = [("A", "T", 12, first), ("A", "U", 3, min(first, 3)), ("B", "T", 12, second), ("B", "U", 12, third)]
        persons = [(name, team, at < begun) for name, team, size, begun in parts for at in range(size)]
        groups = [EVERYBODY, ("class", "A"), ("class", "B"), ("team", "T"), ("team", "U")]
        shown = show(make_counts(*persons), *groups)
        exact = {group: number for group, (size, number, _) in shown.items() if size and number and 5 <= number <= size - 5}
        for group in exact.keys() - {EVERYBODY}:
            if EVERYBODY in exact:
                assert exact[EVERYBODY] - exact[group] >= SMALLEST

"""Labels that a later file writes in another way, renames, moves or removes: what responses that have begun have then."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.invitations.begun_labels import LabelChange, find_corrected
from survey_engine.storage.database import Database
from tests.cli.test_erase import make_desk
from tests.cli.test_roster_labels import assign, begin, count_begun, count_teams, label, make_teams, read_seats, withdraw
from tests.command import Desk
from tests.databases import ON_BOTH


@pytest.fixture
def teams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    """Twelve persons in team A, of whom the first six have begun."""
    desk = make_teams(make_desk(tmp_path, monkeypatch, database_url, identity_url))
    label(desk, *assign("AAAAAAAAAAAA"))
    begin(desk, *range(6))
    return desk


def name_teams(*teams: str) -> list[list[str]]:
    return [[f"{number:04}", "3A", team, "Hal", "Gezond", ""] for number, team in enumerate(teams)]


@pytest.mark.parametrize(
    ("given", "begun", "seats"),
    [
        (["a"] * 12, {"a": 6}, {"a": 12}),
        ([" A"] * 5 + ["a"] * 7, {"a": 6}, {"a": 12}),
        (["A"] * 7 + ["a"] * 5, {"A": 6}, {"A": 12}),
        (["B"] * 12, {"B": 6}, {"B": 12}),
        (["B"] * 6 + ["A"] * 6, {"B": 6}, {"A": 6, "B": 6}),
        (["B", *["A"] * 11], {"A": 6}, {None: 12}),
        ([*["A"] * 6, *["B"] * 6], {"A": 6}, {"A": 6, "B": 6}),
        ([""] * 12, {None: 6}, {None: 12}),
        (["", *["A"] * 11], {"A": 6}, {None: 12}),
    ],
    ids=[
        "respelled",
        "respelled-most",
        "respelled-few",
        "renamed",
        "begun-moved",
        "one-moved",
        "waiting-moved",
        "removed",
        "one-removed",
    ],
)
def test_begun_responses_follow_changes_that_enough_persons_share(teams, given, begun, seats):
    label(teams, *name_teams(*given))
    assert (count_begun(teams), count_teams(teams)) == (begun, seats)
    assert teams.run("maintain").exit_code == 0
    assert (count_begun(teams), count_teams(teams)) == (begun, seats)


def test_accents_composed_in_another_way_are_one_label(teams):
    label(teams, *name_teams(*["E\u0301lan"] * 6, *["\u00c9LAN"] * 6))
    assert len(count_begun(teams)) == len(count_teams(teams)) == 1 and None not in count_begun(teams)


def test_a_group_keeps_its_labels_beside_one_who_stays_behind(teams):
    """One of the begun persons stays behind, withdrawn: a change of the others would tell which response is theirs."""
    withdraw(teams, 0)
    label(teams, *name_teams("A", *["B"] * 11))
    assert count_begun(teams) == {"A": 6}


def test_removed_labels_come_back_with_a_later_file(teams):
    label(teams, *name_teams(*[""] * 12))
    label(teams, *name_teams(*["A"] * 12))
    assert count_begun(teams) == {"A": 6}
    label(teams, *name_teams(*[""] * 12))
    label(teams, *name_teams(*["C"] * 12))
    assert count_begun(teams) == {"C": 6}


def test_labels_before_a_change_are_forgotten_when_it_was_counted(teams):
    """The labels before a change are forgotten when it was counted."""
    label(teams, *name_teams("A", *["B"] * 11))
    assert count_begun(teams) == {"A": 6}, "the labels of one who has begun would be the only ones left"
    assert all("earlier" not in seat.details for seat in read_seats(teams))
    label(teams, *name_teams(*["B"] * 12))
    assert count_begun(teams) == {"B": 6}


@ON_BOTH
def test_a_change_of_labels_writes_all_responses_or_none(teams):
    """Both stores before and after a change do not tell which response is whose."""

    def read() -> list[tuple[str, str]]:
        with closing(Database(teams.settings.database_url, "answers")) as answers:
            return [tuple(row) for row in answers.fetch("SELECT id, sealed_labels FROM response ORDER BY id", {})]

    start = read()
    label(teams, *name_teams("C", *["A"] * 11))
    assert read() == start, "one person changed"
    label(teams, *name_teams(*["A"] * 12))
    label(teams, *name_teams(*["B"] * 5, *["A"] * 7))
    assert not {*read()} & {*start} or read() == start


def moves(*changes: tuple[str, str, int, int]) -> Counter[LabelChange]:
    """Args: changes: labels before and now, numbers of persons who have begun and who have not."""
    found = Counter[LabelChange]()
    for before, now, begun, waiting in changes:
        old, new = tuple(filter(None, [before])), tuple(filter(None, [now]))
        found += Counter({LabelChange(old, old, new): begun, LabelChange((), old, new): waiting})
    return found


@pytest.mark.parametrize(
    ("persons", "followed"),
    [
        ([("A", "B", 1, 4)], {"B"}),
        ([("A", "B", 1, 3)], set()),
        ([("A", "B", 9, 0), ("A", "A", 1, 3)], set()),
        ([("A", "B", 9, 0), ("A", "A", 0, 3)], {"B"}),
        ([("A", "B", 9, 0), ("A", "C", 6, 0), ("A", "A", 1, 0)], {"B"}),
        ([("A", "B", 9, 0), ("A", "C", 9, 0), ("A", "A", 1, 4)], {"B", "C"}),
        ([("A", "", 9, 0)], {""}),
        ([("", "B", 0, 9)], set()),
    ],
)
def test_a_change_is_followed_if_its_persons_and_those_left_are_enough(persons, followed):
    assert {now[0] if now else "" for _, now in find_corrected(moves(*persons), 5)} == followed


@ON_BOTH
def test_a_changed_response_is_read_again_by_processes_that_know_it(teams):
    with closing(Database(teams.settings.database_url, "answers")) as answers:
        with answers.write() as connection:
            connection.execute(text("UPDATE response SET saves = 1"))
        label(teams, *name_teams(*["B"] * 12))
        assert {row[0] for row in answers.fetch("SELECT saves FROM response", {})} == {2}


def test_many_combinations_are_compared_in_little_time():
    persons = {LabelChange((), (f"class={number}",), (f"class={number}", "track=1")): 5 for number in range(30_000)}
    started = time.process_time()
    assert len(find_corrected(persons, 5)) == 30_000
    assert time.process_time() - started < 5

"""The store of identity: seats and panel addresses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link, give_links
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import mark_withdrawn
from survey_engine.storage.identity import Seat, find_by_login, find_seat_by_number, list_withdrawn
from survey_engine.storage.panels import Member, add_members, list_members
from survey_engine.storage.roster_seats import find_by_links, iter_keyed
from tests.databases import ENGINES, make_url, open_sqlite
from tests.statements import counted, trace

KEYS = ContactKeys(["k" * 32])
SEAT = Seat("q", "demo", {"level": 3, "programme": "Zoë & co"}, "nt2")


@pytest.fixture(scope="module", params=ENGINES)
def identity(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(make_url(request.param, request, tmp_path_factory.mktemp("identity") / "identity.db"), "identity")
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "identity.db"


@pytest.fixture
def lite(file: Path) -> Iterator[Database]:
    opened = open_sqlite(file)
    yield opened
    opened.close()


def test_a_seat_is_found_by_its_token_alone(identity):
    tokens = give_links(identity, KEYS, [SEAT, Seat("q", "other")])
    found = decrypt_seat(KEYS, find_by_link(identity, tokens[0]))

    assert (found.questionnaire, found.institution, found.background, found.language) == ("q", "demo", SEAT.background, "nt2")
    assert not found.withdrawn and found.id > 0
    assert find_by_link(identity, tokens[0] + "x") is None and find_by_link(identity, "") is None


def test_a_withdrawn_link_differs_from_an_unknown_one(identity):
    token, other = give_links(identity, KEYS, [replace(SEAT, questionnaire="withdrawing")] * 2)

    seat = find_by_link(identity, token).id
    assert [mark_withdrawn(identity, [id], withdrawn=True) for id in (seat, seat, 0)] == [1, 0, 0]
    assert find_by_link(identity, token).withdrawn and not find_by_link(identity, other).withdrawn
    assert list_withdrawn(identity, "withdrawing") == [seat]


def test_no_token_is_stored(lite, file):
    tokens = give_links(lite, KEYS, [SEAT] * 50)
    lite.close()
    stored = b"".join(path.read_bytes() for path in file.parent.glob("identity.db*"))

    assert not any(token.encode() in stored for token in tokens)


def test_an_address_is_stored_once_however_often_it_is_handed_over(identity):
    for _ in range(2):
        add_members(identity, [Member("q/panel", "a@b.example"), Member("q/other", "a@b.example")])

    assert sorted(list_members(identity)) == [("q/other", "a@b.example"), ("q/panel", "a@b.example")]


def test_an_address_comes_without_time_institution_or_anything_else(lite, file):
    columns = [row[1] for row in sqlite3.connect(file).execute("PRAGMA table_info(panel_member)")]
    assert columns == ["id", "panel", "address"]


@pytest.mark.parametrize("table", ["panel_member", "seat"])
def test_rows_and_rowids_do_not_reveal_the_order_of_insertion(lite, file, table):
    for number in range(40):
        add_members(lite, [Member("q/panel", f"{number:02}@b.example")])
        give_links(lite, KEYS, [Seat("q", f"{number:02}")])
    column = "address" if table == "panel_member" else "institution"
    rows = sqlite3.connect(file).execute(f"SELECT rowid, id, {column} FROM {table} ORDER BY rowid").fetchall()

    assert all(rowid == id for rowid, id, _ in rows)
    assert len(rows) == 40 and [value for *_, value in rows] != sorted(value for *_, value in rows)


def test_links_are_found_by_their_index_not_among_all_seats(lite):
    heard: list[str] = []
    with lite.read() as connection:
        connection.connection.driver_connection.set_trace_callback(heard.append)
        find_by_links(connection, "example", ["a", "b"])
        (step,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {heard[-1]}").fetchall()
    assert "(link_hash=?)" in step[3]


def test_seats_with_a_key_can_be_listed_in_every_store(identity):
    with identity.read() as connection:
        assert list(iter_keyed(connection, "nobody's", ["north"])) == []


def test_seats_in_use_are_found_by_their_login_hash_without_details(identity):
    named = replace(SEAT, questionnaire="named", login_hash="a" * 32, first_name_hash="b" * 32, details={"person": {}})
    token, other = give_links(identity, KEYS, [named, replace(named, first_name_hash="c" * 32)])
    give_links(identity, KEYS, [replace(named, questionnaire="elsewhere"), replace(named, login_hash=None)])
    assert sorted(seat.first_name_hash for seat in find_by_login(identity, "named", ["a" * 32])) == ["b" * 32, "c" * 32]
    mark_withdrawn(identity, [find_by_link(identity, other).id], withdrawn=True)
    (found,) = find_by_login(identity, "named", ["a" * 32])
    assert found.details is None and find_seat_by_number(identity, found.id).link_hash == find_by_link(identity, token).link_hash
    assert find_by_login(identity, "named", [""]) == []


def test_a_login_reads_only_seats_with_its_hash(lite, file):
    give_links(lite, KEYS, [replace(SEAT, login_hash=f"{number:032x}") for number in range(500)])
    sent = trace(lite)
    with counted(sent) as statements:
        assert len(find_by_login(lite, "q", [f"{7:032x}", "none"])) == 1
    (plan,) = sqlite3.connect(file).execute(f"EXPLAIN QUERY PLAN {statements[0]}").fetchall()
    assert "USING INDEX seat_login (questionnaire=? AND login_hash=?)" in plan[3]

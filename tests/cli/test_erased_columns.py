"""An erasure leaves nothing of a person in any column of any table, also of persons that earlier releases erased."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Table, text

from survey_engine.fieldwork.erasure import Stores, erase_own
from survey_engine.fieldwork.signing import make_pseudonym, name_launched_seat
from survey_engine.storage import tables
from survey_engine.storage.addresses import UNSENT, claim_address
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import KEPT_COLUMNS
from survey_engine.storage.lms import bind_seat
from tests.cli.test_erase import invite, make_desk
from tests.command import Desk
from tests.databases import ON_BOTH

OF_PERSONS = {
    "answers": {"response": KEPT_COLUMNS, "page": (), "panel_waiting": (), "later_key": ()},
    "identity": {"seat": (), "seat_address": (), "mailed_address": (), "lms_seat": ()},
}
"""Tables with rows about one person, and the columns that an erasure keeps."""
OF_NOBODY = {
    "questionnaire_version",
    "service",
    "key_fingerprint",
    "release",  # keyed hashes of random numbers with all answers
    "withdrawn_response",  # keyed hashes of links; a restored store must still refuse them
    "panel_member",  # joined: the panel itself removes an address
    "job",
    "group_total",
    "shown_count",  # steps of parts with at least nine persons, and keyed hashes
    "response_day",  # the same steps per institution and day
    "data_request",
    "lms_registration",
    "lms_deployment",
    "lms_key",
    "lms_nonce",
    "lms_invitation",
    "lms_report",  # encrypted, without a name of the response: the worker removes it once sent, and at the closing
}
MARKS = {"AutoString": "m", "Text": "m", "UTCDateTime": datetime(2026, 1, 2, tzinfo=UTC), "Boolean": True}
"""Type of a column → a value that is not blank."""
ADDRESS = "a" * 32


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


def list_tables(database: Database) -> dict[str, Table]:
    return dict((tables.AnswerTable if database.store == "answers" else tables.IdentityTable).metadata.tables)


def fill(database: Database) -> None:
    """Give each empty column of the tables about persons a value."""
    for name, table in list_tables(database).items():
        empty = [column for column in table.columns if column.nullable and name in OF_PERSONS[database.store]]
        for column in empty:
            with database.write() as connection:
                marked = {"mark": MARKS[type(column.type).__name__]}
                connection.execute(text(f"UPDATE {name} SET {column.name} = :mark WHERE {column.name} IS NULL"), marked)


def list_left(database: Database) -> dict[str, dict[str, object]]:
    """Table → columns with their values in an erased row, without kept and blank ones."""
    blank = {None, "", "{}", 0, "2000-01-01"}
    with database.read() as connection:
        found = {
            name: {
                key: value
                for row in connection.execute(text(f"SELECT * FROM {name}")).mappings()
                for key, value in row.items()
                if key not in kept and (value if isinstance(value, int) else value and str(value)[:10]) not in blank
            }
            for name, kept in OF_PERSONS[database.store].items()
        }
    return {name: columns for name, columns in found.items() if columns}


def fill_person(desk: Desk, stores: tuple[Database, Database]) -> tuple[str, int]:
    """Create a person with a row in each table and a value in each column; return the link and the id of the response."""
    link, seat, response = invite(desk, stores)
    name, later = Stores(*stores, desk.settings.pseudonym_key).list_names(response)
    with stores[0].write() as connection:
        connection.execute(
            text("INSERT INTO panel_waiting (name, panel, token) VALUES (:name, 'example/p', 't')"), {"name": name}
        )
        add = "INSERT INTO later_key (questionnaire, key_hash, name, holder) VALUES ('example', 'h', :name, 'm')"
        connection.execute(text(add), {"name": later})
    with stores[1].write() as connection:
        added = {"address": ADDRESS, "seat": seat.id}
        connection.execute(text("INSERT INTO seat_address (address_hash, seat) VALUES (:address, :seat)"), added)
    key = desk.settings.pseudonym_key
    launched = name_launched_seat(key, make_pseudonym(key, "example", seat.id))
    assert bind_seat(stores[1], launched, "example", "p")
    assert claim_address(stores[1], ADDRESS, now=7.0, spread=0)
    for store in stores:
        fill(store)
    return link, response


def test_each_table_has_rows_about_one_person_or_about_nobody(stores):
    for store in stores:
        assert set(OF_PERSONS[store.store]) == set(list_tables(store)) - OF_NOBODY


@ON_BOTH
def test_an_erasure_leaves_no_value_in_any_column(desk, stores):
    link, _ = fill_person(desk, stores)
    assert {name for store in stores for name in list_left(store)} == {name for names in OF_PERSONS.values() for name in names}
    assert {"sealed_labels", "channel", "saves"} < set(list_left(stores[0])["response"])
    desk.run("erase", "example", link, "--yes")

    assert [list_left(store) for store in stores] == [{}, {}]
    assert stores[1].fetch("SELECT id FROM job WHERE once = :once", {"once": UNSENT + ADDRESS}) == []


def test_an_erasure_by_the_respondent_leaves_no_value_beside_the_answers(desk, stores):
    _, response = fill_person(desk, stores)
    erase_own(Stores(*stores, desk.settings.pseudonym_key), desk.settings.erasures, "example", response)

    assert list_left(stores[0]) == {}


@ON_BOTH
@pytest.mark.parametrize("order", [("erase", "--again"), ("maintain",)], ids=" ".join)
def test_what_earlier_releases_left_of_erased_persons_is_erased(desk, stores, order):
    link, _ = fill_person(desk, stores)
    _, _, kept = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")
    with stores[0].write() as connection:
        connection.execute(text("UPDATE response SET sealed_labels = 'm', saves = 3 WHERE questionnaire = ''"))
    done = desk.run(*order)

    assert done.exit_code == 0, done.output
    rows = stores[0].fetch("SELECT id, saves, sealed_labels FROM response WHERE saves > 0 OR sealed_labels IS NOT NULL", {})
    assert [tuple(row) for row in rows] == [(kept, 1, None)]

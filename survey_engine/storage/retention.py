"""Statements for privacy: counts of stored personal data, and deletion of data that a closed questionnaire no longer needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import TextClause, text

from survey_engine.storage.database import Database
from survey_engine.storage.identity import begin_seat_transaction
from survey_engine.storage.leftovers import note_erasure

_HAS_CONTACT = (
    "questionnaire = :questionnaire AND (details IS NOT NULL OR login_hash IS NOT NULL OR first_name_hash IS NOT NULL"
    " OR row_hash IS NOT NULL OR name_hash IS NOT NULL)"
)
_IS_LINKED = "questionnaire = :questionnaire AND (pseudonym IS NOT NULL OR key_hash IS NOT NULL)"
_COUNT_SEATS = text(
    "SELECT count(*), count(CASE WHEN CONTACT THEN 1 END) FROM seat WHERE questionnaire = :questionnaire".replace(
        "CONTACT", _HAS_CONTACT
    )
)
_COUNT_RESPONSES = text(
    "SELECT count(*), count(CASE WHEN LINKED THEN 1 END) FROM response WHERE questionnaire = :questionnaire".replace(
        "LINKED", _IS_LINKED
    )
)
_COUNT_WAITING = text("SELECT count(*) FROM panel_waiting WHERE panel LIKE :panels")
_CLEAR_CONTACTS = text(
    "UPDATE seat SET details = NULL, login_hash = NULL, first_name_hash = NULL, row_hash = NULL, name_hash = NULL WHERE CONTACT".replace(
        "CONTACT", _HAS_CONTACT
    )
)
_DELETE_ADDRESSES = text("DELETE FROM seat_address WHERE seat IN (SELECT id FROM seat WHERE questionnaire = :questionnaire)")
_DELETE_SEATS = text("DELETE FROM seat WHERE questionnaire = :questionnaire")
_DELETE_LAUNCHED = text("DELETE FROM lms_seat WHERE questionnaire = :questionnaire")
_DELETE_TOTALS = text("DELETE FROM group_total WHERE questionnaire = :questionnaire")
_DELETE_SHOWN = text("DELETE FROM shown_count WHERE questionnaire = :questionnaire")
_DELETE_DAYS = text("DELETE FROM response_day WHERE questionnaire = :questionnaire")
_DELETE_LABELS = text(
    "UPDATE response SET sealed_labels = NULL WHERE questionnaire = :questionnaire AND sealed_labels IS NOT NULL"
)
_UNLINK = text(
    "UPDATE response SET pseudonym = NULL, key_hash = NULL, key_mark = NULL WHERE LINKED".replace("LINKED", _IS_LINKED)
)
_DELETE_LATER_KEYS = text("DELETE FROM later_key WHERE questionnaire = :questionnaire")
_DELETE_RELEASES = text("DELETE FROM release WHERE questionnaire = :questionnaire")
_DELETE_RESPONSES = text("DELETE FROM response WHERE questionnaire = :questionnaire")
_START = "SELECT device, channel, sealed_labels FROM response WHERE id = :id"
_LAST_ACTIVITY = text("SELECT max(started_at), max(completed_at) FROM response WHERE questionnaire = :questionnaire")
_FIRST_START = text("SELECT min(started_at), NULL FROM response WHERE questionnaire = :questionnaire")
_FIRST_LINKED = text("SELECT min(started_at), NULL FROM response WHERE LINKED".replace("LINKED", _IS_LINKED))
_LAST_VERSION = text("SELECT max(served_at) FROM questionnaire_version WHERE questionnaire = :questionnaire")
_LIST_ANSWERED = text("SELECT DISTINCT questionnaire FROM response WHERE questionnaire <> ''")
_LIST_INVITED = text("SELECT DISTINCT questionnaire FROM seat")


class KeptCounts(NamedTuple):
    """Numbers of rows of a questionnaire."""

    seats: int
    """Personal links."""
    contacts: int
    """Seats with addresses, names, birth dates or labels."""
    responses: int
    linked: int
    """Responses with a pseudonym or a private key."""
    waiting: int
    """Addresses that still wait to join their panel."""


def count_kept(answers: Database, identity: Database, questionnaire: str) -> KeptCounts:
    named = {"questionnaire": questionnaire}
    with identity.read() as connection:
        seats, contacts = connection.execute(_COUNT_SEATS, named).one()
    with answers.read() as connection:
        responses, linked = connection.execute(_COUNT_RESPONSES, named).one()
        waiting = connection.execute(_COUNT_WAITING, {"panels": f"{questionnaire}/%"}).scalar_one()
    return KeptCounts(seats, contacts, responses, linked, waiting)


class Start(NamedTuple):
    """How a response started; unknown texts are empty."""

    device: str = ""
    """Class of the device's width."""
    channel: str = ""
    sealed_labels: str = ""
    """Encrypted: all labels that the response had at its start, hidden ones included."""


def find_start(answers: Database, response: int) -> Start:
    rows = answers.fetch(_START, {"id": response})
    return Start(*(value or "" for value in rows[0])) if rows else Start()


def find_last_activity(answers: Database, questionnaire: str) -> datetime | None:
    """Return the latest time (UTC) at which a response was started or completed; None if there are no responses."""
    return _read_latest(answers, _LAST_ACTIVITY, questionnaire)


def find_first_start(answers: Database, questionnaire: str, *, linked: bool) -> datetime | None:
    """Return the earliest start (UTC) of all responses or, with `linked`, of those with a pseudonym or a private key."""
    return _read_latest(answers, _FIRST_LINKED if linked else _FIRST_START, questionnaire)


def find_last_version(answers: Database, questionnaire: str) -> datetime | None:
    """Return the time (UTC) from which the newest version was served; None if there are no versions."""
    return _read_latest(answers, _LAST_VERSION, questionnaire)


def _read_latest(answers: Database, statement: TextClause, questionnaire: str) -> datetime | None:
    with answers.read() as connection:
        times = [time for time in connection.execute(statement, {"questionnaire": questionnaire}).one() if time]
    found = [time if isinstance(time, datetime) else datetime.fromisoformat(time) for time in times]
    return max((time if time.tzinfo else time.replace(tzinfo=UTC) for time in found), default=None)


def list_questionnaires(answers: Database, identity: Database) -> list[str]:
    """The codes of all questionnaires with responses or seats."""
    with answers.read() as connection:
        codes = set(connection.execute(_LIST_ANSWERED).scalars())
    with identity.read() as connection:
        codes |= set(connection.execute(_LIST_INVITED).scalars())
    return sorted(codes)


def delete_contacts(answers: Database, identity: Database, questionnaire: str) -> int:
    """Delete the persons' data from lists, except background and link; return the number of persons."""
    named = {"questionnaire": questionnaire}
    with begin_seat_transaction(identity) as connection:
        note_erasure(connection)
        connection.execute(_DELETE_ADDRESSES, named)
        deleted = connection.execute(_CLEAR_CONTACTS, named).rowcount
    with answers.write() as connection:
        note_erasure(connection)
        connection.execute(_DELETE_LABELS, named)
    return deleted


def delete_links(answers: Database, identity: Database, questionnaire: str) -> int:
    """Delete all personal links, pseudonyms and private keys of a questionnaire; return the number of links or responses.

    The responses are changed last: while its seat exists, a person could start another response.
    """
    named = {"questionnaire": questionnaire}
    with begin_seat_transaction(identity) as connection:
        note_erasure(connection)
        connection.execute(_DELETE_TOTALS, named)
        connection.execute(_DELETE_LAUNCHED, named)
        connection.execute(_DELETE_SHOWN, named)
        connection.execute(_DELETE_DAYS, named)
        deleted = connection.execute(_DELETE_SEATS, named).rowcount
    with answers.write() as connection:
        note_erasure(connection)
        connection.execute(_DELETE_LABELS, named)
        connection.execute(_DELETE_LATER_KEYS, named)
        return max(deleted, connection.execute(_UNLINK, named).rowcount)


def delete_answers(answers: Database, questionnaire: str) -> int:
    """Delete all responses with their pages; return their number."""
    with answers.write() as connection:
        note_erasure(connection)
        connection.execute(_DELETE_LATER_KEYS, {"questionnaire": questionnaire})
        connection.execute(_DELETE_RELEASES, {"questionnaire": questionnaire})
        return connection.execute(_DELETE_RESPONSES, {"questionnaire": questionnaire}).rowcount

"""Statements that erase responses and withdraw links. `fieldwork/erasure.py` repeats them after a restore."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from sqlalchemy import Connection, bindparam, literal_column, null, or_, text, update
from sqlalchemy.exc import OperationalError

from survey_engine.storage.addresses import forget_unknown
from survey_engine.storage.database import Database
from survey_engine.storage.identity import begin_seat_transaction
from survey_engine.storage.leftovers import note_erasure
from survey_engine.storage.panels import SHORT_LOCK_TIMEOUT, delete_waiting, is_lock_timeout
from survey_engine.storage.roster_seats import set_links, set_withdrawn
from survey_engine.storage.tables import AnswerTable

_FIND_PSEUDONYM = "SELECT pseudonym FROM response WHERE questionnaire = :questionnaire AND id = :id"
_FIND_ANSWERS = text("SELECT id FROM response WHERE questionnaire = :questionnaire AND pseudonym = :pseudonym")
KEPT_COLUMNS = ("id",)
"""Columns that an erasure keeps. The row itself remains, so that no page can be saved and older releases on SQLite do not reuse its id."""
_LONG_AGO = "'2000-01-01 00:00:00'"
_BLANK_VALUES = {"background": "'{}'", "modules": "'{}'", "started_at": _LONG_AGO, "completed_at": _LONG_AGO, "saves": "0"}
"""Column → value in an erased response, if neither NULL nor empty text fits: JSON must be readable, and the response must be closed."""
_RESPONSE = AnswerTable.metadata.tables["response"]
_BLANK = {
    column: null()
    if column.nullable and column.name not in _BLANK_VALUES
    else literal_column(_BLANK_VALUES.get(column.name, "''"))
    for column in _RESPONSE.columns
    if column.name not in KEPT_COLUMNS
}
"""Column → value in an erased response."""
_ERASE = update(_RESPONSE).values({column.name: blank for column, blank in _BLANK.items()})
_ERASE_ANSWERS = _ERASE.where(_RESPONSE.c.id == bindparam("erased"))
_ERASE_REST = _ERASE.where(
    _RESPONSE.c.questionnaire == "", or_(*(column.is_distinct_from(blank) for column, blank in _BLANK.items()))
)
_IS_THERE = text("SELECT 1 FROM response WHERE id = :id AND questionnaire = :questionnaire")
_LIST_ANSWERS = text("SELECT id FROM response WHERE questionnaire = :questionnaire")
_LIST_PSEUDONYMS = text(
    "SELECT questionnaire, pseudonym, institution FROM response WHERE pseudonym IS NOT NULL AND pseudonym NOT LIKE 'lms-%'"
)
_ERASE_PAGES = text("DELETE FROM page WHERE response_id = :id")
_ERASE_LATER_KEYS = text("DELETE FROM later_key WHERE name = :name")
_FIND_SEAT = "SELECT withdrawn FROM seat WHERE id = :seat"
_FIND_LINK = text("SELECT link_hash FROM seat WHERE id = :seat")
_FIND_KEY_HASH = text("SELECT key_hash FROM seat WHERE id = :seat")
_ERASE_SEAT = text("DELETE FROM seat WHERE id = :seat")
_ADD_NAME = text("INSERT INTO withdrawn_response (name) VALUES (:name) ON CONFLICT DO NOTHING")
_REMOVE_NAME = text("DELETE FROM withdrawn_response WHERE name = :name")
_FIND_NAME = "SELECT 1 FROM withdrawn_response WHERE name IN (:name, :replaced_name)"
_FIND_ERASED = "SELECT 1 FROM response WHERE questionnaire = '' LIMIT 1"
_FIND_ANY_NAME = "SELECT 1 FROM withdrawn_response LIMIT 1"
_FIND_WITHDRAWN = "SELECT 1 FROM seat WHERE withdrawn LIMIT 1"
_LIST_WITHDRAWN = "SELECT id FROM seat WHERE withdrawn"
_AWAIT_SAVES = text("LOCK TABLE response IN SHARE MODE")
_RETRY_SECONDS, TIMEOUT = 0.5, 120
"""Seconds between two attempts to get the lock, and for all attempts together."""


def erase_by_pseudonym(answers: Database, questionnaire: str, pseudonym: str, list_names: Callable[[int], Iterable[str]]) -> bool:
    """Erase the response of a pseudonym; return False if there is none.

    Args: list_names: takes the id of a response and returns its names in `panel_waiting` and `later_key`.
    """
    with answers.write() as connection:
        id = connection.execute(_FIND_ANSWERS, {"questionnaire": questionnaire, "pseudonym": pseudonym}).scalar()
        if id is not None:
            _erase(connection, id, list_names)
    return id is not None


def find_pseudonym(answers: Database, questionnaire: str, id: int) -> str | None:
    """Return the pseudonym of a response to this questionnaire; None if it has none or does not exist."""
    rows = answers.fetch(_FIND_PSEUDONYM, {"questionnaire": questionnaire, "id": id})
    return rows[0][0] if rows else None


def erase_response(answers: Database, questionnaire: str, id: int, list_names: Callable[[int], Iterable[str]]) -> bool:
    """Erase a response to this questionnaire; return False when it does not exist."""
    with answers.write() as connection:
        found = connection.execute(_IS_THERE, {"questionnaire": questionnaire, "id": id}).first() is not None
        if found:
            _erase(connection, id, list_names)
    return found


def _erase(connection: Connection, id: int, list_names: Callable[[int], Iterable[str]]) -> None:
    """Erase a response, but keep an empty row with its id: on SQLite, an older version of the program would reuse the id.

    The response is updated first: a concurrent save waits for it, and then fails.
    """
    note_erasure(connection)
    connection.execute(_ERASE_ANSWERS, {"erased": id})
    connection.execute(_ERASE_PAGES, {"id": id})
    for name in list_names(id):
        delete_waiting(connection, name)
        connection.execute(_ERASE_LATER_KEYS, {"name": name})


def erase_rest(answers: Database) -> int:
    """Clear the columns that an earlier release did not clear in erased responses; return the number of changed rows."""
    with answers.write() as connection:
        erased = connection.execute(_ERASE_REST).rowcount
        if erased:
            note_erasure(connection)
    return erased


def list_response_ids(answers: Database, questionnaire: str) -> list[int]:
    """The ids of the responses to a questionnaire."""
    with answers.read() as connection:
        return [row[0] for row in connection.execute(_LIST_ANSWERS, {"questionnaire": questionnaire})]


def map_pseudonyms(answers: Database) -> dict[str, dict[str, str]]:
    """Return questionnaire → pseudonym → institution, for responses by personal links."""
    named: dict[str, dict[str, str]] = {}
    with answers.read() as connection:
        for questionnaire, pseudonym, institution in connection.execute(_LIST_PSEUDONYMS):
            named.setdefault(questionnaire, {})[pseudonym] = institution
    return named


def has_answers(answers: Database, questionnaire: str, pseudonym: str) -> bool:
    with answers.read() as connection:
        values = {"questionnaire": questionnaire, "pseudonym": pseudonym}
        return connection.execute(_FIND_ANSWERS, values).scalar() is not None


def erase_seat(identity: Database, seat: int) -> bool:
    """Delete a seat and thereby its link; return False if the seat does not exist."""
    with begin_seat_transaction(identity) as connection:
        note_erasure(connection)
        found = bool(connection.execute(_ERASE_SEAT, {"seat": seat}).rowcount)
        forget_unknown(connection)
    return found


def is_withdrawn(identity: Database, seat: int) -> bool | None:
    """Whether the link of a seat is withdrawn; None when the seat does not exist."""
    rows = identity.fetch(_FIND_SEAT, {"seat": seat})
    return bool(rows[0][0]) if rows else None


def find_link(identity: Database, seat: int) -> str | None:
    """The hash of a seat's link; None when the seat does not exist."""
    with identity.read() as connection:
        found: str | None = connection.execute(_FIND_LINK, {"seat": seat}).scalar()
    return found


def find_seat_key(identity: Database, seat: int) -> str | None:
    """The hash of a seat's key; None when it has none, or when the seat does not exist."""
    with identity.read() as connection:
        found: str | None = connection.execute(_FIND_KEY_HASH, {"seat": seat}).scalar()
    return found


def replace_links(identity: Database, links: Iterable[tuple[int, str]]) -> None:
    """Replace the links of seats in one transaction.

    Args: links: (seat, hash of its new link).
    """
    with begin_seat_transaction(identity) as connection:
        set_links(connection, links)


def mark_withdrawn(identity: Database, seats: Iterable[int], *, withdrawn: bool) -> int:
    """Withdraw or restore the links of seats; return the number of changed seats."""
    with begin_seat_transaction(identity) as connection:
        return set_withdrawn(connection, seats, withdrawn=withdrawn)


def set_names(answers: Database, names: Iterable[str], *, withdrawn: bool, on_wait: Callable[[], object] = lambda: None) -> int:
    """Add or remove names of withdrawn links; return the number of changed rows.

    The names are keyed hashes and are written in sorted order, so that the order of rows reveals nothing about persons. On PostgreSQL, a
    concurrent save does not see a new name, so the function waits until all such saves have ended.

    Args: on_wait: called once if the function has to wait.
    """
    rows = [{"name": name} for name in sorted(names)]
    if not rows:
        return 0
    with answers.write() as connection:
        changed = connection.execute(_ADD_NAME if withdrawn else _REMOVE_NAME, rows).rowcount
    if withdrawn and not answers.is_sqlite:
        _await_saves(answers, on_wait)
    return changed


def add_name(answers: Database, name: str) -> None:
    """Add the name of a replaced link without waiting for saves that have begun."""
    with answers.write() as connection:
        connection.execute(_ADD_NAME, {"name": name})


def _await_saves(answers: Database, on_wait: Callable[[], object]) -> None:
    """Wait for the end of all saves that have begun. Saves continue between two attempts to lock the table."""
    ends, waits = time.monotonic() + TIMEOUT, False
    while True:
        try:
            with answers.write() as connection:
                connection.execute(SHORT_LOCK_TIMEOUT)
                connection.execute(_AWAIT_SAVES)
        except OperationalError as error:
            if not is_lock_timeout(error) or time.monotonic() > ends:
                raise
            if not waits:
                on_wait()
            waits = True
            time.sleep(_RETRY_SECONDS)
        else:
            return


def has_traces(answers: Database, identity: Database) -> bool:
    """Whether one of the stores contains an erased response, or a withdrawn or replaced link."""
    return bool(has_erased(answers) or has_names(answers) or identity.fetch(_FIND_WITHDRAWN, {}))


def has_erased(answers: Database) -> bool:
    """Whether the store contains an erased response."""
    return bool(answers.fetch(_FIND_ERASED, {}))


def list_all_withdrawn(identity: Database) -> set[int]:
    """The seats with a withdrawn link, of all questionnaires."""
    return {row[0] for row in identity.fetch(_LIST_WITHDRAWN, {})}


def has_names(answers: Database) -> bool:
    """Whether a link is withdrawn or replaced."""
    return bool(answers.fetch(_FIND_ANY_NAME, {}))


def has_name(answers: Database, name: str, replaced_name: str = "") -> bool:
    """Whether one of these names is stored: the link is withdrawn or replaced."""
    return bool(answers.fetch(_FIND_NAME, {"name": name, "replaced_name": replaced_name}))

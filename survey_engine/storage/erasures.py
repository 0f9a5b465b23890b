"""What was taken back and must not return with a restored backup: a list outside both stores, carried out again after a restore.

A line says what was done, to which questionnaire, and the seat's number: it leads to no person without the store of
identities, and to no answer without the pseudonym key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.database import Database, keep_private

ERASED, WITHDRAWN = "erased", "withdrawn"
STEP = 1_000_000_000
"""How much further responses are numbered after a restore: beyond all that were started since the backup."""
_FIND_ANSWERS = text("SELECT id FROM response WHERE questionnaire = :questionnaire AND pseudonym = :pseudonym")
_BLANK = {
    "questionnaire": "''",
    "version": "''",
    "institution": "''",
    "pseudonym": "NULL",
    "language": "''",
    "languages": "''",
    "background": "'{}'",
    "modules": "'{}'",
    "drawn": "NULL",
    "started_at": "'2000-01-01 00:00:00'",
    "completed_at": "'2000-01-01 00:00:00'",
    "receipt": "NULL",
}
"""A row that holds a number and nothing else: it belongs to no questionnaire, and nothing can be saved to it."""
_ERASE_ANSWERS = text(f"UPDATE response SET {', '.join(f'{name} = {blank}' for name, blank in _BLANK.items())} WHERE id = :id")  # noqa: S608
_ERASE_PAGES = text("DELETE FROM page WHERE response_id = :id")
_STEP_SQLITE = text(
    f"INSERT INTO response (id, {', '.join(_BLANK)}) SELECT coalesce(max(id), 0) + :step, {', '.join(_BLANK.values())} FROM response"  # noqa: S608
)
_STEP = text("SELECT setval(name, nextval(name) + :step) FROM pg_get_serial_sequence('response', 'id') AS name")
_FIND_SEAT = text("SELECT withdrawn FROM seat WHERE id = :seat")
_ERASE_SEAT = text("DELETE FROM seat WHERE id = :seat")
_WITHDRAW_SEAT = text("UPDATE seat SET withdrawn = :yes WHERE id = :seat AND NOT withdrawn")


class BrokenList(Exception):  # noqa: N818 - the name says what it is
    """The list holds a line that nobody can carry out; the message names it and ends with the remedy."""


class Deed(NamedTuple):
    """One thing that was taken back: all of a seat, or its link alone."""

    what: str
    questionnaire: str
    seat: int


@dataclass(frozen=True, slots=True)
class Stores:
    """What deeds are carried out on."""

    answers: Database
    identity: Database
    key: str
    """The pseudonym key: it leads from a seat to its response."""

    def name(self, deed: Deed) -> dict[str, object]:
        pseudonym = make_pseudonym(self.key, deed.questionnaire, deed.seat)
        return {"questionnaire": deed.questionnaire, "pseudonym": pseudonym}


def note(path: Path, deed: Deed) -> None:
    """Add a deed to the list; it is on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with keep_private(path).open("a") as file:
        file.write(f"{deed.what},{deed.questionnaire},{deed.seat}\n")
        file.flush()
        os.fsync(file.fileno())


def read_deeds(path: Path) -> list[Deed]:
    """Everything on the list; nothing when there is none.

    Raises:
        BrokenList: when a line cannot be read.
    """
    lines = path.read_text().splitlines() if path.is_file() else []
    deeds = []
    for number, line in enumerate(lines, 1):
        what, questionnaire, seat, *rest = *line.split(","), "", "", ""
        if what not in (ERASED, WITHDRAWN) or not seat.isdecimal() or any(rest):
            raise BrokenList(f"{path}:{number}: this is no erasure. Put back the line from a copy of the list.")
        deeds.append(Deed(what, questionnaire, int(seat)))
    return deeds


def carry_out(stores: Stores, deeds: Iterable[Deed]) -> int:
    """Do what the deeds say, as often as one likes; returns how many were not in effect."""
    return sum([_erase(stores, deed) if deed.what == ERASED else _withdraw(stores, deed) for deed in deeds])


def number_further(answers: Database) -> None:
    """Give no number to a new response that one started after the backup had: cookies and open pages still name it."""
    with answers.write() as connection:
        connection.execute(_STEP_SQLITE if answers.is_sqlite else _STEP, {"step": STEP})


def list_undone(stores: Stores, deeds: Iterable[Deed]) -> list[Deed]:
    """The deeds that are not in effect, as after the restore of a backup that is older than they are."""
    with stores.answers.read() as answers, stores.identity.read() as identity:
        undone = []
        for deed in deeds:
            seat = identity.execute(_FIND_SEAT, {"seat": deed.seat}).first()
            kept = answers.execute(_FIND_ANSWERS, stores.name(deed)).scalar() if deed.what == ERASED else None
            if kept is not None or (seat and (deed.what == ERASED or not seat[0])):
                undone.append(deed)
    return undone


def _erase(stores: Stores, deed: Deed) -> bool:
    """The seat goes first: as long as it is there, its link could start the response anew.

    A response leaves its number behind, which SQLite would give to the next one: cookies and open pages still name it.
    """
    with stores.identity.write() as connection:
        seats = connection.execute(_ERASE_SEAT, {"seat": deed.seat}).rowcount
    with stores.answers.write() as connection:
        id = connection.execute(_FIND_ANSWERS, stores.name(deed)).scalar()
        if id is not None:  # the response first: what is being saved to it waits, and then finds nothing to save to
            connection.execute(_ERASE_ANSWERS, {"id": id})
            connection.execute(_ERASE_PAGES, {"id": id})
    return bool(seats) or id is not None


def _withdraw(stores: Stores, deed: Deed) -> bool:
    with stores.identity.write() as connection:
        return bool(connection.execute(_WITHDRAW_SEAT, {"seat": deed.seat, "yes": True}).rowcount)

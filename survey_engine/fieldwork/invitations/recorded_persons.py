"""Leaves out new persons whose key is that of an erased or withdrawn person of another institution.

Keys may be equal at two institutions, and the name of an erased person is not known: the institution decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from survey_engine.fieldwork.erasure_list import WITHDRAWN
from survey_engine.fieldwork.invitations.roster_outcomes import ADDED, HELD, NEW, RosterChanges
from survey_engine.fieldwork.invitations.seat_maker import SeatMaker
from survey_engine.fieldwork.rosters.keys import iter_spellings
from survey_engine.fieldwork.rosters.row_reader import Student
from survey_engine.fieldwork.signing import normalise_key
from survey_engine.storage.roster_seats import list_institutions, map_withdrawn


class RecordedPerson(NamedTuple):
    """A new person whose key is recorded at another institution."""

    position: int
    """Index of the student."""
    institution: str
    outcome: str
    """`ADDED` or `HELD`."""
    reason: str
    """Such as `erased at north`."""


def leave_out_recorded(connection: Connection, maker: SeatMaker, changes: RosterChanges) -> None:
    """Leave out new persons who are recorded elsewhere. Call it when all who keep a seat are known."""
    found = list(iter_recorded(connection, maker, changes))
    if found:
        _, *rows = (number for number, _ in maker.roster.text.iter_rows())
        for person in found:
            changes.leave_out(person.position, person.institution, person.outcome)
            changes.recorded[person.reason].append(rows[person.position])


def iter_recorded(connection: Connection, maker: SeatMaker, changes: RosterChanges) -> Iterator[RecordedPerson]:
    """Iterate over the new persons who are recorded elsewhere, without those whose own seat was withdrawn and then lost."""
    withdrawn = map_withdrawn(connection, maker.questionnaire.code)
    if not (withdrawn or maker.has_history):
        return
    stored = {*withdrawn.values()}
    places = sorted({*maker.questionnaire.institutions, *list_institutions(connection, maker.questionnaire.code)})
    for at, (seat, student) in enumerate(changes.iter_numbered(maker.roster.iter_students())):
        if seat == NEW and (reason := _find_reason(maker, student, places, withdrawn)):
            number = maker.number(maker.make(student))
            is_held = number in maker.history.withdrawn
            if not is_held or number in stored:
                yield RecordedPerson(at, student.institution, HELD if is_held else ADDED, reason)


def _find_reason(maker: SeatMaker, student: Student, places: Collection[str], withdrawn: Collection[str]) -> str:
    """How and at which other institution the key, with any number of leading zeros, is recorded; empty if it is not."""
    spellings = [student.key, *iter_spellings(normalise_key(student.key), separators="")]
    for place in places:
        for spelling in spellings if place != student.institution else ():
            key_hash = maker.hash_key(place, spelling)
            if fate := WITHDRAWN if key_hash in withdrawn else maker.find_record(key_hash):
                return f"{fate} at {place}"
    return ""

"""Makes seats of the students on a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure_list import SeatHistory
from survey_engine.fieldwork.invitations.links import decrypt_seat, encrypt_seat
from survey_engine.fieldwork.invitations.roster_outcomes import NEW
from survey_engine.fieldwork.invitations.row_checks import reduce_cell
from survey_engine.fieldwork.rosters.csv import LANGUAGE, Roster, Student
from survey_engine.fieldwork.rosters.csv_text import simplify_heading
from survey_engine.fieldwork.signing import hash_key, hash_key_names, hash_row, make_seat_number
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.identity import EncryptedSeat, Seat

SHORTEST = 8
"""Smallest number of letters and digits in the copied cells of a row that identify a person."""


@dataclass(frozen=True, slots=True)
class SeatMaker:
    """Makes seats of the students on a list."""

    roster: Roster
    questionnaire: Questionnaire
    key: str
    """The pseudonym key."""
    contact_keys: ContactKeys
    history: SeatHistory = field(default_factory=SeatHistory)
    """The questionnaire's seats on the list of erasures."""
    key_names: str | None = None
    """Keyed hash of the headings of the key columns."""
    copied: Sequence[int] = ()
    """Positions of the copied columns that are no key."""
    repeated: set[str] = field(default_factory=set)
    """Hashes of rows whose copied cells are not unique in the list; filled by the first reading."""

    @classmethod
    def of_list(
        cls, roster: Roster, questionnaire: Questionnaire, key: str, contact_keys: ContactKeys, history: SeatHistory
    ) -> SeatMaker:
        """The maker of the seats of a list."""
        header, keys = roster.header, roster.reader.keys
        copied = [at for at in range(len(header)) if at not in roster.reader.columns and at not in keys]
        names = hash_key_names(key, questionnaire.code, [simplify_heading(header[at]) for at in keys]) if keys else None
        return cls(roster, questionnaire, key, contact_keys, history, names, copied)

    def make(self, student: Student) -> Seat:
        code, institution = self.questionnaire.code, student.institution
        seat = Seat(code, institution, student.background, student.language)
        if not student.key:
            return seat
        row_hash = self._hash_row(student.cells)
        return replace(
            seat,
            key_hash=self.hash_key(institution, student.key),
            key_names=self.key_names,
            row_hash=None if row_hash in self.repeated else row_hash,
        )

    def _hash_row(self, cells: Sequence[str]) -> str | None:
        """The hash of the copied cells; None when they are too short to identify a person."""
        reduced = [text for at in self.copied if (text := reduce_cell(cells[at]))]
        return hash_row(self.key, self.questionnaire.code, reduced) if sum(map(len, reduced)) >= SHORTEST else None

    def hash_key(self, institution: str, written: str) -> str:
        return hash_key(self.key, self.questionnaire.code, institution, written)

    def encrypt(self, student: Student) -> EncryptedSeat:
        """Encrypt the seat of a new student. A seat that was lost by a restore gets its former number."""
        seat = self.make(student)
        number = self.number(seat)
        return encrypt_seat(self.contact_keys, replace(seat, id=number, withdrawn=number in self.history.withdrawn))

    def number(self, seat: Seat) -> int:
        """The number of a seat, never that of an erased seat; `NEW`, for a random number, when the list has no key."""
        if seat.key_hash is None:
            return NEW
        numbers = (make_seat_number(self.key, seat.key_hash, attempt) for attempt in count())
        return next(number for number in numbers if number not in self.history.erased)

    def was_erased(self, seat: Seat) -> bool:
        """Whether the answers of this person were erased. Unknown, so False, for a seat that an older release gave a random number."""
        return seat.key_hash is not None and make_seat_number(self.key, seat.key_hash, 0) in self.history.erased

    def decrypt(self, stored: EncryptedSeat) -> Seat:
        return decrypt_seat(self.contact_keys, stored)

    def merge(self, wanted: Seat, before: Seat) -> Seat:
        """The seat after the change. Variables without a column in the list stay unchanged."""
        columns = self.roster.columns
        kept = {name: value for name, value in before.background.items() if name not in columns}
        language = wanted.language if LANGUAGE in columns else before.language
        return replace(wanted, id=before.id, background={**kept, **wanted.background}, language=language)

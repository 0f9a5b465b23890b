"""Checks of lists of links after they were edited in a spreadsheet: each link is complete and is that of its row's person."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.invitations.link_files import REPLACES
from survey_engine.fieldwork.invitations.link_lists import LinkList
from survey_engine.fieldwork.invitations.links import decrypt_seat, is_whole, read_token
from survey_engine.fieldwork.invitations.row_checks import DamagedCheckError, RowChecker, RowCodes, reduce_cell, reduce_value
from survey_engine.fieldwork.rosters.keys import find_key_damage, iter_spellings
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError, count_lines
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LANGUAGE, LINK_CHECK, LINK_COLUMN
from survey_engine.fieldwork.signing import hash_key, hash_token, normalise_key
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat

REPLACED_CAUSE, ABSENT = "replaced", "absent"
"""Causes why a link has no seat: replaced by another link; erased, or never made here."""
_FEWEST, SHARE = 2, 0.25
"""Number and share of rows with another background than their link's, from which the links count as moved."""
_DISPLACED = "this link was made for other cells than those of this row. Copy both from links.csv"
CORRECTED = "If cells were corrected on purpose, give the original links.csv, and the corrected list to `remind --corrected`."
_REMEDY = f"{_DISPLACED}. {CORRECTED}"
DAMAGED = f"this '{LINK_CHECK}' was cut or changed, or another release wrote it. Copy it from links.csv."
_FEWEST_UNCHECKED = 2
"""Smallest number of rows without a check that are asked about: one link cannot change places."""
_ZEROS = (
    "this number lost its leading zeros in a spreadsheet: an environment would not find the student. Copy the column from links.csv, or "
    "open the file anew with this column as text."
)
_MOVED_COLUMN = (
    "these cells were written in other rows: this column was sorted or moved apart from its links. Undo that, or copy it from links.csv. "
    f"{CORRECTED}"
)


@dataclass(slots=True)
class _Checked:
    """The state of the checks of one list."""

    links: LinkList
    rows: RowChecker
    mistakes: Mistakes = field(default_factory=Mistakes)
    compared: int = 0
    """Number of rows with a compared background."""
    differing: array[int] = field(default_factory=lambda: array("L"))
    """Lines of rows with another background than their link's, and than `link_check` recorded."""

    unchecked: array[int] = field(default_factory=lambda: array("L"))
    """Lines of rows of persons whose link neither `link_check` nor the key confirms."""
    addresses: set[int] = field(default_factory=set)
    """Columns with addresses."""
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    """(line, column, cell) of error values of a spreadsheet."""

    def note_address(self, line: int, at: int, cell: str) -> None:
        if "@" in cell:
            self.addresses.add(at)
        elif cell.startswith("#") and (damage := find_key_damage(cell)) and damage[0] == "error":
            self.errors.append((line, at, cell))

    def name_errors(self) -> None:
        """Add the error values in columns with addresses to the mistakes."""
        for line, at, cell in self.errors:
            if at in self.addresses:
                wrong = f"'{cell}' in column '{self.links.header[at]}' is no address: a spreadsheet shows it for a wrong formula"
                self.mistakes.add(line, self.links.header[at], cell, f"{wrong}. Write the address, or empty the cell.")

    def iter_displaced(self) -> Iterator[int]:
        """Iterate over the lines that differ, except those that other cells confirm."""
        confirmed = self.rows.list_confirmed({*self.differing})
        return (line for line in self.differing if line not in confirmed)


class LinkChecker:
    """Collects the mistakes in the rows of several lists.

    - `link_check` must be that of the link. By it, no column may have cells that were moved to other rows, and no row may be that of
      another person.
    - Institution and background must be those of the link's seat.
    - The key of a row must be the key of the link's seat. This is checked only if at least one row has the key of one of the links:
      else the column is not the key column of the original list. A key that `link_check` recorded is accepted: it may be an earlier one.
    - A link must be of the same person in all lists.
    """

    def __init__(
        self, pseudonym_key: str, questionnaire: Questionnaire, contact_keys: ContactKeys, key: str = "", *, exact: bool = False
    ) -> None:
        """Args: key: names of the key columns, for messages · exact: a key may not have lost leading zeros."""
        self._exact = exact
        self._pseudonym_key, self.questionnaire, self._contact_keys = pseudonym_key, questionnaire, contact_keys
        self._key = key
        self._codes = RowCodes(pseudonym_key)
        self._lists: list[_Checked] = []
        self._strangers: list[tuple[Mistakes, int]] = []
        """(list, line) of rows whose key differs from their link's."""
        self._noted: dict[int, bytes] = {}
        """Seat → number of its last list, and 16-bit hashes of its first row there: two of the row, one of each copied cell.
        Packed, because a list may have 800,000 rows."""
        self._written, self._stored = set[str](), set[str]()
        """Hashes of the keys of rows, and of the keys of their seats."""
        self._any = False
        self._place: int | None = None
        self._background: list[tuple[int, str]] = []
        self._keys: Sequence[int] = ()
        self._others: list[int] = []
        """Columns of the current list: institution, background, and copied columns."""

    def begin(self, links: LinkList, keys: Sequence[int] = ()) -> None:
        """Begin a list. Args: keys: positions of its key columns."""
        self._keys = keys
        plain = list(map(str.casefold, links.header))
        self._place = plain.index(INSTITUTION_COLUMN) if INSTITUTION_COLUMN in plain else None
        self._background = [(at, name) for at, name in enumerate(plain) if name in self.questionnaire.background]
        known = {INSTITUTION_COLUMN, LANGUAGE, LINK_COLUMN, LINK_CHECK, REPLACES, *self.questionnaire.background}
        self._others = [at for at, name in enumerate(plain) if name not in known]
        copied = links.list_copied()
        shared = {*copied} - {*self._others}
        self._lists.append(_Checked(links, RowChecker(self._codes, {at: links.header[at] for at in copied}, shared)))

    def check(self, line: int, cells: Sequence[str], seat: EncryptedSeat | None, key: str = "") -> None:
        """Check the next row with the seat of its link."""
        checked = self._lists[-1]
        if seat is None:
            if not is_whole(checked.links.get_link(cells)):
                checked.mistakes.add(line, LINK_COLUMN, "cut", "this link is not whole. Copy it from links.csv.")
            return
        self._any = True
        for at in self._others:
            checked.note_address(line, at, cells[at].strip())
        written = self._read_check(checked, line, cells)
        self._check_seat(checked, line, cells, seat, written)
        self._check_repeated(checked, line, cells, seat)
        has_key = bool(key and seat.key_hash)
        is_stranger = has_key and self._is_stranger(seat, key)
        if is_stranger and not self._has_own_key(checked, cells, written):
            self._strangers.append((checked.mistakes, line))
        elif key and self._exact and seat.key_hash and self._has_lost_zeros(seat, key):
            checked.mistakes.add(line, self._key, "zeros", _ZEROS)
        if not written and self._others and (is_stranger or not has_key):
            checked.unchecked.append(line)

    def _read_check(self, checked: _Checked, line: int, cells: Sequence[str]) -> Mapping[str, int]:
        """Return the recorded codes of a row (see `RowCodes.read`), or none without a valid check."""
        if not (check := checked.links.get_check(cells)):
            return {}
        try:
            written = self._codes.read(checked.links.get_written_link(cells), check)
        except DamagedCheckError:
            checked.mistakes.add(line, LINK_CHECK, "damaged", DAMAGED)
            return {}
        if written is None:
            checked.mistakes.add(line, LINK_CHECK, "", _REMEDY)
            return {}
        checked.rows.add(line, written, cells)
        return written

    def _check_seat(
        self, checked: _Checked, line: int, cells: Sequence[str], seat: EncryptedSeat, recorded: Mapping[str, int]
    ) -> None:
        written = cells[self._place] if self._place is not None else ""
        differs = written.strip() and reduce_cell(written) != reduce_cell(seat.institution)
        if differs and not self._is_recorded(checked, cells, recorded, [self._place or 0]):  # a later list moved the person
            text = f"this link is of '{seat.institution}', and the row of another institution. Copy both from links.csv."
            checked.mistakes.add(line, INSTITUTION_COLUMN, seat.institution, text)
        if self._background:
            try:
                background = decrypt_seat(self._contact_keys, seat).background
            except LostContactKeyError:
                return
            checked.compared += 1
            if any(
                _differs(cells[at], background.get(name))
                and recorded.get(self._codes.code_heading(name)) != self._codes.code_value(reduce_value(cells[at]))
                for at, name in self._background
            ):
                checked.differing.append(line)

    def _has_own_key(self, checked: _Checked, cells: Sequence[str], recorded: Mapping[str, int]) -> bool:
        """Whether `link_check` recorded this key: the key with which the link was made, before a later list gave another one."""
        return bool(self._keys) and self._is_recorded(checked, cells, recorded, self._keys)

    def _is_recorded(self, checked: _Checked, cells: Sequence[str], recorded: Mapping[str, int], places: Iterable[int]) -> bool:
        """Whether `link_check` recorded these cells."""
        headings = checked.links.header
        return all(
            recorded.get(self._codes.code_heading(headings[at])) == self._codes.code_value(reduce_value(cells[at]))
            for at in places
        )

    def _check_repeated(self, checked: _Checked, line: int, cells: Sequence[str], seat: EncryptedSeat) -> None:
        row = hash(tuple(cells))
        hashes = (row, row >> 16, *(hash(reduce_cell(cells[at])) for at in self._others))
        noted = array("H", [len(self._lists), *(value & 0xFFFF for value in hashes)])
        before = array("H", self._noted.get(seat.id, b""))
        if not before:
            self._noted[seat.id] = noted.tobytes()
        elif before[0] == noted[0]:
            if before[1:3] != noted[1:3]:
                text = "this link is also on an earlier line, with other cells. Copy both from links.csv."
                checked.mistakes.add(line, LINK_COLUMN, "twice", text)
        else:
            self._noted[seat.id] = noted.tobytes()
            person, other = noted[3:], before[3:]
            if len(other) == len(person) < 2 * sum(x != y for x, y in zip(other, person, strict=True)):
                text = "this link is also in an earlier list, beside another person. Copy both from links.csv."
                checked.mistakes.add(line, LINK_COLUMN, "elsewhere", text)

    def _is_stranger(self, seat: EncryptedSeat, key: str) -> bool:
        """Whether the key of a row is not that of its link's seat."""
        written = self._hash_key(seat, key)
        self._written.add(written)
        self._stored.add(seat.key_hash or "")
        return written != seat.key_hash and not any(
            self._hash_key(seat, spelling) == seat.key_hash for spelling in iter_spellings(normalise_key(key))
        )

    def _has_lost_zeros(self, seat: EncryptedSeat, key: str) -> bool:
        longer = (spelling for spelling in iter_spellings(key) if spelling != key and spelling.lstrip("0") == key)
        return self._hash_key(seat, key) != seat.key_hash and any(self._hash_key(seat, one) == seat.key_hash for one in longer)

    def _hash_key(self, seat: EncryptedSeat, key: str) -> str:
        return hash_key(self._pseudonym_key, self.questionnaire.code, seat.institution, key)

    def list_unchecked(self) -> list[str]:
        """Describe rows that neither `link_check` nor the key confirms: their links may be those of other rows."""
        advice = "the right --key" if self._key else "--key"
        return [
            f"{checked.links.text.path}: {count_lines(checked.unchecked)} no '{LINK_CHECK}', and no key shows that each link is beside its "
            f"own person. Copy '{LINK_CHECK}' from links.csv, or add {advice}; else see whether no column was sorted or moved alone."
            for checked in self._lists
            if len(checked.unchecked) >= _FEWEST_UNCHECKED
        ]

    def finish(self, *, empty: bool = False) -> None:
        """Raise RosterError with the mistakes of the first list with mistakes, or when no link has a seat.

        Args: empty: accept lists in which no link has a seat.
        """
        self._noted.clear()
        if self._written & self._stored:
            for mistakes, line in self._strangers:
                mistakes.add(line, LINK_COLUMN, "stranger", f"this link is of another {self._key}. Copy both from links.csv.")
        for checked in self._lists:
            checked.name_errors()
            for heading, lines in checked.rows.list_moved():
                for line in lines:
                    checked.mistakes.add(line, heading, "moved", f"column '{heading}': {_MOVED_COLUMN}")
            for line in checked.rows.list_displaced():
                checked.mistakes.add(line, LINK_CHECK, "", _REMEDY)
            displaced = list(checked.iter_displaced())
            if len(displaced) >= max(_FEWEST, SHARE * checked.compared):
                for line in displaced:
                    checked.mistakes.add(line, LINK_COLUMN, "background", _OTHER_BACKGROUND)
            if checked.mistakes:
                raise RosterError(checked.links.text.path, checked.mistakes)
        if not self._any and not empty:
            code = self.questionnaire.code
            raise RosterError(self._lists[0].links.text.path, f"none of these links is a valid link to {code}.")


_OTHER_BACKGROUND = (
    "this row has another background than its link, as many rows of this list: its links seem to be moved. Copy both from links.csv, "
    "or remove the columns of the background if a later list corrected them."
)


def _differs(cell: str, value: str | int | None) -> bool:
    return reduce_cell(cell) != reduce_cell("" if value is None else str(value))


class FoundSeats(NamedTuple):
    """The seats of the links of a list, in its order."""

    seats: list[EncryptedSeat]
    lines: list[int]
    """The line of each seat."""
    without: dict[str, list[int]]
    """Cause (REPLACED or ABSENT) → lines of links without a seat."""


def find_seats(identity: Database, checker: LinkChecker, links: LinkList, replaced: Collection[str]) -> FoundSeats:
    """Find the seats of all links of a list.

    Args: replaced: hashes of replaced links.

    Raises:
        RosterError: with every line whose link is cut, repeated or of another person; or when no link has a seat.
    """
    mistakes, found = Mistakes(), FoundSeats([], [], {})
    checker.begin(links)
    seen: set[int] = set()
    for line, cells, seat in links.iter_seats(identity, checker.questionnaire.code):
        link = links.get_link(cells)
        if seat and seat.id in seen:
            mistakes.add(line, LINK_COLUMN, "twice", "this link is also on an earlier line. Remove one of them.")
        elif seat:
            found.seats.append(seat)
            found.lines.append(line)
            checker.check(line, cells, seat)
            links.note_institution(line, cells, seat.institution)
            seen.add(seat.id)
        elif is_whole(link):
            found.without.setdefault(REPLACED_CAUSE if hash_token(read_token(link)) in replaced else ABSENT, []).append(line)
        else:
            mistakes.add(
                line, LINK_COLUMN, "", f"there is no such link to {checker.questionnaire.code}. Copy it from links.csv, whole."
            )
    if mistakes:
        raise RosterError(links.text.path, mistakes)
    checker.finish(empty=REPLACED_CAUSE in found.without)
    return found

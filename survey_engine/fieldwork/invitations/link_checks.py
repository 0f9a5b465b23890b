"""Checks of lists of links after they were edited in a spreadsheet: each link is complete and is that of its row's person."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.invitations.link_files import REPLACES
from survey_engine.fieldwork.invitations.link_lists import LinkList
from survey_engine.fieldwork.invitations.links import decrypt_seat, is_whole
from survey_engine.fieldwork.invitations.row_checks import RowChecker, RowCodes, reduce_cell
from survey_engine.fieldwork.rosters.csv import INSTITUTION, LANGUAGE, LINK, LINK_CHECK
from survey_engine.fieldwork.rosters.keys import iter_spellings
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.signing import hash_key, normalise_key
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat

FEWEST, SHARE = 2, 0.25
"""Number and share of rows with another background than their link's, from which the links count as moved."""
DISPLACED = "this link was made for other cells than those of this row. Copy both from links.csv"
REMEDY = f"{DISPLACED}, or empty '{LINK_CHECK}' in this row if its cells were corrected on purpose."


@dataclass(slots=True)
class _Checked:
    """The state of the checks of one list."""

    links: LinkList
    mistakes: Mistakes = field(default_factory=Mistakes)
    rows: RowChecker = field(default_factory=RowChecker)
    first: dict[int, int] = field(default_factory=dict)
    """Seat → hash of its first row."""
    compared: int = 0
    """Number of rows with a compared background."""
    differing: array[int] = field(default_factory=lambda: array("L"))
    """Lines of rows with another background than their link's."""


class LinkChecker:
    """Collects the mistakes in the rows of several lists.

    - `link_check` must match the cells of its row.
    - Institution and background must be those of the link's seat.
    - The key of a row must be the key of the link's seat. This is checked only if at least one row has the key of one of the links:
      else the column is not the key column of the original list.
    - A link must be of the same person in all lists.
    """

    def __init__(self, pseudonym_key: str, questionnaire: Questionnaire, contact_keys: ContactKeys, key: str = "") -> None:
        """Args: key: names of the key columns, for messages."""
        self._pseudonym_key, self.questionnaire, self._contact_keys = pseudonym_key, questionnaire, contact_keys
        self._key = key
        self._codes = RowCodes(pseudonym_key)
        self._lists: list[_Checked] = []
        self._strangers: list[tuple[Mistakes, int]] = []
        """(list, line) of rows whose key differs from their link's."""
        self._persons: dict[int, tuple[int, ...]] = {}
        """Seat → hashes of the copied cells of its first row in all lists."""
        self._written, self._stored = set[str](), set[str]()
        """Hashes of the keys of rows, and of the keys of their seats."""
        self._any = False
        self._place: int | None = None
        self._background: list[tuple[int, str]] = []
        self._others: list[int] = []
        """Columns of the current list: institution, background, and copied columns."""

    def begin(self, links: LinkList) -> None:
        self._lists.append(_Checked(links))
        plain = list(map(str.casefold, links.header))
        self._place = plain.index(INSTITUTION) if INSTITUTION in plain else None
        self._background = [(at, name) for at, name in enumerate(plain) if name in self.questionnaire.background]
        known = {INSTITUTION, LANGUAGE, LINK, LINK_CHECK, REPLACES, *self.questionnaire.background}
        self._others = [at for at, name in enumerate(plain) if name not in known]

    def check(self, line: int, cells: Sequence[str], seat: EncryptedSeat | None, key: str = "") -> None:
        """Check the next row with the seat of its link."""
        checked = self._lists[-1]
        others = [cells[at] for at in self._others]
        checked.rows.sample(others)
        if seat is None:
            if not is_whole(checked.links.get_link(cells)):
                checked.mistakes.add(line, LINK, "cut", "this link is not whole. Copy it from links.csv.")
            return
        self._any = True
        self._check_seat(checked, line, cells, seat)
        self._check_repeated(checked, line, cells, seat)
        if check := checked.links.get_check(cells):
            checked.rows.add(line, self._codes.iter_known(checked.links.get_written_link(cells), check, others))
        if key and seat.key_hash:
            self._check_key(checked, line, seat, key)

    def _check_seat(self, checked: _Checked, line: int, cells: Sequence[str], seat: EncryptedSeat) -> None:
        written = cells[self._place] if self._place is not None else ""
        if written.strip() and reduce_cell(written) != reduce_cell(seat.institution):
            text = f"this link is of '{seat.institution}', and the row of another institution. Copy both from links.csv."
            checked.mistakes.add(line, INSTITUTION, seat.institution, text)
        if self._background:
            try:
                background = decrypt_seat(self._contact_keys, seat).background
            except LostContactKeyError:
                return
            checked.compared += 1
            if any(_differs(cells[at], background.get(name)) for at, name in self._background):
                checked.differing.append(line)

    def _check_repeated(self, checked: _Checked, line: int, cells: Sequence[str], seat: EncryptedSeat) -> None:
        row = hash(tuple(cells))
        person = tuple(hash(reduce_cell(cells[at])) for at in self._others)
        before = self._persons.setdefault(seat.id, person)
        if checked.first.setdefault(seat.id, row) != row:
            text = "this link is also on an earlier line, with other cells. Copy both from links.csv."
            checked.mistakes.add(line, LINK, "twice", text)
        elif len(before) == len(person) < 2 * sum(x != y for x, y in zip(before, person, strict=True)):
            text = "this link is also in an earlier list, beside another person. Copy both from links.csv."
            checked.mistakes.add(line, LINK, "elsewhere", text)

    def _check_key(self, checked: _Checked, line: int, seat: EncryptedSeat, key: str) -> None:
        written = self._hash_key(seat, key)
        self._written.add(written)
        self._stored.add(seat.key_hash or "")
        if written != seat.key_hash and not any(
            self._hash_key(seat, spelling) == seat.key_hash for spelling in iter_spellings(normalise_key(key))
        ):
            self._strangers.append((checked.mistakes, line))

    def _hash_key(self, seat: EncryptedSeat, key: str) -> str:
        return hash_key(self._pseudonym_key, self.questionnaire.code, seat.institution, key)

    def finish(self, *, empty: bool = False) -> None:
        """Raise RosterError with the mistakes of the first list with mistakes, or when no link has a seat.

        Args: empty: accept lists in which no link has a seat.
        """
        if self._written & self._stored:
            for mistakes, line in self._strangers:
                mistakes.add(line, LINK, "stranger", f"this link is of another {self._key}. Copy both from links.csv.")
        for checked in self._lists:
            for line in checked.rows.list_displaced():
                checked.mistakes.add(line, LINK_CHECK, "", REMEDY)
            if len(checked.differing) >= max(FEWEST, SHARE * checked.compared) and not checked.rows.confirms:
                for line in checked.differing:
                    checked.mistakes.add(line, LINK, "background", _OTHER_BACKGROUND)
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


def find_seats(identity: Database, checker: LinkChecker, links: LinkList) -> list[EncryptedSeat]:
    """The seats of all links of a list.

    Raises:
        RosterError: with every line whose link is unknown, repeated or of another person.
    """
    mistakes, seats = Mistakes(), []
    checker.begin(links)
    seen: set[int] = set()
    for line, cells, seat in links.iter_seats(identity, checker.questionnaire.code):
        if seat and seat.id in seen:
            mistakes.add(line, LINK, "twice", "this link is also on an earlier line. Remove one of them.")
        elif seat:
            seats.append(seat)
            checker.check(line, cells, seat)
            seen.add(seat.id)
        else:
            mistakes.add(line, LINK, "", f"there is no such link to {checker.questionnaire.code}. Copy it from links.csv, whole.")
    if mistakes:
        raise RosterError(links.text.path, mistakes)
    checker.finish(empty=True)
    return seats

"""Rows of files of links with an address that a later list replaced: no reminder or new link may go there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, permutations

from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.invitations.link_files import REPLACES
from survey_engine.fieldwork.invitations.link_lists import LinkList
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.invitations.row_checks import CHECKED_COLUMNS, RowCodes, reduce_cell, reduce_value
from survey_engine.fieldwork.invitations.seat_maker import CONTACT, hash_cells, split_row_hash
from survey_engine.fieldwork.names import is_contact
from survey_engine.fieldwork.rosters.csv_text import simplify_heading
from survey_engine.fieldwork.rosters.keys import iter_spellings, read_key
from survey_engine.fieldwork.rosters.mistakes import RosterError, format_ranges
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LANGUAGE, LINK_CHECK, LINK_COLUMN
from survey_engine.fieldwork.signing import hash_key, hash_key_names, normalise_key
from survey_engine.language.question_types.panel import is_email_address
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.database import Database
from survey_engine.storage.identity import ROWS_PER_READ, EncryptedSeat
from survey_engine.storage.roster_seats import find_by_numbers

_MOST_KEYS = 2
"""Largest number of key columns that are looked for among the columns of a list."""


class OutdatedRows:
    """Finds the rows of one list whose address a later list replaced.

    Stored addresses are compared with those of the row. Of persons without stored addresses the hashes of key and copied cells are
    compared, if the list has the columns with which its links were made. An address that somebody wrote into the list later is accepted.
    """

    def __init__(
        self, links: LinkList, questionnaire: Questionnaire, pseudonym_key: str, contact_keys: ContactKeys, codes: RowCodes
    ) -> None:
        self._links, self._code, self._key = links, questionnaire.code, pseudonym_key
        self._contact_keys, self._codes = contact_keys, codes
        own = {INSTITUTION_COLUMN, LANGUAGE, LINK_COLUMN, LINK_CHECK, REPLACES, *questionnaire.background}
        self._copied = [at for at, name in enumerate(links.header) if name.casefold() not in own]
        self._keys: dict[str, tuple[int, ...]] = {}
        """Hash of the headings of key columns → their positions; none if the list lacks them."""
        self._contacts = set[int]()
        """Columns with a stored address."""
        self._others: list[tuple[int, list[int]]] = []
        """Line, and columns with an address that is not stored, of persons whose stored addresses the row has."""
        self._stored, self._hashed = list[int](), list[int]()

    def add(self, line: int, cells: Sequence[str], seat: EncryptedSeat) -> None:
        """Add a row with the stored seat of its link."""
        recorded = self._read_check(cells)
        addresses = {at: cell for at in self._copied if (cell := self._read_address(at, cells))}
        made = {at: cell for at, cell in addresses.items() if self._is_recorded(at, cells, recorded)}
        if not made:
            return
        stored = self._list_contacts(seat)
        if not stored:
            if self._has_other_cells(cells, seat, recorded):
                self._hashed.append(line)
            return
        others = [at for at, address in made.items() if address not in stored and "@" in address]
        self._contacts.update(at for at, address in made.items() if address in stored)
        if others and made == addresses and not stored <= {*addresses.values()}:
            self._stored.append(line)
        elif others:
            self._others.append((line, others))

    def finish(self, outcome: str, if_stored: str, if_hashed: str) -> None:
        """Raise RosterError with the number of outdated rows, the outcome, and what to do about those of each kind.

        Args:
            if_stored: what to do for persons whose addresses are stored.
            if_hashed: what to do for the others.
        """
        emptied = [line for line, columns in self._others if not self._contacts.isdisjoint(columns)]
        stored = sorted([*self._stored, *emptied])
        if lines := sorted([*stored, *self._hashed]):
            which = format_ranges(lines)
            remedies = [remedy for remedy, rows in ((if_stored, stored), (if_hashed, self._hashed)) if rows]
            wrong = (
                f"{len(lines)} rows are out of date: a later list has other addresses or cells of these persons (rows {which})"
            )
            raise RosterError(self._links.text.path, f"{wrong}. {outcome} {' '.join(remedies)}")

    def _read_check(self, cells: Sequence[str]) -> Mapping[str, int]:
        check = self._links.get_check(cells)
        return (self._codes.read(self._links.get_written_link(cells), check) or {}) if check else {}

    def _list_contacts(self, seat: EncryptedSeat) -> set[str]:
        """The stored addresses of a person; none if they cannot be decrypted."""
        try:
            details = decrypt_seat(self._contact_keys, seat).details if seat.details else None
        except LostContactKeyError:
            return set()
        return {address.strip().casefold() for address in (details or {}).get(CONTACT, {}).values()}

    def _read_address(self, at: int, cells: Sequence[str]) -> str:
        """An address or telephone number in a cell; empty if there is none."""
        cell = cells[at].strip()
        return cell.casefold() if is_email_address(cell) or is_contact(self._links.header[at]) else ""

    def _is_recorded(self, at: int, cells: Sequence[str], recorded: Mapping[str, int]) -> bool:
        """Whether the link was made with this cell, as far as known."""
        heading = self._codes.code_heading(self._links.header[at])
        return not recorded or recorded.get(heading) == self._codes.code_value(reduce_value(cells[at]))

    def _has_other_cells(self, cells: Sequence[str], seat: EncryptedSeat, recorded: Mapping[str, int]) -> bool:
        """Whether the last list with the person of a seat had other cells, or another address as the key."""
        if not (seat.key_hash and seat.key_names and (keys := self._find_keys(seat.key_names))):
            return False
        key = "\n".join(read_key(cells, keys))
        spellings = (key, *iter_spellings(normalise_key(key)))
        if "@" in key and not any(hash_key(self._key, self._code, seat.institution, one) == seat.key_hash for one in spellings):
            return True
        headings = {self._codes.code_heading(name) for name in self._links.header}
        copied = {self._codes.code_heading(self._links.header[at]) for at in self._copied[:CHECKED_COLUMNS]}
        if not copied <= recorded.keys() <= headings:
            return False
        before = split_row_hash(seat.row_hash)[:1]
        reduced = [text for at in self._copied if at not in keys and (text := reduce_cell(cells[at]))]
        return bool(before) and before != [hash_cells(self._key, self._code, reduced)]

    def _find_keys(self, names: str) -> tuple[int, ...]:
        if names not in self._keys:
            headings = {at: simplify_heading(self._links.header[at]) for at in self._copied}
            groups = (group for size in range(1, _MOST_KEYS + 1) for group in permutations(self._copied, size))
            wanted = (group for group in groups if hash_key_names(self._key, self._code, [headings[at] for at in group]) == names)
            self._keys[names] = next(wanted, ())
        return self._keys[names]


def iter_stored(
    identity: Database, questionnaire: str, links: LinkList, lines: set[int]
) -> Iterator[tuple[int, list[str], EncryptedSeat]]:
    """Iterate over (line, cells, stored seat) of these lines of a list, without rows whose link has no seat."""
    rows = ((line, cells, seat.id) for line, cells, seat in links.iter_seats(identity, questionnaire) if seat and line in lines)
    while batch := list(islice(rows, ROWS_PER_READ)):
        with identity.read() as connection:
            stored = {seat.id: seat for seat in find_by_numbers(connection, [seat for *_, seat in batch])}
        yield from ((line, cells, stored[seat]) for line, cells, seat in batch if seat in stored)

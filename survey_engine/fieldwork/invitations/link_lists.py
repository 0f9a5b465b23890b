"""Lists with a column `link`, such as links.csv: read to withdraw, replace or remind."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.invitations.link_files import REPLACES, guard_copy
from survey_engine.fieldwork.invitations.links import find_by_tokens, read_token
from survey_engine.fieldwork.invitations.row_checks import RowCodes, reduce_cell
from survey_engine.fieldwork.rosters.csv_text import (
    CsvText,
    check_headings,
    clean_headings,
    find_heading,
    format_headings,
    open_csv,
)
from survey_engine.fieldwork.rosters.mistakes import RosterError, format_ranges
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LINK_CHECK, LINK_COLUMN
from survey_engine.fieldwork.rosters.row_source import RowSource
from survey_engine.fieldwork.rosters.workbook_rows import is_workbook, open_workbook
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.storage.database import Database
from survey_engine.storage.identity import ROWS_PER_READ, EncryptedSeat


@dataclass(frozen=True, slots=True)
class LinkList:
    """A list with the column `link`. Each iteration reads the file again."""

    text: RowSource
    header: list[str]
    """The headings; an empty column `link_check` is added at the end when the file has none."""
    width: int
    """Number of columns in the file."""
    replaced: dict[str, str] = field(default_factory=dict)
    """Token of a replaced link → new link."""
    left_out: Collection[int] = frozenset()
    """Lines that are not read."""
    institutions: dict[int, str] = field(default_factory=dict)
    """Line → institution of the link's person, where the row has another; filled by `note_institution`."""

    def iter_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Iterate over (line, cells)."""
        rows = self.text.iter_rows(lambda cells: len(cells) == self.width > 1 and "/l/" in cells[self._place])
        next(rows)
        missing = [""] * (len(self.header) - self.width)
        for line, cells in rows:
            if not isinstance(self.text, CsvText):  # a workbook has no empty cells at the end of a row
                cells.extend([""] * (self.width - len(cells)))
            if len(cells) != self.width:
                raise RosterError(self.text.path, f"this row has {len(cells)} cells, the header has {self.width}.", line)
            if line not in self.left_out:
                yield line, cells + missing

    def iter_seats(self, identity: Database, questionnaire: str) -> Iterator[tuple[int, list[str], EncryptedSeat | None]]:
        """Iterate over (line, cells, seat); the seat is None when the link has none."""
        rows = self.iter_rows()
        while batch := list(islice(rows, ROWS_PER_READ)):
            seats = find_by_tokens(identity, questionnaire, [read_token(self.get_link(cells)) for _, cells in batch])
            yield from ((line, cells, seat) for (line, cells), seat in zip(batch, seats, strict=True))

    def list_copied(self) -> list[int]:
        """Positions of the columns that are not the program's own."""
        return [at for at, name in enumerate(self.header) if name.casefold() not in {LINK_COLUMN, LINK_CHECK, REPLACES}]

    def hash_copied(self, cells: Sequence[str]) -> int:
        """A hash of the cells that are not the program's own, by heading."""
        return hash(tuple(sorted((self.header[at], cells[at].strip()) for at in self.list_copied())))

    def list_headings(self) -> list[str]:
        """The headings without the column `replaces`."""
        return [name for at, name in enumerate(self.header) if at != self._replaces]

    def get_written_link(self, cells: Sequence[str]) -> str:
        return cells[self._place]

    def get_link(self, cells: Sequence[str]) -> str:
        """The link of a row, or its last replacement."""
        link, seen = cells[self._place], set[str]()
        while (token := read_token(link)) in self.replaced and token not in seen:
            seen.add(token)
            link = self.replaced[token]
        return link

    def note_institution(self, line: int, cells: Sequence[str], institution: str) -> None:
        """Note where the person of a row is now: a list may have moved the person since the file was made."""
        place = find_heading(self.header, INSTITUTION_COLUMN)
        if place is not None and reduce_cell(cells[place]) not in ("", reduce_cell(institution)):
            self.institutions[line] = institution

    def move(self, line: int, cells: Sequence[str], codes: RowCodes) -> Sequence[str]:
        """Return a row with the institution that was noted for it."""
        if line not in self.institutions:
            return cells
        place = find_heading(self.header, INSTITUTION_COLUMN)
        moved = [self.institutions[line] if at == place else cell for at, cell in enumerate(cells)]
        return self.replace_link(moved, self.get_written_link(cells), codes)

    def get_check(self, cells: Sequence[str]) -> str:
        return cells[self._check].strip()

    def replace_link(self, cells: Sequence[str], address: str, codes: RowCodes) -> list[str]:
        """Return a row with another link, and a new check if it had one."""
        others = self.list_copied()
        headings, copied = [self.header[at] for at in others], [cells[at] for at in others]
        check = codes.make(address, headings, copied) if self.get_check(cells) else ""
        return [address if at == self._place else check if at == self._check else cell for at, cell in enumerate(cells)]

    def name_replaced(self) -> LinkList:
        """The list with the column `replaces`, at the end if the file has none."""
        return self if self._replaces is not None else dataclass_replace(self, header=[*self.header, REPLACES])

    def iter_replaced(self, addresses: Iterable[str], codes: RowCodes) -> Iterator[list[str]]:
        """Iterate over the rows with new links and, in the column `replaces`, the old ones."""
        for (line, cells), address in zip(self.iter_rows(), addresses, strict=True):
            new, old = self.replace_link(self.move(line, cells, codes), address, codes), self.get_written_link(cells)
            yield [old if at == self._replaces else cell for at, cell in enumerate(new)]

    def renew(self, cells: list[str], codes: RowCodes) -> list[str]:
        """Return a row with the last replacement of its link."""
        link = self.get_link(cells)
        return cells if link == cells[self._place] else self.replace_link(cells, link, codes)

    def find_column(self, name: str) -> int:
        """The position of a column. Raises RosterError when it does not exist."""
        position = find_heading(self.header, name)
        if position is None:
            wrong = f"there is no column '{name}'{suggest_name(name, self.header)}. It has: {join_names(self.header)}."
            raise RosterError(self.text.path, wrong, 1)
        return position

    @property
    def is_reissue(self) -> bool:
        """Whether this is the file of a single replaced link."""
        return {*map(str.casefold, self.header)} == {INSTITUTION_COLUMN, LINK_COLUMN, REPLACES, LINK_CHECK}

    @property
    def _replaces(self) -> int | None:
        plain = [name.casefold() for name in self.header]
        return plain.index(REPLACES) if REPLACES in plain else None

    @property
    def _place(self) -> int:
        return [name.casefold() for name in self.header].index(LINK_COLUMN)

    @property
    def _check(self) -> int:
        return [name.casefold() for name in self.header].index(LINK_CHECK)


def read_link_list(path: Path) -> LinkList:
    """Read a list. Raises RosterError when it has no column `link`."""
    text = (
        open_unmarked(path, [LINK_COLUMN, LINK_CHECK, INSTITUTION_COLUMN], [LINK_COLUMN]) if is_workbook(path) else open_csv(path)
    )
    _, header = next(text.iter_rows(), (0, [""]))
    header = clean_headings(header)
    if isinstance(text, CsvText):
        check_headings(text, header, LINK_COLUMN)
    if LINK_COLUMN not in map(str.casefold, header):
        wrong = f"there is no column '{LINK_COLUMN}' in line 1, which has: {format_headings(header)}"
        raise RosterError(path, f"{wrong}. Give links.csv, or those rows of it that are meant, with the header.", 1)
    added = [] if LINK_CHECK in map(str.casefold, header) else [LINK_CHECK]
    return LinkList(text, header + added, len(header))


def open_unmarked(path: Path, headings: Collection[str], needed: Collection[str]) -> RowSource:
    """Open a workbook such as links.xlsx. Rows that somebody hid or struck may be meant to be left out, so they are refused.

    Args: headings, needed: as in `open_workbook`.
    """
    rows = open_workbook(path, headings, needed)
    struck = sorted({row for row, *_ in rows.get_marks("struck")})
    if rows.hidden_rows or struck or not rows.is_scanned:
        marked = [f"hidden: {format_ranges(rows.hidden_rows)}"] if rows.hidden_rows else []
        marked += [f"in strike-through: {format_ranges(struck)}"] if struck else []
        wrong = f"rows are {'; '.join(marked)}" if marked else "hidden rows of this kind of workbook cannot be found"
        raise RosterError(path, f"{wrong}. Show or remove them, and save the rows that are meant as “CSV UTF-8” or .xlsx.")
    return rows


def merge_reissues(lists: Sequence[LinkList]) -> list[LinkList]:
    """Apply files of single replaced links to the other lists, and return those lists. Without other lists, return all.

    Raises:
        RosterError: when a replaced link is on none of the lists.
    """
    reissues, others = [links for links in lists if links.is_reissue], [links for links in lists if not links.is_reissue]
    if not reissues or not others:
        return list(lists)
    replaced: dict[str, str] = {}
    origins: dict[str, tuple[Path, int]] = {}
    for links in reissues:
        place = links.find_column(REPLACES)
        for line, cells in links.iter_rows():
            token = read_token(cells[place])
            replaced[token] = links.get_link(cells)
            origins[token] = links.text.path, line
    held = {read_token(links.get_written_link(cells)) for links in others for _, cells in links.iter_rows()}
    for token, (path, line) in origins.items():
        if token not in held and token not in map(read_token, replaced.values()):
            raise RosterError(path, "this link replaces one that is on none of the lists. Give its list too.", line)
    return [dataclass_replace(links, replaced=replaced) for links in others]


def align(cells: Sequence[str], links: LinkList, first: LinkList) -> Sequence[str]:
    """A row in the columns of the first list, which may alone have the column `replaces`, or alone lack it."""
    own = {name: at for at, name in enumerate(links.header)}
    return cells if links.header == first.header else [cells[own[name]] if name in own else "" for name in first.header]


def write_list(path: Path, links: LinkList, rows: Iterable[Sequence[str]]) -> None:
    """Write rows with the header and delimiter of a list."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=links.text.delimiter)
        writer.writerow(map(guard_copy, links.header))
        writer.writerows(map(guard_copy, row) for row in rows)

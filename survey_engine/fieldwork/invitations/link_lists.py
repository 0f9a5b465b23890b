"""Lists with personal links, as `links.csv` is one: read back to withdraw, to replace, to remind."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.invitations.link_files import guard_copy
from survey_engine.fieldwork.invitations.links import find_by_tokens, read_token
from survey_engine.fieldwork.rosters.csv import LINK
from survey_engine.fieldwork.rosters.csv_text import CsvText, check_headings, clean_headings, open_csv, show_headings
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.storage.database import Database
from survey_engine.storage.identity import BATCH, SealedSeat


@dataclass(frozen=True, slots=True)
class LinkList:
    """A list with the column `link`; its rows are read from the file anew each time."""

    text: CsvText
    header: list[str]

    def iter_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of each row."""
        rows = self.text.iter_rows(lambda cells: len(cells) == len(self.header) > 1 and "/l/" in cells[self._place])
        next(rows)
        for line, cells in rows:
            if len(cells) != len(self.header):
                raise RosterError(self.text.path, f"this row has {len(cells)} cells, the header has {len(self.header)}.", line)
            yield line, cells

    def iter_seats(self, identity: Database, questionnaire: str) -> Iterator[tuple[int, list[str], SealedSeat | None]]:
        """Line, cells and seat of each row; None for a link that leads nowhere."""
        rows = self.iter_rows()
        while batch := list(islice(rows, BATCH)):
            seats = find_by_tokens(identity, questionnaire, [read_token(self.get_link(cells)) for _, cells in batch])
            yield from ((line, cells, seat) for (line, cells), seat in zip(batch, seats, strict=True))

    def get_link(self, cells: Sequence[str]) -> str:
        return cells[self._place]

    def iter_replaced(self, addresses: Iterable[str]) -> Iterator[list[str]]:
        """The rows with other links."""
        for (_, cells), address in zip(self.iter_rows(), addresses, strict=True):
            yield [address if at == self._place else cell for at, cell in enumerate(cells)]

    def find_column(self, name: str) -> int:
        """Its position. Raises RosterError when there is no such column."""
        plain = [heading.casefold() for heading in self.header]
        if name.casefold() not in plain:
            wrong = f"there is no column '{name}'{suggest_name(name, self.header)}. It has: {join_names(self.header)}."
            raise RosterError(self.text.path, wrong, 1)
        return plain.index(name.casefold())

    @property
    def _place(self) -> int:
        return [name.casefold() for name in self.header].index(LINK)


def read_link_list(path: Path) -> LinkList:
    """Raises RosterError when it is no list with a column `link`."""
    text = open_csv(path)
    _, header = next(text.iter_rows(), (0, [""]))
    header = clean_headings(header)
    check_headings(text, header, LINK)
    if LINK not in map(str.casefold, header):
        wrong = f"there is no column '{LINK}' in line 1, which holds: {show_headings(header)}"
        raise RosterError(path, f"{wrong}. Give links.csv, or those rows of it that are meant, with the header.", 1)
    return LinkList(text, header)


def find_seats(identity: Database, questionnaire: str, links: LinkList) -> list[SealedSeat]:
    """The seats behind all links of a list.

    Raises:
        RosterError: names every line whose link is unknown or stands there twice.
    """
    mistakes, seats = Mistakes(), []
    seen: set[int] = set()
    for line, _, seat in links.iter_seats(identity, questionnaire):
        if seat and seat.id in seen:
            mistakes.add(line, LINK, "twice", "this link stands on an earlier line too. Remove one of them.")
        elif seat:
            seats.append(seat)
            seen.add(seat.id)
        else:
            mistakes.add(line, LINK, "", f"there is no such link to {questionnaire}. Copy it from links.csv, whole.")
    if mistakes:
        raise RosterError(links.text.path, mistakes)
    return seats


def write_list(path: Path, links: LinkList, rows: Iterable[Sequence[str]]) -> None:
    """Write rows of a list under its header, as it was."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=links.text.delimiter)
        writer.writerow(map(guard_copy, links.header))
        writer.writerows(map(guard_copy, row) for row in rows)

"""Files of links: a table for a mail merge, and cards with QR codes per group."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from survey_engine.fieldwork.invitations.link_sheets import LinkCard, SheetWriter
from survey_engine.fieldwork.invitations.row_checks import RowCodes
from survey_engine.fieldwork.rosters.csv import Roster
from survey_engine.fieldwork.rosters.csv_text import find_heading, simplify_heading
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LINK_CHECK, LINK_COLUMN, Student
from survey_engine.fieldwork.start_form import add_channel
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.spreadsheet_cells import guard

LINKS, REPLACES = "links.csv", "replaces"
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*")


def list_columns(roster: Roster) -> list[tuple[int, str]]:
    """Position and heading of each column for files of links. A label has its own column, and not that of the variable it becomes."""
    variables = {*roster.analysed.values()}
    freed = {at: name for at in roster.analysed if (name := roster.names[at][1]) in variables}
    return [(at, freed.get(at, heading)) for at, heading in enumerate(roster.header) if heading not in variables]


class _RowWriter:
    """Makes the rows of a file of links: the columns of a list, the link, and its check."""

    def __init__(self, roster: Roster, codes: RowCodes) -> None:
        self._places = [at for at, _ in list_columns(roster)]
        self._headings = [guard_copy(heading) for _, heading in list_columns(roster)]
        self._codes = codes

    @property
    def header(self) -> list[str]:
        return [*self._headings, LINK_COLUMN, LINK_CHECK]

    def make(self, student: Student, address: str) -> list[str]:
        cells = [student.cells[at] for at in self._places]
        return [*map(guard_copy, cells), address, self._codes.make(address, self._headings, cells)]


def write_links(folder: Path, roster: Roster, links: Iterable[tuple[Student, str]], codes: RowCodes) -> list[Path]:
    """Write the list with links, as UTF-8 with a byte order mark and the delimiter of the list; return the file. No cell is a formula."""
    rows, path = _RowWriter(roster, codes), folder / LINKS
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=roster.delimiter)
        writer.writerow(rows.header)
        writer.writerows(rows.make(student, address) for student, address in links)
    return [path]


def write_links_apart(folder: Path, roster: Roster, links: Iterable[tuple[Student, str]], codes: RowCodes) -> list[Path]:
    """Write a file `links.csv` for each institution, in its folder; return the files."""
    rows = _RowWriter(roster, codes)
    with ExitStack() as files:
        writers: dict[str, Any] = {}
        for student, address in links:
            writer = writers.get(student.institution)
            if writer is None:
                file = files.enter_context((folder / student.institution / LINKS).open("w", encoding="utf-8-sig", newline=""))
                writer = writers[student.institution] = csv.writer(file, delimiter=roster.delimiter)
                writer.writerow(rows.header)
            writer.writerow(rows.make(student, address))
        return [folder / institution / LINKS for institution in writers]


def write_link_workbooks(folder: Path, delimiter: str) -> None:
    """Write a workbook beside each `links.csv`, with the same cells, all of them text."""
    for path in sorted(folder.rglob(LINKS)):
        with (
            path.open(encoding="utf-8-sig", newline="") as file,
            Workbook(path.with_suffix(".xlsx"), {"constant_memory": True, "tmpdir": str(path.parent)}) as workbook,
        ):
            sheet, text = workbook.add_worksheet("links"), workbook.add_format({"num_format": "@"})
            sheet.freeze_panes(1, 0)
            for at, cells in enumerate(csv.reader(file, delimiter=delimiter)):
                for place, cell in enumerate(cells):
                    sheet.write_string(at, place, cell, text)


def write_link(path: Path, institution: str, address: str, replaced: str) -> None:
    """Write one link with its institution and the link that it replaces."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([(INSTITUTION_COLUMN, LINK_COLUMN, REPLACES), (institution, address, replaced)])


@lru_cache(maxsize=20_000)
def guard_copy(cell: str) -> str:
    """Guard a cell that a spreadsheet would compute. Telephone numbers with a plus stay unchanged.

    >>> guard_copy("+31 6 1234 5678"), guard_copy("+1+1")
    ('+31 6 1234 5678', "'+1+1")
    """
    return cell if _NUMBER.fullmatch(cell) else guard(cell)


def find_column(roster: Roster, name: str) -> int:
    """The position of a column, by its heading in the file, its heading in files of links, or its name in the format.

    Raises UnknownColumnError without one.
    """
    shown = list_columns(roster)
    named = [roster.names.get(at, (heading, heading)) for at, heading in shown]
    written, headings, known = [one for one, _ in named], [heading for _, heading in shown], [one for _, one in named]
    for candidates in (written, headings, known):
        at = candidates.index(name) if name in candidates else find_heading(candidates, name)
        if at is not None:
            return shown[at][0]
    raise UnknownColumnError(f"There is no column '{name}'{suggest_name(name, written)}. The list has: {join_names(written)}.")


class CardMaker:
    """Makes cards in the language of the student, or else in the first language of the institution."""

    def __init__(self, questionnaire: Questionnaire, roster: Roster, columns: Sequence[str], group: str) -> None:
        """Check the columns.

        Args:
            columns: columns to print under the institution.
            group: column whose values get one file each.

        Raises:
            UnknownColumnError: when the list does not have one of the columns.
        """
        *places, self._group = (find_column(roster, name) for name in (*columns, group))
        self.questionnaire, self.columns = questionnaire, [(roster.names.get(at, (roster.header[at],))[0], at) for at in places]
        self._by_institution = simplify_heading(roster.header[self._group]) == INSTITUTION_COLUMN
        self.titles = {code: format_title(questionnaire, code) for code in questionnaire.languages}

    def make(self, student: Student, address: str) -> LinkCard:
        institution = self.questionnaire.institutions[student.institution]
        language = self.questionnaire.languages[student.language or institution.languages[0]]
        lines = [f"{name}: {student.cells[at].strip()}" for name, at in self.columns if student.cells[at].strip()]
        return LinkCard(self.titles[language.code], (institution.name, *lines), address, language.html_lang)

    def find_group(self, student: Student) -> tuple[str, str]:
        """The group as a file name, unique per institution, and as a heading."""
        name = self.questionnaire.institutions[student.institution].name
        if self._by_institution:
            return student.institution, name
        group = student.cells[self._group].strip()
        return f"{student.institution} {group}", f"{name} – {group}"


@dataclass(frozen=True, slots=True)
class LinkFiles:
    """The files of new links."""

    cards: CardMaker | None = None
    """Makes cards with QR codes."""
    apart: bool = False
    """A folder for each institution."""
    xlsx: bool = False
    """Also workbooks."""

    def make_folders(self, folder: Path, roster: Roster) -> None:
        """Make the folder of each institution, if they have their own."""
        for institution in roster.institutions if self.apart else ():
            (folder / institution).mkdir(mode=0o700)

    def write(self, folder: Path, roster: Roster, links: Iterable[tuple[Student, str]], codes: RowCodes) -> list[Path]:
        """Write the files; return each `links.csv`."""
        write = write_links_apart if self.apart else write_links
        written = write(folder, roster, links, codes)
        if self.xlsx:
            write_link_workbooks(folder, roster.delimiter)
        return written

    def write_cards(self, folder: Path, links: Iterable[tuple[Student, str]]) -> list[Path]:
        """Write the cards; return their files."""
        return write_cards(folder, self.cards, links, apart=self.apart) if self.cards else []


class UnknownColumnError(Exception):
    """The list does not have a requested column."""


def format_title(questionnaire: Questionnaire, language: str) -> str:
    return Wording(questionnaire, questionnaire.languages[language], None).line(questionnaire.title)


def write_cards(folder: Path, maker: CardMaker, links: Iterable[tuple[Student, str]], *, apart: bool = False) -> list[Path]:
    """Write a card for each link, in one or more files per group; return the files.

    Args: apart: in the folder of the institution.
    """
    with SheetWriter(folder, maker.titles[maker.questionnaire.source_language]) as sheets:
        for student, address in links:
            group, heading = maker.find_group(student)
            sheets.add(group, maker.make(student, address), heading, student.institution if apart else "")
    return sheets.paths


def list_open_links(questionnaire: Questionnaire, base_url: str, channel: str | None = None) -> list[tuple[str, str, str]]:
    """Code, name and open link of each institution that has one."""
    institutions = (institution for institution in questionnaire.institutions.values() if institution.has_start_page)
    return [(i.code, i.name, add_channel(f"{base_url}/q/{questionnaire.code}/{i.code}", channel)) for i in institutions]


def write_open_links(folder: Path, questionnaire: Questionnaire, links: Sequence[tuple[str, str, str]]) -> int:
    """Write a table of the open links and a poster for each; return their number."""
    with (folder / "open_links.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([INSTITUTION_COLUMN, "name", LINK_COLUMN])
        writer.writerows([code, guard(name), address] for code, name, address in links)
    title = format_title(questionnaire, questionnaire.source_language)
    with SheetWriter(folder, title, name="open_links", large=True) as sheets:
        for card in _make_posters(questionnaire, title, links):
            sheets.add("", card)
    return len(links)


def _make_posters(questionnaire: Questionnaire, title: str, links: Iterable[tuple[str, str, str]]) -> Iterator[LinkCard]:
    for code, name, address in links:
        language = questionnaire.languages[questionnaire.institutions[code].languages[0]]
        yield LinkCard(name, (title,), address, language.html_lang)

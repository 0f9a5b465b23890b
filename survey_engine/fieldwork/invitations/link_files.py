"""Files of links: a table for a mail merge, and cards with QR codes per group."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from survey_engine.fieldwork.invitations.link_sheets import Card, SheetWriter
from survey_engine.fieldwork.invitations.row_checks import RowCodes
from survey_engine.fieldwork.rosters.csv import INSTITUTION, LINK, LINK_CHECK, Roster, Student
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.spreadsheet_cells import guard

LINKS, REPLACES = "links.csv", "replaces"
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*")


def write_links(path: Path, roster: Roster, links: Iterable[tuple[Student, str]], codes: RowCodes) -> None:
    """Write the list with links, as UTF-8 with a byte order mark and the delimiter of the list. No cell is a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=roster.delimiter)
        headings = list(map(guard_copy, roster.header))
        writer.writerow([*headings, LINK, LINK_CHECK])
        writer.writerows(
            [*map(guard_copy, student.cells), address, codes.make(address, headings, student.cells)] for student, address in links
        )


def write_link(path: Path, institution: str, address: str, replaced: str) -> None:
    """Write one link with its institution and the link that it replaces."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([(INSTITUTION, LINK, REPLACES), (institution, address, replaced)])


def guard_copy(cell: str) -> str:
    """Guard a cell that a spreadsheet would compute. Telephone numbers with a plus stay unchanged.

    >>> guard_copy("+31 6 1234 5678"), guard_copy("+1+1")
    ('+31 6 1234 5678', "'+1+1")
    """
    return cell if _NUMBER.fullmatch(cell) else guard(cell)


class CardMaker:
    """Makes cards in the language of the student, or else in the first language of the institution."""

    def __init__(self, questionnaire: Questionnaire, header: Sequence[str], columns: Sequence[str], group: str) -> None:
        """Check the columns.

        Args:
            columns: columns to print under the institution.
            group: column whose values get one file each.

        Raises:
            UnknownColumnError: when the list does not have one of the columns.
        """
        for name in (*columns, group):
            if name not in header:
                raise UnknownColumnError(
                    f"There is no column '{name}'{suggest_name(name, header)}. The list has: {join_names(header)}."
                )
        self.questionnaire, self.columns = questionnaire, [(name, header.index(name)) for name in columns]
        self._group, self._by_institution = header.index(group), group == INSTITUTION
        self.titles = {code: write_title(questionnaire, code) for code in questionnaire.languages}

    def make(self, student: Student, address: str) -> Card:
        institution = self.questionnaire.institutions[student.institution]
        language = self.questionnaire.languages[student.language or institution.languages[0]]
        lines = [f"{name}: {student.cells[at].strip()}" for name, at in self.columns if student.cells[at].strip()]
        return Card(self.titles[language.code], (institution.name, *lines), address, language.html_lang)

    def find_group(self, student: Student) -> tuple[str, str]:
        """The group as a file name, unique per institution, and as a heading."""
        name = self.questionnaire.institutions[student.institution].name
        if self._by_institution:
            return student.institution, name
        group = student.cells[self._group].strip()
        return f"{student.institution} {group}", f"{name} – {group}"


class UnknownColumnError(Exception):
    """The list does not have a requested column."""


def write_title(questionnaire: Questionnaire, language: str) -> str:
    return Wording(questionnaire, questionnaire.languages[language], None).line(questionnaire.title)


def write_cards(folder: Path, maker: CardMaker, links: Iterable[tuple[Student, str]]) -> list[Path]:
    """Write a card for each link, in one or more files per group; return the files."""
    with SheetWriter(folder, maker.titles[maker.questionnaire.source_language]) as sheets:
        for student, address in links:
            group, heading = maker.find_group(student)
            sheets.add(group, maker.make(student, address), heading)
    return sheets.paths


def list_open_links(questionnaire: Questionnaire, base_url: str) -> list[tuple[str, str, str]]:
    """Code, name and open link of each institution that has one."""
    institutions = (institution for institution in questionnaire.institutions.values() if institution.has_open_link)
    return [(i.code, i.name, f"{base_url}/q/{questionnaire.code}/{i.code}") for i in institutions]


def write_open_links(folder: Path, questionnaire: Questionnaire, base_url: str) -> int:
    """Write a table of the open links and a poster for each; return their number."""
    links = list_open_links(questionnaire, base_url)
    with (folder / "open_links.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([INSTITUTION, "name", LINK])
        writer.writerows([code, guard(name), address] for code, name, address in links)
    title = write_title(questionnaire, questionnaire.source_language)
    with SheetWriter(folder, title, name="open_links", large=True) as sheets:
        for card in _make_posters(questionnaire, title, links):
            sheets.add("", card)
    return len(links)


def _make_posters(questionnaire: Questionnaire, title: str, links: Iterable[tuple[str, str, str]]) -> Iterator[Card]:
    for code, name, address in links:
        language = questionnaire.languages[questionnaire.institutions[code].languages[0]]
        yield Card(name, (title,), address, language.html_lang)

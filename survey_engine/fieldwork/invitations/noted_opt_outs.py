"""Opt-outs that lists of links, or a corrected list, note since the links were made: the rules are those of lists of students."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from survey_engine.fieldwork.invitations.corrections import Corrections
from survey_engine.fieldwork.invitations.link_files import REPLACES
from survey_engine.fieldwork.invitations.link_lists import LinkList
from survey_engine.fieldwork.invitations.row_checks import RowCodes, reduce_value
from survey_engine.fieldwork.rosters.csv_text import simplify_heading
from survey_engine.fieldwork.rosters.examination import list_person_marks
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.rosters.opt_outs import OptOuts
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LANGUAGE, LINK_CHECK, LINK_COLUMN

_REMEDY = "Remove the person from the file of links too: this list removes nobody from it."
_MARKED = "If this person is to get no reminder, remove the person from the file of links."
OWN = frozenset({INSTITUTION_COLUMN, LANGUAGE, LINK_COLUMN, LINK_CHECK, REPLACES})


def find_noted(
    links: LinkList,
    rows: Iterable[tuple[int, list[str]]],
    codes: RowCodes,
    known: Collection[str],
    corrections: Corrections | None,
) -> list[str]:
    """Examine the rows to remind of a list; return descriptions of what may exclude persons.

    Args:
        rows: (line, cells).
        known: headings of columns that are not examined, besides those of the program.

    Raises:
        RosterError: with the cells that exclude a person.
    """
    opt_outs = make_opt_outs(links.header, known, "reminder")
    if corrections is None:
        return examine_rows(links, rows, codes, opt_outs)
    corrected = _Corrected(corrections, known)
    return examine_rows(links, corrected.iter_examined(links, rows, codes), codes, opt_outs) + corrected.finish()


def examine_rows(links: LinkList, rows: Iterable[tuple[int, Sequence[str]]], codes: RowCodes, opt_outs: OptOuts) -> list[str]:
    """Examine rows of a list; return descriptions of cells, and of comments and sheets of a workbook, that may exclude persons.

    Cells that `link_check` recorded, or that the corrected list has from the list of links, were confirmed when the links were made.

    Raises:
        RosterError: with the cells that exclude a person.
    """
    mistakes, lines = Mistakes(), set[int]()
    for line, cells in rows:
        lines.add(line)
        for name, cell in opt_outs.iter_found(list(_iter_new(links, cells, codes)), line):
            mistakes.add(line, name, cell, opt_outs.describe(name, cell))
    if mistakes:
        raise RosterError(links.text.path, mistakes)
    remedy = f"If this person is to get no {opt_outs.sent}, remove the row."
    return list_person_marks(links.text, links.header, lines, remedy) + opt_outs.list_doubts()


class _Corrected:
    """The rows of a corrected list, compared with those of a list of links."""

    def __init__(self, corrections: Corrections, known: Collection[str]) -> None:
        self._corrections, self._mistakes = corrections, Mistakes()
        self._opt_outs = make_opt_outs(corrections.header, {*known, *corrections.key}, "reminder")
        self._lines = set[int]()

    def iter_examined(
        self, links: LinkList, rows: Iterable[tuple[int, Sequence[str]]], codes: RowCodes
    ) -> Iterator[tuple[int, Sequence[str]]]:
        """Iterate over rows of links; examine the corrected row of each, at the institution of the seat."""
        for line, cells in rows:
            self._examine(links, links.move(line, cells, codes))
            yield line, cells

    def _examine(self, links: LinkList, cells: Sequence[str]) -> None:
        """Examine the corrected row of a row of links."""
        if (row := self._corrections.find(links, cells)) is None:
            return
        line, corrected = row
        self._lines.add(line)
        before = {name.casefold(): cell.strip() for name, cell in zip(links.header, cells, strict=True)}
        changed = [
            "" if cell == before.get(name.casefold()) else cell
            for name, cell in zip(self._corrections.header, corrected, strict=False)
        ]
        for name, cell in self._opt_outs.iter_found(changed, line):
            self._mistakes.add(line, name, cell, f"{self._opt_outs.describe(name, cell)} {_REMEDY}")

    def finish(self) -> list[str]:
        if self._mistakes:
            raise RosterError(self._corrections.path, self._mistakes)
        marks = list_person_marks(self._corrections.source, self._corrections.header, self._lines, _MARKED)
        questions = marks + [f"{question} {_REMEDY}" for question in self._opt_outs.list_doubts()]
        return [f"{self._corrections.path}: {question}" for question in questions]


def make_opt_outs(header: Sequence[str], known: Collection[str], sent: str) -> OptOuts:
    """The rules for a list. Args: known: headings of columns that are not examined · sent: what the persons get."""
    plain = {*map(simplify_heading, known), *OWN}
    return OptOuts(header, [name for name in header if simplify_heading(name) not in plain], sent)


def _iter_new(links: LinkList, cells: Sequence[str], codes: RowCodes) -> Iterator[str]:
    """Iterate over the cells of a row; empty for those that its check recorded."""
    check = links.get_check(cells)
    recorded = (codes.read(links.get_written_link(cells), check) or {}) if check else {}
    for name, cell in zip(links.header, cells, strict=True):
        reduced = reduce_value(cell)
        is_recorded = bool(reduced) and recorded.get(codes.code_heading(name)) == codes.code_value(reduced)
        yield "" if is_recorded else cell

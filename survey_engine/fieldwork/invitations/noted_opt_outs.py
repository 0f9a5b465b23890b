"""Opt-outs that lists of links, or a corrected list, note since the links were made: the rules are those of lists of students."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from survey_engine.fieldwork.invitations.corrections import Corrections
from survey_engine.fieldwork.invitations.link_files import REPLACES
from survey_engine.fieldwork.invitations.link_lists import LinkList
from survey_engine.fieldwork.invitations.row_checks import RowCodes, reduce_value
from survey_engine.fieldwork.rosters.csv_text import simplify_heading
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.rosters.opt_outs import OptOuts
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION, LANGUAGE, LINK, LINK_CHECK

_REMEDY = "Remove the person from the file of links too: this list removes nobody from it."
OWN = frozenset({INSTITUTION, LANGUAGE, LINK, LINK_CHECK, REPLACES})


def find_noted(
    links: LinkList,
    rows: Iterable[tuple[int, list[str]]],
    codes: RowCodes,
    known: Collection[str],
    corrections: Corrections | None,
) -> list[str]:
    """Examine the rows to remind of a list; return descriptions of cells that may exclude persons.

    Cells that `link_check` recorded, or that the corrected list has from the list of links, were confirmed when the links were made.

    Args:
        rows: (line, cells).
        known: headings of columns that are not examined, besides those of the program.

    Raises:
        RosterError: with the cells that exclude a person.
    """
    opt_outs = _make(links.header, known)
    mistakes, corrected = Mistakes(), _Corrected(corrections, known) if corrections else None
    for line, cells in rows:
        for name, cell in opt_outs.iter_found(list(_iter_new(links, cells, codes)), line):
            mistakes.add(line, name, cell, opt_outs.describe(name, cell))
        if corrected:
            corrected.examine(links, links.move(line, cells, codes))
    if mistakes:
        raise RosterError(links.text.path, mistakes)
    return opt_outs.list_questions() + (corrected.finish() if corrected else [])


class _Corrected:
    """The rows of a corrected list, compared with those of a list of links."""

    def __init__(self, corrections: Corrections, known: Collection[str]) -> None:
        self._corrections, self._mistakes = corrections, Mistakes()
        self._opt_outs = _make(corrections.header, {*known, *corrections.key})

    def examine(self, links: LinkList, cells: Sequence[str]) -> None:
        """Examine the corrected row of a row of links."""
        if (row := self._corrections.find(links, cells)) is None:
            return
        line, corrected = row
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
        return [f"{self._corrections.path}: {question} {_REMEDY}" for question in self._opt_outs.list_questions()]


def _make(header: Sequence[str], known: Collection[str]) -> OptOuts:
    plain = {*map(simplify_heading, known), *OWN}
    return OptOuts(header, [name for name in header if simplify_heading(name) not in plain], "reminder")


def _iter_new(links: LinkList, cells: Sequence[str], codes: RowCodes) -> Iterator[str]:
    """Iterate over the cells of a row; empty for those that its check recorded."""
    check = links.get_check(cells)
    recorded = (codes.read(links.get_written_link(cells), check) or {}) if check else {}
    for name, cell in zip(links.header, cells, strict=True):
        reduced = reduce_value(cell)
        is_recorded = bool(reduced) and recorded.get(codes.code_heading(name)) == codes.code_value(reduced)
        yield "" if is_recorded else cell

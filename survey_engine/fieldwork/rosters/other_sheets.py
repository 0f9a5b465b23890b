"""Finds sheets of a workbook that are not read and have rows like those of persons on the sheet that is read."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta

from python_calamine import CalamineSheet, CalamineWorkbook

from survey_engine.fieldwork.rosters.workbook_cells import simplify, write

_FEWEST_ROWS, _FEWEST_ALIKE, _FEWEST_HEADINGS = 10, 2, 3
"""Smallest number of cells by which a column can identify persons, of rows with other persons, and of equal headings."""
_SHORTEST = 5
"""Fewest characters of a cell that identifies a person."""
_DATE = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}.*")
_NUMBER = re.compile(r"[a-z]{0,3}\d{5,}[a-z]{0,2}")
_DIGIT = re.compile(r"\d")


def count_like_persons(
    workbook: CalamineWorkbook, sheet: CalamineSheet, header: int, seen: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Other sheet → its rows with a person of `sheet`, or with rows like those of persons; without sheets that have none.

    Args: header: index of the row of headings · seen: name → headings of the sheets with data, `sheet` among them.
    """
    others = [name for name in seen if name != sheet.name]
    if not others:
        return {}
    identities, forms = _find_identities(sheet, header)
    headings = _simplify_all(seen[sheet.name])
    found = {}
    for name in others:
        rows = [list(filter(None, row)) for row in _iter_texts(workbook.get_sheet_by_name(name))]
        known = sum(not identities.isdisjoint(row) for row in rows)
        alike = sum(any(_find_form(cell) in forms for cell in row) for row in rows)
        has_headings = len(headings & _simplify_all(seen[name])) >= _FEWEST_HEADINGS
        below = sum(len(row) > 1 for row in rows) - 1 if has_headings else 0
        if count := max(known, alike if alike >= _FEWEST_ALIKE else 0, below):
            found[name] = count
    return found


def _find_identities(sheet: CalamineSheet, header: int) -> tuple[set[str], set[str]]:
    """The cells of columns in which nearly all are different, such as numbers and names; and the forms of such columns."""
    columns: dict[int, list[str]] = defaultdict(list)
    for number, row in enumerate(_iter_texts(sheet)):
        for at, cell in enumerate(row if number > header else ()):
            if cell:
                columns[at].append(cell)
    identities, forms = set[str](), set[str]()
    for cells in columns.values():
        different = {*cells}
        if len(cells) >= _FEWEST_ROWS and len(different) * 10 >= len(cells) * 9:
            identities |= different
            form, count = Counter(map(_find_form, cells)).most_common(1)[0]
            if form and count * 2 >= len(cells):
                forms.add(form)
    return identities, forms


def _iter_texts(sheet: CalamineSheet) -> Iterator[list[str]]:
    """Iterate over the rows; a cell that can identify nobody is empty."""
    for row in sheet.iter_rows():
        texts = ["" if isinstance(cell, date | time | timedelta | bool) else write(cell).strip().casefold() for cell in row]
        yield [cell if len(cell) >= _SHORTEST and not _DATE.fullmatch(cell) else "" for cell in texts]


def _find_form(cell: str) -> str:
    """The domain of an address, or the form of a number; empty for any other cell.

    >>> _find_form("2200101@student.example.org"), _find_form("s2200101"), _find_form("sanne")
    ('@student.example.org', 's9999999', '')
    """
    if "@" in cell:
        return cell[cell.index("@") :]
    return _DIGIT.sub("9", cell) if _NUMBER.fullmatch(cell) else ""


def _simplify_all(headings: Sequence[str]) -> set[str]:
    return {*map(simplify, filter(None, headings))}

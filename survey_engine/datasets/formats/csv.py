"""Comma-separated values as in RFC 4180: UTF-8, a header, one line per row; with semicolons where Excel must open it.

Excel splits on the delimiter of its country, and people split a column again: a text must be safe however it is cut.
"""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Iterable, Sequence
from pathlib import Path

from survey_engine.datasets.columns import Layout
from survey_engine.datasets.plan import Cell

_SIGNS = re.compile("[=+\\-@\uff1d\uff0b\uff0d\uff20]+")
"""What makes a cell a formula, also in full width."""
_BREAKS = frozenset(",;:|\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")
"""Behind these a cell or a line may begin."""
_BLANK = string.whitespace + '"\u00a0\ufeff'
"""What a reader may drop before a cell."""


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Cell]], *, for_excel: bool = False) -> None:
    """Write one file.

    Args: for_excel: in columns in a Dutch or German Excel: semicolons, and marked as UTF-8, which R would read as part of
        the first name.
    """
    with path.open("w", encoding="utf-8-sig" if for_excel else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";" if for_excel else ",")
        writer.writerow(names)
        writer.writerows(rows)


def write_responses(folder: Path, layout: Layout, rows: Iterable[Sequence[Cell]]) -> None:
    """The table of responses. Only background texts can hold anything but codes, numbers and dates."""
    first = len(layout.fixed) + len(layout.modules)
    texts = [first + index for index, variable in enumerate(layout.background) if variable.kind == "text"]
    write_csv(folder / "responses.csv", layout.names, (_guard_some(row, texts) for row in rows))


def _guard_some(row: Sequence[Cell], texts: Sequence[int]) -> Sequence[Cell]:
    guarded = list(row)
    for index in texts:
        guarded[index] = guard(str(row[index]))
    return guarded


def guard(text: str) -> str:
    """Text with an apostrophe before all that a spreadsheet would take for a formula (OWASP, CSV injection).

    Also behind what may be taken for a delimiter, a line break or a quote, and before a word that begins with a sign.

    >>> guard("=1+1"), guard("fine; =1+1"), guard("good - but busy")
    ("'=1+1", "fine; '=1+1", 'good - but busy')
    """
    parts = ["'"] if text.startswith(("\t", "\r")) else []
    end = 0
    for signs in _SIGNS.finditer(text):
        before = text[end : signs.start()]
        parts += [before, "'"] if _may_begin(before, end == 0, text[signs.end() : signs.end() + 1]) else [before]
        parts.append(signs[0])
        end = signs.end()
    return "".join([*parts, text[end:]])


def _may_begin(before: str, first: bool, after: str) -> bool:
    """Whether signs may begin a cell: `before` is what stands between them and earlier signs, or the beginning if `first`."""
    content = before.rstrip(_BLANK)
    if first and not content:
        return True
    begins_word = before.rstrip('"')[-1:].isspace() and after not in ("", " ")
    return begins_word or not _BREAKS.isdisjoint(before[max(0, len(content) - 1) :])

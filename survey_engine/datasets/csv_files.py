"""Comma-separated values (RFC 4180) in UTF-8 with a header; semicolons in files for Excel.

Excel splits lines at the separator of its locale, and people may split a column again: `guard` makes texts safe at every split.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
"""A number such as 1.234, in which a Dutch or German spreadsheet may mean the point as a thousands separator."""


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]], *, for_excel: bool = False) -> None:
    """Write one file.

    Args: for_excel: separate with semicolons and start with a byte order mark, so that a Dutch or German Excel shows columns.
    Not for R, which reads the byte order mark as part of the first name.
    """
    with path.open("w", encoding="utf-8-sig" if for_excel else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";" if for_excel else ",")
        writer.writerow(names)
        writer.writerows(rows)


def read_rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Iterate over the rows of a file that people edit, with commas or semicolons: (line number, column → cell)."""
    text = path.read_text(encoding="utf-8-sig")
    rows = csv.DictReader(text.splitlines(), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    for row in rows:
        yield rows.line_num, {name: row[name] or "" for name in rows.fieldnames or ()}


def read_number(written: str) -> float:
    """Read a non-negative number that a person or a spreadsheet wrote.

    Raises:
        ValueError: the text is not a number, or its point may separate decimals or thousands.
    """
    if _THOUSANDS.fullmatch(written):
        number, plain = f"{written}0" if written.count(".") == 1 else "decimals", written.replace(".", "")
        raise ValueError(f"'{written}' may mean {plain}, written with a thousands separator. Write {plain}, or {number}.")
    if not _NUMBER.fullmatch(written) or float(written) == inf:
        raise ValueError(f"'{written}' is not a number from 0 up. Write decimals with a point, and no other separators.")
    return float(written)

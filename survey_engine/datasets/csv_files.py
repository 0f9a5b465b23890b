"""Comma-separated values (RFC 4180) in UTF-8 with a header; semicolons in files for Excel.

Excel splits on the separator of its locale, and people may split a column again: `guard` makes a text safe at every split.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]], *, for_excel: bool = False) -> None:
    """Write one file.

    Args: for_excel: separate with semicolons and start with a byte order mark, so that a Dutch or German Excel shows columns.
        R would read the mark as part of the first name.
    """
    with path.open("w", encoding="utf-8-sig" if for_excel else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";" if for_excel else ",")
        writer.writerow(names)
        writer.writerows(rows)

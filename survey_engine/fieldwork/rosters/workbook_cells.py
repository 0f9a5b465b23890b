"""Cells and headings of workbooks as text."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

WorkbookCell: TypeAlias = int | float | str | bool | date | datetime | time | timedelta
_EXACT = 1e15
"""Numbers from here on have lost digits: spreadsheets keep 15."""


def simplify(heading: str) -> str:
    """A heading without case, spaces and signs."""
    return re.sub(r"[\W_]", "", heading).casefold()


def write(cell: WorkbookCell) -> str:
    """A cell as text. A number that lost digits is written as a spreadsheet shows it: 1,23457E+15."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        if abs(cell) >= _EXACT:
            return f"{cell:.5E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)

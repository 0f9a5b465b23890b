"""Stata 14 and newer, with variable and value labels. A do-file beside it turns missing codes into .a to .g.

ReadStat writes the file. The time in its header is replaced by the day of the last response.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from survey_engine.datasets.frames import Table
from survey_engine.datasets.numeric_frame import DateUnits, NumericFrame, collect_numeric
from survey_engine.datasets.short_names import cut_text
from survey_engine.datasets.watching import Watch
from survey_engine.model.missing_values import choose_missing
from survey_engine.model.questionnaire import Code

_RESERVED = {
    *("_all", "_b", "_coef", "_cons", "_n", "_pi", "_pred", "_rc", "_skip", "byte", "double", "float"),
    *("if", "in", "int", "long", "str", "strl", "using", "with"),
} | {f"str{length}" for length in range(1, 2046)}
"""Reserved words, which cannot be names of variables (Stata User's Guide 11.3)."""
_NAME_CHARACTERS, _LABEL_BYTES = 28, 80
"""Maximum length of a name. Stata allows 32, but ReadStat names a set of value labels after its variable plus a number."""
_DATES = DateUnits(date(1960, 1, 1), offset=-10_000_000)
"""Missing codes are stored as days before the year 0001 until letters replace them."""
_LETTERS = "abcdefg"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OPENING = b"<timestamp>\x11"


def write(folder: Path, table: Table, watch: Watch) -> None:
    numeric = collect_numeric(table, limit=_NAME_CHARACTERS, reserved=_RESERVED, dates=_DATES)
    missing = choose_missing(table.layout.questionnaires).numbers()
    letters = dict(zip(missing.values(), _LETTERS, strict=True))
    dates = [name for name, column in numeric.names.items() if column.storage == "coded date"]
    path = folder / "responses.dta"
    pyreadstat.write_dta(
        numeric.frame.with_columns(_mark_missing(numeric, name, letters) for name in dates),
        path,
        version=14,
        file_label=cut_text(table.title, _LABEL_BYTES),
        column_labels={name: column.format_label(_LABEL_BYTES) for name, column in numeric.names.items()},
        variable_value_labels={
            name: _keep_numbers(labels, letters if name in dates else {}) for name, labels in numeric.value_labels.items()
        },
        missing_user_values={name: list(_LETTERS) for name in dates},
        variable_format={name: "%tdCCYY-NN-DD" for name, column in numeric.names.items() if "date" in column.storage},
    )
    _set_time(path, table.moment)
    codes = " \\ ".join(f"{number}=.{letter}" for number, letter in letters.items())
    names = " ".join(name for name, column in numeric.names.items() if column.entry.missing and name not in dates)
    (folder / "load.do").write_text(f'version 14\nuse "responses.dta", clear\nmvdecode {names}, mv({codes})\n')


def _mark_missing(numeric: NumericFrame, name: str, letters: Mapping[int, str]) -> pl.Series:
    """Return a column of dates with letters instead of missing codes."""
    marks = {code + _DATES.offset: letter for code, letter in letters.items()}
    return pl.Series(name, [marks.get(day, day) for day in numeric.frame[name]], pl.Object)


def _keep_numbers(labels: Mapping[Code, str], letters: Mapping[int, str]) -> dict[Any, str]:
    """Return the labels of numbers, or of the letters that replace them: Stata cannot label texts."""
    return {letters.get(value, value): label for value, label in labels.items() if isinstance(value, int)}


def _set_time(path: Path, day: date) -> None:
    with path.open("r+b") as file:
        head = file.read(1000)
        file.seek(head.index(_OPENING) + len(_OPENING))
        file.write(f"{day.day:02} {_MONTHS[day.month - 1]} {day.year} 00:00".encode("ascii"))

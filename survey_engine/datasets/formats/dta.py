"""Stata 14 and newer, with variable and value labels. A do-file beside it turns missing codes into .a to .g.

ReadStat writes it. The time in its header is replaced by the day of the last response.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyreadstat

from survey_engine.datasets.frames import Table
from survey_engine.datasets.numeric_frame import collect_numeric
from survey_engine.datasets.short_names import cut_text
from survey_engine.datasets.watching import Watch
from survey_engine.model.missing_values import choose_missing
from survey_engine.model.questionnaire import Code

RESERVED = {
    *("_all", "_b", "_coef", "_cons", "_n", "_pi", "_pred", "_rc", "_skip", "byte", "double", "float"),
    *("if", "in", "int", "long", "str", "strl", "using", "with"),
} | {f"str{length}" for length in range(1, 2046)}
"""Words that no variable can be called (Stata User's Guide 11.3)."""
NAME_CHARACTERS, LABEL_BYTES = 28, 80
"""A name may have 32 characters, but ReadStat names a set of value labels after its variable, with a number behind it."""
EPOCH = date(1960, 1, 1)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OPENING = b"<timestamp>\x11"


def write(folder: Path, table: Table, watch: Watch) -> None:
    numeric = collect_numeric(table, limit=NAME_CHARACTERS, reserved=RESERVED, epoch=EPOCH, seconds=False)
    path = folder / "responses.dta"
    pyreadstat.write_dta(
        numeric.frame,
        path,
        version=14,
        file_label=cut_text(table.title, LABEL_BYTES),
        column_labels={name: cut_text(column.label, LABEL_BYTES) for name, column in numeric.names.items()},
        variable_value_labels={name: _keep_numbers(labels) for name, labels in numeric.value_labels.items()},
        variable_format={name: "%tdCCYY-NN-DD" for name, column in numeric.names.items() if "date" in column.storage},
    )
    _set_time(path, table.moment)
    missing = choose_missing(table.layout.questionnaires).numbers()
    codes = " \\ ".join(f"{number}=.{letter}" for letter, number in zip("abcdefg", missing.values(), strict=True))
    names = " ".join(name for name, column in numeric.names.items() if column.entry.missing)
    (folder / "load.do").write_text(f'version 14\nuse "responses.dta", clear\nmvdecode {names}, mv({codes})\n')


def _keep_numbers(labels: Mapping[Code, str]) -> dict[int | float, str]:
    """Return the labels of numbers: Stata labels no texts."""
    return {value: label for value, label in labels.items() if isinstance(value, int)}


def _set_time(path: Path, day: date) -> None:
    with path.open("r+b") as file:
        head = file.read(1000)
        file.seek(head.index(_OPENING) + len(_OPENING))
        file.write(f"{day.day:02} {_MONTHS[day.month - 1]} {day.year} 00:00".encode("ascii"))

"""Files of students in formats of institutions, as CSV and as workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from survey_engine.fieldwork.rosters.examination import CheckOptions, Examination, examine_roster
from survey_engine.fieldwork.rosters.roster_format import load_format

NSE = {
    "Hoofdopleiding": "ja",
    "Opleidingscode": "34401",
    "OIE_CODE": "27DV",
    "Vestigingscode": "27DV00",
    "Locatie": "Utrecht",
    "Vorm": "VT",
    "Afstandsonderwijs": "nee",
    "Studiejaar": "1",
    "Email1": "s1@student.example.org",
    "Type_Student": "Bachelor",
    "Voorkeurstaal": "NL",
    "HBO_WO": "HBO",
    "Leerroute_Track": "",
    "Kunstopleiding": "nee",
    "Internationale_student": "nee",
}
"""One row of the NSE's student data with its required columns."""


def make_rows(*changes: Mapping[str, object]) -> list[list[object]]:
    """Headings and one row of another student for each mapping of changed cells. A value None leaves the column out."""
    dropped = {name for change in changes for name, value in change.items() if value is None}
    names = [name for name in dict.fromkeys([*NSE, *(name for change in changes for name in change)]) if name not in dropped]
    rows: list[list[object]] = [[*names]]
    for number, change in enumerate(changes, 1):
        cells = {**NSE, "Email1": f"s{number}@student.example.org", **change}
        rows.append([cells.get(name, "") for name in names])
    return rows


def write_workbook(path: Path, rows: Sequence[Sequence[object]], sheet: str = "Studenten", first: int = 0) -> Path:
    """Args: first: index of the row of the headings."""
    with Workbook(path) as workbook:
        page = workbook.add_worksheet(sheet)
        for at, row in enumerate(rows, first):
            page.write_row(at, 0, row)
    return path


OWN_FORMAT = """roster: own
title: Own
person: [Email1]
columns:
  School: {becomes: institution, required: true}
  Email1: {becomes: contact, label: email, required: true}
  Klas: {becomes: response_label, label: class}
"""
"""A format with an address and a label."""


def write_csv(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    path.write_text("\n".join(";".join(map(str, row)) for row in rows) + "\n", "utf-8")
    return path


def examine_rows(folder: Path, *changes: Mapping[str, object], format_name: str = "nse-students", **options: Any) -> Examination:
    """Examine an NSE file with these changes of its rows."""
    path = write_csv(folder / "students.csv", make_rows(*changes))
    return examine_roster(path, CheckOptions(load_format(format_name), **options))


def list_found(examination: Examination, *checks: str) -> list[tuple[str, str, list[int]]]:
    """Check, column and rows of each finding of these checks, or of all that concern rows."""
    found = [(one.check, one.column, one.rows.tolist()) for one in examination.findings]
    return [one for one in found if (one[0] in checks if checks else one[0] not in ("sender", "identifying"))]

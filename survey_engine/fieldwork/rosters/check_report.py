"""Reports on a checked file of students: text for the screen, JSON, and a workbook of the rows with findings."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from survey_engine.fieldwork.rosters.findings import ERROR, ROSTER_SEVERITIES, WARNING
from survey_engine.fieldwork.rosters.roster_files import RosterFile
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition
from survey_engine.model.messages import join_names

_MOST_ROWS = 10_000
"""Largest number of rows in the workbook of findings."""
_COLOURS = {"error": "#f8d0cc", "warning": "#fdeeb5", "note": "#dcebf7"}
_SAMPLE = 8


def format_report(found: RosterFile, definition: RosterDefinition) -> str:
    """The report as text."""
    lines = [definition.title, *found.notes, *_list_counts(found)]
    lines += found.findings.list_lines()
    errors, warnings = found.findings.count(ERROR), found.findings.count(WARNING)
    verdict = (
        "Nothing prevents the import." if not errors else "This file cannot be imported. Correct the errors, and check it again."
    )
    lines.append(f"{errors} errors, {warnings} warnings. {verdict}")
    return "\n".join(lines)


def _list_counts(found: RosterFile) -> list[str]:
    examination = found.examination
    if examination is None:
        return [f"{found.rows} rows."]
    whole = examination.find_institution("") or "no institution"
    institutions = ", ".join(f"{code or whole} {count}" for code, count in examination.institutions.most_common(_SAMPLE))
    more = f", … ({len(examination.institutions)} institutions)" if len(examination.institutions) > _SAMPLE else ""
    lines = [f"{found.rows} rows, {examination.persons.count} persons: {institutions}{more}."]
    for name, counts in examination.values.items():
        if 0 < len(counts) <= _SAMPLE and any(counts):
            lines.append(f"  {name}: " + ", ".join(f"{value or 'empty'} {count}" for value, count in counts.most_common()))
    return lines


def make_json(found: RosterFile, definition: RosterDefinition) -> dict[str, Any]:
    """The report as data."""
    examination = found.examination
    findings = found.findings
    return {
        "format": definition.roster,
        "rows": found.rows,
        "persons": examination.persons.count if examination else found.rows,
        "institutions": dict(examination.institutions) if examination else {},
        "read_as": examination.map_institutions() if examination else {},
        "columns": [reader.name for reader in examination.readers] if examination else [],
        "not_used": examination.unused if examination else [],
        "values": {name: dict(counts.most_common(50)) for name, counts in examination.values.items()} if examination else {},
        "notes": found.notes,
        "counts": {severity: findings.count(severity) for severity in ROSTER_SEVERITIES},
        "findings": [finding.to_json() for finding in findings],
    }


def write_findings_workbook(path: Path, found: RosterFile) -> int:
    """Write the rows with errors or warnings, with their numbers in the file; return the number of rows.

    The first sheet has all findings, the second at most `_MOST_ROWS` rows with the cells as they are in the file.
    """
    path.touch(0o600)
    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as workbook:
        formats = {
            severity: workbook.add_format({"bg_color": colour, "num_format": "@"}) for severity, colour in _COLOURS.items()
        }
        head, plain = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
        sheet = workbook.add_worksheet("Findings")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 2, 14)
        sheet.set_column(3, 3, 110)
        sheet.set_column(4, 5, 20)
        sheet.write_row(0, 0, ["severity", "rows", "column", "finding", "value", "first rows"], head)
        for at, finding in enumerate(islice(found.findings, _MOST_ROWS), 1):
            shown = join_rows(finding.rows[:_SAMPLE].tolist())
            cells = [finding.severity, finding.count, finding.column, finding.text, finding.value, shown]
            sheet.write_row(at, 0, cells, formats[finding.severity])
        if found.examination is None:
            return 0
        return _write_rows(workbook.add_worksheet("Rows"), found, formats, head, plain)


def join_rows(rows: list[int]) -> str:
    return ", ".join(map(str, rows))


def _write_rows(sheet: Any, found: RosterFile, formats: dict[str, Any], head: Any, plain: Any) -> int:
    examination = found.examination
    if examination is None:
        return 0
    rows = found.findings.map_rows(ERROR, WARNING)
    places = {reader.name: reader.position for reader in examination.readers}
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 80)
    sheet.write_row(0, 0, ["row", "findings", *examination.header], head)
    source = examination.source.iter_rows()
    next(source)
    at = 0
    for number, cells in source:
        if (here := rows.get(number)) is None:
            continue
        at += 1
        worst = min((finding.severity for finding in here), key=ROSTER_SEVERITIES.index)
        sheet.write_number(at, 0, number)
        sheet.write_string(
            at, 1, " ".join(f"{finding.column}: {finding.text}".removeprefix(": ") for finding in here), formats[worst]
        )
        marked = {places[finding.column]: finding.severity for finding in reversed(here) if finding.column in places}
        for place, cell in enumerate(cells):
            sheet.write_string(at, place + 2, cell[:32_000], formats[marked[place]] if place in marked else plain)
        if at == _MOST_ROWS:
            break
    return at


def describe_formats(definitions: list[RosterDefinition]) -> str:
    """One line per format."""
    persons = [join_names(one.person) if one.person else "by --key" for one in definitions]
    lines = zip(definitions, persons, strict=True)
    return "\n".join(f"{one.roster}: {one.title}. Makes {one.makes}. Person: {person}." for one, person in lines)

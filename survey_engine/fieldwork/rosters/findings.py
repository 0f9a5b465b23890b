"""Findings in a list: one check's result for one column and value, with its rows. A new check is a line in `ROSTER_CHECKS`."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from survey_engine.fieldwork.rosters.mistakes import SHOWN, SHOWN_LINES, Mistakes, RosterError, format_ranges
from survey_engine.model.messages import join_names

ERROR, WARNING, _NOTE = ROSTER_SEVERITIES = ("error", "warning", "note")
"""An error prevents the import; a warning is to be looked at; a note says what was corrected or assumed."""
MOST_KINDS = 2_000
"""Number of different findings of one check after which further values are counted together."""


@dataclass(frozen=True, slots=True)
class RosterCheck:
    severity: str
    title: str


ROSTER_CHECKS = {
    "missing_column": RosterCheck(ERROR, "a required column is missing"),
    "double_column": RosterCheck(ERROR, "a column is in the file twice, or by its old and its new name"),
    "unknown_column": RosterCheck(WARNING, "a column is unknown"),
    "opt_out_column": RosterCheck(ERROR, "an unknown column of a label file may tell who is not asked"),
    "width": RosterCheck(ERROR, "a row has more cells than the headings"),
    "empty": RosterCheck(ERROR, "a cell that must be filled is empty"),
    "value": RosterCheck(ERROR, "a value is not allowed"),
    "shape": RosterCheck(ERROR, "a code or address does not have the right form"),
    "damaged": RosterCheck(ERROR, "a spreadsheet damaged a value"),
    "corrected": RosterCheck(_NOTE, "a value was corrected"),
    "formula": RosterCheck(WARNING, "a cell has a formula"),
    "formula_error": RosterCheck(ERROR, "a formula has an error or no result"),
    "merged": RosterCheck(ERROR, "cells are merged"),
    "opt_out": RosterCheck(WARNING, "a cell may mean that a person is left out"),
    "hidden": RosterCheck(ERROR, "a row is hidden, or hidden rows cannot be found"),
    "other_sheet": RosterCheck(WARNING, "another sheet may name persons of this list, or persons who are to be left out"),
    "struck": RosterCheck(WARNING, "a cell is struck through"),
    "coloured": RosterCheck(WARNING, "a row has another colour than most rows"),
    "comment": RosterCheck(WARNING, "a cell has a comment"),
    "double_row": RosterCheck(ERROR, "a row is in the file twice"),
    "double_person": RosterCheck(ERROR, "a person is in the file twice"),
    "double_login": RosterCheck(WARNING, "the login cannot tell two persons apart"),
    "double_name": RosterCheck(WARNING, "two rows may be one person under two surnames"),
    "odd_name": RosterCheck(WARNING, "a surname has more than the surname"),
    "common_name": RosterCheck(WARNING, "many persons have one surname or birth date"),
    "exchanged_names": RosterCheck(WARNING, "surnames and first names seem to be exchanged"),
    "shared_address": RosterCheck(WARNING, "two persons have the same address"),
    "several_main": RosterCheck(ERROR, "a person has several main rows"),
    "no_main": RosterCheck(WARNING, "a person has several rows and no main row"),
    "contradiction": RosterCheck(WARNING, "rows of one person contradict each other"),
    "other_code": RosterCheck(WARNING, "a code belongs to another institution than its row"),
    "other_row": RosterCheck(_NOTE, "a row is not used, because another row of the person is the main one"),
    "institution": RosterCheck(ERROR, "no institution of the questionnaire has this code"),
    "institutions": RosterCheck(WARNING, "the file has several institutions"),
    "excluded": RosterCheck(_NOTE, "a person is excluded"),
    "most_excluded": RosterCheck(WARNING, "most persons are excluded"),
    "text_language": RosterCheck(WARNING, "a mail text is missing in the language of the person"),
    "sender": RosterCheck(_NOTE, "the sender's name"),
    "spelling": RosterCheck(WARNING, "labels differ by spelling alone"),
    "identifying": RosterCheck(WARNING, "few persons share the same labels"),
    "no_variable": RosterCheck(WARNING, "a column becomes a variable that the questionnaire does not have"),
    "reference": RosterCheck(WARNING, "a code is not in the snapshot of RIO, or belongs to something else"),
    "jump": RosterCheck(WARNING, "a number differs much from last year"),
    "questionnaire": RosterCheck(ERROR, "a value does not fit the questionnaire"),
}
"""Check → its usual severity; a format may set another."""
ASKED = {
    *("struck", "coloured", "comment", "opt_out", "other_sheet", "double_login", "no_variable"),
    *("double_name", "odd_name", "common_name", "exchanged_names", "contradiction"),
}
"""Checks whose findings `links` asks about."""


@dataclass(slots=True)
class RosterFinding:
    """One finding with all its rows."""

    check: str
    severity: str
    column: str
    value: str
    text: str
    rows: array[int] = field(default_factory=lambda: array("L"))
    count: int = 0
    """Number of rows; more than `rows` has for findings without places."""

    def __str__(self) -> str:
        where = f"{self.column}: " if self.column else ""
        if not self.rows:
            return where + self.text + (f" ({self.count} rows)" if self.count > 1 else "")
        more = ", …" if len(self.rows) > SHOWN_LINES else ""
        rows = ", ".join(map(str, self.rows[:SHOWN_LINES]))
        return f"{where}{self.text} ({f'{len(self.rows)} rows: ' if len(self.rows) > 1 else 'row '}{rows}{more})"

    def to_json(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "severity": self.severity,
            "column": self.column,
            "value": self.value,
            "message": self.text,
            "count": max(self.count, len(self.rows)),
            "rows": self.rows[:1_000].tolist(),
        }


class RosterFindings:
    """Collects findings. The text of a finding is computed once."""

    def __init__(self, severities: Mapping[str, str] | None = None) -> None:
        """Args: severities: check → severity, or `off`; for others that of `ROSTER_CHECKS`."""
        self._severities = {name: check.severity for name, check in ROSTER_CHECKS.items()} | dict(severities or {})
        self._found: dict[tuple[str, str, str], RosterFinding] = {}
        self._kinds: Counter[str] = Counter()

    def add(self, row: int, check: str, column: str, value: str, text: str | Callable[[], str]) -> None:
        """Args: row: 0 for a finding about the whole file."""
        found = self._found.get((check, column, value))
        if found is None:
            severity = self._severities[check]
            if severity == "off":
                return
            self._kinds[check] += 1
            if self._kinds[check] > MOST_KINDS:
                value, text = "…", "further values have the same finding."
            found = self._found.get((check, column, value))
            if found is None:
                made = text if isinstance(text, str) else text()
                found = self._found[check, column, value] = RosterFinding(check, severity, column, value, made)
        found.count += 1
        if row:
            found.rows.append(row)

    def __iter__(self) -> Iterator[RosterFinding]:
        """Iterate over the findings: errors first, then the most frequent."""
        order = {severity: at for at, severity in enumerate(ROSTER_SEVERITIES)}
        return iter(sorted(self._found.values(), key=lambda one: (order[one.severity], -one.count)))

    def __bool__(self) -> bool:
        return bool(self._found)

    def count(self, severity: str) -> int:
        """The number of rows and whole-file findings of a severity."""
        return sum(found.count for found in self._found.values() if found.severity == severity)

    def list_of(self, severity: str) -> list[RosterFinding]:
        return [found for found in self if found.severity == severity]

    def map_rows(self, *severities: str) -> dict[int, list[RosterFinding]]:
        """Row → its findings of these severities."""
        rows: dict[int, list[RosterFinding]] = {}
        for found in self:
            if found.severity in severities:
                for row in found.rows:
                    rows.setdefault(row, []).append(found)
        return rows

    def add_mistakes(self, mistakes: Mistakes) -> None:
        """Add the mistakes of a list against the questionnaire."""
        for mistake in mistakes.list_grouped():
            for line in mistake.lines:
                self.add(line, "questionnaire", mistake.column, mistake.value, mistake.text)

    def list_doubts(self) -> list[str]:
        """Describe the rows whose persons may be excluded, or be in the file twice."""
        marked = [found for found in self if found.check in ASKED]
        rows = sorted({row for found in marked for row in found.rows})
        shown = f" in rows {format_ranges(rows)}" if rows else ""
        about = join_names({ROSTER_CHECKS[found.check].title: None for found in marked})
        return [f"See the warnings{shown}: {about}."] if marked else []

    def raise_errors(self, path: Path) -> None:
        """Raise RosterError with all errors."""
        mistakes = Mistakes()
        for found in self.list_of(ERROR):
            text = f"{found.column}: {found.text}" if found.column else found.text
            for row in found.rows or [0]:
                mistakes.add(row, f"{found.check} {found.column}", found.value, text)
        if mistakes:
            raise RosterError(path, mistakes)

    def list_lines(self, without: str = "") -> list[str]:
        """The findings as text, grouped by severity; at most `SHOWN` of each.

        Args: without: a check whose findings are left out.
        """
        lines = []
        for severity in ROSTER_SEVERITIES:
            found = [one for one in self.list_of(severity) if one.check != without]
            if found:
                lines += [f"{severity.capitalize()}s:", *(f"  {one}" for one in found[:SHOWN])]
                if len(found) > SHOWN:
                    lines.append(f"  … and {len(found) - SHOWN} more different {severity}s")
        return lines

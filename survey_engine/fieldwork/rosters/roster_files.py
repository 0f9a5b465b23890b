"""Opens a file of students in any format as a checked roster."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from survey_engine.fieldwork.rosters.csv import Roster, read_roster
from survey_engine.fieldwork.rosters.csv_text import clean_headings
from survey_engine.fieldwork.rosters.examination import CheckOptions, Examination, add_marks, examine_roster, open_source
from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.row_source import WatchedRows
from survey_engine.fieldwork.rosters.translated_rows import TranslatedRows
from survey_engine.fieldwork.rosters.workbook_rows import WorkbookRows
from survey_engine.model.questionnaire import Questionnaire


@dataclass(slots=True)
class RosterFile:
    """A file of students with everything that was found."""

    findings: RosterFindings
    roster: Roster | None = None
    """None when the findings have errors, or without a questionnaire."""
    examination: Examination | None = None
    """None for a plain list."""
    rows: int = 0
    notes: list[str] = field(default_factory=list)


def check_file(
    path: Path,
    options: CheckOptions,
    questionnaire: Questionnaire | None = None,
) -> RosterFile:
    """Check a file against its format, and against a questionnaire if there is one.

    Raises:
        RosterError: when the file cannot be read at all.
    """
    definition = options.definition
    if not definition.is_plain:
        examination = examine_for(path, options, questionnaire) if questionnaire else examine_roster(path, options)
        found = RosterFile(examination.findings, examination=examination, rows=examination.rows, notes=examination.list_notes())
        if questionnaire and definition.makes == "seats" and not examination.findings.count("error"):
            rows = TranslatedRows(examination, questionnaire)
            _read(found, lambda: read_roster(path, questionnaire, rows.copied, rows.key, WatchedRows(rows, options.progress)))
        return found
    findings = RosterFindings(definition.checks)
    source = open_source(path, options)
    found = RosterFile(findings)
    if isinstance(source, WorkbookRows):
        found.notes, found.rows = list(source.notes), source.summary["rows"] - 1 - len(source.left_out)
        add_marks(source, clean_headings(next(source.iter_rows())[1]), findings, options)
    if questionnaire:
        _read(found, lambda: read_roster(path, questionnaire, source=WatchedRows(source, options.progress)))
    return found


def examine_for(path: Path, options: CheckOptions, questionnaire: Questionnaire) -> Examination:
    """Check a file in a format with codes of a questionnaire; add findings about columns that the questionnaire cannot use.

    Raises:
        RosterError: as `examine_roster`.
    """
    examination = examine_roster(path, options.fit(questionnaire))
    for reader in examination.readers:
        column = options.definition.columns[reader.name]
        if column.becomes not in ("analysis_label", "background"):
            continue
        code = column.variable or column.code_of(reader.name)
        counts = examination.values.get(reader.name)
        filled = None if counts is None else counts.total() - counts[""]
        if code not in questionnaire.background and filled != 0:
            number = "" if filled is None else f"; {filled} rows have a value"
            text = (
                f"no export and no condition can use this column: {questionnaire.code} has no background variable '{code}'{number}. Add "
                f"`{code}: {{text: …, open: true}}` to its `background` before the links are made, or remove the column."
            )
            examination.findings.add(0, "no_variable", reader.name, "", text)
    return examination


def _read(found: RosterFile, read: Callable[[], Roster]) -> None:
    """Read the roster; add its mistakes to the findings."""
    try:
        roster = read()
    except RosterError as error:
        found.findings.add_mistakes(error.mistakes)
        return
    found.rows = found.rows or len(roster)
    found.notes += roster.list_notes()
    if not found.findings.count("error"):
        found.roster = roster


def open_roster(
    path: Path,
    questionnaire: Questionnaire,
    options: CheckOptions,
    copied: Collection[str] = (),
    key: Collection[str] = (),
) -> tuple[Roster, list[str]]:
    """Open a checked file of students; return the roster and notes for the operator.

    Args:
        copied: as in `read_roster`, for a plain list.
        key: as in `read_roster`; default: the columns that identify a person in the format.

    Raises:
        RosterError: with all mistakes.
    """
    if not options.definition.is_plain:
        examination = examine_for(path, options, questionnaire)
        examination.findings.raise_errors(path)
        rows = TranslatedRows(examination, questionnaire)
        roster = read_roster(path, questionnaire, {*rows.copied, *copied}, key or rows.key, WatchedRows(rows, options.progress))
        roster.details.update(rows.details)
        roster.analysed.update(rows.analysed)
        roster.names.update(rows.names)
        roster.personal |= {
            column.variable for column in options.definition.columns.values() if column.of_person and column.variable
        }
        roster.least = options.definition.smallest
        roster.questions += examination.findings.list_doubts()
        return roster, examination.list_notes() + examination.findings.list_lines()
    source = open_source(path, options)
    notes, findings = [], RosterFindings(options.definition.checks)
    if isinstance(source, WorkbookRows):
        add_marks(source, clean_headings(next(source.iter_rows())[1]), findings, options)
        findings.raise_errors(path)
        notes = source.notes + findings.list_lines()
    roster = read_roster(path, questionnaire, copied, key, WatchedRows(source, options.progress))
    roster.questions += findings.list_doubts()
    return roster, notes

"""Checks a file of students against its format, row by row, and finds the rows that are used."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from survey_engine.fieldwork.names import FIRST_NAME, SURNAME, SURNAME_PREFIX
from survey_engine.fieldwork.rosters.cell_values import ColumnReader
from survey_engine.fieldwork.rosters.contradictions import CodeBeginnings
from survey_engine.fieldwork.rosters.csv_text import CsvText, check_lines_above, clean_headings, open_csv
from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.label_checks import LabelChecks
from survey_engine.fieldwork.rosters.login_checks import LoginChecks
from survey_engine.fieldwork.rosters.mail_text_checks import MailTextChecks
from survey_engine.fieldwork.rosters.mistakes import RosterError, format_ranges
from survey_engine.fieldwork.rosters.opt_outs import OptOuts, may_tell
from survey_engine.fieldwork.rosters.person_rows import PersonRows
from survey_engine.fieldwork.rosters.rio import Snapshot
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition
from survey_engine.fieldwork.rosters.row_reader import map_rio_codes
from survey_engine.fieldwork.rosters.row_source import RowProgress, RowSource, ignore_rows, watch_rows
from survey_engine.fieldwork.rosters.shared_details import SharedDetails
from survey_engine.fieldwork.rosters.workbook_cells import simplify
from survey_engine.fieldwork.rosters.workbook_rows import WorkbookRows, is_workbook, open_workbook
from survey_engine.language.definition_fields import RIO_PATTERN
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire

_NAME_COLUMNS = (SURNAME, SURNAME_PREFIX, FIRST_NAME)
_MOST_MERGED = 10_000
"""Largest number of rows with merged cells that are reported."""
KEEP, LEAVE_OUT = "keep", "leave-out"
_FEWEST_HEADINGS = 2
"""Smallest number of known headings by which a later line of a CSV file is that of the headings."""
_FEWEST_EXCLUDED = 3
"""Smallest number of excluded persons that are reported as most of a file."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The format of a file, and what the person who checks it adds."""

    definition: RosterDefinition
    institutions: Mapping[str, str] = field(default_factory=dict)
    """Code in the file → institution of the questionnaire; an empty code stands for all."""
    known: Collection[str] = ()
    """The institutions of the questionnaire; empty without a questionnaire."""
    rio_codes: Mapping[str, str] = field(default_factory=dict)
    """Code of RIO or BRIN → institution of the questionnaire whose file has it."""
    snapshot: Snapshot | None = None
    unify: bool = False
    """Replace spelling variants of labels by the most frequent spelling."""
    sheet: str = ""
    hidden: str = ""
    """What happens to hidden rows of a workbook: KEEP, LEAVE_OUT, or empty: they are an error."""
    day: date = field(default_factory=lambda: datetime.now(UTC).date())
    """The first day on which the persons answer: birth dates must fit it."""
    progress: RowProgress = ignore_rows
    """Called with the number of rows from time to time, and with 0 at the end of a reading."""

    def fit(self, questionnaire: Questionnaire) -> CheckOptions:
        """The options with the institutions, their codes of RIO, and the first day of a questionnaire."""
        rio_codes = map_rio_codes(questionnaire)
        return replace(self, known=questionnaire.institutions, rio_codes=rio_codes, day=questionnaire.opens or self.day)


def open_source(path: Path, options: CheckOptions) -> RowSource:
    """Open a CSV file or a workbook.

    Raises:
        RosterError: when it cannot be read.
    """
    if is_workbook(path):
        rows = open_workbook(path, options.definition.headings, options.definition.required, options.sheet)
        return rows.leave_out_hidden() if options.hidden == LEAVE_OUT else rows
    if options.sheet:
        raise RosterError(path, "this is no workbook, so it has no sheets. Leave out --sheet.")
    if options.hidden:
        raise RosterError(path, "this is no workbook, so it has no hidden rows. Leave out --hidden.")
    return open_csv(path)


@dataclass(slots=True)
class Examination:
    """The result of checking a file."""

    source: RowSource
    header: list[str]
    readers: list[ColumnReader]
    options: CheckOptions
    findings: RosterFindings
    rows: int = 0
    institutions: Counter[str] = field(default_factory=Counter)
    """Code in the file → number of rows."""
    values: dict[str, Counter[str]] = field(default_factory=dict)
    """Column with few values → value → number of rows."""
    persons: PersonRows = field(default_factory=PersonRows)
    labels: LabelChecks = field(default_factory=LabelChecks)
    unused: list[str] = field(default_factory=list)
    """Headings of columns that the format does not know."""

    @property
    def definition(self) -> RosterDefinition:
        return self.options.definition

    def find_institution(self, code: str) -> str:
        """The institution of the questionnaire that a code in the file means; the code when there is none."""
        named = self.options.institutions
        return named.get(code) or named.get("") or self.options.rio_codes.get(code.upper(), code)

    def list_notes(self) -> list[str]:
        notes = list(self.source.notes) if isinstance(self.source, WorkbookRows) else []
        return notes + [
            f"{code}: {institution}, by `rio_codes` in its file, {self.institutions[code]} rows."
            for code, institution in self.map_institutions().items()
            if code != institution == self.options.rio_codes.get(code.upper()) and code not in self.options.institutions
        ]

    def map_institutions(self) -> dict[str, str]:
        """Code in the file → institution of the questionnaire that it means."""
        return {code: self.find_institution(code) for code in self.institutions}


def examine_roster(path: Path, options: CheckOptions) -> Examination:
    """Check a whole file.

    Args:

    Raises:
        RosterError: when the file cannot be read, or has no headings of this format.
    """
    definition, source = options.definition, open_source(path, options)
    rows = source.iter_rows()
    _, header = next(rows, (0, []))
    header = clean_headings(header)
    while len(header) > 1 and not header[-1]:
        header.pop()
    findings = RosterFindings(definition.checks)
    readers, unused = match_columns(header, definition, findings, options.day)
    if not readers:
        if isinstance(source, CsvText):
            known = {*map(simplify, definition.headings)}
            check_lines_above(source, header, lambda cells: len({*map(simplify, cells)} & known) >= _FEWEST_HEADINGS)
        raise RosterError(
            path, f"line 1 has none of the headings of '{definition.roster}': {join_names(definition.columns, 20)}."
        )
    examination = Examination(source, header, readers, options, findings, unused=unused)
    if isinstance(source, WorkbookRows):
        add_marks(source, header, findings, options)
    _Examiner(examination).run()
    return examination


def match_columns(
    header: Sequence[str], definition: RosterDefinition, findings: RosterFindings, day: date
) -> tuple[list[ColumnReader], list[str]]:
    """Find the columns of a format by their names and aliases, in any order. Case, spaces and signs make no difference."""
    names = {simplify(alias): name for name, column in definition.columns.items() for alias in (name, *column.aliases)}
    readers: dict[str, ColumnReader] = {}
    unused = []
    for position, heading in enumerate(header):
        name = names.get(simplify(heading))
        if name is None:
            if heading and not definition.is_plain:
                unused.append(heading)
                _add_unknown(heading, definition, findings)
            continue
        if name in readers:
            other = header[readers[name].position]
            same = f"'{other}' and '{heading}' are the same column" if other != heading else "this column is in the file twice"
            findings.add(0, "double_column", name, "", f"{same}. Remove one of them.")
            continue
        readers[name] = ColumnReader(name, position, definition.columns[name], day)
    for name in definition.list_required(readers):
        if name not in readers:
            aliases = definition.columns[name].aliases
            other = f", also called {join_names(aliases)}" if aliases else ""
            findings.add(0, "missing_column", name, "", f"there is no column '{name}'{other}. Add it.")
    return list(readers.values()), unused


def _add_unknown(heading: str, definition: RosterDefinition, findings: RosterFindings) -> None:
    """Add the finding about a column that the format does not know: an error if it may exclude persons whom labels are given to."""
    exclusion = next(definition.iter_kind("exclusion"), "")
    if definition.makes == "labels" and may_tell(heading):
        rename = (
            f"rename it to '{exclusion}', with the reason in the rows of those persons and nothing in all others; else "
            if exclusion
            else ""
        )
        text = f"this column is unknown, and may tell who is not asked. If it does, {rename}remove it."
        findings.add(0, "opt_out_column", heading, "", text)
        return
    near = suggest_name(heading, definition.columns)
    findings.add(0, "unknown_column", heading, "", f"this column is unknown{near}. It is not used.")


def add_marks(source: WorkbookRows, header: Sequence[str], findings: RosterFindings, options: CheckOptions) -> None:
    """Add findings about formulas, errors, merged cells, and marks of persons who may be no part of the list."""
    name = partial(_name_column, header)
    for row, column, _ in source.get_marks("formulas"):
        findings.add(
            row, "formula", name(column), "", "the cell has a formula; its last result is used. Paste the values instead."
        )
    for row, column, _ in source.get_marks("bare"):
        text = "the cell has a formula without a result. Open the file in a spreadsheet program, paste the values, and save it."
        findings.add(row, "formula_error", name(column), "", text)
    for row, column, shown in source.get_marks("errors"):
        findings.add(row, "formula_error", name(column), shown, f"the cell shows the error {shown}. Correct it.")
    add_person_marks(source, name, findings, options)
    room = _MOST_MERGED
    for first, left, last, right in dict.fromkeys(map(tuple, source.get_marks("merged"))):
        text = "cells are merged: only the first has the value. Unmerge them, and fill in each cell."
        merged = range(first, min(last, source.summary["last"]) + 1)[:room]
        room -= len(merged)
        for row in merged:
            findings.add(row, "merged", name(left) if left == right else f"{name(left)} to {name(right)}", "", text)


def list_person_marks(source: RowSource, header: Sequence[str], rows: Collection[int], remedy: str) -> list[str]:
    """Describe comments in rows of a workbook, and other sheets, that may exclude persons; none for a CSV file.

    Args: remedy: the sentence after a comment.
    """
    findings = RosterFindings()
    if isinstance(source, WorkbookRows):
        _add_comments(source, partial(_name_column, header), findings, remedy)
        _add_other_sheets(source, findings)
    for found in findings:
        found.rows = array("L", (row for row in found.rows if row in rows))
    return [str(found) for found in findings if found.rows or found.check == "other_sheet"]


def _name_column(header: Sequence[str], column: int) -> str:
    return header[column] if column < len(header) and header[column] else f"column {column + 1}"


def _add_comments(source: WorkbookRows, name: Callable[[int], str], findings: RosterFindings, remedy: str) -> None:
    for row, column, comment in source.get_marks("comments"):
        if row not in source.left_out:
            shown = "" if "@" in comment else f": “{comment}”"
            findings.add(row, "comment", name(column), comment, f"the cell has a comment{shown}. {remedy}")


def _add_other_sheets(source: WorkbookRows, findings: RosterFindings) -> None:
    for sheet, headings in source.other_sheets.items():
        if (count := source.like_persons.get(sheet, 0)) and not may_tell(sheet):
            text = (
                f"the sheet '{sheet}' is not read, and has rows like those of persons: {count}. If they belong to this list, put all rows "
                "on one sheet. If they are persons who are to be left out, remove them from the list."
            )
            findings.add(0, "other_sheet", "", sheet, text)
        elif may_tell(sheet) or any(map(may_tell, headings)):
            text = (
                f"the sheet '{sheet}' is not read, and may name persons who are to be left out. If so, remove them from the list."
            )
            findings.add(0, "other_sheet", "", sheet, text)


def add_person_marks(source: WorkbookRows, name: Callable[[int], str], findings: RosterFindings, options: CheckOptions) -> None:
    """Add findings about hidden rows, other sheets, strike-through and comments. Args: name: makes the heading of a column."""
    if options.hidden != KEEP and not source.is_scanned:
        text = (
            "hidden rows, formulas, strike-through and comments of this kind of workbook cannot be found. Save it as .xlsx; or, if it has "
            "none, add `--hidden keep`."
        )
        findings.add(0, "hidden", "", "", text)
    elif options.hidden != KEEP and not source.left_out:
        text = (
            f"hidden, by a filter or by hand: {format_ranges(source.hidden_rows)}. Do these persons belong to this list? If so, add "
            "`--hidden keep`. If not, add `--hidden leave-out`."
        )
        for row in source.hidden_rows:
            findings.add(row, "hidden", "", "", text)
    _add_other_sheets(source, findings)
    for row, column, _ in source.get_marks("struck"):
        if row not in source.left_out:
            text = "the cell is struck through. If this person is to get no link, remove the row."
            findings.add(row, "struck", name(column), "", text)
    for row, _, _ in source.get_marks("coloured"):
        if row not in source.left_out:
            text = "the row has another colour than most rows. If this person is to get no link, remove the row."
            findings.add(row, "coloured", "", "", text)
    _add_comments(source, name, findings, "If this person is to get no link, remove the row.")


class _Examiner:
    """Reads all rows once."""

    def __init__(self, examination: Examination) -> None:
        self.examination = examination
        definition, readers = examination.definition, examination.readers
        self.findings = examination.findings
        self.headings, self.first = list(map(simplify, examination.header)), examination.header[0].casefold()
        index = {reader.name: at for at, reader in enumerate(readers)}
        self.place = next((at for name, at in index.items() if definition.columns[name].becomes == "institution"), None)
        self.exclusion = next((at for name, at in index.items() if definition.columns[name].becomes == "exclusion"), None)
        examination.persons = PersonRows(definition, index, self.place)
        examination.labels = LabelChecks(
            definition, index, lambda values: examination.find_institution("" if self.place is None else values[self.place])
        )
        self.shared = SharedDetails(definition, index, self.place)
        self.login = LoginChecks(definition, index)
        self.texts = MailTextChecks(definition, index)
        self.codes = CodeBeginnings(definition, index)
        self.counted = [
            (at, examination.values.setdefault(name, Counter()))
            for name, at in index.items()
            if definition.columns[name].values
            or definition.columns[name].high is not None
            or definition.columns[name].becomes in ("analysis_label", "response_label")
        ]
        ignored = [
            reader.position for reader in readers if definition.columns[reader.name].becomes in ("ignored", *_NAME_COLUMNS)
        ]
        self.opt_outs = OptOuts(examination.header, {*examination.unused, *(examination.header[at] for at in ignored)})
        snapshot = examination.options.snapshot
        self.reference = snapshot.check_for(definition, index) if snapshot else None

    def run(self) -> None:
        examination = self.examination
        width = len(examination.header)
        rows = examination.source.iter_rows(lambda cells: len(cells) == width > 1)
        next(rows)
        for number, cells in watch_rows(rows, examination.options.progress):
            self.examine_row(number, cells, width)
            examination.rows += 1
        if not examination.rows:
            self.findings.add(0, "empty", "", "", "there are no rows under the headings.")
        examination.persons.finish(self.findings)
        examination.labels.finish(self.findings, unify=examination.options.unify)
        self.texts.finish(self.findings)
        self.login.finish(self.findings)
        self.check_institutions()
        self.check_exclusions()
        for name, cell, number in self.opt_outs.iter_doubtful():
            self.add_opt_out(name, cell, number)

    def add_opt_out(self, name: str, cell: str, number: int) -> None:
        is_list = self.examination.definition.makes == "seats"
        remedy = (
            "is to get no link. If so, remove the row"
            if is_list
            else "is not asked. If so, write the reason in the column for it"
        )
        text = f"'{cell}' in this column may mean that a person {remedy}."
        self.findings.add(number, "opt_out", name, cell, text)

    def examine_row(self, number: int, cells: list[str], width: int) -> None:
        add = self.findings.add
        if cells[0].strip().casefold() == self.first and list(map(simplify, cells[:width])) == self.headings:
            add(number, "double_row", "", "", "this row has the headings again. Remove it.")
            return
        if len(cells) != width:
            if len(cells) > width and any(map(str.strip, cells[width:])):
                add(number, "width", "", str(len(cells)), f"this row has {len(cells)} cells, the headings are {width}.")
                return
            cells = [*cells, *[""] * (width - len(cells))]
        values = []
        for reader in self.examination.readers:
            value, problem = reader.read(cells[reader.position])
            values.append(value)
            if problem is not None:
                add(number, problem.check, reader.name, problem.group, problem.text)
        for at, counter in self.counted:
            counter[values[at]] += 1
        code = values[self.place] if self.place is not None else ""
        self.examination.institutions[code] += 1
        for name, cell in self.opt_outs.iter_found(cells, number):
            self.add_opt_out(name, cell, number)
        if self.exclusion is not None and values[self.exclusion]:
            reason = values[self.exclusion]
            add(number, "excluded", self.examination.readers[self.exclusion].name, reason, f"not asked: {reason}.")
            if self.examination.definition.makes == "labels":
                self.examination.persons.add(number, values, self.findings)
            return
        if self.examination.persons.add(number, values, self.findings):
            self.examination.labels.add(number, values)
            self.shared.add(number, values, self.findings)
            self.login.add(number, values, self.findings)
        self.texts.add(number, values, self.findings)
        self.codes.add(number, values, self.findings)
        if self.reference:
            self.reference(number, values, self.findings)

    def check_exclusions(self) -> None:
        excluded = sum(found.count for found in self.findings if found.check == "excluded")
        if self.exclusion is not None and excluded >= _FEWEST_EXCLUDED and excluded > self.examination.rows / 2:
            name = self.examination.readers[self.exclusion].name
            text = f"{excluded} of {self.examination.rows} rows are excluded: only a reason not to ask a person belongs in this column."
            self.findings.add(0, "most_excluded", name, "", text)

    def check_institutions(self) -> None:
        examination = self.examination
        codes = [code for code in examination.institutions if code]
        column = examination.readers[self.place].name if self.place is not None else "institution"
        options = examination.options
        if len(codes) > 1 and "" in options.institutions:
            shown = join_names(f"{code} ({examination.institutions[code]} rows)" for code in codes)
            self.findings.add(0, "institutions", column, "", f"the file has {len(codes)} institutions, all read as one: {shown}.")
        if options.known:
            for code, named in examination.map_institutions().items():
                count = examination.institutions[code]
                owner = options.rio_codes.get(code.upper(), named)
                if owner != named and code not in options.institutions:
                    text = (
                        f"'{code}' belongs to {owner} by its `rio_codes`, and `--institution` makes it {named} ({count} rows). If that is "
                        f"right, name the code: --institution {code}={named}. If not, leave --institution out."
                    )
                    self.findings.add(0, "institution", column, code, text)
                is_reported = self.place is not None and examination.readers[self.place].read(code).problem
                if named not in options.known and not is_reported:
                    in_file = f"`rio_codes: [{code}]` to the file of the institution, or " if re.match(RIO_PATTERN, code) else ""
                    remedy = (
                        f"Add {in_file}--institution {code}=CODE, or --institution CODE for all rows. "
                        f"Institutions: {join_names(options.known)}."
                    )
                    text = f"no institution of the questionnaire has the code '{code}' ({count} rows). {remedy}"
                    self.findings.add(0, "institution", column, code, text)

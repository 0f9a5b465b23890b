"""Reads a list of students as CSV and checks each row against the questionnaire. Mistakes are reported with their lines.

The list is read row by row: it is never in memory as a whole. What was checked is kept in a temporary file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from shlex import quote

from survey_engine.fieldwork.names import is_contact, is_name
from survey_engine.fieldwork.rosters.checked_students import CheckedStudents
from survey_engine.fieldwork.rosters.csv_text import (
    CsvText,
    check_headings,
    clean_headings,
    find_heading,
    format_headings,
    open_csv,
    simplify_heading,
)
from survey_engine.fieldwork.rosters.encodings import ENCODING_NAMES, is_damaged
from survey_engine.fieldwork.rosters.exchanged_addresses import ExchangedAddresses
from survey_engine.fieldwork.rosters.hash_sets import HashSet
from survey_engine.fieldwork.rosters.keys import LETTERED, OddKeys, find_key_damage, shorten_key, strip_signs, strip_zeros
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError, count_lines
from survey_engine.fieldwork.rosters.opt_outs import OptOuts, is_excluding
from survey_engine.fieldwork.rosters.row_reader import (
    INSTITUTION_COLUMN,
    LANGUAGE,
    LINK_CHECK,
    LINK_COLUMN,
    Report,
    RowReader,
    Student,
)
from survey_engine.fieldwork.rosters.row_source import RowProgress, RowSource, WatchedRows, ignore_rows, watch_rows
from survey_engine.fieldwork.signing import normalise_key
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire

_REPEATED = "this row has the headings again. Remove it."
KEYLESS = "Without --key a restore that loses these seats loses them for good: the same list would let everybody answer again."
_MOST_AFFIXES = 6
"""Number of different letters before numbers, or suffixes, from which they are a part of the number."""
_LOST = re.compile(r"\w\?|\?\w")
"""A letter of a name that a spreadsheet could not write in the encoding of a file."""
_LIKENESS = 0.75
"""Similarity to a known column (0 to 1) from which an unknown heading is reported as a typing error."""


@dataclass(slots=True)
class Roster:
    """A checked list."""

    text: RowSource
    header: list[str]
    reader: RowReader
    students: CheckedStudents
    copied: list[str] = field(default_factory=list)
    """Columns that the questionnaire does not know."""
    institutions: Counter[str] = field(default_factory=Counter)
    """Institution → number of students."""
    read_as: Counter[str] = field(default_factory=Counter)
    """Correction of a value, as text → number of rows."""
    empty: Counter[str] = field(default_factory=Counter)
    """Background variable → number of students without a value."""
    bare: list[int] = field(default_factory=list)
    """Lines of rows with only an institution, in a list with other known columns."""
    details: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Position of a column to store encrypted → kind (`contact`, `labels` or `person`) and code."""
    analysed: dict[int, str] = field(default_factory=dict)
    """Position of a column of labels → background variable that they become if `least` persons share them."""
    least: int = 1
    personal: set[str] = field(default_factory=lambda: {LANGUAGE})
    """Background variables that belong to the person, such as the language, and not to a programme."""
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Position of a column of a list in a format → its heading in the file, and its name in the format."""

    damaged: list[int] = field(default_factory=list)
    """Lines of rows with characters that an earlier program lost or mistook."""
    twins: list[int] = field(default_factory=list)
    """Lines of rows whose key is that of an earlier row but for letters before the number or a suffix."""
    doubles: list[int] = field(default_factory=list)
    """Lines of rows with all cells, but for the key, of an earlier row, a name or an address among them."""
    elsewhere: list[int] = field(default_factory=list)
    """Lines of rows whose key another institution of the list has too."""
    exchanged: list[int] = field(default_factory=list)
    """Lines of rows with the address of another row's person, who has that of this one."""
    questions: list[str] = field(default_factory=list)
    """Descriptions of cells that may exclude persons."""
    switches: list[str] = field(default_factory=list)
    """Descriptions of columns of yes and no that are probably about something else."""
    progress: RowProgress = ignore_rows
    """Called with the number of rows from time to time, at each reading, and with 0 at its end."""

    @property
    def delimiter(self) -> str:
        return self.text.delimiter

    @property
    def columns(self) -> Collection[str]:
        """The columns of the list that the questionnaire knows."""
        return self.reader.columns.values()

    def __len__(self) -> int:
        return self.institutions.total()

    def iter_students(self) -> Iterator[Student]:
        """Iterate over the students in the order of the list."""
        return watch_rows(self.students, self.progress)

    def list_notes(self) -> list[str]:
        """Notes for the operator: assumed encoding and delimiter, corrected values."""
        notes = []
        if self.text.encoding != "utf-8-sig":
            shown = f": see whether these are right: {self.text.strange}" if self.text.strange else ""
            notes.append(f"Read as {ENCODING_NAMES[self.text.encoding]} text{shown}.")
        if self.text.skipped:
            shown = "tab" if self.delimiter == "\t" else self.delimiter
            notes.append(f"The first line names a separator. The separator of this list is: {shown}")
        return notes + [f"{what} ({count} rows)." for what, count in self.read_as.most_common()]

    def list_warnings(self) -> list[str]:
        """Warnings about rows that may be no person, such as a total, and about damaged characters."""
        warnings = [*self.switches]
        if 0 < len(self.bare) < len(self) / 2:
            others = join_names({*self.columns} - {INSTITUTION_COLUMN})
            warnings.append(
                f"{count_lines(self.bare)} an institution but no value for {others}. Every row gets a link: remove what is no person, "
                "such as a total."
            )
        if self.twins:
            warnings.append(
                f"{count_lines(self.twins)} the key of another row but for letters before the number or a suffix, such as s100001 or "
                "100001-2 and 100001. A person who is on the list twice gets two links."
            )
        if doubles := [line for line in self.doubles if line not in {*self.twins}]:
            warnings.append(
                f"{count_lines(doubles)} another key than an earlier row, and all its other cells. A person who is on the list twice gets "
                "two links."
            )
        if self.elsewhere:
            warnings.append(
                f"{count_lines(self.elsewhere)} a key that another institution of this list has too. They count as different persons, each "
                "with a link: see whether somebody is on the list twice."
            )
        if self.exchanged:
            warnings.append(
                f"{count_lines(self.exchanged)} an address with the name of another person, whose address has the name of this one. Mails "
                "with links would go to the wrong persons: correct the addresses."
            )
        if self.damaged:
            warnings.append(
                f"{count_lines(self.damaged)} damaged characters, such as Ã« for ë, �, or ? in a name. If names are to be right, save the "
                "original file as “CSV UTF-8” again."
            )
        return warnings


def read_roster(
    path: Path,
    questionnaire: Questionnaire,
    copied: Collection[str] = (),
    key: Collection[str] = (),
    source: RowSource | WatchedRows | None = None,
) -> Roster:
    """Read and check a whole list.

    Known columns are `institution`, background variables and `language`, which is optional. Other columns are copied to the output.

    Args:
        copied: columns to copy even if their names resemble a known column.
        key: columns that together identify a person within the institution.
        source: the rows of the file; None for a CSV file that is not open yet.

    Raises:
        RosterError: with all mistakes.
    """
    text, progress = source if isinstance(source, WatchedRows) else (source or open_csv(path), ignore_rows)
    rows = text.iter_rows()
    begins, header = next(rows, (0, []))
    if not header:
        raise RosterError(path, "this file is empty. Begin it with a header such as: institution,language")
    header = clean_headings(header)
    while len(header) > 1 and not header[-1]:
        header.pop()
    if isinstance(text, CsvText):
        check_headings(text, header, INSTITUTION_COLUMN)
    mistakes = Mistakes()
    columns = _read_header(header, questionnaire, {*copied, *key}, partial(mistakes.add, begins))
    keys = [_find_key(header, name, partial(mistakes.add, begins)) for name in key]
    if mistakes:
        raise RosterError(path, mistakes)
    reader = RowReader(questionnaire, columns, keys, len(header))
    students = CheckedStudents(path)
    roster = Roster(text, header, reader, students, [name for name in header if name.casefold() not in columns.values()])
    roster.progress = progress
    opt_outs = OptOuts(header, {*roster.copied} - {*copied, *key})
    _check_rows(roster, begins, mistakes, opt_outs)
    if mistakes:
        raise RosterError(path, mistakes)
    roster.questions, roster.switches = opt_outs.list_doubts(), opt_outs.list_warnings()
    return roster


def _check_rows(roster: Roster, begins: int, mistakes: Mistakes, opt_outs: OptOuts) -> None:
    """Read every row and add its mistakes to `mistakes`."""
    reader, rows = roster.reader, roster.text.iter_rows(roster.reader.is_row)
    seen, keys = HashSet(), HashSet()
    odd, twins, doubles = OddKeys(), _Twins(), _Doubles(roster)
    next(rows)
    headings, first = list(map(simplify_heading, roster.header)), roster.header[0].casefold()
    personal = {
        at: name for at, name in enumerate(roster.header) if name in roster.copied and (is_name(name) or is_contact(name))
    }
    names = [at for at, name in enumerate(roster.header) if is_name(name)]
    exchanged = ExchangedAddresses(names, [at for at, name in personal.items() if is_contact(name)])
    for line, cells in watch_rows(rows, roster.progress):
        if cells[0].strip().casefold() == first and list(map(simplify_heading, cells)) == headings:
            mistakes.add(line, "", "", _REPEATED)
            continue
        student = reader.read(cells, partial(mistakes.add, line), roster.read_as)
        roster.students.add(student)
        roster.institutions[student.institution] += 1
        if is_damaged("\0".join(cells)) or any(_LOST.search(cells[at]) for at in names if at < len(cells)):
            roster.damaged.append(line)
        _check_copied(line, cells, personal, opt_outs, mistakes)
        roster.exchanged += exchanged.add(line, cells)
        if len(student.background) < len(reader.background):
            if not student.background and student.language is None:
                roster.bare.append(line)
            roster.empty.update(reader.background - student.background.keys())
        # Without a key and copied columns, equal rows may be different students.
        if student.key if reader.keys else roster.copied:
            key = strip_zeros(strip_signs(normalise_key(student.key)))
            mark = hash((student.institution, key) if reader.keys else tuple(map(str.strip, cells)))
            is_double = not seen.add(mark)
            if is_double:
                mistakes.add(line, *_describe_double(reader.keys, roster.header))
            roster.elsewhere += [line] * (bool(reader.keys) and not keys.add(hash(key)) and not is_double)
            odd.add(line, student.key)
            if reader.keys and any(hash((student.institution, other)) in seen for other in twins.iter_others(key)):
                roster.twins.append(line)
            if reader.keys and doubles.add(cells):
                roster.doubles.append(line)
        if mistakes.stopped:
            return
    for line, part, kind, predicate in odd.iter_found():
        mistakes.add(
            line,
            "key",
            kind,
            f"'{shorten_key(part)}' {predicate}. Nearly all other keys are whole numbers. Correct it, or remove the row.",
        )
    if not roster.institutions:
        mistakes.add(begins, "", "", "there are no students under the header.")


def _check_copied(line: int, cells: Sequence[str], personal: Mapping[int, str], opt_outs: OptOuts, mistakes: Mistakes) -> None:
    """Args: personal: position → heading of copied columns of names and addresses."""
    for name, cell in opt_outs.iter_found(cells, line):
        mistakes.add(line, name, cell, partial(opt_outs.describe, name, cell))
    for at, name in personal.items():
        if at < len(cells) and cells[at].strip().startswith("#") and (damage := find_key_damage(cells[at].strip())):
            shown = cells[at].strip()
            mistakes.add(line, name, shown, f"'{shown}' in column '{name}' {damage[1]}. Correct it, or empty the cell.")


class _Twins:
    """Finds other forms of a key: with and without letters before its number, with and without a suffix."""

    def __init__(self) -> None:
        self._prefixes, self._suffixes = {""}, {""}

    def iter_others(self, key: str) -> Iterator[str]:
        """Iterate over the other forms of the next key."""
        if not (found := LETTERED.fullmatch(key)):
            return
        prefix, number, suffix = found.group(1, 2, 3)
        prefixes, suffixes = ({*known} if len(known) < _MOST_AFFIXES else {""} for known in (self._prefixes, self._suffixes))
        self._prefixes.add(prefix)
        self._suffixes.add(suffix or "")
        yield from (other + number + (suffix or "") for other in prefixes - {prefix})
        if suffix:
            yield from (other + number for other in prefixes | {prefix})
        else:
            yield from (other + number + after for other in prefixes | {prefix} for after in suffixes - {""})


class _Doubles:
    """Finds rows with all cells, but for the key, of an earlier row. Lists without names and addresses have many."""

    def __init__(self, roster: Roster) -> None:
        known = {*roster.reader.keys, *roster.reader.columns}
        self._personal = [at for at, name in enumerate(roster.header) if at not in known and (is_name(name) or is_contact(name))]
        self._others = [at for at in range(len(roster.header)) if at not in roster.reader.keys]
        self._seen = HashSet()

    def add(self, cells: Sequence[str]) -> bool:
        """Add a row; return whether an earlier one has its cells."""
        if not any(cells[at].strip() for at in self._personal):
            return False
        return not self._seen.add(hash("\0".join([cells[at].strip() for at in self._others]).casefold()))


def _describe_double(keys: list[int], header: list[str]) -> tuple[str, str, str]:
    if keys:
        names = " and ".join(header[at] for at in keys)
        same = f"another row above has the same {names}, or one that differs by leading zeros, capitals, blanks or dots alone."
        return names, "", f"{same} Remove one of them: each person gets one link."
    return "", "", "this row is the same as one above it. Remove one of them: each row gets a link."


def _find_key(header: list[str], name: str, report: Report) -> int:
    """The position of a key column."""
    position = find_heading(header, name)
    if position is None:
        report(name, "", f"there is no column '{name}' to be the key{suggest_name(name, header)}. It has: {join_names(header)}.")
    elif header[position].casefold() in map(str.casefold, header[position + 1 :]):
        report(name, "", f"the column '{name}', which is to be the key, is in the list twice. Rename or remove one of them.")
    return position or 0


def _read_header(header: list[str], questionnaire: Questionnaire, copied: Collection[str], report: Report) -> dict[int, str]:
    """Find the known columns: position → name."""
    known = [INSTITUTION_COLUMN, LANGUAGE, *questionnaire.background]
    columns: dict[int, str] = {}
    called = {
        wording.casefold(): code
        for code, variable in questionnaire.background.items()
        for wording in (variable.text.wording.values() if variable.text else ())
    }
    for position, name in enumerate(header):
        plain = name.casefold()
        is_personal = is_name(name) or is_contact(name)
        near = get_close_matches(plain, known, n=1, cutoff=_LIKENESS)
        if plain in known and plain in columns.values():
            report(name, "", f"the column '{name}' is in the list twice. Remove one of them.")
        elif plain in known:
            columns[position] = plain
        elif is_personal and plain in map(str.casefold, header[:position]):
            report(name, "", f"the column '{name}' is in the list twice. Rename or remove one of them.")
        elif plain in (LINK_COLUMN, LINK_CHECK):
            report(
                name,
                "",
                f"the column '{name}' is made by this command: is this a links.csv? Give the list of students, or remove it.",
            )
        elif is_excluding(name) and name not in copied:
            report(
                name,
                "",
                f"the column '{name}' does not keep anybody from getting a link. Remove the rows of those who are to have none, and "
                f"this column; or add `--copy {quote(name)}` if it is only to be copied.",
            )
        elif plain in called and name not in copied:
            report(
                name,
                "",
                f"the column '{name}' is called as respondents read '{called[plain]}'. Rename it to '{called[plain]}', or add "
                f"`--copy {quote(name)}` if it is only to be copied.",
            )
        elif near and name not in copied:
            report(
                name,
                "",
                f"the column '{name}' is unknown (did you mean '{near[0]}'?). Rename it, or add `--copy {quote(name)}` if it is only "
                "to be copied.",
            )
    if INSTITUTION_COLUMN not in columns.values():
        codes = join_names(questionnaire.institutions, 3)
        shown = format_headings(header)
        report(
            INSTITUTION_COLUMN,
            "",
            f"there is no column '{INSTITUTION_COLUMN}'. Add one with a code such as {codes}. The headings must be in line 1, which "
            f"has: {shown}.",
        )
    return columns

"""A list of students as CSV: every row checked against the questionnaire, and every mistake named with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from survey_engine.model.messages import listing, meant
from survey_engine.model.questionnaire import Institution, Questionnaire, Variable
from survey_engine.model.variables import can_have, list_domain

INSTITUTION, LANGUAGE, LINK = "institution", "language", "link"
_LIKENESS = 0.75
"""How like a known column (0 to 1) another must be to be taken for a slip of the pen."""
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_SHOWN = 30
"""Mistakes that are written out."""


class RosterError(Exception):
    """The list cannot be used; carries every mistake with its line."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        more = len(mistakes) - _SHOWN
        super().__init__("\n".join([*mistakes[:_SHOWN], *([f"… and {more} more"] if more > 0 else [])]))


@dataclass(frozen=True, slots=True)
class Student:
    """One row: what the engine needs to know, and the cells as they were."""

    institution: str
    language: str | None
    background: dict[str, str | int]
    cells: list[str]


@dataclass(slots=True)
class Roster:
    """A checked list."""

    header: list[str]
    delimiter: str
    students: list[Student] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    """Columns that mean nothing to the questionnaire."""


def read_roster(path: Path, questionnaire: Questionnaire, copied: Collection[str] = ()) -> Roster:
    """Read and check a whole list.

    The columns are `institution`, background variables and, if need be, `language`; others are copied to the output only.
    Those in `copied` may be so although they look like a known one.

    Raises:
        RosterError: with every mistake, when there is any.
    """
    content = _read_text(path)
    delimiter = max(",;\t", key=content.partition("\n")[0].count)
    header, *rows = _split_rows(path, content, delimiter)
    roster = Roster([cell.strip() for cell in header[1]], delimiter)
    columns, mistakes = _read_header(roster.header, questionnaire, copied)
    found = [(header[0], mistake) for mistake in mistakes]
    if not found:
        roster.copied = [name for name in roster.header if name.casefold() not in columns.values()]
        reader = _RowReader(questionnaire, columns)
        for line, cells in rows:
            student, mistakes = reader.read(cells, len(header[1]))
            roster.students.append(student)
            found += [(line, mistake) for mistake in mistakes]
        found = sorted([*found, *_find_doubles(rows)]) if roster.copied else found
    if not (found or rows):
        found = [(header[0], "there are no students under the header.")]
    if found:
        raise RosterError([f"{path}:{line}: {mistake}" for line, mistake in found])
    return roster


def _find_doubles(rows: list[tuple[int, list[str]]]) -> Iterator[tuple[int, str]]:
    """Rows that say the same as one above them, by line; where nothing tells students apart, that is no mistake."""
    first: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        above = first.setdefault(tuple(cell.strip() for cell in cells), line)
        if above != line:
            yield line, f"this row is the same as the one on line {above}. Remove one of them: each row gets a link."


def _split_rows(path: Path, content: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Every row that is not empty, with the line on which it ends."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise RosterError([f"{path}:{reader.line_num}: this is not CSV: {error}."]) from None
    if not rows:
        raise RosterError([f"{path}: this file is empty. Begin it with a header such as: institution,language"])
    return rows


def _read_text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(b"PK"):
        raise RosterError([f"{path}: this is a workbook. Save it as “CSV UTF-8”."])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RosterError([f"{path}:{line}: this is not UTF-8 text. Save it as “CSV UTF-8”."]) from None


def _read_header(header: list[str], questionnaire: Questionnaire, copied: Collection[str]) -> tuple[dict[int, str], list[str]]:
    """Position → known column, and what is wrong with the header."""
    known = [INSTITUTION, LANGUAGE, *questionnaire.background]
    columns: dict[int, str] = {}
    mistakes = []
    for position, name in enumerate(header):
        plain = name.casefold()
        near = get_close_matches(plain, known, n=1, cutoff=_LIKENESS)
        if plain in known and plain in columns.values():
            mistakes.append(f"the column '{name}' stands here twice. Remove one of them.")
        elif plain in known:
            columns[position] = plain
        elif plain == LINK:
            mistakes.append(f"the column '{name}' is made by this command. Rename or remove it.")
        elif near and name not in copied:
            mistakes.append(
                f"the column '{name}' is unknown (did you mean '{near[0]}'?). Rename it, or add `--copy {name}` if it is only "
                "to be copied."
            )
    if INSTITUTION not in columns.values():
        mistakes.append(
            f"there is no column '{INSTITUTION}'. Add one with a code such as {listing(questionnaire.institutions, 3)}."
        )
    return columns, mistakes


class _RowReader:
    """Reads rows whose columns are known."""

    def __init__(self, questionnaire: Questionnaire, columns: dict[int, str]) -> None:
        self.questionnaire, self.columns = questionnaire, columns

    def read(self, cells: list[str], width: int) -> tuple[Student, list[str]]:
        """The student and what is wrong with the row."""
        if len(cells) != width:
            return Student("", None, {}, cells), [f"this row has {len(cells)} cells, the header has {width}."]
        given = {name: cells[position].strip() for position, name in self.columns.items()}
        code, language = given.pop(INSTITUTION), given.pop(LANGUAGE, "") or None
        institution = self.questionnaire.institutions.get(code)
        mistakes = list(self._check_place(code, institution, language))
        background: dict[str, str | int] = {}
        for name, written in given.items():
            if written:
                variable = self.questionnaire.background[name]
                background[name] = _read_value(variable, written)
                if not can_have(variable, background[name]):
                    near = meant(written.casefold(), map(str, variable.codes))
                    mistakes.append(f"'{written}' is no value of '{name}'{near}. Its values: {list_domain(variable)}.")
        return Student(code, language, background, cells), mistakes

    def _check_place(self, code: str, institution: Institution | None, language: str | None) -> Iterator[str]:
        known = self.questionnaire.institutions
        if not code:
            yield f"'{INSTITUTION}' is empty. Fill in one of: {listing(known)}."
        elif institution is None:
            yield f"there is no institution '{code}'{meant(code.casefold(), known)}. Known: {listing(known)}."
        elif language is not None and language not in institution.languages:
            near, offered = meant(language.casefold(), institution.languages), listing(institution.languages)
            yield f"'{code}' does not offer the language '{language}'{near}. It has: {offered}."


def _read_value(variable: Variable, written: str) -> str | int:
    """A cell as the kind of value that the variable has; as it is where that is impossible."""
    return int(written) if variable.kind == "number" and _WHOLE.fullmatch(written) else written

"""Reads one row of a list of students: institution, language, background and key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from survey_engine.fieldwork.rosters.csv_text import strip_invisible
from survey_engine.fieldwork.rosters.keys import (
    find_key_damage,
    is_missing_key,
    normalise_cell,
    read_former_key,
    read_key,
    shorten_key,
    strip_signs,
)
from survey_engine.fieldwork.rosters.labels import advise_code, find_code, find_value
from survey_engine.fieldwork.rosters.mistakes import describe_width
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire, Variable
from survey_engine.model.variables import can_have, format_domain

INSTITUTION_COLUMN, LANGUAGE, LINK_COLUMN, LINK_CHECK = "institution", "language", "link", "link_check"
NORMALISED = "Keys are read without invisible characters, added decimals and apostrophes, and in ASCII"
_MOST_KEPT = 20_000
"""Number of different cells of a column whose values are kept."""
_WHOLE = re.compile(r"-?[0-9]{1,9}")
Report: TypeAlias = Callable[[str, str, str | Callable[[], str]], None]
"""Takes the column and value of a mistake, and its text or a function that returns it."""


@dataclass(frozen=True, slots=True)
class Student:
    """One row of a list."""

    institution: str
    language: str | None
    background: dict[str, str | int]
    cells: list[str]
    key: str = ""
    """Identifies the person within the institution; empty when the list has no key column."""


class RowReader:
    """Reads rows with known columns."""

    def __init__(self, questionnaire: Questionnaire, columns: dict[int, str], keys: list[int], width: int) -> None:
        self.questionnaire, self.columns, self.keys, self.width = questionnaire, columns, keys, width
        self.background = {*columns.values()} - {INSTITUTION_COLUMN, LANGUAGE}
        """The background variables in the list."""
        self._values: dict[str, dict[str, str | int]] = {name: {} for name in columns.values()}
        """Column → cell → value, without cells that need a report: many rows have equal ones."""
        self._place = next(position for position, name in columns.items() if name == INSTITUTION_COLUMN)
        self._language = next((position for position, name in columns.items() if name == LANGUAGE), None)
        self._variables = [(at, name, self._values[name]) for at, name in columns.items() if name in self.background]
        self._rio_codes = {code.casefold() for code in map_rio_codes(questionnaire)}
        """Replaced in the cells: files of links have the institution's own code."""
        self._written = {
            INSTITUTION_COLUMN: fold_institutions(questionnaire),
            LANGUAGE: _fold(questionnaire.languages),
            **{name: _fold(variable.codes) for name, variable in questionnaire.background.items()},
        }

    def is_row(self, cells: list[str]) -> bool:
        """Whether these cells are certainly a row of this list."""
        return len(cells) == self.width > 1 and cells[self._place].strip().casefold() in self._written[INSTITUTION_COLUMN]

    def read(self, cells: list[str], report: Report, read_as: Counter[str] | None = None) -> Student:
        """Read a row.

        Args:
            report: called for each mistake.
            read_as: counts corrected values.
        """
        if len(cells) > self.width and not any(map(str.strip, cells[self.width :])):
            cells = cells[: self.width]
        if len(cells) != self.width:
            report("", str(len(cells)), partial(describe_width, len(cells), self.width))
            return Student("", None, {}, cells)
        code = str(self._read_cell(INSTITUTION_COLUMN, cells[self._place], report, read_as))
        language = "" if self._language is None else str(self._read_cell(LANGUAGE, cells[self._language], report, read_as))
        self._check_place(code, language or None, report)
        background: dict[str, str | int] = {}
        for at, name, known in self._variables:
            value = known.get(cells[at])
            if value is None:
                value = self._read_cell(name, cells[at], report, read_as)
            if value != "":
                background[name] = value
        if cells[self._place].strip().casefold() in self._rio_codes:
            cells = [code if at == self._place else cell for at, cell in enumerate(cells)]
        return Student(code, language or None, background, cells, self._read_key(cells, report, read_as))

    def _read_cell(self, name: str, cell: str, report: Report, read_as: Counter[str] | None) -> str | int:
        """The value of a known column; empty without one."""
        values = self._values[name]
        if (held := values.get(cell)) is not None:
            return held
        named = strip_invisible(cell).strip()
        written = self._correct(name, named, read_as)
        variable = self.questionnaire.background.get(name) if written and name in self.background else None
        value = _read_value(variable, written) if variable else written
        if variable and not can_have(variable, value):
            report(name, written, partial(_describe_value, variable, name, written))
        elif written == named and len(values) < _MOST_KEPT:
            values[cell] = value
        return value

    def _read_key(self, cells: list[str], report: Report, read_as: Counter[str] | None) -> str:
        """The key of a row; empty when it is missing or damaged."""
        parts = read_key(cells, self.keys)
        if read_as is not None and "\n".join(parts) != read_former_key(cells, self.keys):
            read_as[NORMALISED] += 1
        if all(map(is_missing_key, parts)):
            if self.keys:
                report("key", "", _describe_missing(parts))
            return ""
        broken = False
        for part in parts:
            if damage := find_key_damage(part):
                kind, predicate = damage
                write = f"Write '{shorten_key(strip_signs(part))}'. Or open" if kind == "quotes" else "Open"
                remedy = f"{write} the original file, make this column text, and save the list again."
                report("key", kind, f"'{shorten_key(part)}' {predicate}. {remedy}")
                broken = True
        return "" if broken else "\n".join(parts)

    def _correct(self, name: str, written: str, read_as: Counter[str] | None) -> str:
        """Correct the writing of a code or number; a text without codes stays as it is."""
        variable, plain = self.questionnaire.background.get(name), normalise_cell(written)
        is_number = variable is not None and variable.kind == "number" and _WHOLE.fullmatch(plain)
        code = self._written[name].get(plain.casefold(), plain if is_number else written)
        if code != written and read_as is not None:
            read_as[f"{name}: '{written}' is read as '{code}'"] += 1
        return code

    def _check_place(self, code: str, language: str | None, report: Report) -> None:
        known = self.questionnaire.institutions
        institution = known.get(code)
        if not code:
            report(INSTITUTION_COLUMN, "", lambda: f"'{INSTITUTION_COLUMN}' is empty. Fill in one of: {join_names(known)}.")
        elif institution is None:
            report(
                INSTITUTION_COLUMN,
                code,
                lambda: (
                    f"there is no institution '{code}'{suggest_name(code.casefold(), known)}. Known: {join_names(known)}."
                    + advise_code(code, find_code(code, ((i.code, i.name) for i in known.values())))
                ),
            )
        elif language is not None and language not in institution.languages:
            offered = institution.languages
            report(
                f"{LANGUAGE} at {code}",
                language,
                lambda: (
                    f"'{code}' does not offer the language '{language}'{suggest_name(language, offered)}. It has: {join_names(offered)}."
                    + advise_code(language, find_code(language, ((x, self.questionnaire.languages[x].name) for x in offered)))
                ),
            )


def _describe_missing(parts: list[str]) -> str:
    if not any(parts):
        return "the key is empty. Fill it in: it identifies the person on a corrected list."
    return f"'{shorten_key(' '.join(parts))}' stands for a key that is missing. Fill in the person's own, or remove the row."


def map_rio_codes(questionnaire: Questionnaire) -> dict[str, str]:
    """Code of RIO or BRIN → code of the institution that has it."""
    return {code: institution.code for institution in questionnaire.institutions.values() for code in institution.rio_codes}


def fold_institutions(questionnaire: Questionnaire) -> dict[str, str]:
    """Case-folded code of an institution, its own or one of RIO → its own code."""
    of_rio = {code.casefold(): name for code, name in map_rio_codes(questionnaire).items()}
    return {**of_rio, **_fold(questionnaire.institutions)}


def _fold(codes: Collection[str | int]) -> dict[str, str]:
    """Case-folded code → code. Codes that differ only by case are left out and must be written exactly."""
    counts = Counter(str(code).casefold() for code in codes)
    return {str(code).casefold(): str(code) for code in codes if counts[str(code).casefold()] == 1}


def _describe_value(variable: Variable, name: str, written: str) -> str:
    code = find_value(written, variable)
    near = suggest_name(written.casefold(), map(str, variable.codes)) if code is None else ""
    return f"'{written}' is no value of '{name}'{near}. Its values: {format_domain(variable)}.{advise_code(written, code)}"


def _read_value(variable: Variable, written: str) -> str | int:
    """Convert a cell to the variable's kind of value; return it unchanged when that is impossible."""
    return int(written) if variable.kind == "number" and _WHOLE.fullmatch(written) else written

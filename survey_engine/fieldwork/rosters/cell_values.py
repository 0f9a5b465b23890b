"""Reads the cells of one column: allowed values, forms of codes, and damage by spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from survey_engine.fieldwork.names import OLDEST, PERSON, YOUNGEST, is_plausible, read_birth_date
from survey_engine.fieldwork.rosters.keys import find_key_damage, find_text_damage, normalise_cell, unmark_text
from survey_engine.fieldwork.rosters.login_checks import has_name_damage
from survey_engine.fieldwork.rosters.opt_outs import may_take_part
from survey_engine.fieldwork.rosters.roster_format import ColumnDefinition
from survey_engine.fieldwork.rosters.yes_no import SAYS_NO, SAYS_OTHER, UNCLEAR, read_answer
from survey_engine.model.messages import join_names, suggest_name

_MOST_KEPT = 20_000
"""Number of different cells of a column whose result is kept."""
_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:.]+)?")
_SPACES = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_RESAVE = "Open the original file, make this column text, and save the list again."


class CellProblem(NamedTuple):
    """What is wrong with a cell: the check, the value by which cells are grouped, and the message."""

    check: str
    group: str
    text: str


class CellReading(NamedTuple):
    """The value of a cell, and what is wrong with it."""

    value: str
    problem: CellProblem | None = None


_SHAPES = {
    "e-mail": r"(?![Mm][Aa][Ii][Ll][Tt][Oo]:)[^@\s,;<>]+@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+",
    "name": r"[0-9A-Za-z._-]{1,20}",
}
"""Shapes with a name. A file of a format has no regular expressions: they could take hours."""


def compile_shapes(shapes: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern for values of one of these shapes.

    >>> bool(compile_shapes(["99AA"]).fullmatch("27DV"))
    True
    """
    letters = {"9": "[0-9]", "A": "[A-Z]"}
    return re.compile("|".join(_SHAPES.get(shape) or "".join(letters.get(c) or re.escape(c) for c in shape) for shape in shapes))


@dataclass(slots=True)
class ColumnReader:
    """Reads the cells of one column. Equal cells are read once."""

    name: str
    position: int
    column: ColumnDefinition
    day: date
    """The first day on which the persons answer."""
    _kept: dict[str, CellReading] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        for code, spellings in self.column.values.items():
            self._codes.update({fold(normalise_cell(spelling)): code for spelling in (code, *spellings)})
        self._pattern = compile_shapes(self.column.shapes) if self.column.shapes else None

    def read(self, cell: str) -> CellReading:
        reading = self._kept.get(cell)
        if reading is None:
            reading = self._read(cell)
            if len(self._kept) < _MOST_KEPT:
                self._kept[cell] = reading
        return reading

    def _read(self, cell: str) -> CellReading:
        written = cell.strip(" \t\r\n\u00a0\ufeff")
        column = self.column
        if not written:
            return CellReading("", CellProblem("empty", "", "the cell is empty. Fill it in.") if column.filled else None)
        if self._codes:
            code = self._codes.get(fold(normalise_cell(written)))
            return CellReading(written, self._refuse(written)) if code is None else CellReading(code)
        if self._pattern or column.high is not None:
            return self._read_code(written)
        if column.becomes == "birth_date":
            return self._read_birth_date(written)
        return self._read_text(written)

    def _read_text(self, written: str) -> CellReading:
        becomes = self.column.becomes
        if becomes in PERSON and has_name_damage(written):
            wrong = (
                f"'{written}' has damaged characters: this person could not log in. Save the original file as “CSV UTF-8” again."
            )
            return CellReading(written, CellProblem("damaged", written, wrong))
        if becomes in ("analysis_label", "response_label"):
            return self._read_label(_SPACES.sub(" ", written))
        return self._read_exclusion(written) if becomes == "exclusion" else CellReading(written)

    def _read_label(self, written: str) -> CellReading:
        if damage := self._find_damage(written, find_text_damage):
            return CellReading(written, damage)
        plain = unmark_text(written)
        return CellReading(plain, None if plain == written else self._note(written, plain, plain))

    def _read_birth_date(self, written: str) -> CellReading:
        born = read_birth_date(written)
        if born is None:
            example = self.column.example or "31-12-2008"
            wrong = f"this is no date such as {example}: day, month and a year of four digits."
            return CellReading(written, CellProblem("shape", "", wrong))
        if is_plausible(born, self.day):
            return CellReading(born.isoformat())
        wrong = f"a person born on this date is not {YOUNGEST} to {OLDEST} years old on {self.day}. Correct the date."
        return CellReading(written, CellProblem("value", "", wrong))

    def _read_exclusion(self, written: str) -> CellReading:
        """Read the reason why a person is not asked; empty for a cell that says no."""
        said = read_answer(written)
        if said == UNCLEAR:
            wrong = (
                f"'{written}' is neither a reason nor a no. Write the reason, such as stage, or ja; or nee, or empty the cell."
            )
            return CellReading(written, CellProblem("value", written, wrong))
        if said == SAYS_OTHER and may_take_part(written):
            wrong = (
                f"'{written}' may say that this person takes part, but a reason here means that the person is not asked. If the person "
                "takes part, empty the cell. If not, write another reason, such as stage, or ja."
            )
            return CellReading(written, CellProblem("value", written, wrong))
        return CellReading("" if said == SAYS_NO else written)

    def _read_code(self, written: str) -> CellReading:
        """Read a number in a range or a code of a certain form; add lost zeros, and write letters as capitals."""
        column = self.column
        plain = written if column.becomes == "contact" else normalise_cell(written)
        for tried in (written, plain, plain.upper(), self._pad(plain)):
            if self._is_right(tried):
                return CellReading(tried, None if tried == written else self._note(written, plain, tried))
        if damage := self._find_damage(written):
            return CellReading(written, damage)
        if column.high is not None:
            return CellReading(
                written, CellProblem("value", written, f"'{written}' is no whole number from {column.low} to {column.high}.")
            )
        example = f", such as {column.example}" if column.example else ""
        if column.becomes == "contact":
            return CellReading(written, CellProblem("shape", "", f"this is no e-mail address{example}."))
        return CellReading(
            written, CellProblem("shape", written, f"'{written}' does not have the form of a {self.name}{example}.")
        )

    def _is_right(self, written: str) -> bool:
        low, high = self.column.low, self.column.high
        if low is not None and high is not None:
            return written.isdecimal() and written.isascii() and len(written) < 10 and low <= int(written) <= high
        return self._pattern is not None and self._pattern.fullmatch(written) is not None

    def _pad(self, written: str) -> str:
        return written.zfill(self.column.digits) if self.column.digits and written.isdecimal() else written

    def _note(self, written: str, plain: str, read: str) -> CellProblem:
        if read == plain:
            return CellProblem(
                "corrected", "writing", f"what a program changed is read as it was, such as '{written}' as '{read}'."
            )
        if read == plain.upper():
            return CellProblem("corrected", "capitals", f"letters are read as capitals, such as '{written}' as '{read}'.")
        lost = f"leading zeros that a spreadsheet removed are added, such as '{written}' to '{read}'."
        return CellProblem("corrected", "zeros", lost)

    def _find_damage(self, written: str, find: Callable[[str], tuple[str, str] | None] = find_key_damage) -> CellProblem | None:
        """Args: find: `find_key_damage` for codes, `find_text_damage` for texts."""
        shown = "the value" if self.column.becomes == "contact" else f"'{written}'"
        if damage := find(written):
            return CellProblem("damaged", damage[0], f"{shown} {damage[1].replace('a key', 'a code')}. {_RESAVE}")
        if _DATED.fullmatch(written):
            return CellProblem("damaged", "date", f"{shown} is a date: a spreadsheet took a code or a label for one. {_RESAVE}")
        return None

    def _refuse(self, written: str) -> CellProblem:
        if damage := self._find_damage(written):
            return damage
        spellings = [spelling for listed in self.column.values.values() for spelling in listed]
        near = suggest_name(written, spellings)
        return CellProblem("value", written, f"'{written}' is not allowed{near}. Allowed: {join_names(self.column.shown, 20)}.")


def fold(written: str) -> str:
    """Text without case and repeated spaces."""
    return _SPACES.sub(" ", written.strip()).casefold()

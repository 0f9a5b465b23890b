"""Numbers of text codes in SPSS and Stata, kept from an earlier delivery, so that reordered options keep their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.codes import CodeEntry
from survey_engine.datasets.csv_files import read_rows
from survey_engine.datasets.least_groups import read_records
from survey_engine.model.questionnaire import Questionnaire

_CODEBOOK_FILE = "codebook.csv"


def read_code_numbers(folder: Path, questionnaire: Questionnaire | None = None) -> dict[str, dict[str, int]]:
    """Read variable → text code → number from the codebook of a delivery.

    Args: questionnaire: the delivery must be of this questionnaire or of another edition of it; None allows any.

    Raises:
        ValueError: there is no codebook, a cell is not a number, or the delivery is of another questionnaire.
    """
    path, found = folder / _CODEBOOK_FILE, dict[str, dict[str, int]]()
    if not path.is_file():
        raise ValueError(f"There is no {_CODEBOOK_FILE} in {folder}.")
    if questionnaire:
        _check_questionnaire(folder, questionnaire)
    for line, row in read_rows(path):
        if number := row.get("code_number"):
            if not number.removeprefix("-").isdecimal():
                raise ValueError(f"{path}, line {line}: the code_number '{number}' is not a number.")
            found.setdefault(row["variable"], {})[row["code"]] = int(number)
    return found


def _check_questionnaire(folder: Path, questionnaire: Questionnaire) -> None:
    """Raise ValueError for a delivery of another questionnaire. Questionnaire codes of two editions differ only in digits (the year)."""
    codes = {made.questionnaire for made in read_records(folder).values()}
    if not codes:
        raise ValueError(
            f"{folder} has no least-group-export.json, so its questionnaire is not known: name the folder that `survey-engine export` "
            "wrote."
        )
    for code in codes:
        if re.sub(r"\d+", "", code) != re.sub(r"\d+", "", questionnaire.code):
            raise ValueError(
                f"{folder} has a delivery of {code}, which is not an edition of {questionnaire.code}: equal codes would get the numbers of "
                f"other answers. Give a delivery of {questionnaire.code} or of an earlier edition of it."
            )


def keep_numbers(entries: Iterable[CodebookEntry], earlier: Mapping[str, Mapping[str, int]]) -> list[CodebookEntry]:
    """Return the entries with the earlier numbers of their text codes. Codes without an earlier number get the next free numbers.

    The number of a new code does not depend on the other codes in the table, so that the files of institutions agree.
    """
    return [replace(entry, codes=tuple(_renumber(entry, earlier.get(entry.name, {})))) for entry in entries]


def _renumber(entry: CodebookEntry, earlier: Mapping[str, int]) -> Iterable[CodeEntry]:
    taken = {code.code for code in entry.codes if isinstance(code.code, int)}
    last = max(earlier.values(), default=0)
    for code in entry.codes:
        if isinstance(code.code, int) or code.number is None:
            yield code
        else:
            number = earlier.get(code.code)
            yield replace(code, number=code.number + max(last, 0) if number is None or number in taken else number)

"""Empty workbooks of a format, with headings, drop-downs and an explanation, for institutions to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from survey_engine.fieldwork.rosters.roster_format import COLUMN_KINDS, ColumnDefinition, RosterDefinition
from survey_engine.model.questionnaire import Questionnaire

ROWS = 100_000
"""Number of rows with drop-downs."""
_LONGEST_LIST = 255
"""Largest number of characters of a drop-down's values in a cell's own rule; longer lists are in the second sheet."""


def write_template(path: Path, definition: RosterDefinition, questionnaire: Questionnaire | None = None) -> None:
    """Write a template. All cells are text, so that a spreadsheet keeps leading zeros and makes no dates.

    Args:
        questionnaire: adds its institutions, languages and background variables to a plain list.
    """
    columns = {**definition.columns, **(_map_background(questionnaire) if questionnaire and definition.is_plain else {})}
    with Workbook(path) as workbook:
        text = workbook.add_format({"num_format": "@"})
        required = workbook.add_format({"bold": True, "bg_color": "#d9e6f2", "num_format": "@", "border": 1})
        optional = workbook.add_format({"bg_color": "#f2f2f2", "num_format": "@", "border": 1})
        sheet = workbook.add_worksheet(definition.roster[:31])
        explanation = workbook.add_worksheet("Explanation")
        sheet.freeze_panes(1, 0)
        for at, (name, column) in enumerate(columns.items()):
            sheet.set_column(at, at, max(12, len(name) + 2), text)
            sheet.write_string(0, at, name, required if column.required else optional)
            if column.shown:
                rule = {
                    "validate": "list",
                    "source": column.shown,
                    "error_title": name,
                    "error_message": "Choose a value of the list.",
                }
                if len(",".join(column.shown)) > _LONGEST_LIST:
                    rule["source"] = _add_list(explanation, len(columns) + 3, at, column.shown)
                sheet.data_validation(1, at, ROWS, at, rule)
        sheet.ignore_errors({"number_stored_as_text": f"A2:{_name_column(len(columns) - 1)}{ROWS + 1}"})
        _write_explanation(explanation, columns, workbook.add_format({"bold": True}))


def _map_background(questionnaire: Questionnaire) -> dict[str, ColumnDefinition]:
    def choose(codes: list[str], **more: Any) -> ColumnDefinition:
        return ColumnDefinition(values={code: [code] for code in codes}, **more)

    return {
        "institution": choose(list(questionnaire.institutions), required=True, filled=True, becomes="institution"),
        "language": choose(list(questionnaire.languages), becomes="language"),
        **{
            name: choose(list(map(str, variable.codes)), becomes="background", variable=name)
            for name, variable in questionnaire.background.items()
        },
    }


def _add_list(sheet: Any, first: int, at: int, values: list[str]) -> str:
    """Write the values of a long list below the explanation; return their range."""
    sheet.write_column(first, at, values)
    letters = _name_column(at)
    return f"=Explanation!${letters}${first + 1}:${letters}${first + len(values)}"


def _name_column(at: int) -> str:
    """The letters of a column.

    >>> _name_column(0), _name_column(27)
    ('A', 'AB')
    """
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _write_explanation(sheet: Any, columns: dict[str, ColumnDefinition], head: Any) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 4, 50)
    sheet.write_row(0, 0, ["column", "required", "values", "other names", "what it becomes"], head)
    for at, (name, column) in enumerate(columns.items(), 1):
        values = ", ".join(column.shown) or column.example
        meaning = f"{COLUMN_KINDS[column.becomes]}. {column.meaning}".strip()
        cells = [name, "yes" if column.required else "", values, ", ".join(column.aliases), meaning]
        for place, cell in enumerate(cells):
            sheet.write_string(at, place, cell)

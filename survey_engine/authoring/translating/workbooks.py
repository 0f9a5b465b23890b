"""Writes workbooks for translators: one per domain and variant, in which only the translator's columns can be edited.

Every cell is formatted as text, so that a wording is never read as a formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from survey_engine.authoring.translating.domains import Domain, Variant
from survey_engine.authoring.translating.units import IN_PLACE, Unit
from survey_engine.model.text_direction import is_right_to_left

COLUMN_WIDTHS: Mapping[str, int] = {
    "code": 26,
    "page": 20,
    "type": 18,
    "source": 60,
    "beside": 50,
    "translation": 60,
    "unchanged": 11,
    "state": 10,
    "note": 40,
    "link": 8,
    "handed out": 60,
}
"""Column → its width in characters."""
_HIDDEN = "handed out"
"""Column with the translation at export, by which the import recognises the translator's changes."""
_EDITED = ("translation", "unchanged")
"""Columns that a translator fills."""
SIGNS = ("x", "yes", "ja", "oui", "sí", "si", "tak")
"""Signs in the column `unchanged` that confirm a translation, in upper or lower case: x, and "yes" in nl, en, de, fr, es, pl and pap.
"""
TEXTS, ABOUT = "texts", "about"
"""Names of the two sheets."""
_LONGEST_CELL = 32_767
"""Maximum number of characters in a cell of Excel."""
_FILLS = {"missing": "FFE3E0", "refused": "FFE3E0", "stale": "FFF1CC", "draft": "E3EDFB"}
SIGNS_NAMED = f"{', '.join(SIGNS[:-1])} or {SIGNS[-1]}"
_HELP = (
    "Write in the columns 'translation' and 'unchanged' of the sheet 'texts' only; everything else is locked.",
    f"If the state is stale and the translation is still right, write {SIGNS_NAMED} in the column 'unchanged'.",
    "If the note says that the translation is offered from an equal text, and it is right here too, write that sign as well: a row "
    "without a change counts as not yet read.",
    "Leave placeholders such as {institution} or %(number)s as they are.",
    "Text between *asterisks* is emphasised; keep asterisks and [links](https://example.org) around the same words.",
    "State: missing = not translated; stale = the source changed, compare (the note shows the older source); draft = a native "
    "speaker must read it; done; in place = written in the questionnaire's files, which only its author changes; refused = could not be "
    "imported, the note says why.",
    "An empty line is Alt+Enter twice. The column page names the page of a text; the link, if any, opens it.",
    "You may rename the file before you return it.",
)


class UnwritableError(Exception):
    """A text does not fit into a spreadsheet. The message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class WorkbookRow:
    """One row of the sheet `texts`."""

    code: str
    page: str
    kind: str
    source: str
    translation: str
    state: str
    note: str = ""
    link: str = ""
    handed_out: str = ""
    """The catalogue's wording at export."""
    beside: str = ""
    """The wording in another language, for translators who read that language better than the source."""

    @property
    def cells(self) -> tuple[str, ...]:
        known = (self.code, self.page, self.kind, self.source, self.beside, self.translation, "", self.state, self.note)
        return (*known, self.link, self.handed_out)


def make_workbook_row(unit: Unit, domain: Domain, variant: Variant, link: str, beside: str = "") -> WorkbookRow:
    """Make the row of a unit.

    Args:
        link: empty, or an address with {questionnaire}, {page}, {slug}, {language} and {code}.
        beside: the wording in another language.
    """
    context = unit.message.context
    names = {
        "questionnaire": domain.code,
        "page": context.page,
        "slug": context.slug,
        "language": variant.code,
        "code": unit.code,
    }
    address = link.format_map(names) if context.slug else ""
    shown = (unit.code, context.page, context.kind, unit.source, unit.wording, unit.state, unit.note)
    return WorkbookRow(*shown, link=address, handed_out=unit.wording, beside=beside)


def write_translation_workbook(path: Path, domain: Domain, variant: Variant, rows: Sequence[WorkbookRow]) -> None:
    """Write a workbook.

    Raises:
        UnwritableError: if a text is too long for a cell or contains a control character.
    """
    for row in rows:
        _check_fit(row)
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = TEXTS
    sheet.sheet_view.rightToLeft = is_right_to_left(variant.locale)
    _fill_texts(sheet, rows)
    _fill_about(workbook.create_sheet(ABOUT), {"domain": domain.code, "variant": variant.code, "language": variant.name})
    workbook.save(path)


def _check_fit(row: WorkbookRow) -> None:
    for cell in row.cells:
        if len(cell) > _LONGEST_CELL:
            raise UnwritableError(f"'{row.code}' has {len(cell)} characters; a cell can have {_LONGEST_CELL}. Split the text.")
        if ILLEGAL_CHARACTERS_RE.search(cell):
            raise UnwritableError(f"'{row.code}' contains a control character. Remove it from the source or the catalogue.")


def _fill_texts(sheet: Worksheet, rows: Sequence[WorkbookRow]) -> None:
    has_second = any(row.beside for row in rows)
    for number, (name, width) in enumerate(COLUMN_WIDTHS.items(), 1):
        cell = sheet.cell(1, number)
        _set_text(cell, name)
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
        sheet.column_dimensions[cell.column_letter].hidden = name == _HIDDEN or (name == "beside" and not has_second)
    for number, row in enumerate(rows, 2):
        _fill_row(sheet, number, row)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    _offer_signs(sheet, len(rows))
    _lock(sheet)


def _offer_signs(sheet: Worksheet, rows: int) -> None:
    """Offer the signs as a list in their column. Other content causes only a warning, because the list is case-sensitive."""
    explained = f"{', '.join(SIGNS)}: the source changed or the translation is offered, and it is right. Empty otherwise."
    offer = DataValidation("list", formula1=f'"{",".join(SIGNS)}"', allow_blank=True, errorStyle="warning")
    offer.showInputMessage, offer.promptTitle, offer.prompt = True, "unchanged", explained
    offer.showErrorMessage, offer.errorTitle, offer.error = True, "unchanged", explained
    letter = get_column_letter([*COLUMN_WIDTHS].index("unchanged") + 1)
    offer.add(f"{letter}2:{letter}{max(rows, 1) + 1}")
    sheet.add_data_validation(offer)


def _fill_row(sheet: Worksheet, number: int, row: WorkbookRow) -> None:
    for column, (name, text) in enumerate(zip(COLUMN_WIDTHS, row.cells, strict=True), 1):
        cell = sheet.cell(number, column)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.protection = Protection(locked=name not in _EDITED or row.state == IN_PLACE)
        if name == "link" and text:
            _set_text(cell, "open")
            cell.hyperlink = text
            cell.font = Font(underline="single", color="0563C1")
            continue
        _set_text(cell, text)
        if name == "state" and text in _FILLS:
            cell.fill = PatternFill("solid", start_color=_FILLS[text])


def _set_text(cell: Cell, text: str) -> None:
    """Write a text that stays text, even if it begins with `=`, and after later edits of the cell."""
    cell.number_format = "@"
    if text:
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = text[0] in "=+-@\t\r"


def _lock(sheet: Worksheet) -> None:
    """Lock all cells except the translator's columns. Filtering and resizing remain possible."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = sheet.protection.autoFilter = False


def _fill_about(sheet: Worksheet, facts: Mapping[str, str]) -> None:
    """Write facts about the workbook, which the import needs, and instructions."""
    for name, value in facts.items():
        sheet.append([name, value])
    sheet.append([])
    for line in _HELP:
        sheet.append([line])
    for row in sheet.iter_rows():
        for cell in row:
            _set_text(cell, cell.value or "")
    sheet.column_dimensions["A"].width = 20
    sheet.column_dimensions["B"].width = 40
    _lock(sheet)

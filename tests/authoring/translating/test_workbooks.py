"""Workbooks for translators: what stands in them, what is locked, and that nothing is ever computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from survey_engine.authoring.translating.domains import Variant
from survey_engine.authoring.translating.units import iter_translation_units
from survey_engine.authoring.translating.workbooks import (
    COLUMN_WIDTHS,
    UnwritableError,
    WorkbookRow,
    make_workbook_row,
    write_translation_workbook,
)
from tests.authoring.translating.small import IN_PLACE, MORE, Small, make_small

LINK = "https://preview.example/{questionnaire}/{slug}?in={language}#{code}"


def write(small: Small, code: str = "nl", link: str = "", everything: bool = False) -> Any:
    """The workbook of a variant, read back."""
    variant, path = small.variant(code), small.folder / "x.xlsx"
    units = iter_translation_units(small.domain, variant, small.catalogue(code), everything)
    write_translation_workbook(
        path, small.domain, variant, [make_workbook_row(unit, small.domain, variant, link) for unit in units]
    )
    return load_workbook(path)


def write_row(folder: Path, **cells: str) -> Any:
    small = make_small(folder)
    row = WorkbookRow(**{"code": "a", "page": "p", "kind": "open", "source": "s", "translation": "t", "state": "done", **cells})
    write_translation_workbook(folder / "x.xlsx", small.domain, small.variant(), [row])
    return load_workbook(folder / "x.xlsx")["texts"]


def test_a_row_shows_code_page_type_source_translation_state_and_note(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Are you well?", "Gaat het goed?"), "mood.bad": None})
    rows = list(write(small)["texts"].values)
    assert rows[0] == tuple(COLUMN_WIDTHS)
    note = "At most 51 characters."
    assert rows[1] == ("title", "start page", "title", "Example", None, "Voorbeeld", None, "done", note, None, "Voorbeeld")
    place, note = (
        ("mood", "second", "choice"),
        "Asked when the language is not Makkelijk.\nAt most 78 characters.\nTranslates an older text: Are you well?",
    )
    assert rows[5] == (*place, "How do you feel?", None, "Gaat het goed?", None, "stale", note, None, "Gaat het goed?")
    place, note = ("mood.bad", "second", "choice: option"), "Asked when the language is not Makkelijk.\nAt most 39 characters."
    assert rows[7] == (*place, "Bad", None, None, None, "missing", note, None, None)


def test_only_translations_and_their_marks_can_be_changed(tmp_path: Path) -> None:
    sheet = write(make_small(tmp_path))["texts"]
    assert sheet.protection.sheet
    unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert unlocked == {f"{column}{number}" for column in "FG" for number in range(2, 9)}


def test_the_signs_that_confirm_a_translation_are_offered_in_their_column(tmp_path: Path) -> None:
    (offer,) = write(make_small(tmp_path))["texts"].data_validations.dataValidation
    assert (str(offer.sqref), offer.type, offer.formula1) == ("G2:G8", "list", '"x,yes,ja,oui,sí,si,tak"')


@pytest.mark.parametrize(("locale", "mirrored"), [("nl", False), ("ar", True), ("he", True)])
def test_a_sheet_of_a_right_to_left_language_is_right_to_left(tmp_path: Path, locale: str, mirrored: bool) -> None:
    write_translation_workbook(tmp_path / "x.xlsx", make_small(tmp_path).domain, Variant(locale, locale, locale), [])
    assert bool(load_workbook(tmp_path / "x.xlsx")["texts"].sheet_view.rightToLeft) == mirrored


def test_the_wording_that_was_handed_out_goes_along_unseen(tmp_path: Path) -> None:
    sheet = write(make_small(tmp_path))["texts"]
    assert sheet["K1"].value == "handed out" and sheet.column_dimensions["K"].hidden
    assert [row[10] for row in sheet.values][1:] == [row[5] for row in sheet.values][1:]


def test_the_header_stays_in_sight_and_long_texts_wrap(tmp_path: Path) -> None:
    sheet = write(make_small(tmp_path))["texts"]
    assert sheet.freeze_panes == "A2"
    assert all(cell.alignment.wrap_text for row in sheet.iter_rows(min_row=2) for cell in row)


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("https://evil.example")', "+31 6", "-1", "@SUM(A1)", "\t=1", "#REF!", "12", "TRUE"]
)
def test_a_cell_is_text_whatever_it_begins_with(tmp_path: Path, text: str) -> None:
    sheet = write_row(tmp_path, source=text, translation=text, note=text)
    for column in (4, 6, 9):
        cell = sheet.cell(2, column)
        assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


def test_a_formula_sign_stays_text_when_its_cell_is_edited(tmp_path: Path) -> None:
    assert write_row(tmp_path, translation="=1").cell(2, 6).quotePrefix


def test_empty_lines_and_signs_of_any_language_come_through(tmp_path: Path) -> None:
    text = 'Één\n\n"twee" & <drie>\u00a0😀  '
    assert write_row(tmp_path, translation=text).cell(2, 6).value == text


def test_another_language_stands_beside_the_source_where_it_is_asked_for(tmp_path: Path) -> None:
    assert write(make_small(tmp_path))["texts"].column_dimensions["E"].hidden
    sheet = write_row(tmp_path, beside="Beside it")
    assert (sheet["E1"].value, sheet["E2"].value) == ("beside", "Beside it") and not sheet.column_dimensions["E"].hidden


def test_a_note_says_who_sees_a_text_and_where_else_it_is(tmp_path: Path) -> None:
    grid = "grid: {code}, text: T, scale: liking, items: {{{code}_1: One}}, when: mood == 'good'"
    pages = "".join(f"  - page: {code}\n    questions:\n      - {{{grid.format(code=code)}}}\n" for code in ("third", "fourth"))
    head = "scales:\n  liking: {1: Little, 2: Much}\n"
    small = make_small(tmp_path, more=MORE + pages, head=head)
    notes = {message.code: message.context.remark for message in small.domain.messages}
    assert "Also on 1 other page: fourth." in notes["scale.liking.1"]
    assert "“How do you feel?” is Good" in notes["third_1"] and "nt2" not in notes["week"]
    assert "How do you feel" not in notes["mood"]


def test_a_link_leads_to_the_page_in_the_variant(tmp_path: Path) -> None:
    sheet = write(make_small(tmp_path), "nt2", LINK)["texts"]
    cell = sheet["J4"]
    assert cell.value == "open"
    assert cell.hyperlink.target.startswith("https://preview.example/example/") and "?in=nt2" in cell.hyperlink.target


def test_a_link_may_lead_to_a_picture_beside_the_workbook(tmp_path: Path) -> None:
    sheet = write(make_small(tmp_path), "nl", "screenshots/{page}.{language}.png")["texts"]
    assert sheet["J4"].hyperlink.target == "screenshots/first.nl.png"


def test_a_text_that_is_on_no_page_has_no_link(tmp_path: Path) -> None:
    assert write(make_small(tmp_path), "nl", LINK)["texts"]["J2"].value is None


def test_a_variant_gets_what_it_shows_and_more_only_when_asked(tmp_path: Path) -> None:
    assert write(make_small(tmp_path), "nt2")["texts"].max_row == 5
    assert write(make_small(tmp_path), "nt2", everything=True)["texts"].max_row == 8


def test_the_other_sheet_says_what_the_workbook_is_and_how_to_work_with_it(tmp_path: Path) -> None:
    rows = list(write(make_small(tmp_path), "nt2")["about"].values)
    assert rows[:3] == [("domain", "example"), ("variant", "nt2"), ("language", "Makkelijk")]
    assert any("placeholders" in str(row[0]) for row in rows)


def test_a_text_that_no_cell_can_hold_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError, match="'a' has 32768 characters"):
        write_row(tmp_path, source="x" * 32_768)
    with pytest.raises(UnwritableError, match="control character"):
        write_row(tmp_path, translation="a\x07b")


def test_a_translation_in_the_questionnaire_is_shown_and_locked(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": None}, more=IN_PLACE)
    for workbook in (write(small), write(small, everything=True)):
        sheet = workbook["texts"]
        assert [row[0] for row in sheet.values][1:] == [
            "title",
            "section.main",
            "week",
            "week.help",
            "mood",
            "mood.good",
            "mood.bad",
        ]
        row = sheet[6]
        assert (row[3].value, row[5].value, row[7].value) == ("How do you feel?", "Hoe is het?", "in place")
        assert "Written in" in row[8].value and "2.yaml:6" in row[8].value
        assert row[5].protection.locked and not sheet[5][5].protection.locked

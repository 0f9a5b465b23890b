"""A workbook that came back may be any file at all."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from survey_engine.authoring.translating import returned
from survey_engine.authoring.translating.returned import UnreadableWorkbookError, read_returned_workbook
from survey_engine.authoring.translating.units import iter_translation_units
from survey_engine.authoring.translating.workbooks import make_workbook_row, write_translation_workbook
from tests.authoring.translating.small import make_small

DAMAGE = (b"", b"<", b">", b'"', b"0", b"-1", b"99999999999999999999", b"&amp;", b"\xff", b"</row>", b"<c/>", b't="n"', b't="d"')


def save(folder: Path, rows: list[list[Any]], about: dict[str, str] | None = None) -> Path:
    """A workbook as a spreadsheet program might save it."""
    workbook = Workbook()
    workbook.active.title = "texts"
    for row in rows:
        workbook.active.append(row)
    sheet = workbook.create_sheet("about")
    for name, value in ({"domain": "example", "variant": "nl"} if about is None else about).items():
        sheet.append([name, value])
    workbook.save(folder / "x.xlsx")
    return folder / "x.xlsx"


def read_cell(folder: Path, value: Any) -> tuple[str, str]:
    """A translation and what is wrong with its cell."""
    (row,) = read_returned_workbook(save(folder, [["code", "source", "translation", "handed out"], ["a", "A", value]])).rows
    return row.translation, row.problem


def pack(folder: Path, parts: dict[str, bytes]) -> Path:
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def test_rows_are_read_with_their_numbers(tmp_path: Path) -> None:
    path = save(
        tmp_path, [["code", "source", "translation", "handed out"], ["a", "A", "Aa"], [None, None, None], ["b", "B", None]]
    )
    found = read_returned_workbook(path)
    assert (found.domain, found.variant) == ("example", "nl")
    assert [(row.number, row.code, row.translation) for row in found.rows] == [(2, "a", "Aa"), (4, "b", "")]


def test_columns_are_found_by_name_wherever_they_stand(tmp_path: Path) -> None:
    path = save(tmp_path, [["my remarks", "Translation ", "CODE", "handed out", "source"], ["!", "Aa", "a", "Bb", "A"]])
    (row,) = read_returned_workbook(path).rows
    assert (row.code, row.source, row.translation, row.handed_out) == ("a", "A", "Aa", "Bb")


@pytest.mark.parametrize("column", ["code", "source", "translation", "handed out"])
def test_a_column_that_is_gone_is_named(tmp_path: Path, column: str) -> None:
    names = [name for name in ("code", "source", "translation", "handed out") if name != column]
    with pytest.raises(UnreadableWorkbookError, match=f"lacks the column '{column}'"):
        read_returned_workbook(save(tmp_path, [names]))


@pytest.mark.parametrize("end", [b"\n", b"_x000D_\n", b"&#13;&#10;", b"\r\n"])
def test_line_ends_of_every_spreadsheet_are_the_same(tmp_path: Path, end: bytes) -> None:
    path = save(tmp_path, [["code", "source", "translation", "handed out"], ["a", "A", "oneEND"]])
    with zipfile.ZipFile(path) as package:
        changed = {name: package.read(name).replace(b"END", end + end + b"two") for name in package.namelist()}
    (row,) = read_returned_workbook(pack(tmp_path, changed)).rows
    assert row.translation == "one\n\ntwo"


@pytest.mark.parametrize(("value", "text"), [(12, "12"), (3.0, "3"), ("=literally", "")])
def test_a_whole_number_is_taken_as_it_was_typed(tmp_path: Path, value: Any, text: str) -> None:
    found, fault = read_cell(tmp_path, value)
    assert (found, fault) == (text, "") if text else fault == "the cell contains a formula"


@pytest.mark.parametrize("value", [date(2026, 3, 5), True, 3.5])
def test_what_a_spreadsheet_made_of_a_text_is_refused(tmp_path: Path, value: Any) -> None:
    assert "the spreadsheet converted it" in read_cell(tmp_path, value)[1]


def test_an_error_of_the_spreadsheet_is_refused(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active.title = "texts"
    workbook.active.append(["code", "source", "translation", "handed out"])
    workbook.active.append(["a", "A", "#NAME?"])
    workbook.active["C2"].data_type = "e"
    workbook.create_sheet("about").append(["domain", "x"])
    workbook["about"].append(["variant", "nl"])
    workbook.save(tmp_path / "x.xlsx")
    (row,) = read_returned_workbook(tmp_path / "x.xlsx").rows
    assert row.problem == "the cell contains the error #NAME?"


@pytest.mark.parametrize("about", [{}, {"domain": "example"}])
def test_a_workbook_that_does_not_say_what_it_translates_is_refused(tmp_path: Path, about: dict[str, str]) -> None:
    with pytest.raises(UnreadableWorkbookError, match=r"sheet 'about'.*xlsx-out"):
        read_returned_workbook(save(tmp_path, [["code", "source", "translation", "handed out"]], about))


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "x.xlsx")
    with pytest.raises(UnreadableWorkbookError, match="not a workbook from xlsx-out"):
        read_returned_workbook(tmp_path / "x.xlsx")


@pytest.mark.parametrize("name", ["texts", "about"])
def test_a_renamed_sheet_is_named_in_the_message(tmp_path: Path, name: str) -> None:
    path = save(tmp_path, [["code", "source", "translation", "handed out"]])
    workbook = load_workbook(path)
    workbook[name].title = "Blad1"
    workbook.save(path)
    with pytest.raises(UnreadableWorkbookError, match=rf"lacks the sheet '{name}' \(it has Blad1, .* name it '{name}' again\."):
        read_returned_workbook(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0 an old .xls", b"code;translation\n"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(UnreadableWorkbookError, match=r"not an \.xlsx file, or it is damaged\. Save it"):
        read_returned_workbook(tmp_path / "x.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = pack(tmp_path, {"xl/worksheets/sheet1.xml": b"0" * (returned.LARGEST_UNPACKED + 1)})
    assert path.stat().st_size < 100_000
    with pytest.raises(UnreadableWorkbookError, match="unpacks to more than 60 MB"):
        read_returned_workbook(path)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path, {"xl/workbook.xml": b"<x>" + b"0" * 5_000_000})
    lied = path.read_bytes().replace((5_000_003).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(lied)
    with pytest.raises(UnreadableWorkbookError):
        read_returned_workbook(path)


def test_a_zip_of_very_many_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableWorkbookError, match="unpacks to more"):
        read_returned_workbook(pack(tmp_path, {f"{number}.xml": b"<x/>" for number in range(returned.MOST_PARTS + 1)}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_entities_is_refused(tmp_path: Path, encoding: str) -> None:
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises(UnreadableWorkbookError, match="declares entities"):
        read_returned_workbook(pack(tmp_path, {"xl/sharedStrings.xml": laughs.encode(encoding)}))


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"0" * (returned.LARGEST_FILE + 1))
    with pytest.raises(UnreadableWorkbookError, match="larger than 10 MB"):
        read_returned_workbook(tmp_path / "x.xlsx")


def test_a_sheet_of_very_many_rows_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, [["code", "source", "translation", "handed out"], *([["a", "A", "B"]] * returned.MOST_RETURNED_ROWS)])
    with pytest.raises(UnreadableWorkbookError, match=f"more than {returned.MOST_RETURNED_ROWS} rows"):
        read_returned_workbook(path)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is inside a sound workbook: name → content."""
    folder = tmp_path_factory.mktemp("sound")
    small = make_small(folder)
    units = iter_translation_units(small.domain, small.variant(), small.catalogue())
    path = folder / "sound.xlsx"
    write_translation_workbook(
        path, small.domain, small.variant(), [make_workbook_row(unit, small.domain, small.variant(), "") for unit in units]
    )
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_workbook_never_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, parts: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(parts)))
    content = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 12))] = data.draw(st.sampled_from(DAMAGE))
    path = pack(tmp_path_factory.mktemp("damaged"), {**parts, name: bytes(content)})
    try:
        read_returned_workbook(path)
    except UnreadableWorkbookError as error:
        assert str(error).endswith(".")


def test_accents_apart_from_their_letters_are_composed(tmp_path: Path) -> None:
    assert read_cell(tmp_path, "e\u0301e\u0301n") == ("\u00e9\u00e9n", "")

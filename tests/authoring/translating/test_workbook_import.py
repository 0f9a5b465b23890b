"""Workbooks back into catalogues: every row is checked, and nothing is half taken in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from survey_engine.authoring.translating.catalogues import list_drafts, write_catalogue
from survey_engine.authoring.translating.returned import ReturnedWorkbook, read_returned_workbook
from survey_engine.authoring.translating.units import iter_translation_units
from survey_engine.authoring.translating.workbook_import import WorkbookChanges, apply_changes, compare_workbook, iter_refused
from survey_engine.authoring.translating.workbooks import make_workbook_row, write_translation_workbook
from tests.authoring.translating.small import ENTRIES, IN_PLACE, MAIN, MORE, Entries, Small, make_small

CODE, SOURCE, TRANSLATION, UNCHANGED = 1, 4, 6, 7
Change = Callable[[Any], None]


def send(small: Small, code: str = "nl") -> Path:
    """The workbook as it goes to the translator."""
    variant, path = small.variant(code), small.folder / "x.xlsx"
    units = iter_translation_units(small.domain, variant, small.catalogue(code))
    write_translation_workbook(
        path, small.domain, variant, [make_workbook_row(unit, small.domain, variant, "") for unit in units]
    )
    return path


def give_back(path: Path, change: Change | None = None) -> ReturnedWorkbook:
    """The workbook as the translator changed and saved it."""
    workbook = load_workbook(path)
    if change:
        change(workbook["texts"])
    workbook.save(path)
    return read_returned_workbook(path)


def find_row(sheet: Any, code: str) -> int:
    return next(cell.row for cell in sheet["A"] if cell.value == code)


def put(code: str, text: object, column: int = TRANSLATION) -> Change:
    def change(sheet: Any) -> None:
        sheet.cell(find_row(sheet, code), column).value = text

    return change


def examine_small(small: Small, returned: ReturnedWorkbook, code: str = "nl") -> tuple[WorkbookChanges, Catalog]:
    catalogue = small.catalogue(code)
    return compare_workbook(returned, small.domain, small.variant(code), catalogue), catalogue


def try_out(folder: Path, change: Change, entries: Entries | None = None) -> tuple[WorkbookChanges, Catalog, Small]:
    small = make_small(folder, entries)
    return (*examine_small(small, give_back(send(small), change)), small)


def refuse(folder: Path, change: Change, entries: Entries | None = None) -> str:
    """The one refusal that a change brings."""
    changes, _, _ = try_out(folder, change, entries)
    (refusal,) = changes.refusals
    assert not changes.changes
    return str(refusal)


def save(small: Small, catalogue: Catalog) -> str:
    write_catalogue(small.path(), catalogue, small.domain, small.variant())
    return small.path().read_text()


def test_a_new_wording_is_taken_in_and_nothing_else_changes(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood.bad": None})
    before = save(small, small.catalogue())
    changes, catalogue = examine_small(small, give_back(send(small), put("mood.bad", "Slecht")))
    assert changes.changes == {"mood.bad": "Slecht"} and not changes.refusals
    assert apply_changes(changes, small.domain, small.variant(), catalogue) == 1
    assert save(small, catalogue) == before.replace('msgid "Bad"\nmsgstr ""', 'msgid "Bad"\nmsgstr "Slecht"')


def test_a_workbook_that_comes_back_as_it_went_changes_not_a_byte(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Older", "Ouder"), "mood.bad": None, "week": ("x\\n\\ny", "  =1 \\n\\n z ")})
    before = save(small, small.catalogue())
    changes, catalogue = examine_small(small, give_back(send(small)))
    assert not changes.changes and not changes.refusals and changes.empty == 1
    assert apply_changes(changes, small.domain, small.variant(), catalogue) == 0
    assert save(small, catalogue) == before


def test_a_new_wording_of_a_stale_text_is_no_longer_stale(tmp_path: Path) -> None:
    changes, catalogue, small = try_out(tmp_path, put("mood", "Hoe voel je je?"), {"mood": ("Older", "Ouder")})
    apply_changes(changes, small.domain, small.variant(), catalogue)
    text = save(small, catalogue)
    assert "fuzzy" not in text and "Older" not in text and 'msgstr "Hoe voel je je?"' in text


def test_a_stale_text_that_returns_unchanged_is_stale_unless_reviewed(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("How do you feel", "Hoe voel je je?")})
    returned = give_back(send(small))
    for reviewed, stale in ((False, True), (True, False)):
        changes, catalogue = examine_small(small, returned)
        apply_changes(changes, small.domain, small.variant(), catalogue, reviewed)
        message = small.message(catalogue, "mood")
        assert message and message.fuzzy is stale


def test_a_review_takes_the_draft_off_what_came_back_only(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    small.path().write_text(small.path().read_text().replace("# Dutch", "# Draft: to be read.\n# Dutch"))

    def keep_title(sheet: Any) -> None:
        sheet.delete_rows(3, 20)

    changes, catalogue = examine_small(small, give_back(send(small), keep_title))
    assert changes.absent == 6
    apply_changes(changes, small.domain, small.variant(), catalogue, reviewed=True)
    assert list_drafts(catalogue) == {"section.main", "week", "week.help", "mood", "mood.good", "mood.bad"}
    assert '# draft\n#. page: second\n#. type: choice\n' in save(small, catalogue)  # fmt: skip


def test_a_changed_code_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    refusal = refuse(tmp_path, put("mood.bad", "mood.bat", CODE))
    assert refusal.startswith("row 8, mood.bat: no text has the code 'mood.bat' (did you mean 'mood.bad'?)")


def test_a_code_that_is_gone_from_a_row_with_a_translation_is_refused(tmp_path: Path) -> None:
    assert refuse(tmp_path, put("mood.bad", None, CODE)).startswith("row 8, no code: no text has the code ''")


def test_both_rows_of_a_code_that_stands_twice_are_refused(tmp_path: Path) -> None:
    changes, _, _ = try_out(tmp_path, put("mood.bad", "mood.good", CODE))
    assert [refusal.row.number for refusal in changes.refusals] == [7, 8]
    assert "is in 2 rows" in str(changes.refusals[0])


def test_a_new_wording_of_a_text_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    returned = give_back(send(make_small(tmp_path)), put("mood", "Hoe gaat het?"))
    later = make_small(tmp_path, more=MORE.replace("How do you feel?", "Are you well?"))
    (refusal,) = examine_small(later, returned)[0].refusals
    assert "the source in this row is not the current one" in str(refusal) and "new workbook" in refusal.remedy


def test_a_text_that_changed_but_came_back_untouched_is_left_alone(tmp_path: Path) -> None:
    returned = give_back(send(make_small(tmp_path)), put("title", "Andere titel"))
    later = make_small(tmp_path, more=MORE.replace("How do you feel?", "Are you well?"))
    changes, catalogue = examine_small(later, returned)
    apply_changes(changes, later.domain, later.variant(), catalogue, reviewed=True)
    message = later.message(catalogue, "mood")
    assert changes.changes == {"title": "Andere titel"} and message and message.fuzzy


def test_a_changed_source_cell_is_refused_where_a_text_would_be_taken(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        put("mood", "How are things?", SOURCE)(sheet)
        put("mood", "Hoe gaat het?")(sheet)

    assert "not the current one" in refuse(tmp_path, change)


@pytest.mark.parametrize(
    ("code", "text", "wrong"),
    [
        ("week", "Hoe was je *week* op school?", "the placeholder {institution} is lost"),
        ("week", "Hoe was je week bij {institution}?", "emphasis occurs 0 times"),
        ("week.help", "Zie [onze site](https://evil.example).", "link to https://evil.example occurs 1 times"),
        ("mood.good", "Go\ned", "more than one line"),
        ("mood.good", "Ik voel me vandaag eigenlijk heel erg goed, dank je", "its source 4"),
        ("mood.good", None, "the translation is missing"),
        ("mood.good", "=1+1", "the cell contains a formula"),
    ],
)
def test_a_faulty_wording_is_refused_with_row_reason_and_remedy(tmp_path: Path, code: str, text: str | None, wrong: str) -> None:
    changes, _, _ = try_out(tmp_path, put(code, text))
    assert any(wrong in refusal.wrong and refusal.remedy.endswith(".") for refusal in changes.refusals)
    assert {refusal.row.code for refusal in changes.refusals} == {code} and not changes.changes


def test_a_row_with_two_faults_says_both(tmp_path: Path) -> None:
    changes, _, _ = try_out(tmp_path, put("week", "Hoe was je week?"))
    assert len(changes.refusals) == 2
    (row,) = iter_refused(changes)
    assert row.note.count("\n") == 1 and row.translation == "Hoe was je week?" and row.state == "refused"


def test_the_refused_rows_can_be_mended_and_given_back(tmp_path: Path) -> None:
    changes, _, small = try_out(tmp_path, put("week", "Hoe was je week?"))
    write_translation_workbook(tmp_path / "x.xlsx", small.domain, small.variant(), list(iter_refused(changes)))
    mended, _ = examine_small(small, give_back(tmp_path / "x.xlsx", put("week", "Hoe ging je *week* bij {institution}?")))
    assert mended.changes == {"week": "Hoe ging je *week* bij {institution}?"} and not mended.refusals


def test_a_text_that_the_variant_does_not_show_can_be_translated_ahead(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    variant = small.variant("nt2")
    units = iter_translation_units(small.domain, variant, small.catalogue("nt2"), everything=True)
    write_translation_workbook(
        tmp_path / "x.xlsx", small.domain, variant, [make_workbook_row(unit, small.domain, variant, "") for unit in units]
    )
    changes, catalogue = examine_small(small, give_back(tmp_path / "x.xlsx", put("mood.good", "Goed")), "nt2")
    apply_changes(changes, small.domain, variant, catalogue)
    message = small.message(catalogue, "mood.good")
    assert message and message.string == "Goed" and message.auto_comments == ["page: second", "type: choice: option"]


def test_line_ends_of_another_spreadsheet_are_no_change(tmp_path: Path) -> None:
    main = MAIN.replace("text: How was your *week* at {institution}?", 'text: "One\\n\\nTwo"')
    small = make_small(tmp_path, {"week": ("One\\n\\nTwo", "Een\\n\\nTwee")}, main=main)
    changes, _ = examine_small(small, give_back(send(small), put("week", "Een\r\n\r\nTwee")))
    assert not changes.changes and not changes.refusals


def test_an_older_workbook_undoes_no_correction_that_was_made_meanwhile(tmp_path: Path) -> None:
    returned = give_back(send(make_small(tmp_path)), put("title", "Andere titel"))
    later = make_small(tmp_path, {"mood.good": ("Good", "Prima")})
    changes, catalogue = examine_small(later, returned)
    assert changes.changes == {"title": "Andere titel"} and changes.newer == 1 and "mood.good" not in changes.confirmed
    apply_changes(changes, later.domain, later.variant(), catalogue, reviewed=True)
    assert 'msgstr "Prima"' in save(later, catalogue)


def test_a_wording_changed_on_both_sides_is_refused_with_both(tmp_path: Path) -> None:
    returned = give_back(send(make_small(tmp_path)), put("mood.good", "Lekker"))
    changes, _ = examine_small(make_small(tmp_path, {"mood.good": ("Good", "Prima")}), returned)
    (refusal,) = changes.refusals
    assert "“Prima”" in refusal.wrong and "“Lekker”" in refusal.wrong and not changes.changes


def test_the_same_change_on_both_sides_is_no_change(tmp_path: Path) -> None:
    returned = give_back(send(make_small(tmp_path)), put("mood.good", "Prima"))
    changes, _ = examine_small(make_small(tmp_path, {"mood.good": ("Good", "Prima")}), returned)
    assert not changes.changes and not changes.refusals and "mood.good" in changes.confirmed


def test_the_parts_of_two_translators_are_taken_in_one_after_the_other(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    sent = send(small).read_bytes()
    for code, wording in (("title", "Een"), ("mood", "Twee")):
        (tmp_path / "x.xlsx").write_bytes(sent)
        changes, catalogue = examine_small(small, give_back(tmp_path / "x.xlsx", put(code, wording)))
        assert not changes.refusals
        apply_changes(changes, small.domain, small.variant(), catalogue)
        text = save(small, catalogue)
    assert 'msgstr "Een"' in text and 'msgstr "Twee"' in text


def test_a_row_refused_for_changes_on_both_sides_can_be_mended(tmp_path: Path) -> None:
    returned = give_back(send(make_small(tmp_path)), put("mood.good", "Lekker"))
    later = make_small(tmp_path, {"mood.good": ("Good", "Prima")})
    changes, _ = examine_small(later, returned)
    write_translation_workbook(tmp_path / "x.xlsx", later.domain, later.variant(), list(iter_refused(changes)))
    mended, _ = examine_small(later, give_back(tmp_path / "x.xlsx"))
    assert mended.changes == {"mood.good": "Lekker"}


def test_a_translation_in_the_questionnaire_is_not_changed_by_a_workbook(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": None}, more=IN_PLACE)
    untouched, catalogue = examine_small(small, give_back(send(small)))
    assert not untouched.refusals and untouched.absent == 0
    assert apply_changes(untouched, small.domain, small.variant(), catalogue, reviewed=True) == 0
    assert not small.message(catalogue, "mood")
    changed, _ = examine_small(small, give_back(send(small), put("mood", "Gaat het goed?")))
    (refusal,) = changed.refusals
    assert "2.yaml:6" in str(refusal) and not changed.changes


def test_a_part_of_a_scale_is_refused_with_the_rows_that_it_lacks(tmp_path: Path) -> None:
    entries = {**ENTRIES, "mood.good": ("Good", ""), "mood.bad": ("Bad", "")}
    changes, _, small = try_out(tmp_path, put("mood.good", "Goed"), entries)
    assert [refusal.wrong for refusal in changes.refusals] == [
        "another label of this scale, “Bad” (mood.bad), has no translation",
        "this label of the scale has no translation",
    ]
    write_translation_workbook(tmp_path / "x.xlsx", small.domain, small.variant(), list(iter_refused(changes)))
    mended, _ = examine_small(small, give_back(tmp_path / "x.xlsx", put("mood.bad", "Slecht")))
    assert mended.changes == {"mood.good": "Goed", "mood.bad": "Slecht"} and not mended.refusals


@pytest.mark.parametrize("text", ["Fijn", CellRichText("Fijn", TextBlock(InlineFont(strike=True), " of goed"))])
def test_a_translation_in_strike_through_is_refused(tmp_path: Path, text: object) -> None:
    def change(sheet: Any) -> None:
        cell = sheet.cell(find_row(sheet, "mood.good"), TRANSLATION)
        cell.value = text
        cell.font = Font(strike=text == "Fijn")

    (first, *_) = try_out(tmp_path, change)[0].refusals
    assert "a part of the cell is in strike-through" in str(first)


def test_comments_and_alternatives_are_shown(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        put("title", "Voorbeeld / Proef")(sheet)
        sheet.cell(find_row(sheet, "mood.bad"), TRANSLATION).comment = Comment("of toch: Beroerd?", "translator")

    assert [question.partition(", ")[2] for question in try_out(tmp_path, change)[0].questions] == [
        "title: “Voorbeeld / Proef” seems to be two translations of “Example”",
        "mood.bad: the cell has a comment: “of toch: Beroerd?”",
    ]


@pytest.mark.parametrize(("moved", "refused"), [((), 2), (("mood",), 0)])
def test_a_scale_turned_in_new_words_is_refused_unless_it_is_right(tmp_path: Path, moved: tuple[str, ...], refused: int) -> None:
    more = MORE.replace("Good", "Pleased").replace("Bad", "Not pleased")
    small = make_small(tmp_path, {"mood.good": ("Pleased", ""), "mood.bad": ("Not pleased", "")}, more=more)

    def change(sheet: Any) -> None:
        put("mood.good", "Ontevreden")(sheet)
        put("mood.bad", "Tevreden")(sheet)

    found = compare_workbook(give_back(send(small), change), small.domain, small.variant(), small.catalogue(), moved)
    assert len(found.refusals) == refused and len(found.changes) == 2 - refused
    assert all("has the opposite direction of" in str(refusal) for refusal in found.refusals)


@pytest.mark.parametrize("mark", ["x", "X ", "yes", "Ja"])
def test_a_stale_translation_that_is_marked_unchanged_becomes_current(tmp_path: Path, mark: object) -> None:
    older = {
        "mood": ("Are you well?", "Hoe voel je je?"),
        "week": ("How was your *week* at {institution}, then?", ENTRIES["week"][1]),
    }
    changes, catalogue, small = try_out(tmp_path, put("mood", mark, UNCHANGED), older)
    assert not changes.changes and apply_changes(changes, small.domain, small.variant(), catalogue) == 1
    assert {unit.code: unit.state for unit in iter_translation_units(small.domain, small.variant(), catalogue)}["mood"] == "done"
    assert {unit.code: unit.state for unit in iter_translation_units(small.domain, small.variant(), catalogue)}["week"] == "stale"


def test_a_typed_wording_that_is_also_offered_becomes_current(tmp_path: Path) -> None:
    """The offer appears in the catalogue after the export, when another text with an equal source is imported."""
    small = make_small(tmp_path, {"section.main": None, "mood": None}, main=MAIN.replace("Your week", "How do you feel?"))
    returned = give_back(send(small), put("mood", "Hoe voel je je?"))
    catalogue = small.catalogue()
    offering = small.message(catalogue, "section.main")
    assert offering
    offering.string = "Hoe voel je je?"
    save(small, catalogue)
    assert (offered := small.message(small.catalogue(), "mood")) and offered.fuzzy
    changes, catalogue = examine_small(small, returned)
    assert not changes.refusals and apply_changes(changes, small.domain, small.variant(), catalogue) == 1
    units = iter_translation_units(small.domain, small.variant(), catalogue)
    assert {unit.code: unit.state for unit in units}["mood"] == "done" and "offered" not in save(small, catalogue)


def test_a_marked_row_with_an_older_source_confirms_nothing(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Are you well?", "Hoe voel je je?")})
    path = send(small)
    newer = make_small(
        tmp_path, {"mood": ("Are you well?", "Hoe voel je je?")}, more=MORE.replace("do you feel", "have you been")
    )
    changes, catalogue = examine_small(newer, give_back(path, put("mood", "x", UNCHANGED)))
    assert "the source in this row is not the current one" in str(*changes.refusals)
    assert apply_changes(changes, newer.domain, newer.variant(), catalogue) == 0


@pytest.mark.parametrize("mark", ["nie", 0, 1, False, True, "not sure, see my mail"])
@pytest.mark.parametrize("source", ["Are you well?", "How do you feel?"], ids=["stale", "current"])
def test_other_content_beside_a_translation_confirms_nothing(tmp_path: Path, source: str, mark: object) -> None:
    refusal = refuse(tmp_path, put("mood", mark, UNCHANGED), {"mood": (source, "Hoe voel je je?")})
    assert refusal.startswith(f"row 6, mood: the column 'unchanged' contains “{mark}”.")


def test_a_missing_translation_cannot_be_unchanged(tmp_path: Path) -> None:
    assert "there is no translation" in refuse(tmp_path, put("mood", "x", UNCHANGED), {"mood": None})


def test_a_mark_beside_a_current_translation_does_nothing(tmp_path: Path) -> None:
    changes, catalogue, small = try_out(tmp_path, put("mood", "x", UNCHANGED))
    assert changes.list_settled(reviewed=False) == []
    assert apply_changes(changes, small.domain, small.variant(), catalogue) == 0


def test_a_workbook_of_before_that_column_is_read(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    returned = give_back(send(small), lambda sheet: sheet.delete_cols(UNCHANGED))
    assert not any(row.unchanged for row in returned.rows) and len(returned.rows) == len(ENTRIES)


NUMBER = """\
section: main
pages:
  - page: first
    questions:
      - {number: week, text: How many?, to: 9, unit: days}
"""


@pytest.mark.parametrize("unit", ["dagen, of zo", "dagen van de week, of zo", "d" * 60])
def test_the_import_has_the_limit_of_the_note(tmp_path: Path, unit: str) -> None:
    small = make_small(tmp_path, main=NUMBER)
    note = next(
        each.note for each in iter_translation_units(small.domain, small.variant(), small.catalogue()) if each.code == "week.unit"
    )
    changes, _ = examine_small(small, give_back(send(small), put("week.unit", unit)))

    assert "At most 16 characters." in note
    assert ("week.unit" in changes.changes) is (len(unit) <= 16)


@pytest.mark.parametrize("sign", ["x", "Yes", "JA", "oui", "Sí", "si\u0301", "si", "tak"])
def test_yes_in_every_shipped_language_confirms_a_translation(tmp_path: Path, sign: str) -> None:
    changes, _, _ = try_out(tmp_path, put("mood", sign, UNCHANGED), {"mood": ("Older", "Hoe voel je je?")})

    assert changes.marked == ["mood"] and not changes.refusals

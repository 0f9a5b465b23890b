"""`survey-engine translations`, as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from survey_engine.cli.translations import translations
from survey_engine.settings import ROOT
from tests.authoring.translating.small import ENTRIES, make_small
from tests.language.test_interface_catalogues import FORMS, MINUTES, write_interface


def run(folder: Path, command: str, *arguments: str | Path) -> Result:
    """One command about the small questionnaire in a folder."""
    here = ["--questionnaires", folder / "q", "--translations", folder / "translations"]
    return CliRunner().invoke(translations, [command, *map(str, [*arguments, *here])])


def edit(path: Path, code: str, text: str, column: int = 6) -> None:
    workbook = load_workbook(path)
    sheet: Any = workbook["texts"]
    sheet.cell(next(cell.row for cell in sheet["A"] if cell.value == code), column).value = text
    workbook.save(path)


def send(folder: Path) -> Path:
    result = run(folder, "xlsx-out", "-d", "example", "-l", "nl", "--out", folder / "out")
    assert result.exit_code == 0, result.output
    return folder / "out" / "example.nl.xlsx"


def test_status_counts_every_domain_and_variant(tmp_path: Path) -> None:
    make_small(tmp_path, {"title": None})
    result = run(tmp_path, "status", "-d", "example")
    assert result.exit_code == 0
    assert [line.split() for line in result.output.splitlines()][1] == [
        "example",
        "nl",
        "7",
        "6",
        "(86",
        "%)",
        "–",
        "1",
        "(14",
        "%)",
        "–",
    ]


@pytest.mark.parametrize(("title", "code"), [(None, 1), (("Older", "Ouder"), 1), (("Example", "Voorbeeld"), 0)])
def test_strict_status_fails_on_what_is_missing_or_stale(tmp_path: Path, title: tuple[str, str] | None, code: int) -> None:
    make_small(tmp_path, {"title": title})
    assert run(tmp_path, "status", "-d", "example", "--strict").exit_code == code


def test_status_counts_the_texts_of_a_new_language_once(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    small.path().unlink()
    (found,) = json.loads(run(tmp_path, "status", "-d", "example", "-l", "nl", "--format", "json").output)
    assert (found["total"], found["missing"]) == (7, 7)


@pytest.mark.parametrize("language", ["nt2", "nl@nt2"])
def test_a_variant_of_the_interface_is_known_by_its_code_and_its_locale(tmp_path: Path, language: str) -> None:
    make_small(tmp_path)
    (found,) = json.loads(run(tmp_path, "status", "-d", "interface", "-l", language, "--format", "json").output)
    assert found["variant"] == "nl@nt2"


def test_status_names_a_wording_of_the_interface_that_would_break_a_page(tmp_path: Path) -> None:
    make_small(tmp_path)
    write_interface(tmp_path / "translations", MINUTES + FORMS.replace("(number)s хвилин", "(nummer)s хвилин"), "nl")
    result = run(tmp_path, "status", "-d", "interface", "-l", "nl", "--strict")
    assert result.exit_code == 1 and "interface.po:6" in result.stderr and "%(nummer)s" in result.stderr


def test_status_can_be_read_by_a_program(tmp_path: Path) -> None:
    make_small(tmp_path)
    found = json.loads(run(tmp_path, "status", "-l", "nt2", "--format", "json").output)
    assert [(one["domain"], one["variant"], one["total"]) for one in found] == [("example", "nt2", 4)]


def test_the_interface_is_a_domain_too(tmp_path: Path) -> None:
    make_small(tmp_path)
    (found,) = json.loads(run(tmp_path, "status", "-d", "interface", "-l", "de", "--format", "json").output)
    assert found["done"] == found["total"] > 50


def test_an_unknown_domain_or_language_is_named_with_what_was_meant(tmp_path: Path) -> None:
    make_small(tmp_path)
    assert "did you mean 'example'?" in run(tmp_path, "status", "-d", "exmaple").output
    assert "did you mean 'nt2'?" in run(tmp_path, "update", "-l", "nt").output


def test_a_broken_questionnaire_is_reported_and_nothing_is_written(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    (tmp_path / "q" / "x" / "1.yaml").write_text("section: main\npages: 3\n")
    before = small.path().read_bytes()
    result = run(tmp_path, "update")
    assert result.exit_code == 1 and "survey-engine check" in result.output
    assert small.path().read_bytes() == before


def test_extract_writes_a_template_for_each_domain(tmp_path: Path) -> None:
    make_small(tmp_path)
    (tmp_path / "translations" / "nl" / "LC_MESSAGES" / "interface.po").write_text('msgid "Yes"\nmsgstr "Jawel"\n')
    assert run(tmp_path, "extract", "--out", tmp_path / "pot").exit_code == 0
    assert {path.name for path in (tmp_path / "pot").iterdir()} == {"example.pot", "interface.pot"}
    with (tmp_path / "pot" / "example.pot").open("rb") as file:
        assert len(read_po(file)) == 7


def test_a_folder_without_interface_texts_leaves_those_to_the_engine(tmp_path: Path) -> None:
    make_small(tmp_path)
    assert {one["domain"] for one in json.loads(run(tmp_path, "status", "--format", "json").output)} == {"example"}
    run(tmp_path, "update")
    assert not list((tmp_path / "translations").glob("*/LC_MESSAGES/interface.po"))


def test_update_brings_catalogues_up_to_date_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"title": ("Older", "Ouder"), "mood.bad": None})
    assert "5 done, 1 stale, 1 missing" in run(tmp_path, "update", "-l", "nl").output
    assert '#| msgid "Older"' in small.path().read_text()
    assert run(tmp_path, "update", "-l", "nl").output == ""


def test_update_begins_a_catalogue_for_a_new_language(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    small.path().unlink()
    run(tmp_path, "update", "-l", "nl", "-d", "example")
    text = small.path().read_text()
    assert text.startswith("# Nederlands: texts of example.\n") and '"Language: nl\\n"' in text and text.count("msgctxt") == 7


def test_compile_writes_catalogues_for_other_programs(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    result = run(tmp_path, "compile", "-d", "example")
    assert result.exit_code == 0 and small.path().with_suffix(".mo").is_file()


def test_a_workbook_goes_out_and_comes_back(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood.bad": None})
    path = send(tmp_path)
    edit(path, "mood.bad", "Slecht")
    result = run(tmp_path, "xlsx-in", path)
    assert result.exit_code == 0 and "1 changed, 6 unchanged" in result.output
    assert 'msgid "Bad"\nmsgstr "Slecht"' in small.path().read_text()


def test_the_written_catalogue_and_each_changed_row_are_listed(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    path = send(tmp_path)
    edit(path, "mood.bad", "Niet zo goed")
    lines = run(tmp_path, "xlsx-in", path).output.splitlines()
    assert f"{small.path()}: written" in lines and "  mood.bad: “Slecht” → “Niet zo goed”" in lines


def test_an_untouched_workbook_leaves_the_catalogue_as_it_is(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Older", "Ouder")})
    before = small.path().read_bytes()
    assert run(tmp_path, "xlsx-in", send(tmp_path)).exit_code == 0
    assert small.path().read_bytes() == before


def test_workbooks_out_and_in_leave_every_shipped_catalogue_unchanged(tmp_path: Path) -> None:
    files = sorted((ROOT / "translations").rglob("*.po"))
    copies = [tmp_path / "translations" / path.relative_to(ROOT / "translations") for path in files]
    for file, copy in zip(files, copies, strict=True):
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    here = ["--questionnaires", str(ROOT / "questionnaires"), "--translations", str(tmp_path / "translations")]
    out = CliRunner().invoke(translations, ["xlsx-out", "--out", str(tmp_path / "out"), *here])
    assert out.exit_code == 0 and len([*(tmp_path / "out").iterdir()]) >= len(files), out.output
    back = CliRunner().invoke(translations, ["xlsx-in", *map(str, sorted((tmp_path / "out").iterdir())), *here])
    assert back.exit_code == 0, back.output
    assert [copy.read_bytes() for copy in copies] == [file.read_bytes() for file in files]


def test_one_refused_row_keeps_everything_out_of_every_catalogue(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    before = small.path().read_bytes(), small.path("nt2").read_bytes()
    run(tmp_path, "xlsx-out", "-d", "example", "--out", tmp_path / "out")
    good, bad = tmp_path / "out" / "example.nt2.xlsx", tmp_path / "out" / "example.nl.xlsx"
    edit(good, "title", "Beter")
    edit(bad, "title", "Beter")
    edit(bad, "week", "Zonder plaats")
    result = run(tmp_path, "xlsx-in", good, bad)
    assert result.exit_code == 1 and "row 4, week: the placeholder {institution} is lost." in result.output
    assert "Nothing was imported." in result.output and f"{good}: not imported: 1 changed" in result.output
    assert (small.path().read_bytes(), small.path("nt2").read_bytes()) == before


def test_partial_takes_the_good_rows_and_writes_the_others_to_be_mended(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    path = send(tmp_path)
    edit(path, "title", "Beter")
    edit(path, "week", "Zonder plaats")
    result = run(tmp_path, "xlsx-in", path, "--partial")
    assert result.exit_code == 1 and "1 changed, 5 unchanged, 1 refused" in result.output
    assert 'msgstr "Beter"' in small.path().read_text() and "Zonder plaats" not in small.path().read_text()
    rows = list(load_workbook(tmp_path / "out" / "example.nl.refused.xlsx")["texts"].values)
    assert len(rows) == 2 and rows[1][0] == "week" and (rows[1][5], rows[1][7]) == ("Zonder plaats", "refused")


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    path = send(tmp_path)
    edit(path, "title", "Beter")
    before = small.path().read_bytes()
    assert "1 changed" in run(tmp_path, "xlsx-in", path, "--dry-run", "--partial").output
    assert small.path().read_bytes() == before


def test_a_workbook_of_another_questionnaire_is_refused(tmp_path: Path) -> None:
    make_small(tmp_path)
    path = send(tmp_path)
    (tmp_path / "q" / "x" / "questionnaire.yaml").write_text(
        (tmp_path / "q" / "x" / "questionnaire.yaml").read_text().replace("questionnaire: example", "questionnaire: another")
    )
    result = run(tmp_path, "xlsx-in", path)
    assert result.exit_code == 1 and "it translates example into nl, which does not exist here" in result.output


def test_a_file_that_is_no_workbook_is_refused_with_a_remedy(tmp_path: Path) -> None:
    make_small(tmp_path)
    (tmp_path / "x.xlsx").write_text("hello")
    result = run(tmp_path, "xlsx-in", tmp_path / "x.xlsx")
    assert result.exit_code == 1 and "ask the translator for the file that xlsx-out made." in result.output


def test_a_workbook_can_hold_only_what_is_to_be_done(tmp_path: Path) -> None:
    make_small(tmp_path, {"title": ("Older", "Ouder"), "mood.bad": None})
    run(tmp_path, "xlsx-out", "-d", "example", "-l", "nl", "--out", tmp_path / "out", "--todo")
    rows = list(load_workbook(tmp_path / "out" / "example.nl.xlsx")["texts"].values)
    assert [(row[0], row[7]) for row in rows[1:]] == [("title", "stale"), ("mood.bad", "missing")]


def test_a_workbook_can_show_another_language_beside_the_source(tmp_path: Path) -> None:
    make_small(tmp_path, {"title": ("Older", "Ouder")})
    shown = run(tmp_path, "xlsx-out", "-d", "example", "-l", "nt2", "--out", tmp_path / "out", "--beside", "nl")
    rows = {row[0]: row for row in load_workbook(tmp_path / "out" / "example.nt2.xlsx")["texts"].values}
    assert shown.exit_code == 0 and rows["week"][4] == ENTRIES["week"][1]
    assert rows["title"][4] is None  # the translation of an older source helps nobody
    other = run(tmp_path, "xlsx-out", "-d", "example", "--beside", "fr")
    assert other.exit_code == 2 and "not translated into fr. Known: nl, nt2." in other.output


def test_the_source_language_may_be_beside_itself(tmp_path: Path) -> None:
    make_small(tmp_path)
    shown = run(tmp_path, "xlsx-out", "-d", "example", "-l", "nl", "--out", tmp_path / "out", "--beside", "en")
    assert shown.exit_code == 0, shown.output
    assert load_workbook(tmp_path / "out" / "example.nl.xlsx")["texts"].column_dimensions["E"].hidden


def test_the_import_lists_what_the_translator_confirmed(tmp_path: Path) -> None:
    make_small(tmp_path, {"mood": ("Older", "Hoe voel je je?"), "title": ("Older", "Voorbeeld")})
    workbook = send(tmp_path)
    edit(workbook, "mood", "x", column=7)
    said = run(tmp_path, "xlsx-in", workbook).output
    assert "  confirmed as unchanged: mood\n  still stale, because the column 'unchanged' is empty: title\n" in said


@pytest.mark.parametrize(
    ("codes", "wrong"),
    [
        (("mood", "nosuch"), "There is no text 'nosuch'."),
        (("mood", "titel"), "There is no text 'titel' (did you mean 'title'?)."),
        (("mood", "title"), "The text 'title' is not stale in nl, nt2."),
    ],
)
def test_only_stale_texts_can_be_called_unchanged(tmp_path: Path, codes: tuple[str, ...], wrong: str) -> None:
    small = make_small(tmp_path, {"mood": ("Older", "Hoe voel je je?")})
    before = small.path().read_bytes()
    result = run(tmp_path, "unchanged", "-d", "example", *codes)
    assert result.exit_code == 2
    assert wrong in result.output
    assert small.path().read_bytes() == before


def test_a_stale_text_is_called_unchanged_by_its_code(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Older", "Hoe voel je je?")})
    result = run(tmp_path, "unchanged", "-d", "example", "mood")
    assert result.exit_code == 0
    assert result.output == f"{small.path()}: mood\n"
    assert "fuzzy" not in small.path().read_text()


@pytest.mark.parametrize("link", ["https://x.example/{pagina}", "https://x.example/{", "https://x.example/{0}"])
def test_a_link_that_cannot_be_filled_in_is_refused(tmp_path: Path, link: str) -> None:
    make_small(tmp_path)
    result = run(tmp_path, "xlsx-out", "-d", "example", "--out", tmp_path / "out", "--link", link)
    assert result.exit_code == 2 and "--link is invalid" in result.output


def test_every_command_shows_an_example() -> None:
    for name in ("status", "extract", "update", "compile", "xlsx-out", "xlsx-in"):
        result = CliRunner().invoke(translations, [name, "--help"])
        assert f"survey-engine translations {name}" in " ".join(result.output.split())


def test_two_workbooks_for_one_catalogue_are_both_taken_in(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    one, other = send(tmp_path), tmp_path / "other.xlsx"
    other.write_bytes(one.read_bytes())
    edit(one, "title", "Een")
    edit(other, "mood", "Twee")
    assert run(tmp_path, "xlsx-in", one, other).exit_code == 0
    assert 'msgstr "Een"' in small.path().read_text() and 'msgstr "Twee"' in small.path().read_text()


def test_two_workbooks_that_change_the_same_wording_are_refused(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    before = small.path().read_bytes()
    one, other = send(tmp_path), tmp_path / "other.xlsx"
    other.write_bytes(one.read_bytes())
    edit(one, "title", "Een")
    edit(other, "title", "Twee")
    result = run(tmp_path, "xlsx-in", one, other)
    assert result.exit_code == 1 and "it changes 'title' to “Twee”" in result.output and "to “Een”" in result.output
    assert small.path().read_bytes() == before

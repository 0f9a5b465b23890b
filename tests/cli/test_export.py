"""`survey-engine export`, from start to end on real stores."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text

from survey_engine.cli.export import summarise_export
from survey_engine.datasets.export import ExportResult
from survey_engine.datasets.rows import ResponseTally
from survey_engine.fieldwork.invitations.links import find_by_link, give_links
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.model.missing_values import Missing
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import mark_withdrawn
from survey_engine.storage.identity import Seat
from tests.command import Desk
from tests.datasets.filling import Store, read_csv, write_example


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    desk.questionnaire = write_example(tmp_path)
    (tmp_path / "q" / "x").rename(tmp_path / "q" / "example")
    return desk


@pytest.fixture
def filled(desk) -> Desk:
    """A desk with a complete response, an incomplete one, and one of a withdrawn link."""
    desk.make_stores()
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        store = Store(answers, desk.questionnaire)
        first = store.start("south", path="bol")
        for page in ("start", "opinions"):
            store.save(first, page)
        store.save(first, "words", complete=True, improve="more light")
        store.start()
        (token,) = give_links(identity, desk.contact_keys, [Seat("example", "north")])
        seat = find_by_link(identity, token).id
        store.start(pseudonym=make_pseudonym(desk.settings.pseudonym_key, "example", seat))
        mark_withdrawn(identity, [seat], withdrawn=True)
    return desk


def test_an_export_writes_its_files_and_a_summary(filled):
    done = filled.run("export", "example", "--out", "out")
    assert done.exit_code == 0, done.output
    assert "3 responses (1 broken off, 1 complete, 1 withdrawn) and 0 open answers in out:" in done.output
    assert {path.name for path in (filled.folder / "out").iterdir()} == {
        *("responses.csv", "open_answers.csv", "paradata.csv", "codebook.csv", "codebook.html", "load.R", "load.py"),
        "least-group-export.json",
        "released-rows.json",
    }
    assert {row["status"] for row in read_csv(filled.folder / "out" / "responses.csv")} == {"complete", "broken_off", "withdrawn"}


def test_requested_background_is_exported_with_open_answers(filled):
    assert filled.run("export", "example", "--out", "out", "--open-with", "path", "--least-group", "1").exit_code == 0
    (found,) = read_csv(filled.folder / "out" / "open_answers.csv")
    assert found == {"institution": "south", "path": "bol", "variable": "improve", "text": "more light"}


def test_the_summary_counts_what_is_withheld_or_generalised():
    done = summarise_export(
        ExportResult(ResponseTally(), texts=3, generalised=1, withheld=2, left_out=6, added=2, least_group=5, missing=Missing()),
        Path("out"),
        [],
    )
    assert "6 responses were left out of this file" in done
    assert "For 4 of them, fewer than 5 responses share questions and exported background (--least-group" in done
    assert "2 others were added to them" in done
    assert "2 open answers were withheld: fewer than 5 responses in this file answer the same question (--least-group)." in done
    assert (
        "Institution or background was removed from 1 of 3 open answers, because fewer than 5 authors of open answers share it"
        in done
    )


def test_the_summary_warns_that_texts_of_two_exports_can_be_matched(filled):
    assert (
        "Release only one export with open answers"
        in filled.run("export", "example", "--out", "out", "--least-group", "1").output
    )


def test_a_background_that_singles_out_responses_is_warned_about(filled):
    done = filled.run("export", "example", "--out", "out")
    assert "Warning: 3 of 3 responses share their institution and background with fewer than 4 others" in done.output
    assert "Warning" not in filled.run("export", "example", "--out", "two", "--least-group", "1").output


@pytest.mark.parametrize(
    ("options", "expected"), [((), {"path", "programme"}), (("--background", "path"), {"path"}), (("--no-background",), set())]
)
def test_a_delivery_gets_the_background_that_it_needs(filled, options, expected):
    assert filled.run("export", "example", "--out", "out", *options).exit_code == 0
    (row, *_) = read_csv(filled.folder / "out" / "responses.csv")
    assert {"path", "programme"} & row.keys() == expected


def test_background_and_no_background_are_exclusive(filled):
    assert filled.run("export", "example", "--out", "out", "--background", "path", "--no-background").exit_code == 2


@pytest.fixture
def published(desk) -> Desk:
    """Publish twice; the version in service lacks the option `none`, which a response has."""
    desk.make_stores()
    folder = desk.folder / "q" / "example"
    assert desk.run("publish", str(folder)).exit_code == 0
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        store = Store(answers, desk.questionnaire)
        store.save(store.start("south"), "start", job="none")
    section = folder / "1.yaml"
    section.write_text(section.read_text().replace("          none: {text: {en: None, easy: None}}\n", ""))
    assert desk.run("publish", str(folder)).exit_code == 0
    return desk


def test_a_response_is_exported_with_the_version_that_was_published_then(published):
    assert published.run("export", "example", "--out", "out").exit_code == 0
    codes = {row["code"] for row in read_csv(published.folder / "out" / "codebook.csv") if row["variable"] == "job"}
    assert "none" in codes


def test_background_of_an_earlier_version_can_be_requested(published):
    head = published.folder / "q" / "example" / "questionnaire.yaml"
    gone = "  programme: {text: {en: Programme, easy: Programme}, open: true}\n"
    head.write_text(head.read_text().replace(gone, ""))
    assert published.run("publish", str(head.parent)).exit_code == 0
    wanted = ("--background", "programme", "--open-with", "programme")
    done = published.run("export", "example", "--out", "out", *wanted)
    assert done.exit_code == 0, done.output
    assert "programme" in read_csv(published.folder / "out" / "responses.csv")[0]
    assert (
        "There is no background variable 'shoe'"
        in published.run("export", "example", "--out", "two", "--background", "shoe").output
    )


def test_a_damaged_version_is_reported_and_read_with_the_one_in_service(published):
    old = published.questionnaire.version
    with closing(Database(published.settings.database_url, "answers")) as answers, answers.write() as connection:
        damage = text("UPDATE questionnaire_version SET files = :files WHERE version = :version")
        connection.execute(damage, {"files": b"", "version": old})
    done = published.run("export", "example", "--out", "out")
    assert done.exit_code == 0
    assert f"Version {old} of example is damaged." in done.output
    assert (
        f"Read with the version in service, because their own version is missing (number of responses): {old} (1)" in done.output
    )


def test_missing_values_that_a_new_version_changes_are_named(published):
    assert (
        "Missing values: not asked -1, module not assigned -2, skipped -3"
        in published.run("export", "example", "--out", "one").output
    )
    section = published.folder / "q" / "example" / "1.yaml"
    section.write_text(section.read_text().replace("from: 1\n", "from: -2\n"))
    done = published.run("publish", str(section.parent))
    assert "to not asked -91, module not assigned -92" in done.output
    done = published.run("export", "example", "--out", "two")
    assert "Missing values: not asked -91, module not assigned -92, skipped -93" in done.output
    assert "Warning: these are not the default values (not asked -1," in done.output


def test_the_files_are_readable_only_by_their_owner(filled):
    filled.run("export", "example", "--out", "out")
    assert {path.stat().st_mode & 0o077 for path in [filled.folder / "out", *(filled.folder / "out").iterdir()]} == {0}


def test_a_folder_with_files_is_left_alone_without_force(filled):
    kept = filled.folder / "out" / "responses.csv"
    kept.parent.mkdir()
    kept.write_text("mine")
    done = filled.run("export", "example", "--out", "out")
    assert done.exit_code == 2
    assert "is not empty. Give another folder, or add --force" in done.output
    assert kept.read_text() == "mine"


def test_with_force_the_files_of_an_export_are_replaced_and_others_stay(filled):
    folder = filled.folder / "out"
    folder.mkdir()
    (folder / "responses.csv").write_text("old")
    (folder / "notes.txt").write_text("mine")
    assert filled.run("export", "example", "--out", "out", "--force").exit_code == 0
    assert (folder / "responses.csv").read_text().startswith("respondent,")
    assert (folder / "notes.txt").read_text() == "mine"


def test_an_export_that_fails_leaves_nothing_behind(filled):
    with closing(Database(filled.settings.database_url, "answers")) as answers, answers.write() as connection:
        connection.execute(text("DROP TABLE page"))
    before = set(filled.folder.iterdir())
    assert filled.run("export", "example", "--out", "out").exit_code == 1
    assert set(filled.folder.iterdir()) == before


def test_an_unknown_questionnaire_gets_a_suggestion(filled):
    done = filled.run("export", "exmple", "--out", "out")
    assert done.exit_code == 1
    assert "There is no questionnaire 'exmple' (did you mean 'example'?). Known in " in done.output
    assert done.output.endswith(": example; set SURVEY_QUESTIONNAIRES for another folder.\n")


def test_an_unknown_background_variable_gets_a_suggestion(filled):
    done = filled.run("export", "example", "--out", "out", "--open-with", "pth")
    assert done.exit_code == 2
    assert "There is no background variable 'pth' (did you mean 'path'?)." in done.output


def test_without_a_database_its_path_is_printed_and_none_is_created(desk):
    (desk.folder / "data" / "answers.db").unlink()
    done = desk.run("export", "example", "--out", "out")
    assert done.exit_code == 1
    assert f"There is no database at {desk.folder / 'data' / 'answers.db'}. `survey-engine init` creates one." in done.output
    assert not (desk.folder / "data" / "answers.db").exists()


def test_a_database_without_answers_is_reported(filled):
    other = f"sqlite:///{filled.folder / 'other.db'}"
    with closing(Database(other, "identity")) as database:
        database.migrate()
    filled.set(SURVEY_DATABASE_URL=other)
    done = filled.run("export", "example", "--out", "out")
    assert done.exit_code == 1
    assert "has no table 'response'. Are the two stores exchanged? See SURVEY_DATABASE_URL" in done.output


def test_once_identities_are_destroyed_withdrawn_links_count_as_broken_off(filled):
    (filled.folder / "data" / "identity.db").unlink()
    done = filled.run("export", "example", "--out", "out")
    assert done.exit_code == 0
    assert "There is no identity store" in done.output
    assert "2 broken off, 1 complete" in done.output


def test_a_broken_questionnaire_is_not_exported(filled):
    (filled.folder / "q" / "example" / "1.yaml").write_text("section: main\npages: 3\n")
    done = filled.run("export", "example", "--out", "out")
    assert done.exit_code == 1
    assert "example has errors. Fix them first." in done.output


def test_help_shows_an_example(desk):
    assert "survey-engine export job-2026 --out delivery" in desk.run("export", "--help").output


def test_formats_are_repeated_or_separated_by_commas(filled):
    done = filled.run("export", "example", "--out", "out", "--format", "sav,parquet", "--format", "csv", "--language", "easy")
    assert done.exit_code == 0, done.output
    names = {path.name for path in (filled.folder / "out").iterdir()}
    assert {"responses.sav", "responses.parquet", "responses.csv"} < names


@pytest.mark.parametrize(
    ("options", "message"),
    [(("--format", "sva"), "no format 'sva' (did you mean 'sav'?)"), (("--language", "nl"), "no language 'nl'")],
)
def test_an_unknown_format_or_language_is_reported(filled, options, message):
    done = filled.run("export", "example", "--out", "out", *options)
    assert done.exit_code == 2
    assert message in done.output


def test_without_the_extra_csv_works_and_other_formats_name_it(filled):
    code = "import sys; sys.modules['polars'] = sys.modules['pyreadstat'] = None; from survey_engine.cli import main; main({})"
    for options, failed in ((["--format", "csv"], False), (["--format", "sav"], True)):
        command = ["export", "example", "--out", f"out{failed}", *options]
        result = subprocess.run([sys.executable, "-c", code.format(command)], capture_output=True, text=True, check=False)
        assert bool(result.returncode) is failed, result.stderr
        assert ("pip install 'survey-engine[data]'" in result.stderr) is failed


def test_the_file_of_an_institution_has_background_only_if_named(filled):
    assert filled.run("export", "example", "--out", "south", "--institution", "south").exit_code == 0
    assert filled.run("export", "example", "--out", "named", "--institution", "south", "--background", "path").exit_code == 0
    (row,), (named,) = (read_csv(filled.folder / out / "responses.csv") for out in ("south", "named"))
    assert (row["institution"], "path" in row, "programme" in row) == ("south", False, False)
    assert (named["path"], "programme" in named) == ("bol", False)


def test_an_unknown_institution_is_reported(filled):
    done = filled.run("export", "example", "--out", "out", "--institution", "sout")
    assert "There is no institution 'sout' (did you mean 'south'?)" in done.output


@pytest.mark.parametrize(("options", "exit_code"), [((), 1), (("--public",), 0), (("--public", "--least-group", "19"), 1)])
def test_a_codebook_is_public_if_it_was_exported_for_the_public(filled, options, exit_code):
    assert filled.run("export", "example", "--out", "out", *options).exit_code == 0
    for path in (filled.folder / "out").iterdir():
        if path.name not in ("codebook.csv", "codebook.html", "least-group-export.json"):
            path.unlink()
    filled.run("deliver", "out", "--set", "review", "--by", "team")
    states = [filled.run("deliver", "out", "--set", state, "--by", "team", "--while-open") for state in ("final", "public")]
    assert [done.exit_code for done in states] == [0, exit_code], states[-1].output


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("example", None),
        ("example2025", None),
        ("nse", "out has a delivery of nse, which is not an edition of example"),
        (None, "has no least-group-export.json"),
    ],
)
def test_numbers_of_another_questionnaire_are_refused(filled, made, message):
    filled.run("export", "example", "--out", "out")
    record = filled.folder / "out" / "least-group-export.json"
    record.write_text(record.read_text().replace('"example"', f'"{made}"')) if made else record.unlink()
    done = filled.run("export", "example", "--out", "new", "--numbers-of", "out")
    assert (done.exit_code == 0) is (message is None) and (message or "") in done.output, done.output


def read_numbers(desk: Desk, folder: str, *options: str) -> set[str]:
    assert desk.run("export", "example", "--out", folder, "--institution", "south", *options).exit_code == 0
    return {row["respondent"] for row in read_csv(desk.folder / folder / "responses.csv")}


def test_numbers_of_an_institution_are_new_at_each_export_unless_asked(filled):
    assert not read_numbers(filled, "one") & read_numbers(filled, "two")
    assert read_numbers(filled, "three", "--same-numbers") == read_numbers(filled, "four", "--same-numbers")
    assert "need --institution" in filled.run("export", "example", "--out", "all", "--same-numbers").output


def release(desk: Desk, folder: str, *options: str) -> Result:
    """Export the file of an institution and make it final."""
    read_numbers(desk, folder)
    desk.run("deliver", folder, "--set", "review", "--by", "team")
    return desk.run("deliver", folder, "--set", "final", "--by", "team", "--while-open", *options)


def start_some(desk: Desk, count: int) -> None:
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        store = Store(answers, desk.questionnaire)
        for _ in range(count):
            store.save(store.start("south"), "start")


@pytest.mark.parametrize("only_codebook", [False, True])
@pytest.mark.parametrize(("more", "exit_code"), [(0, 0), (1, 1), (19, 1), (20, 0)])
def test_tables_of_a_few_responses_more_are_refused_anywhere(filled, more, exit_code, only_codebook):
    """The difference of two tables is the answers of the newcomers; a table is released without its rows."""
    start_some(filled, 20)
    for folder, added in (("one", 0), ("two", more)):
        start_some(filled, added)
        (filled.folder / folder).mkdir()
        rows, tables = f"{folder}/rows", f"{folder}/tables"
        assert filled.run("export", "example", "--out", rows, "--format", "parquet", "--public").exit_code == 0
        if only_codebook:
            (filled.folder / tables).mkdir()
            for name in ("codebook.csv", "least-group-export.json"):
                (filled.folder / rows / name).rename(filled.folder / tables / name)
        else:
            assert filled.run("usage", rows, "--out", tables, "--public").exit_code == 0
        filled.run("deliver", tables, "--set", "review", "--by", "team")
        done = filled.run("deliver", tables, "--set", "final", "--by", "team", "--while-open")
    assert done.exit_code == exit_code, done.output
    assert (f"Only {more} responses to example differ from an earlier release" in done.output) is bool(exit_code)


def test_tables_with_a_smaller_least_group_are_compared_as_others(filled):
    start_some(filled, 20)
    for folder, added in (("one", 0), ("two", 4)):
        start_some(filled, added)
        assert filled.run("export", "example", "--out", f"{folder}rows", "--format", "parquet").exit_code == 0
        assert filled.run("usage", f"{folder}rows", "--out", folder, "--least-group", "1").exit_code == 0
        filled.run("deliver", folder, "--set", "review", "--by", "team")
        done = filled.run("deliver", folder, "--set", "final", "--by", "team", "--while-open")
    assert done.exit_code == 1 and "Only 4 responses to example differ" in done.output


def test_a_release_with_few_changed_responses_is_refused_anywhere(filled):
    (filled.folder / "elsewhere").mkdir()
    assert release(filled, "one").exit_code == 0
    assert release(filled, "two").exit_code == 0, "nothing changed"
    start_some(filled, 1)
    refused = release(filled, "elsewhere/three")
    assert refused.exit_code == 1 and "can tell 1 response apart from all others (new); 5 must be alike" in refused.output
    start_some(filled, 3)
    assert release(filled, "four").exit_code == 1
    start_some(filled, 1)
    assert release(filled, "five").exit_code == 0


def test_new_responses_are_counted_from_each_earlier_release(filled):
    assert release(filled, "one").exit_code == 0
    start_some(filled, 1)
    assert release(filled, "two", "--despite-earlier").exit_code == 0
    start_some(filled, 4)
    refused = release(filled, "three")
    assert refused.exit_code == 1, "5 are new since the first release, but 4 since the second one"
    assert release(filled, "four", "--despite-earlier").exit_code == 0


def close(desk: Desk, institution: str, days: int) -> None:
    """Let an institution close so many days after today."""
    path = next(path for path in desk.folder.glob("q/example/*.yaml") if f"institution: {institution}\n" in path.read_text())
    lines = [line for line in path.read_text().splitlines() if not line.startswith("closes:")]
    path.write_text("\n".join([*lines, f"closes: {datetime.now(UTC).date() + timedelta(days=days)}", ""]))


def test_nothing_is_released_while_it_can_be_answered(filled):
    told = filled.run("export", "example", "--out", "south", "--institution", "south")
    assert told.exit_code == 0 and "has no last day at south" in told.stderr
    filled.run("export", "example", "--out", "all")
    folders, final = ("south", "all"), ("--set", "final", "--by", "team")
    for folder in folders:
        filled.run("deliver", folder, "--set", "review", "--by", "team")
        refused = filled.run("deliver", folder, *final)
        assert refused.exit_code == 1 and "has no last day at " in refused.output and "--while-open" in refused.output
    close(filled, "south", 9)
    refused = filled.run("deliver", "south", *final)
    assert refused.exit_code == 1 and "can still be answered at south until" in refused.output
    close(filled, "south", -9)
    assert filled.run("deliver", "all", *final).exit_code == 1, "north is open"
    assert filled.run("deliver", "south", *final).exit_code == 0
    assert filled.run("export", "example", "--out", "again", "--institution", "south").stderr.count("remind") == 0
    assert filled.run("deliver", "south", "--to", "institution", "--out", "x", "--while-open").exit_code == 2
    (filled.folder / "q" / "example").rename(filled.folder / "gone")
    unknown = filled.run("deliver", "all", *final)
    assert unknown.exit_code == 1 and "it is unknown whether example has closed" in unknown.output


def test_open_fieldwork_is_told_with_the_responses_that_may_change(filled):
    close(filled, "south", 9)
    close(filled, "north", 4)
    start_some(filled, 2)
    told = filled.run("export", "example", "--out", "all")
    assert told.exit_code == 0 and "The fieldwork of example is open until" in told.stderr, told.stderr
    (count,) = re.findall(r"; (\d+) responses may still change", told.stderr)
    assert int(count) >= 2
    step = ("--set", "review", "--by", "team")
    delivered = filled.run("deliver", "all", *step)
    assert delivered.exit_code == 0 and f"; {count} responses may still change." in delivered.stderr
    (recorded,) = json.loads((filled.folder / "all" / "delivery.json").read_text())["history"]
    assert recorded["open"] == delivered.stderr.strip()
    close(filled, "south", -9)
    close(filled, "north", -9)
    assert "fieldwork" not in filled.run("export", "example", "--out", "closed").stderr
    assert "fieldwork" not in filled.run("deliver", "closed", *step).stderr
    assert "open" not in json.loads((filled.folder / "closed" / "delivery.json").read_text())["history"][0]


def test_what_compares_releases_is_handed_out_to_nobody(filled):
    assert release(filled, "one").exit_code == 0
    assert (filled.folder / "one" / "released-rows.json").is_file()
    done = filled.run("deliver", "one", "--to", "institution", "--out", "given")
    assert done.exit_code == 0 and "released-rows" not in (filled.folder / "given" / "files.zip").read_bytes().decode("latin-1")

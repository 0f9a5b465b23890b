"""A feed leads from a hashed student number to the student's own link, and names nobody."""

from __future__ import annotations

import csv
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_engine.cli import main
from survey_engine.settings import read_settings
from tests.web.conftest import write_short

LIST = "institution,student_number,level,name\ndemo,S-1,2,Anna\ndemo,s-2,3,Bob\nother,S-1,1,Cas\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with the links of three students."""
    write_short(tmp_path / "q", "short")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SURVEY_QUESTIONNAIRES", "q")
    monkeypatch.setenv("SURVEY_BASE_URL", "https://survey.example.net")
    read_settings()
    assert run("init").exit_code == 0
    (tmp_path / "list.csv").write_text(LIST)
    made = run("links", "short", "list.csv", "--key", "student_number", "--out", "letters")
    assert made.exit_code == 0, made.output
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_an_environment_finds_a_student_by_the_hashed_number(folder: Path) -> None:
    made = run("feed", "short", "letters/links.csv", "--key", "student_number", "--out", "feeds")
    assert made.exit_code == 0 and "demo: 2 links" in made.output, made.output
    secret = (folder / "feeds/demo/secret.txt").read_text().strip().encode()
    content = (folder / "feeds/demo/feed.json").read_bytes()
    signature = (folder / "feeds/demo/feed.json.hmac").read_text().strip()
    assert hmac.digest(secret, content, "sha256").hex() == signature
    feed = json.loads(content)["links"]
    with (folder / "letters/links.csv").open(encoding="utf-8-sig") as file:
        rows = {row["name"]: row["link"] for row in csv.DictReader(file)}
    assert feed[hmac.digest(secret, b"s-1", "sha256").hex()] == rows["Anna"] + "?via=lms"
    with (folder / "feeds/demo/feed.csv").open() as file:
        assert dict(list(csv.reader(file))[1:]) == feed
    assert not any(part in content.decode() for part in ("Anna", "S-1", "s-1"))


def test_institutions_have_other_secrets_and_their_own_links(folder: Path) -> None:
    run("feed", "short", "letters/links.csv", "--key", "student_number", "--out", "feeds")
    demo, other = ((folder / f"feeds/{name}/feed.csv").read_text().split() for name in ("demo", "other"))
    assert len(demo) == 3 and len(other) == 2 and not {*demo[1:]} & {*other[1:]}


def test_a_card_has_no_script_and_every_language(folder: Path) -> None:
    run("feed", "short", "letters/links.csv", "--key", "student_number", "--out", "feeds")
    card = (folder / "feeds/demo/card.html").read_text()
    assert card.count('href="{{link}}"') == 3 and "script" not in card and 'lang="nl"' in card


def test_a_number_that_two_students_have_is_refused(folder: Path) -> None:
    made = feed(folder, "name", lambda rows: [{**row, "name": "Anna", "link_check": ""} for row in rows])
    assert made.exit_code == 1 and "same number" in made.output and not (folder / "feeds").exists()


def read_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "letters/links.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def feed(folder: Path, key: str, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> Result:
    """Write the feed of changed rows of links.csv."""
    rows = change(read_rows(folder))
    with (folder / "some.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return run("feed", "short", "some.csv", "--key", key, "--out", "feeds")


def exchange(name: str, *emptied: str) -> Callable[[list[dict[str, str]]], list[dict[str, str]]]:
    """Exchange a column of the first two rows."""

    def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        first, second, *rest = ({**row, **dict.fromkeys(emptied, "")} for row in rows)
        return [{**first, name: second[name]}, {**second, name: first[name]}, *rest]

    return change


def set_first(name: str, written: str) -> Callable[[list[dict[str, str]]], list[dict[str, str]]]:
    return lambda rows: [{**rows[0], name: rows[0][name][:-4] if written == "cut" else written}, *rows[1:]]


REFUSED = {
    "links of two exchanged": exchange("link"),
    "numbers of two exchanged": exchange("student_number"),
    "numbers of two exchanged, without a check": exchange("student_number", "link_check"),
    "a cut link": set_first("link", "cut"),
    "an empty link": set_first("link", ""),
    "a number with a letter more": set_first("student_number", "x-1"),
    "a shortened number": set_first("student_number", "9,30E+06"),
    "no number": set_first("student_number", "n/a"),
    "links of another installation": lambda rows: [
        {**row, "link": f"https://survey.example.net/l/{at:022}", "link_check": ""} for at, row in enumerate(rows)
    ],
}


@pytest.mark.parametrize("changed", REFUSED)
def test_a_feed_is_refused_as_a_reminder_is(folder: Path, changed: str) -> None:
    made = feed(folder, "student_number", REFUSED[changed])
    assert made.exit_code == 1 and "some.csv" in made.output and not (folder / "feeds").exists(), made.output


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("links", "short", "--withdraw"), "1 are withdrawn"),
        (("links", "short", "--reissue"), "1 were replaced"),
        (("erase", "short"), "1 rows have no valid link"),
    ],
)
def test_links_that_are_not_in_use_are_left_out_of_a_feed(folder: Path, command: tuple[str, ...], told: str) -> None:
    link = read_rows(folder)[0]["link"]
    assert run(*command, link, "--yes").exit_code == 0
    made = feed(folder, "student_number", lambda rows: rows)
    assert made.exit_code == 0 and "demo: 1 links" in made.output and f"Left out: {told}" in made.output, made.output
    assert link not in (folder / "feeds/demo/feed.csv").read_text()


def test_a_feed_has_the_new_links_of_a_file_of_replaced_ones(folder: Path) -> None:
    link = read_rows(folder)[0]["link"]
    assert run("links", "short", "--reissue", link, "--out", "again", "--yes").exit_code == 0
    made = run("feed", "short", "letters/links.csv", "again/links.csv", "--key", "student_number", "--out", "feeds")
    assert made.exit_code == 0 and "demo: 2 links" in made.output, made.output
    with (folder / "again/links.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["link"] in (folder / "feeds/demo/feed.csv").read_text()


@pytest.mark.parametrize("written", ["{}", "{}.0"])
def test_numbers_without_their_leading_zeros_are_refused(folder: Path, written: str) -> None:
    (folder / "numbers.csv").write_text("institution,number,level,name\ndemo,0012345,2,Anna\ndemo,0012346,3,Bob\n")
    assert (
        run(
            "links",
            "short",
            "numbers.csv",
            "--key",
            "number",
            "--new-key",
            "--rekeyed",
            "others",
            "--remove-most",
            "--yes",
            "--out",
            "numbers",
        ).exit_code
        == 0
    )
    path = folder / "numbers/links.csv"
    assert run("feed", "short", str(path), "--key", "number", "--out", "whole").exit_code == 0
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "number": written.format(int(row["number"]))} for row in rows)
    made = run("feed", "short", str(path), "--key", "number", "--out", "feeds")
    assert made.exit_code == 1 and "lost its leading zeros" in made.output and not (folder / "feeds").exists(), made.output


@pytest.mark.parametrize("column", ["link", "link_check", "institution"])
def test_a_column_of_the_program_has_no_numbers(folder: Path, column: str) -> None:
    made = run("feed", "short", "letters/links.csv", "--key", column, "--out", "feeds")
    assert made.exit_code == 1 and "no column of student numbers" in made.output, made.output

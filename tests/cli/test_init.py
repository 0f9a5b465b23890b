"""`survey-engine init`: the only command beside `run` and `demo` that creates an installation."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from secrets import token_urlsafe

import pytest

from tests.command import Desk
from tests.datasets.filling import place_example

PERSON = {
    "answers": "INSERT INTO response (id, questionnaire, version, institution, language, languages, background, modules)"
    " VALUES (1, 'q', 'v', 'north', 'en', 'en', '{}', '{}')",
    "identity": "INSERT INTO seat (id, questionnaire, institution, link_hash, sealed, withdrawn) VALUES (1, 'q', 'n', 'h', '{}', 0)",
}
"""A response, and a seat."""
STORED = ("contact.key", "pseudonym.key")
"""Keys with which the stores are made."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    place_example(tmp_path)
    return Desk(tmp_path, monkeypatch, create=False)


def test_an_installation_is_made_once_and_kept(desk: Desk) -> None:
    assert desk.run("init").exit_code == 0
    keys = {path.name: path.read_text() for path in (desk.folder / "data").glob("*.key")}
    assert len(keys) == 3
    assert desk.run("init").exit_code == 0
    assert {path.name: path.read_text() for path in (desk.folder / "data").glob("*.key")} == keys


def test_the_folder_of_data_is_made_if_settings_have_all_keys(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEYS", "PSEUDONYM_KEY", "CONTACT_KEYS"):
        monkeypatch.setenv(f"SURVEY_{name}", token_urlsafe(32))
    monkeypatch.setenv("SURVEY_DATA", str(desk.folder / "new" / "data"))
    done = desk.run("init")
    assert done.exit_code == 0, done.output
    assert (desk.folder / "new" / "data" / "answers.db").is_file()


@pytest.mark.parametrize(
    "words",
    [
        ["doctor"],
        ["links", "example", "students.csv", "--out", "out"],
        ["links", "example", "--withdraw", "abc"],
        ["remind", "example", "students.csv", "--out", "out"],
        ["export", "example", "--out", "out"],
        ["erase", "example", "abc"],
        ["publish", "q/example"],
        ["panel", "example", "--out", "panel.csv"],
        ["maintain"],
        ["work"],
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_no_other_command_creates_keys_or_databases(desk: Desk, words: list[str]) -> None:
    (desk.folder / "students.csv").write_text("institution\nnorth\n")
    done = desk.run(*words)
    assert done.exit_code == 1 and "survey-engine init" in done.output, done.output
    assert not (desk.folder / "data").exists()


def test_doctor_in_another_folder_reports_that_nothing_is_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.set(SURVEY_DATA="data")
    desk.run("init")
    (desk.folder / "elsewhere").mkdir()
    monkeypatch.chdir(desk.folder / "elsewhere")
    done = desk.run("doctor")
    assert done.exit_code == 1 and "Set SURVEY_DATA to the folder of the installation" in done.output
    assert not (desk.folder / "elsewhere" / "data").exists()


@pytest.mark.parametrize(
    "words", [["doctor"], ["maintain"], ["links", "example", "students.csv", "--out", "out"], ["run"]], ids=str
)
def test_a_lost_pseudonym_key_is_named_and_not_replaced(desk: Desk, words: list[str]) -> None:
    (desk.folder / "students.csv").write_text("institution\nnorth\n")
    desk.run("init")
    (desk.folder / "data" / "pseudonym.key").write_text("z" * 32)
    done = desk.run(*words)
    assert done.exit_code == 1 and "was made with another SURVEY_PSEUDONYM_KEY" in done.output
    assert desk.run("init").exit_code == 1
    assert desk.run("init", "--accept-keys").exit_code == 0
    assert "another SURVEY_PSEUDONYM_KEY" not in desk.run("doctor").output


@pytest.mark.parametrize("key", ["contact.key", "pseudonym.key"])
@pytest.mark.parametrize(
    "words", [["init"], ["run"], ["demo"], ["doctor"], ["links", "example", "students.csv", "--out", "out"]], ids=str
)
def test_no_new_key_is_written_beside_stores_of_a_lost_one(desk: Desk, words: list[str], key: str) -> None:
    (desk.folder / "students.csv").write_text("institution\nnorth\n")
    desk.run("init")
    kept = (desk.folder / "data" / key).read_text()
    (desk.folder / "data" / key).unlink()
    (desk.folder / "data" / "secret.key").unlink()
    (desk.folder / "data" / "DEMO").touch()  # else `demo` refuses the folder before it reads keys
    done = desk.run(*words)
    assert done.exit_code == 1 and ".key in" in done.output and "from a copy" in done.output
    assert [path.name for path in (desk.folder / "data").glob("*.key")] == [({*STORED} - {key}).pop()]
    (desk.folder / "data" / key).write_text(kept)
    assert desk.run("init").exit_code == 0


def test_a_lost_key_may_be_replaced_on_purpose(desk: Desk) -> None:
    desk.run("init")
    (desk.folder / "data" / "contact.key").unlink()
    assert desk.run("init", "--accept-keys").exit_code == 0
    assert desk.run("init").exit_code == 0


def test_a_store_without_fingerprints_keeps_its_lost_key_lost(desk: Desk) -> None:
    desk.run("init")
    (desk.folder / "data" / "contact.key").unlink()
    for name, person in PERSON.items():
        with sqlite3.connect(desk.folder / "data" / f"{name}.db") as store:
            store.executescript(f"DELETE FROM key_fingerprint; {person}")
    assert desk.run("init").exit_code == 1
    assert not (desk.folder / "data" / "contact.key").exists()


def test_doctor_changes_no_file(desk: Desk) -> None:
    desk.run("init")
    before = {path.name: path.read_bytes() for path in (desk.folder / "data").iterdir()}
    desk.run("doctor")
    assert {path.name: path.read_bytes() for path in (desk.folder / "data").iterdir()} == before


@pytest.mark.parametrize("name", ["answers", "identity"])
@pytest.mark.parametrize("words", [["init"], ["run"]], ids=str)
def test_no_empty_store_is_made_beside_the_other_one(desk: Desk, name: str, words: list[str]) -> None:
    desk.run("init")
    other = {"answers": "identity", "identity": "answers"}[name]
    with sqlite3.connect(desk.folder / "data" / f"{other}.db") as store:
        store.executescript(PERSON[other])
    (desk.folder / "data" / f"{name}.db").unlink()
    done = desk.run(*words)
    assert done.exit_code == 1 and f"The store of {name} is missing" in done.output
    assert not (desk.folder / "data" / f"{name}.db").exists()
    assert desk.run("init", "--accept-missing").exit_code == 0


def test_an_empty_store_beside_answers_without_seats_is_no_other_key(desk: Desk) -> None:
    desk.run("init")
    with sqlite3.connect(desk.folder / "data" / "answers.db") as store:
        store.executescript(f"{PERSON['answers']}; UPDATE response SET pseudonym = 'p'")
    (desk.folder / "data" / "identity.db").unlink()
    done = desk.run("init", "--accept-missing")
    assert done.exit_code == 0, done.output
    assert "seats: 1 of 1 responses to personal links have none" in desk.run("doctor").output


@pytest.mark.parametrize("name", ["answers", "identity"])
def test_two_first_starts_at_once_do_not_refuse_each_other(desk: Desk, name: str) -> None:
    desk.run("init")
    (desk.folder / "data" / f"{name}.db").unlink()  # the other process has made one store so far
    assert desk.run("init").exit_code == 0


@pytest.mark.parametrize(
    "words", [["export", "example", "--out", "out"], ["panel", "example", "--out", "p.csv"], ["maintain"], ["doctor"]]
)
def test_a_schema_that_no_release_has_is_refused_by_all(desk: Desk, words: list[str]) -> None:
    desk.run("init")
    with sqlite3.connect(desk.folder / "data" / "answers.db") as store:
        store.execute("UPDATE alembic_version SET version_num = 'abc'")
    done = desk.run(*words)
    assert done.exit_code == 1 and "which no release of this program has" in done.output

"""A feed leads from a hashed student number to the student's own link, and names nobody."""

from __future__ import annotations

import csv
import hmac
import json
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
    text = (folder / "letters/links.csv").read_text(encoding="utf-8-sig")
    (folder / "letters/links.csv").write_text(text.replace("s-2", "S-1"), encoding="utf-8-sig")
    made = run("feed", "short", "letters/links.csv", "--key", "student_number", "--out", "feeds")
    assert made.exit_code == 1 and "same number" in made.output and not (folder / "feeds").exists()

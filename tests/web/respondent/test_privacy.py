"""Tokens, answers and addresses occur only where intended, and no value links the two stores."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from survey_engine.operations.simulation.browsing import Browser, Line
from survey_engine.settings import ROOT
from tests.web.conftest import House, send, start, walk, write_short

STORY, ADDRESS = "a very secret story", "ada.secret@example.org"


class Listener:
    """A transport that records the addresses and headers of a device's requests."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.noted: list[str] = []

    def __call__(self, method: str, path: str, headers: Any, content: bytes) -> Any:
        exchange = self.line(method, path, headers, content)
        self.noted += [path, *(f"{name}: {value}" for name, value in exchange[1])]
        return exchange


def answer_everything(device: Browser, link: str) -> str:
    reply = walk(device, start(device, link), {"has_job": "yes"}, {"hours": "47"}, {"story": STORY})
    back = send(device, reply, {"panel": "half@"}, wish="next")
    return send(device, back, {"panel": ADDRESS}).drawn.receipt


def test_no_address_or_header_contains_answers_tokens_or_identities(house, script):
    link = house.invite()
    device = house.device(script=script)
    device.line = Listener(device.line)
    receipt = answer_everything(device, link)
    noted = [line for line in device.line.noted if not line.startswith(link)]
    everything = "\n".join(noted)

    for secret in (link.removeprefix("/l/"), "secret", "has_job", "hours", "story", receipt):
        assert not re.search(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", everything), secret
    assert "secret" not in everything


def test_slugs_reveal_nothing_about_the_questions(house):
    for slug, (section, page) in house.questionnaire().placed_pages.items():
        assert re.fullmatch(r"[0-9a-f]{8}", slug)
        assert page.code not in slug and section.code not in slug


def test_no_page_contains_the_token_of_a_personal_link(house):
    link = house.invite()
    device = house.device()
    assert link.removeprefix("/l/") not in device.get(link).text
    reply = start(device, link)
    for page in (reply, device.get(reply.path), device.get("/")):
        assert link.removeprefix("/l/") not in page.text


LOGGED = """
import sqlite3, sys
from pathlib import Path
from tests.web.conftest import House, send, start, walk, write_short
from tests.web.respondent.test_privacy import STORY, answer_everything

folder = Path(sys.argv[1])
write_short(folder / "q", "short")
house = House(folder)
link = house.invite()
print(link.removeprefix("/l/"))
answer_everything(house.device(), link)
device = house.device()
story = walk(device, start(device, house.invite()), {"has_job": "no"})
with sqlite3.connect(folder / "data" / "answers.db") as connection:
    connection.execute("ALTER TABLE page RENAME TO away")
assert send(device, story, {"story": STORY}).status == 503
house.site.participation.answers = None
assert send(device, story, {"story": STORY}).status == 500
"""


@pytest.mark.slow
def test_no_log_line_contains_addresses_tokens_or_answers_even_on_failure(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LOGGED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    token = done.stdout.strip()

    assert "store_failure" in done.stderr and "unhandled_error" in done.stderr, "nothing was logged, so nothing was shown"
    for secret in (token, "secret", "example.org", "story", "has_job", "/l/", "/a/", "UPDATE", "INSERT"):
        assert secret not in done.stderr, secret


# two stores ---------------------------------------------------------------------------------------------------------

SHARED = {"short", "demo"}
"""Values that both stores may contain: questionnaire and institution."""
NOT_OF_PERSONS = {"alembic_version", "key_fingerprint"}
"""Tables about the installation."""


def read_values(path: Path) -> set[object]:
    """Return all values in the tables of persons, including SQLite's rowids."""
    rows: list[tuple[Any, ...]] = []
    with closing(sqlite3.connect(path)) as connection:
        for name, made in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
            if name in NOT_OF_PERSONS:
                continue
            columns = "*" if "WITHOUT ROWID" in made.upper() else "rowid, *"
            rows += connection.execute(f"SELECT {columns} FROM {name}")
    return {value for row in rows for value in row if value not in (None, 0, 1, "")}


def test_identity_and_answers_share_no_value_by_which_they_could_be_joined(tmp_path):
    write_short(tmp_path / "q", "short")
    house = House(tmp_path)
    for number in range(12):
        answer_everything(house.device(), house.invite(level=1 + number % 4))
    house.close()
    answers, identity = (read_values(tmp_path / "data" / f"{name}.db") for name in ("answers", "identity"))

    assert len(answers) > 60 and len(identity) > 30
    assert answers & identity <= SHARED


def test_seats_and_panel_members_have_no_timestamps(tmp_path):
    write_short(tmp_path / "q", "short")
    house = House(tmp_path)
    answer_everything(house.device(), house.invite())
    house.close()
    for value in read_values(tmp_path / "data" / "identity.db"):
        assert not re.search(r"\d{4}-\d\d-\d\d|\d\d:\d\d", str(value))


def test_no_address_is_in_answers_and_no_answer_in_identity(tmp_path):
    write_short(tmp_path / "q", "short")
    house = House(tmp_path)
    answer_everything(house.device(), house.invite())
    data = tmp_path / "data"
    files = {store: b"".join(path.read_bytes() for path in data.glob(f"{store}.db*")) for store in ("answers", "identity")}
    house.close()

    assert STORY.encode() in files["answers"]
    assert ADDRESS.encode() not in files["answers"] and STORY.encode() not in files["identity"]

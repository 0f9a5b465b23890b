"""A process is killed during saves: every acknowledged save is stored."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from survey_engine.storage.database import Database
from tests import THOROUGH

WRITER = """
import json, sys
from survey_engine.engine.decisions import Save
from survey_engine.storage.answers import save_page, start_response
from survey_engine.storage.database import Database
from tests import THOROUGH

database = Database(sys.argv[1], "answers")
id = start_response(database, questionnaire="q", version="v", institution="i", language="nl", background={}, pseudonym=None,
                    abandoned_hours=24, assign=lambda counts: ())
number = 0
while True:
    number += 1
    page = f"p{number % 20}"
    save = Save(page, {"n": number}, "tab", number, 0, True, 0)
    save_page(database, id, save)
    print(id, page, number, flush=True)
"""


def write_until_killed(url: str, processes: int, seconds: float) -> list[str]:
    """Kill writers at a random moment after each has saved 15 times; return their lines, one per acknowledged save."""
    command = [sys.executable, "-c", WRITER, url]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    first = [writer.stdout.readline() for writer in writers for _ in range(15)]
    time.sleep(seconds)
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
    lines = [writer.communicate()[0] for writer in writers]
    return [line for text in [*first, *lines] for line in text.splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(8 if THOROUGH else 2))
def test_every_save_that_was_acknowledged_is_there_after_a_kill(tmp_path, round_):
    path = tmp_path / "answers.db"
    database = Database(f"sqlite:///{path}", "answers")
    database.migrate()
    database.close()
    lines = write_until_killed(f"sqlite:///{path}", processes=3, seconds=random.Random(round_).uniform(0.2, 0.6))
    newest = {(int(id), page): int(number) for id, page, number in map(str.split, lines)}
    rows = sqlite3.connect(path).execute("SELECT response_id, page, number, answers FROM page").fetchall()
    stored = {(id, page): (number, answers) for id, page, number, answers in rows}

    assert len(lines) > 30, "the writers hardly wrote anything, so nothing was shown"
    assert [key for key, number in newest.items() if stored[key][0] < number] == []
    assert all(answers == f'{{"n":{number}}}' for number, answers in stored.values())
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)

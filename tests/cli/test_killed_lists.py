"""`survey-engine links` is killed while it makes the links of a list: all persons have a link that a file has, or none.

`python -m tests.cli.test_killed_lists 1000 20` runs the full form: rows of each list, kills.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random

import click
import pytest

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.storage.database import Database
from tests.command import Desk
from tests.datasets.filling import place_example, read_csv
from tests.faults.serve import make_command
from tests.waiting import wait_until

COUNT = "SELECT count(*) FROM seat"


class KilledLists:
    """Lists of new persons, each given to a command that is killed."""

    def __init__(self, desk: Desk, rows: int) -> None:
        self.desk, self.rows, self.random = desk, rows, Random(11)
        self.known = 0
        self.stored = 0
        """Lists whose links were stored."""
        self.seconds = 0.0
        """From the first file of a command that was not killed to its end."""

    def give(self, number: int, *, kill: bool) -> None:
        """Give a list of persons who are on none before; kill the command once it writes, at a random moment."""
        path = self.desk.folder / f"list{number}.csv"
        path.write_text("number,institution,path\n" + "".join(f"{number}x{row},north,bol\n" for row in range(self.rows)))
        options = ("--key", "number", "--add", "--rekeyed", "others", "--yes")
        words = ["links", "example", str(path), "--out", str(self.desk.folder / f"out{number}"), *options]
        process = make_command(words, dict(os.environ), self.desk.folder / "log")
        process.start()
        try:
            wait_until(lambda: self.list_files(number) or process.exitcode is not None, 60)
            began = time.monotonic()
            process.join(self.random.uniform(0, self.seconds) if kill else 60)
            self.seconds = self.seconds or time.monotonic() - began
        finally:
            process.kill()
            process.join()

    def list_files(self, number: int) -> list[Path]:
        """The files of links of a list, in the folder of the command or in the one that a killed command left."""
        return [path for pattern in ("", ".", "*") for path in self.desk.folder.glob(f"{pattern}out{number}*/links.csv")]

    def check(self, number: int) -> None:
        """Raise AssertionError if a part of a list is stored, or a link without a file."""
        with closing(Database(self.desk.settings.identity_url, "identity")) as identity:
            seats = int(identity.fetch(COUNT, {})[0][0])
            assert seats - self.known in (0, self.rows), "a part of the list is stored"
            if seats > self.known:
                links = {row["link"].rpartition("/")[2] for path in self.list_files(number) for row in read_csv(path)}
                assert sum(bool(find_by_link(identity, link)) for link in links) == self.rows, "a link is in no file"
                self.stored += 1
        self.known = seats


def kill_often(folder: Path, patch: pytest.MonkeyPatch, rows: int, kills: int) -> int:
    """Return how many of the killed commands had stored their list. The first and the last list are given without a kill."""
    desk = Desk(folder, patch)
    place_example(folder)
    lists = KilledLists(desk, rows)
    for number in range(kills + 2):
        lists.give(number, kill=0 < number <= kills)
        lists.check(number)
    assert lists.known == lists.stored * rows and lists.stored >= 2, "a list without a kill is not stored"
    return lists.stored - 2


@pytest.mark.slow
def test_a_killed_command_stores_all_links_of_a_list_or_none(tmp_path, monkeypatch):
    assert 0 <= kill_often(tmp_path, monkeypatch, rows=60, kills=4) <= 4


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as monkey:
        size, often = map(int, sys.argv[1:])
        done = kill_often(Path(place), monkey, size, often)
        click.echo(f"{often} kills: {done} lists of {size} stored whole, {often - done} not at all")

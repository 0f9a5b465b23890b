"""Large lists: a second process makes their seats."""

from __future__ import annotations

from contextlib import closing
from multiprocessing import active_children
from multiprocessing.connection import Connection as PipeEnd
from pathlib import Path
from shutil import rmtree
from signal import SIGKILL, raise_signal
from typing import Any, cast

import pytest
from click.testing import Result

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations import new_seats
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link
from survey_engine.storage.database import Database
from survey_engine.storage.identity import ROWS_PER_READ
from tests.cli.test_erase import make_desk
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.waiting import wait_until

ROWS = 2 * ROWS_PER_READ + 7


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    monkeypatch.setattr(new_seats, "WORTH_A_PROCESS", 1)
    desk = make_desk(tmp_path, monkeypatch, database_url, identity_url)
    rows = (f"{nr},north,{'bol' if nr % 2 else 'bbl'}\n" for nr in range(ROWS))
    (desk.folder / "students.csv").write_text("nr,institution,path\n" + "".join(rows))
    return desk


def give(desk: Desk) -> Result:
    return desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--out", "out")


def end_at_once(pipe: PipeEnd) -> None:
    """Ends as a process that the system kills."""
    raise_signal(SIGKILL)


def end_after_a_batch(pipe: PipeEnd) -> None:
    """Ends as a process that the system kills later."""

    class OneMessage:
        def __getattr__(self, name: str) -> Any:
            return getattr(pipe, name)

        def send(self, message: object) -> None:
            pipe.send(message)
            raise_signal(SIGKILL)

    new_seats.send_seats(cast(PipeEnd, OneMessage()))


def test_seats_of_a_second_process_are_those_of_the_list(desk):
    done = give(desk)
    assert done.exit_code == 0, done.output
    keys = ContactKeys(desk.settings.contact_keys)
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        for row in read_csv(desk.folder / "out" / "links.csv")[:: ROWS_PER_READ // 20]:
            seat = find_by_link(identity, row["link"].rpartition("/")[2])
            assert seat and decrypt_seat(keys, seat).background == {"path": row["path"]}
        assert identity.fetch("SELECT count(*) FROM seat", {})[0][0] == ROWS
    wait_until(lambda: not active_children(), 20)


@pytest.mark.parametrize("end", [end_at_once, end_after_a_batch])
def test_a_list_whose_second_process_ends_stores_nothing(desk, monkeypatch, end):
    with monkeypatch.context() as patched:
        patched.setattr(new_seats, "send_seats", end)
        done = give(desk)
    assert done.exit_code == 1 and "No links were made" in done.output and "Give the list again" in done.output, done.output
    assert not (desk.folder / "out").exists()
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        assert identity.fetch("SELECT count(*) FROM seat", {})[0][0] == 0
    assert give(desk).exit_code == 0


def test_no_seat_is_stored_if_the_files_of_links_are_gone(desk, monkeypatch):
    def lose(*_: object) -> None:
        (unfinished,) = desk.folder.glob(".out.*/")
        rmtree(unfinished)

    with monkeypatch.context() as patched:
        patched.setattr("survey_engine.cli.links.append_withdrawals", lose)
        done = give(desk)
    assert done.exit_code == 1 and "was removed or moved meanwhile. No links were made. Give the list again." in done.output
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        assert identity.fetch("SELECT count(*) FROM seat", {})[0][0] == 0
    assert give(desk).exit_code == 0
    assert len(read_csv(desk.folder / "out" / "links.csv")) == ROWS


def test_files_that_are_gone_after_the_links_were_stored_are_named(desk, monkeypatch):
    def lose(*_: object) -> None:
        (unfinished,) = desk.folder.glob(".out.*/")
        rmtree(unfinished)

    monkeypatch.setattr("survey_engine.cli.links.warn_of_late", lose)  # the first call after the commit
    done = give(desk)
    assert done.exit_code == 1 and "The links are stored, but" in done.output and "restore the stores" in done.output, done.output


def test_the_second_process_ends_when_the_list_is_refused(desk, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("survey_engine.cli.links.append_withdrawals", refuse)
    assert give(desk).exit_code == 1
    wait_until(lambda: not active_children(), 20)
    assert not (desk.folder / "out").exists()

"""Large lists: a second process makes their seats."""

from __future__ import annotations

from contextlib import closing
from multiprocessing import active_children
from multiprocessing.connection import Connection as PipeEnd
from operator import attrgetter
from pathlib import Path
from shutil import rmtree
from signal import SIGKILL, raise_signal
from typing import Any, cast

import pytest
from click.testing import Result

from survey_engine.cli import links
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


def give(desk: Desk, *options: str) -> Result:
    return desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--out", "out", *options)


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


@pytest.mark.parametrize(
    ("options", "lost"),
    [((), ""), ((), "links.csv"), (("--apart",), "south/links.csv"), (("--qr", "--apart"), "north/cards-north.html")],
    ids=["folder", "file", "file of one institution", "cards"],
)
@pytest.mark.parametrize("late", [False, True])
def test_no_seat_is_stored_if_a_file_of_links_is_gone(desk, monkeypatch, options, lost, late):
    """Also late, after the removals of a corrected list were recorded, of which the command then tells."""
    (desk.folder / "students.csv").write_text("nr,institution,path\n90000,north,bol\n90001,north,bol\n90003,north,bol\n")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--out", "before").exit_code == 0
    rows = "".join(f"{nr},{'north' if nr % 2 else 'south'},bol\n" for nr in (90001, 90003, *range(ROWS)))
    (desk.folder / "students.csv").write_text(f"nr,institution,path\n{rows}")
    step = "store_changes" if late else "LinkFiles.write"
    whole = attrgetter(step)(links)

    def lose(*given: object) -> object:
        done = whole(*given)
        (unfinished,) = desk.folder.glob(".out.*/")
        rmtree(unfinished / lost) if (unfinished / lost).is_dir() else (unfinished / lost).unlink()
        return done

    with monkeypatch.context() as patched:
        patched.setattr(f"survey_engine.cli.links.{step}", lose)
        done = give(desk, *options)
    assert done.exit_code == 1 and "No links were made" in done.output
    assert "was removed or moved meanwhile. Run the command again." in done.output
    assert ("erase --again" in done.output) is late is desk.settings.erasures.exists()
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        assert identity.fetch("SELECT count(*) FROM seat WHERE NOT withdrawn", {})[0][0] == 3
    assert give(desk).exit_code == 0
    assert len(read_csv(desk.folder / "out" / "links.csv")) == ROWS


def test_files_that_are_gone_after_the_links_were_stored_are_named(desk, monkeypatch):
    def lose(*_: object) -> None:
        (unfinished,) = desk.folder.glob(".out.*/")
        rmtree(unfinished)

    monkeypatch.setattr("survey_engine.cli.links.warn_of_late", lose)  # the first call after the commit
    done = give(desk)
    assert done.exit_code == 1 and "The links are stored, but" in done.output and "restore the stores" in done.output, done.output


def test_an_interruption_says_that_no_link_was_made(desk, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("survey_engine.cli.links.append_withdrawals", interrupt)
    done = give(desk)
    assert done.exit_code == 1 and "Interrupted: no new link is valid, and out is unchanged." in done.output, done.output
    assert not (desk.folder / "out").exists()
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        assert identity.fetch("SELECT count(*) FROM seat", {})[0][0] == 0


def test_the_second_process_ends_when_the_list_is_refused(desk, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("survey_engine.cli.links.append_withdrawals", refuse)
    assert give(desk).exit_code == 1
    wait_until(lambda: not active_children(), 20)
    assert not (desk.folder / "out").exists()

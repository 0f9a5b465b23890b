"""Output folders are complete or absent."""

from __future__ import annotations

import stat
from io import StringIO
from pathlib import Path
from threading import Event, Thread

import click
import pytest

from survey_engine.cli.support.folders import fill_folder
from tests.waiting import wait_until


def test_the_second_of_two_writers_of_a_folder_waits_and_fails(tmp_path: Path, monkeypatch) -> None:
    said = StringIO()
    monkeypatch.setattr("sys.stderr", said)
    inside, refused = Event(), list[str]()

    def second() -> None:
        inside.wait()
        try:
            with fill_folder(tmp_path / "out", force=False) as folder:
                (folder / "links.csv").write_text("second")
        except click.UsageError as error:
            refused.append(error.message)

    thread = Thread(target=second)
    thread.start()
    with fill_folder(tmp_path / "out", force=False) as folder:
        inside.set()
        (folder / "links.csv").write_text("first")
        wait_until(lambda: f"Waiting for another command that writes {tmp_path / 'out'}" in said.getvalue())
    thread.join()
    assert (tmp_path / "out" / "links.csv").read_text() == "first"
    assert len(refused) == 1 and "is not empty" in refused[0]


def test_writers_of_two_folders_side_by_side_do_not_wait(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first has a temporary folder with links, which no killed process left."""
    written = Event()

    def second() -> None:
        with fill_folder(tmp_path / "two", force=False) as folder:
            (folder / "links.csv").write_text("second")
        written.set()

    with fill_folder(tmp_path / "one", force=False) as folder:
        (folder / "links.csv").write_text("first")
        Thread(target=second, daemon=True).start()
        wait_until(written.is_set)
    assert {path.name: (path / "links.csv").read_text() for path in tmp_path.iterdir()} == {"one": "first", "two": "second"}
    assert capsys.readouterr().err == ""


def test_a_broken_symbolic_link_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "gone")
    with pytest.raises(click.UsageError, match="broken symbolic link"), fill_folder(tmp_path / "out", force=True):
        pytest.fail("nothing may be made")


def test_the_folder_of_a_killed_run_is_kept_visible_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It may contain the only copy of valid links."""
    for name in (".out.abcd1234", ".other.abcd1234", ".out.mine", ".out.backup-1"):
        (tmp_path / name).mkdir(mode=0o700)
        (tmp_path / name / "links.csv").write_text("left")
    with fill_folder(tmp_path / "out", force=False) as folder:
        (folder / "links.csv").write_text("new")
    seen = {"out", "out-unfinished-abcd1234", ".other.abcd1234", ".out.mine", ".out.backup-1"}
    assert {path.name for path in tmp_path.iterdir()} == seen
    assert (tmp_path / "out-unfinished-abcd1234" / "links.csv").read_text() == "left"
    said = capsys.readouterr().err
    assert "out-unfinished-abcd1234" in said and ".other.abcd1234" in said and said.count("A killed command left") == 2


def test_only_the_owner_can_read_what_is_below_a_folder(tmp_path: Path) -> None:
    with fill_folder(tmp_path / "out", force=False) as folder:
        (folder / "north" / "cards").mkdir(parents=True)
        for name in ("links.csv", "north/links.csv", "north/cards/1.html"):
            (folder / name).write_text("link")
    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")]}
    assert rights == {"out": 0o700, "north": 0o700, "cards": 0o700, "links.csv": 0o600, "1.html": 0o600}

"""Interrupted commands about links: no valid link is lost, and a second attempt or `erase --again` sets both stores.

Each command is interrupted before each of its writes and commits in turn, until one attempt is not interrupted any more.
"""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.fieldwork.signing import hash_token, make_link_mark, make_pseudonym, make_replaced_name, make_withdrawn_name
from survey_engine.operations.doctor.contents import examine_erasures
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import has_name
from survey_engine.storage.identity import ROWS_PER_READ
from tests.cli.test_erase import make_desk
from tests.command import Desk, interrupt
from tests.datasets.filling import read_csv

BASE = "https://survey.example.org"
PROGRAM = (sys.executable, "-c", "from survey_engine.cli import main; main()")
PAUSING = (
    sys.executable,
    "-c",
    "import sys; "
    "pause = lambda event, _: event == 'tempfile.mkdtemp' and (print('ready', flush=True), sys.stdin.readline()); "
    "sys.addaudithook(pause); from survey_engine.cli import main; main()",
)
"""The program, which waits before it makes the output folder."""
LIST = ("links", "example", "students.csv", "--key", "nr", "--yes", "--out")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


def run_interrupted(desk: Desk, *words: str) -> Iterator[tuple[int, Result, bool]]:
    """The command, interrupted before each write and commit; the words may hold `{number}`. Last: whether it was interrupted."""
    for number in count(1):
        with interrupt(number) as reached:
            done = desk.run(*(word.format(number=number) for word in words))
        yield number, done, len(reached) >= number
        if len(reached) < number:
            assert number > 2 and done.exit_code == 0, done.output
            return


def give(desk: Desk, out: str, keys: range) -> list[str]:
    write_list(desk, keys)
    done = desk.run(*LIST, out, "--remove-most")
    assert done.exit_code == 0, done.output
    return [row["link"] for row in read_csv(desk.folder / out / "links.csv")]


def write_list(desk: Desk, keys: range) -> None:
    (desk.folder / "students.csv").write_text("nr,institution\n" + "".join(f"{key},north\n" for key in keys))


def write_file(desk: Desk, link: str) -> str:
    rows = [row for path in desk.folder.glob("*/links.csv") for row in read_csv(path) if row["link"] == link]
    with (desk.folder / "some.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return "some.csv"


def read_state(desk: Desk, link: str) -> tuple[bool, bool]:
    """Whether the link is withdrawn, and whether its devices are refused."""
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        seat = find_by_link(identity, link.rpartition("/")[2])
        assert seat
        key = desk.settings.pseudonym_key
        return seat.withdrawn, has_name(answers, make_withdrawn_name(key, make_pseudonym(key, "example", seat.id)))


def list_valid(desk: Desk, links: list[str]) -> list[str]:
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        return [link for link in links if find_by_link(identity, link.rpartition("/")[2])]


def count_seats(desk: Desk) -> int:
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        return connection.execute(text("SELECT count(*) FROM seat")).scalar() or 0


def list_written(desk: Desk) -> list[str]:
    """All links in all folders."""
    return [row["link"] for path in desk.folder.glob("*/links.csv") for row in read_csv(path)]


@pytest.mark.parametrize(("form", "repair"), [("link", "same"), ("file", "again")])
def test_a_second_withdrawal_or_restoration_sets_both_stores(desk, form, repair):
    link = give(desk, "out", range(1))[0]
    for order, wanted in (("--withdraw", (True, True)), ("--restore", (False, False))):
        undo = "--restore" if order == "--withdraw" else "--withdraw"
        named = link if form == "link" else write_file(desk, link)
        for _, done, stopped in run_interrupted(desk, "links", "example", order, named, "--yes"):
            if stopped:
                assert "did not finish" in done.output or read_state(desk, link) != wanted
                words = ("links", "example", order, named, "--yes") if repair == "same" else ("erase", "--again")
                second = desk.run(*words)
                assert second.exit_code == 0, second.output
            if repair == "same" or "did not finish" in done.output or not stopped:
                assert read_state(desk, link) == wanted
                assert "0 of them in the stores again" in examine_erasures(desk.settings).found
            desk.run("links", "example", undo, named, "--yes")
        desk.run("links", "example", order, named, "--yes")


@pytest.mark.parametrize("repair", ["same", "again"])
def test_no_new_link_of_a_corrected_list_is_lost(desk, repair):
    give(desk, "out", range(10))
    write_list(desk, range(1, 12))
    for number, done, stopped in run_interrupted(desk, *LIST, "out{number}"):
        valid = list_valid(desk, list_written(desk))
        assert len(valid) == count_seats(desk), done.output
        if stopped and count_seats(desk) == 12:
            assert f"out{number}-unfinished-" in done.output and "did not finish" in done.output
            again = desk.run(*LIST, "two") if repair == "same" else desk.run("erase", "--again")
            assert again.exit_code == 0, again.output
        if count_seats(desk) == 12:
            break
    first = read_csv(desk.folder / "out" / "links.csv")[0]["link"]
    assert read_state(desk, first) == (True, True)


def test_a_list_that_fails_after_its_first_seats_stores_none(desk):
    write_list(desk, range(ROWS_PER_READ + 50))
    with interrupt(0) as reached:
        assert desk.run(*LIST, "one").exit_code == 0
    last = max(at for at, statement in enumerate(reached, 1) if statement.startswith("INSERT INTO seat "))
    before = count_seats(desk)
    write_list(desk, range(before, 2 * before))
    with interrupt(last) as reached:
        done = desk.run(*LIST, "two", "--add", "--rekeyed", "others")
    inserted = [statement for statement in reached if statement.startswith("INSERT INTO seat ")]
    assert len(inserted) == 2 and done.exit_code == 1, done.output
    assert len(list_valid(desk, list_written(desk))) == count_seats(desk) == before


def test_a_list_sent_again_closes_what_its_first_attempt_left_open(desk):
    links = give(desk, "out", range(20))
    for gone, (_, _, stopped) in enumerate(run_interrupted(desk, *LIST, "two"), 1):
        write_list(desk, range(gone, 20))
        again = desk.run(*LIST, "two")
        assert again.exit_code == 0, again.output
        assert {read_state(desk, link) for link in links[:gone]} == {(True, True)}
        assert {read_state(desk, link) for link in links[gone:]} == {(False, False)}
        write_list(desk, range(gone + 1, 20))
        assert stopped or gone > 3


def test_a_revival_that_was_interrupted_is_completed_by_restore(desk):
    link, *_ = give(desk, "out", range(10))
    for _, _, _ in run_interrupted(desk, *LIST, "two", "--revive"):
        restored = desk.run("links", "example", "--restore", link)
        assert restored.exit_code == 0 and read_state(desk, link) == (False, False)
        write_list(desk, range(1, 10))
        assert desk.run(*LIST, "two").exit_code == 0 and read_state(desk, link) == (True, True)
        write_list(desk, range(10))


@pytest.mark.parametrize(
    ("engine", "form"),
    [("sqlite", "shown"), ("sqlite", "written"), ("sqlite", "file"), ("postgresql", "shown")],
    indirect=["engine"],
)
def test_no_reissued_link_is_lost(desk, form):
    link = give(desk, "out", range(1))[0]
    shown, used = [link], {link}
    for number in count(1):
        named = write_file(desk, link) if form == "file" else link
        out = () if form == "shown" else ("--out", f"new{number}")
        with interrupt(number) as reached:
            done = desk.run("links", "example", "--reissue", named, *out)
        shown += [word for word in done.output.split() if word.startswith(f"{BASE}/l/")]
        (link,) = list_valid(desk, list(dict.fromkeys([*shown, *list_written(desk)])))
        if "did not finish" in done.output:
            assert form == "shown" or f"new{number}-unfinished-" in done.output
            assert desk.run("erase", "--again").exit_code == 0
            (link,) = list_valid(desk, list(dict.fromkeys([*shown, *list_written(desk)])))
        used.add(link)
        assert {is_closed(desk, link, old) for old in used - {link}} <= {True}
        if len(reached) < number:
            assert done.exit_code == 0, done.output
            return


def is_closed(desk: Desk, current: str, old: str) -> bool:
    """Whether devices with this former link of the seat are refused."""
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        seat = find_by_link(identity, current.rpartition("/")[2])
        assert seat
        key = desk.settings.pseudonym_key
        mark = make_link_mark(key, hash_token(old.rpartition("/")[2]))
        return has_name(answers, make_replaced_name(key, make_pseudonym(key, "example", seat.id), mark))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_the_answers_store_nothing_is_done(desk):
    link, *_ = give(desk, "out", range(10))
    write_list(desk, range(1, 60))
    before, path = desk.settings.erasures.exists(), Path(desk.settings.database_url.removeprefix("sqlite:///"))
    path.rename(path.with_name("away"))
    for words in ((*LIST, "two"), ("links", "example", "--withdraw", link), ("links", "example", "--open")):
        refused = desk.run(*words)
        assert refused.exit_code == 1 and "There is no database" in refused.output
    path.with_name("away").rename(path)
    assert count_seats(desk) == 10 and read_state(desk, link) == (False, False)
    assert desk.settings.erasures.exists() == before and not (desk.folder / "two").exists()
    assert desk.run(*LIST, "two").exit_code == 0
    assert len(read_csv(desk.folder / "two" / "links.csv")) == 50


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_server_without_answers_stops_links_of_every_kind(desk):
    """The published version cannot be read, so no other version is used."""
    link, *_ = give(desk, "out", range(10))
    desk.set(SURVEY_DATABASE_URL="postgresql+psycopg://postgres@127.0.0.1:1/none")
    for words in ((*LIST, "two"), ("links", "example", "--reissue", link), ("links", "example", "--open")):
        refused = desk.run(*words)
        assert refused.exit_code == 1 and "cannot be used" in refused.output
    assert count_seats(desk) == 10 and list_valid(desk, [link]) == [link]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_links_survive_an_interruption_while_a_save_is_awaited(desk):
    """The command says that it waits, keeps the folder and names it; the same list then closes what it left open."""
    gone, *_ = give(desk, "out", range(10))
    write_list(desk, range(1, 60))
    with psycopg.connect(desk.settings.database_url.replace("+psycopg", "")) as saving:
        saving.execute("LOCK TABLE response IN ROW EXCLUSIVE MODE")
        with subprocess.Popen([*PROGRAM, *LIST, "two"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as command:
            assert command.stderr
            assert any("Waiting until devices have saved" in line for line in command.stderr)
            command.send_signal(signal.SIGINT)
            errors = command.communicate()[1]
        saving.rollback()
    assert command.returncode == 1 and "two-unfinished-" in errors and "did not finish" in errors
    assert len(list_valid(desk, list_written(desk))) == count_seats(desk) == 60
    assert desk.run(*LIST, "three").exit_code == 0 and read_state(desk, gone) == (True, True)


def test_a_link_that_cannot_be_shown_replaces_no_link(desk):
    (link,) = give(desk, "out", range(1))
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = subprocess.run([*PROGRAM, "links", "example", "--reissue", link], stdout=full, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(full)
    assert done.returncode != 0
    assert list_valid(desk, [link]) == [link] and not desk.settings.erasures.exists()


@pytest.mark.parametrize(("engine", "form"), [("sqlite", "file"), ("postgresql", "link")], indirect=["engine"])
def test_of_two_replacements_at_once_one_is_refused(desk, form):
    """Both commands have found the old link before one of them replaces it."""
    (link,) = give(desk, "out", range(1))
    words = [*PAUSING, "links", "example", "--reissue", write_file(desk, link) if form == "file" else link, "--out"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    commands = [subprocess.Popen([*words, f"new{number}/links"], **pipes) for number in range(2)]
    assert [command.stdout.readline() for command in commands] == ["ready\n"] * 2
    for command in commands:
        command.stdin.write("go\n")
        command.stdin.flush()
    errors = [command.communicate()[1] for command in commands]
    assert sorted(command.returncode for command in commands) == [0, 1], errors
    (refused,) = filter(None, errors)
    assert "another command replaced, withdrew or erased 1 of these links meanwhile" in refused
    assert "did not finish" not in refused and "unfinished" not in refused
    (new,) = [row["link"] for path in desk.folder.glob("new*/*/links.csv") for row in read_csv(path)]
    assert list_valid(desk, [new, link]) == [new] and is_closed(desk, new, link) and not is_closed(desk, new, new)
    assert desk.run("erase", "--again").exit_code == 0 and list_valid(desk, [new]) == [new]

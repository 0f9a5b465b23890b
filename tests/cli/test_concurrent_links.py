"""Commands about links at once: what one of them acknowledged is not undone by another that began before it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from survey_engine.fieldwork import erasure
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.storage.database import Database
from survey_engine.storage.roster_seats import iter_seats
from tests.cli.test_erase import make_desk
from tests.cli.test_interrupted_links import read_state
from tests.command import Desk
from tests.databases import ON_BOTH
from tests.datasets.filling import read_csv
from tests.waiting import wait_until

LABELS = "Studentnummer,Klas,Team,Locatie,Domein,Uitsluiten\n"
WAITING = {
    "a corrected list": ("links", "example", "corrected.csv", "--key", "nr", "--out", "two"),
    "labels": ("roster", "labels", "example", "labels.csv", "--institution", "north"),
    "a withdrawal": ("links", "example", "--withdraw", "some.csv"),
    "a restoration": ("links", "example", "--restore", "some.csv"),
}
"""Commands that ask before they change anything. `some.csv` has the links of persons 1 and 4."""
OTHERS = {
    "a withdrawal": lambda link: ("links", "example", "--withdraw", link),
    "an erasure": lambda link: ("erase", "example", link),
    "a replacement": lambda link: ("links", "example", "--reissue", link),
    "labels": lambda _: ("roster", "labels", "example", "others.csv", "--institution", "north"),
    "a corrected list": lambda _: ("links", "example", "other.csv", "--key", "nr", "--out", "elsewhere/three"),
}
State = dict[int, dict[str, Any]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


def prepare(desk: Desk) -> list[str]:
    """Write the files of all commands; return the links of four persons, of whom the last one's is withdrawn by a file."""
    lists = {
        "students": "1,bol\n2,bol\n3,bol\n4,bol\n",
        "corrected": "1,bol\n2,bbl\n3,bbl\n4,bol\n5,bol\n",
        "other": "1,bbl\n2,bol\n3,bol\n4,bol\n6,bol\n",
    }
    for name, rows in lists.items():
        (desk.folder / f"{name}.csv").write_text("nr,path,institution\n" + rows.replace("\n", ",north\n"))
    for name, label in (("labels", "3A"), ("others", "3B")):
        rows = "".join(f"{nr},{label},Zorg,Hal,Gezond,\n" for nr in (1, 2, 3, 4))
        (desk.folder / f"{name}.csv").write_text(LABELS + rows)
    succeed(desk, "links", "example", "students.csv", "--key", "nr", "--out", "out")
    header, *rows = (desk.folder / "out" / "links.csv").read_text("utf-8-sig").splitlines()
    (desk.folder / "last.csv").write_text("\n".join([header, rows[3]]))
    (desk.folder / "some.csv").write_text("\n".join([header, rows[0], rows[3]]))
    succeed(desk, "links", "example", "--withdraw", "last.csv")
    return [row["link"] for row in read_csv(desk.folder / "out" / "links.csv")]


def succeed(desk: Desk, *words: str) -> None:
    done = desk.run(*words, "--yes")
    assert done.exit_code == 0, done.output


def read_seats(desk: Desk) -> State:
    """Seat → its columns, decrypted."""
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        seats = [decrypt_seat(desk.contact_keys, seat) for seat in iter_seats(connection, "example", ["north"])]
    columns = ("background", "withdrawn", "key_hash", "link_hash", "details")
    return {seat.id: {name: getattr(seat, name) for name in columns} for seat in seats}


def list_undone(before: State, between: State, after: State) -> list[object]:
    """The changes between the first two states that the third one lacks."""
    gone = before.keys() - between.keys()
    changed = [
        (seat, name, value)
        for seat, columns in between.items()
        for name, value in columns.items()
        if before.get(seat, {}).get(name) != value
    ]
    return [*(gone & after.keys()), *(it for it in changed if after.get(it[0], {}).get(it[1]) != it[2])]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("waiting", WAITING)
def test_no_command_that_waits_at_its_prompt_undoes_another(desk, monkeypatch, waiting, other):
    links = prepare(desk)
    states = [read_seats(desk)]

    def confirm(*_: object, **__: object) -> bool:
        if len(states) == 1:
            succeed(desk, *OTHERS[other](links[0]))
            states.append(read_seats(desk))
        return True

    monkeypatch.setattr("click.confirm", confirm)
    done = desk.run(*WAITING[waiting])
    before, between = states
    after = read_seats(desk)
    assert list_undone(before, between, after) == []
    if done.exit_code:
        assert "Another command changed" in done.output and "did not finish" not in done.output and after == between
    assert desk.run("erase", "--again").exit_code == 0 and read_seats(desk) == after


@pytest.mark.parametrize("waiting", ["a corrected list", "labels"])
def test_a_restoration_by_one_command_is_not_a_withdrawal_by_another(desk, monkeypatch, waiting):
    """The command that waits has read the link as withdrawn."""
    links = prepare(desk)

    def confirm(*_: object, **__: object) -> bool:
        succeed(desk, "links", "example", "--restore", links[3])
        return True

    monkeypatch.setattr("click.confirm", confirm)
    desk.run(*WAITING[waiting])
    assert read_state(desk, links[3]) == (False, False)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize("waiting", WAITING)
def test_a_change_committed_while_a_command_stores_is_not_undone(desk, waiting):
    """The other transaction has the lock when the command has read the seats and begins to store."""
    prepare(desk)
    with psycopg.connect(desk.settings.identity_url.replace("+psycopg", "")) as holding, ThreadPoolExecutor(1) as threads:
        holding.execute("LOCK TABLE seat IN SHARE ROW EXCLUSIVE MODE")
        running = threads.submit(desk.run, *WAITING[waiting], "--yes")
        wait_until(lambda: running.done() or is_awaited(holding))
        holding.execute("UPDATE seat SET withdrawn = NOT withdrawn, link_hash = 'x' || id")
        holding.commit()
        running.result()
    states = [(seat["withdrawn"], seat["link_hash"][0]) for seat in read_seats(desk).values()]
    assert sorted(states) == [(False, "x"), *[(True, "x")] * 3]


def is_awaited(connection: psycopg.Connection[Any]) -> bool:
    return connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


@ON_BOTH
@pytest.mark.parametrize("withdrawn", [True, False])
def test_devices_are_refused_exactly_as_long_as_the_seat_is_withdrawn(desk, monkeypatch, withdrawn):
    """A second command sets the seat the other way between the two stores of the first one."""
    link = prepare(desk)[0]
    first, second = ("--withdraw", "--restore") if withdrawn else ("--restore", "--withdraw")
    if not withdrawn:
        succeed(desk, "links", "example", second, link)
    interleave(monkeypatch, lambda: succeed(desk, "links", "example", second, link))
    succeed(desk, "links", "example", first, link)
    assert read_state(desk, link) == (not withdrawn, not withdrawn)


def interleave(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Run something once, when a command has changed the seats and not yet the names of withdrawn responses."""
    proceed = erasure.mark_responses

    def mark(*words: Any, **options: Any) -> int:
        monkeypatch.setattr(erasure, "mark_responses", proceed)
        act()
        return proceed(*words, **options)

    monkeypatch.setattr(erasure, "mark_responses", mark)


NEW_KEY = "new-key-of-at-least-32-characters!"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("first", ["retired", "new"])
@pytest.mark.parametrize("waiting", ["a corrected list", "labels"])
def test_no_seat_is_encrypted_with_a_key_that_was_retired_meanwhile(desk, monkeypatch, waiting, first):
    """The command has both keys, or the retired one alone."""
    prepare(desk)
    old = desk.settings.contact_keys[0]

    def confirm(*_: object, **__: object) -> bool:
        desk.set(SURVEY_CONTACT_KEYS=f"{NEW_KEY},{old}")
        renewed = desk.run("maintain", "--renew-keys")
        assert renewed.exit_code == 0, renewed.output
        return True

    desk.set(SURVEY_CONTACT_KEYS=old if first == "retired" else f"{old},{NEW_KEY}")
    monkeypatch.setattr("click.confirm", confirm)
    done = desk.run(*WAITING[waiting])
    desk.set(SURVEY_CONTACT_KEYS=NEW_KEY)
    assert done.exit_code == 1 and "SURVEY_CONTACT_KEYS" in done.output and "did not finish" not in done.output
    assert len(read_seats(desk)) == 4 and desk.run(*WAITING[waiting]).exit_code == 0

"""`survey-engine links` with persons whose key was erased or withdrawn at another institution."""

from __future__ import annotations

from contextlib import closing

import pytest
from click.testing import Result
from sqlalchemy import text

from survey_engine.storage.database import Database
from tests.cli.test_same_persons import desk, find, lite, read_links
from tests.command import Desk
from tests.fieldwork.rosters.student_files import OWN_FORMAT, write_csv

__all__ = ["desk", "lite"]

PEOPLE = {"100108": "Ann de Wit", "100109": "Bo Jansen", "100110": "Cas Peters"}
NORTH, SOUTH = (
    {f"{place[0]}{key}": f"{key},{name},{place}" for key, name in people.items()}
    for place, people in (("north", PEOPLE), ("south", {"200900": "Zoe Kok"}))
)
LEFT_OUT = "get no link"


def deliver(desk: Desk, *rows: str, out: str = "two", more: tuple[str, ...] = ()) -> Result:
    (desk.folder / "students.csv").write_text("nr,name,institution\n" + "".join(f"{row}\n" for row in rows), "utf-8")
    return desk.run("links", "example", "students.csv", "--key", "nr", "--out", out, "--yes", *more)


def lose_seats(desk: Desk) -> None:
    """Restore a backup that is older than all seats."""
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.write() as connection:
        connection.execute(text("DELETE FROM seat"))


def record(desk: Desk, kind: str) -> None:
    """Make the links of north, and erase or withdraw the first person."""
    assert deliver(desk, *NORTH.values(), out="out").exit_code == 0
    link = read_links(desk)[0]
    words = ("erase", "example", link) if kind == "erased" else ("links", "example", "--withdraw", link)
    assert desk.run(*words, "--yes").exit_code == 0


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("kind", ["erased", "withdrawn"])
def test_a_recorded_key_gets_no_link_at_another_institution(desk, kind, lost):
    record(desk, kind)
    if lost:
        lose_seats(desk)
    rows = ["200900,Zoe Kok,south", "100108,Ann de Wit,south", "100109,Ilse van Dam,south"]
    done = deliver(desk, *rows)
    assert done.exit_code == 0 and f"{kind} at north: row 3" in done.output, done.output
    assert f"1 {LEFT_OUT}" in done.output and "--include-elsewhere" in done.output and "Wit" not in done.output
    assert len(read_links(desk, "two")) == 2
    assert f"1 {LEFT_OUT}" in deliver(desk, *rows, out="three").output, "a second delivery too"
    done = deliver(desk, *rows, out="four", more=("--include-elsewhere",))
    assert done.exit_code == 0 and len(read_links(desk, "four")) == 1, done.output
    assert not find(desk, read_links(desk, "four")[0]).withdrawn
    assert "3 stay as they are" in deliver(desk, *rows, out="five").output


@pytest.mark.parametrize(
    "more", [("--add",), ("--revive",), ("--include-erased",), ("--moved", "others"), ("--rekeyed", "others")]
)
def test_other_options_do_not_include_recorded_keys(lite, more):
    record(lite, "withdrawn")
    assert f"1 {LEFT_OUT}" in deliver(lite, "200900,Zoe Kok,south", "100108,Ann de Wit,south", more=more).output


@pytest.mark.parametrize("key", ["0100108", "000100108"])
def test_leading_zeros_make_no_other_person_elsewhere(lite, key):
    record(lite, "erased")
    done = deliver(lite, "0200900,Zoe Kok,south", f"{key},Ann de Wit,south")
    assert "erased at north: row 3" in done.output, done.output


def test_recorded_keys_are_left_out_beside_persons_who_move(desk):
    record(desk, "erased")
    deliver(desk, "200900,Zoe Kok,south", out="south")
    rows = ["100109,Jansen Bo,south", "100110,Cas Peters,north", "200900,Zoe Kok,south", "100108,Ann de Wit,south"]
    done = deliver(desk, *rows, more=("--moved", "same"))
    assert done.exit_code == 0 and "north → south: 1" in done.output and "erased at north: row 5" in done.output, done.output
    assert find(desk, read_links(desk)[1]).institution == "south"


@pytest.mark.parametrize("kind", ["erased", "withdrawn"])
def test_a_person_recorded_after_a_move_is_known_at_both(lite, kind):
    deliver(lite, *NORTH.values(), *SOUTH.values(), out="out")
    moved = [*list(NORTH.values())[1:], *SOUTH.values(), "100108,Wit de Ann,south"]
    assert deliver(lite, *moved, more=("--moved", "same")).exit_code == 0
    words = ("erase", "example") if kind == "erased" else ("links", "example", "--withdraw")
    lite.run(*words, read_links(lite)[0], "--yes")
    for place in ("north", "south"):
        rows = (f"30000{place},Fay Smit,south", f"100108,Ann de Wit,{place}")
        done = deliver(lite, *rows, out=place, more=("--add", "--rekeyed", "others"))
        assert done.exit_code == 0, done.output
        links = [find(lite, link) for link in read_links(lite, place)]
        assert [seat.withdrawn for seat in links if seat] == [False], (place, done.output)


def test_a_file_of_another_format_follows_the_rule(lite):
    record(lite, "erased")
    (lite.folder / "own.yaml").write_text(OWN_FORMAT.replace("person: [Email1]", "person: [Nr]") + "  Nr: {becomes: ignored}\n")
    rows = [["School", "Email1", "Klas", "Nr"], ["27DV", "a@example.org", "3A", "100108"], ["27DV", "b@example.org", "3A", "7"]]
    write_csv(lite.folder / "own.csv", rows)
    done = lite.run("links", "example", "own.csv", "--format", "own.yaml", "--institution", "27DV=south", "--out", "own", "--yes")
    assert "erased at north: row 2" in done.output, done.output


def test_a_withdrawal_while_the_command_waits_refuses_it(lite, monkeypatch):
    deliver(lite, *NORTH.values(), *SOUTH.values(), out="out")

    def confirm(*_: object, **__: object) -> bool:
        return lite.run("links", "example", "--withdraw", read_links(lite)[0], "--yes").exit_code == 0

    (lite.folder / "more.csv").write_text("nr,name,institution\n100108,Ilse van Dam,south\n200900,Zoe Kok,south\n")
    monkeypatch.setattr("click.confirm", confirm)
    done = lite.run("links", "example", "more.csv", "--key", "nr", "--out", "two")
    assert done.exit_code == 1 and "Another command changed these links" in done.output, done.output

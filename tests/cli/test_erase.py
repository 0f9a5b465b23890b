"""`survey-engine erase`: what is taken back is gone, stays gone after a restore, and nothing else is touched."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.engine.decisions import Save
from survey_engine.fieldwork.invitations.links import find_by_link, give_links
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.answers import LostRace, save_page, start_response
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from tests.command import Desk
from tests.datasets.filling import write_example

SECRET = "what I take back"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    desk.set(SURVEY_DATABASE_URL=database_url, SURVEY_IDENTITY_URL=identity_url)
    write_example(tmp_path)
    (tmp_path / "q" / "x").rename(tmp_path / "q" / "example")
    desk.make_stores()
    return desk


@pytest.fixture
def stores(desk: Desk) -> Iterator[tuple[Database, Database]]:
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        yield answers, identity


def answer(desk: Desk, stores: tuple[Database, Database], seat: Seat) -> int:
    """A response of this seat with one page; returns its number."""
    answers, _ = stores
    id = start_response(
        answers,
        questionnaire="example",
        version="1",
        institution=seat.institution,
        language="en",
        background={},
        pseudonym=make_pseudonym(desk.settings.pseudonym_key, "example", seat.id),
        abandoned_hours=24,
        assign=lambda counts: (),
    )
    save_page(answers, id, Save("page", {"story": SECRET}, "w", 1, 0, done=True, seconds_left=1))
    return id


def invite(desk: Desk, stores: tuple[Database, Database]) -> tuple[str, Seat, int]:
    """A personal link, its seat, and the number of what was answered by it."""
    (token,) = give_links(stores[1], [Seat("example", "north")])
    seat = find_by_link(stores[1], token)
    assert seat
    return f"https://survey.example.org/l/{token}", seat, answer(desk, stores, seat)


def list_stored(stores: tuple[Database, Database]) -> tuple[list[int], list[int]]:
    """The responses, and the responses of which there are pages."""
    with stores[0].read() as connection:
        responses = connection.execute(text("SELECT id FROM response WHERE questionnaire <> '' ORDER BY id")).scalars().all()
        pages = connection.execute(text("SELECT response_id FROM page ORDER BY response_id")).scalars().all()
    return list(responses), list(pages)


def restore(desk: Desk, stores: tuple[Database, Database], link: str, seat: Seat, *, identity: bool) -> None:
    """As after a backup from before the erasure: the response is back, and perhaps the seat."""
    if identity:
        with stores[1].write() as connection:
            connection.execute(text("DELETE FROM seat WHERE id = :id"), {"id": seat.id})
        give_links(stores[1], [Seat("example", "north")], [link.rpartition("/")[2]])
        with stores[1].write() as connection:
            found = find_by_link(stores[1], link.rpartition("/")[2])
            connection.execute(text("UPDATE seat SET id = :id WHERE id = :new"), {"id": seat.id, "new": found.id if found else 0})
    answer(desk, stores, seat)


def test_what_was_answered_by_a_link_is_gone_with_the_link_and_nothing_else(desk, stores):
    link, _, _ = invite(desk, stores)
    other, _, kept = invite(desk, stores)
    done = desk.run("erase", "example", link, "--yes")

    assert done.exit_code == 0 and done.output.startswith("Erased.")
    assert list_stored(stores) == ([kept], [kept])
    assert find_by_link(stores[1], link.rpartition("/")[2]) is None
    assert find_by_link(stores[1], other.rpartition("/")[2]) is not None


@pytest.mark.parametrize("identity", [True, False], ids=["both stores", "answers alone"])
def test_after_a_restore_it_is_found_to_be_back_and_erased_again(desk, stores, identity):
    link, seat, _ = invite(desk, stores)
    _, _, kept = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")
    restore(desk, stores, link, seat, identity=identity)
    examined = desk.run("doctor").output
    again = desk.run("erase", "--again").output

    assert "erasures: 1 on the list, 1 came back" in examined and "survey-engine erase --again" in examined
    assert "1 erasures and withdrawals on the list; 1 had come back" in again
    assert list_stored(stores) == ([kept], [kept])
    assert find_by_link(stores[1], link.rpartition("/")[2]) is None
    assert "1 on the list, 0 came back" in desk.run("doctor").output
    assert "0 had come back" in desk.run("erase", "--again").output


def test_no_number_is_given_twice_for_open_pages_still_name_it(desk, stores):
    """Neither after an erasure nor after a restore, when responses of before the restore are lost."""
    link, _, erased = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")
    _, _, following = invite(desk, stores)
    desk.run("erase", "--again")
    _, _, restored = invite(desk, stores)

    assert erased < following < restored - 1_000_000
    assert invite(desk, stores)[2] == restored + 1


def test_of_what_was_erased_only_a_number_is_left(desk, stores):
    link, _, erased = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")
    with stores[0].read() as connection:
        (row,) = connection.execute(text("SELECT * FROM response")).all()

    assert {str(value)[:10] for value in row if value} == {str(erased), "{}", "2000-01-01"}


def test_what_is_sent_after_the_erasure_is_not_stored(desk, stores):
    link, _, erased = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")
    with pytest.raises(LostRace):
        save_page(stores[0], erased, Save("page", {"story": SECRET}, "w", 2, 1, done=True, seconds_left=1))


def test_a_withdrawn_link_is_withdrawn_again_after_a_restore_and_its_answers_stay(desk, stores):
    link, _, kept = invite(desk, stores)
    assert desk.run("links", "example", "--withdraw", link).exit_code == 0
    with stores[1].write() as connection:
        connection.execute(text("UPDATE seat SET withdrawn = :no"), {"no": False})
    assert "1 had come back" in desk.run("erase", "--again").output

    assert find_by_link(stores[1], link.rpartition("/")[2]).withdrawn
    assert list_stored(stores) == ([kept], [kept])


def test_who_is_not_sure_erases_nothing(desk, stores):
    link, _, kept = invite(desk, stores)
    assert desk.run("erase", "example", link).exit_code == 1
    assert list_stored(stores) == ([kept], [kept])
    assert not desk.settings.erasures.exists()


@pytest.mark.parametrize("words", [("erase",), ("erase", "example"), ("erase", "example", "x", "--again")])
def test_half_an_order_is_refused(desk, words):
    assert "Give a questionnaire and a link, or --again." in desk.run(*words).output


def test_an_unknown_link_is_refused(desk):
    assert "There is no such link to example" in desk.run("erase", "example", "https://x/l/y", "--yes").output


def test_the_list_leads_to_no_answer_and_no_link_and_only_its_owner_may_read_it(desk, stores):
    link, seat, _ = invite(desk, stores)
    pseudonym = make_pseudonym(desk.settings.pseudonym_key, "example", seat.id)
    desk.run("erase", "example", link, "--yes")
    path = desk.settings.erasures

    assert path.read_text() == f"erased,example,{seat.id}\n"
    assert pseudonym not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("line", ["erased,example", "gone,example,3", "erased,example,x", "erased,example,3,4"])
def test_a_damaged_list_is_told_with_its_line(desk, stores, line):
    desk.settings.erasures.write_text(f"erased,example,3\n{line}\n")

    assert "erasures.csv:2: this is no erasure." in desk.run("erase", "--again").output
    assert "the list is damaged" in desk.run("doctor").output

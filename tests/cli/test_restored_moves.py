"""An older store of identity, restored after a list gave persons another institution or key: the newest list makes it right."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.database import Database
from survey_engine.storage.identity import SEAT, EncryptedSeat
from survey_engine.storage.response_counts import find_completion_by_pseudonym
from tests.cli.test_erase import answer
from tests.cli.test_moved_persons import MOVED, deliver, light, listed, read_links
from tests.cli.test_same_persons import desk, find, lite
from tests.command import Desk
from tests.databases import ON_BOTH

__all__ = ["desk", "light", "listed", "lite"]


def read_store(desk: Desk) -> Sequence[dict[str, Any]]:
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        return [dict(row) for row in connection.execute(select(SEAT)).mappings()]


def restore(desk: Desk, rows: Sequence[dict[str, Any]]) -> str:
    """Put these seats back, and repeat the list of erasures; return its summary."""
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.write() as connection:
        connection.execute(delete(SEAT))
        if rows:
            connection.execute(insert(SEAT), rows)
    done = desk.run("erase", "--again")
    assert done.exit_code == 0, done.output
    return done.output


def move(desk: Desk) -> str:
    """Move the first person to south; return the link."""
    assert deliver(desk, "--yes", "--moved", "same", _100108=MOVED).exit_code == 0
    return read_links(desk)["100108"]


def start(desk: Desk, link: str) -> EncryptedSeat:
    """Answer by a link, at the institution of its seat."""
    seat = find(desk, link)
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        answer(desk, (answers, identity), seat, institution=seat.institution)
    return seat


def has_response(desk: Desk, seat: EncryptedSeat) -> bool:
    pseudonym = make_pseudonym(desk.settings.pseudonym_key, "example", seat.id)
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        return bool(find_completion_by_pseudonym(answers, "example", [pseudonym]))


def count_used(desk: Desk) -> int:
    return sum(not row["withdrawn"] for row in read_store(desk))


def test_after_a_restore_the_doctor_names_moves_that_are_undone(listed):
    before = read_store(listed)
    move(listed)
    assert "moves: " in listed.run("doctor").output and "have an earlier" not in listed.run("doctor").output
    assert "1 persons have an earlier institution or key" in restore(listed, before)
    examined = listed.run("doctor")
    assert examined.exit_code == 1 and "newest list" in examined.output, examined.output
    move_again = deliver(listed, "--yes", "--moved", "same", out="again", _100108=MOVED)
    assert move_again.exit_code == 0 and "north → south: 1" in move_again.output
    assert find(listed, read_links(listed)["100108"]).institution == "south" and count_used(listed) == 7
    assert "have an earlier" not in listed.run("doctor").output


def test_a_list_can_confirm_the_institution_that_a_restore_gave_back(light):
    before = read_store(light)
    move(light)
    restore(light, before)
    assert deliver(light, "--yes", out="again").exit_code == 0
    assert find(light, read_links(light)["100108"]).institution == "north"
    assert "1 by lists, 0 of them undone" in light.run("doctor").output


@ON_BOTH
@pytest.mark.parametrize("only", ["", "south"])
def test_after_a_restore_the_list_moves_a_person_who_began_there(listed, only):
    """The list of both institutions, or of the new one alone; without an option, because the first move is on record."""
    before = read_store(listed)
    seat = start(listed, link := move(listed))
    restore(listed, before)
    done = deliver(listed, "--yes", out="again", only=only, _100108=MOVED)
    assert done.exit_code == 0 and "north → south: 1" in done.output, done.output
    assert find(listed, link).institution == "south" and find(listed, link).id == seat.id and count_used(listed) == 7


def test_after_a_restore_nobody_moves_who_began_at_the_earlier_one(light):
    before = read_store(light)
    link = move(light)
    restore(light, before)
    assert start(light, link).institution == "north"
    refused = deliver(light, "--yes", "--moved", "same", out="again", _100108=MOVED)
    assert refused.exit_code == 1 and "begun to answer there" in refused.output


def test_a_moved_seat_that_a_restore_lost_is_made_again(listed):
    """Its answers belong to the new link: no person answers twice, and an erasure finds them."""
    start(listed, move(listed))
    restore(listed, [])
    assert "1 of 1 responses to personal links have none" in listed.run("doctor").output
    assert deliver(listed, "--yes", out="again", _100108=MOVED).exit_code == 0
    link = read_links(listed, "again")["100108"]
    assert has_response(listed, find(listed, link)) and "all 1 responses" in listed.run("doctor").output
    assert listed.run("erase", "example", link, "--yes").output.startswith("Erased.")


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("kind", ["erased", "withdrawn", "replaced"])
def test_what_ended_after_a_move_stays_so_after_a_restore(light, kind, older):
    before = read_store(light) if older else []
    start(light, link := move(light))
    words = {
        "erased": ("erase", "example", link, "--yes"),
        "withdrawn": ("links", "example", "--withdraw", link),
        "replaced": ("links", "example", "--reissue", link),
    }
    assert light.run(*words[kind]).exit_code == 0
    restore(light, before)
    done = deliver(light, "--yes", "--moved", "same", out="again", _100108=MOVED)
    assert done.exit_code == 0, done.output
    seat = find(light, link)
    assert seat is None or seat.withdrawn, "the old link"
    assert count_used(light) == (7 if kind == "replaced" else 6), done.output


def test_a_seat_with_a_new_key_that_a_restore_lost_is_made_again(light):
    changed = {"_100108": None, "_100999": "Ann M. de Wit,3A,100999@north.nl,north"}
    done = deliver(light, "--yes", "--rekeyed", "same", **changed)
    assert done.exit_code == 0, done.output
    start(light, read_links(light)["100108"])
    restore(light, [])
    assert deliver(light, "--yes", out="again", **changed).exit_code == 0
    assert has_response(light, find(light, read_links(light, "again")["100999"]))

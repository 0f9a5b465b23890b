"""Seats lost by a restore: the same list recreates them, and `doctor` counts responses without a seat."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.fieldwork.signing import hash_key, make_seat_number
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat
from tests.cli.test_erase import answer, list_stored, make_desk
from tests.command import Desk
from tests.databases import ON_BOTH
from tests.datasets.filling import read_csv

PEOPLE = "nr,institution\n" + "".join(f"{number},north\n" for number in range(40))

ANEW = ("--key", "nr", "--include-erased")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


def give(desk: Desk, out: str, *options: str, people: str = PEOPLE) -> tuple[dict[str, str], str]:
    """Run `links`; return the links by key, and the output."""
    (desk.folder / "students.csv").write_text(people)
    done = desk.run("links", "example", "students.csv", "--out", out, "--yes", *(options or ("--key", "nr")))
    assert done.exit_code == 0, done.output
    return {row["nr"]: row["link"] for row in read_csv(desk.folder / out / "links.csv")}, done.output


def find(stores: tuple[Database, Database], link: str) -> EncryptedSeat:
    seat = find_by_link(stores[1], link.rpartition("/")[2])
    assert seat
    return seat


def lose(stores: tuple[Database, Database]) -> None:
    """Restore a backup that is older than all seats."""
    with stores[1].write() as connection:
        connection.execute(text("DELETE FROM seat"))


def test_the_same_list_makes_the_same_seats_with_other_links(desk, stores):
    before, _ = give(desk, "one")
    numbers = {key: find(stores, link).id for key, link in before.items()}
    response = answer(desk, stores, find(stores, before["7"]))
    lose(stores)
    after, _ = give(desk, "two")

    assert {key: find(stores, link).id for key, link in after.items()} == numbers
    assert not {*before.values()} & {*after.values()}
    assert answer(desk, stores, find(stores, after["7"])) == response


def test_an_erasure_by_the_second_link_erases_what_the_lost_seat_answered(desk, stores):
    before, _ = give(desk, "one")
    answer(desk, stores, find(stores, before["7"]))
    lose(stores)
    after, _ = give(desk, "two")
    desk.run("erase", "example", after["7"], "--yes")

    assert list_stored(stores) == ([], [])


def test_a_person_who_was_erased_gets_another_seat_each_time(desk, stores):
    numbers = []
    for out in ("one", "two", "three"):
        links, _ = give(desk, out, *ANEW)
        numbers.append(find(stores, links["7"]).id)
        desk.run("erase", "example", links["7"], "--yes")
    assert len({*numbers}) == 3
    lose(stores)

    assert find(stores, give(desk, "four", *ANEW)[0]["7"]).id not in numbers


def test_an_erased_person_gets_no_link_from_the_next_list(desk, stores):
    """Nor after a restore, and the persons beside them do."""
    links, _ = give(desk, "one")
    for key in ("7", "8"):
        answer(desk, stores, find(stores, links[key]))
        desk.run("erase", "example", links[key], "--yes")
    again, said = give(desk, "two", people=f"{PEOPLE}40,north\n")
    assert [*again] == ["40"] and "2 persons on this list get no link, because their answers were erased" in said
    lose(stores)
    after, said = give(desk, "three")
    assert {"7", "8"}.isdisjoint(after) and len(after) == 38 and "2 get no link" in said
    assert [*give(desk, "four", *ANEW)[0]] == ["7", "8"]


@ON_BOTH
def test_a_number_that_another_seat_has_is_not_given_again(desk, stores):
    before, _ = give(desk, "one")
    number = find(stores, before["7"]).id
    with stores[1].write() as connection:
        connection.execute(text("UPDATE seat SET key_hash = NULL WHERE id = :id"), {"id": number})
    after, _ = give(desk, "two")

    assert [*after] == ["7"] and find(stores, after["7"]).id != number == find(stores, before["7"]).id


def test_a_withdrawn_link_stays_withdrawn(desk, stores):
    before, _ = give(desk, "one")
    desk.run("links", "example", "--withdraw", before["7"])
    lose(stores)
    after, said = give(desk, "two")

    assert [key for key, link in after.items() if find(stores, link).withdrawn] == ["7"]
    assert "39 get a link; 1 get another link, withdrawn as theirs was" in said
    assert "1 on the list, 0 of them in the stores again" in desk.run("doctor").output


def test_a_link_made_again_is_in_force_rather_than_the_last_replacement(desk, stores):
    before, _ = give(desk, "one")
    desk.run("links", "example", "--reissue", before["7"])
    lose(stores)
    after, _ = give(desk, "two")

    assert "1 on the list, 0 of them in the stores again" in desk.run("doctor").output
    assert "0 were not in effect" in desk.run("erase", "--again").output
    assert find(stores, after["7"])


def test_without_a_key_a_warning_says_that_lost_seats_are_final(desk):
    assert "Without --key a restore that loses these seats loses them for good" in give(desk, "one", "--copy", "nr")[1]
    assert "Without --key" not in give(desk, "two")[1]


def test_the_doctor_counts_responses_whose_seat_is_lost(desk, stores):
    links, _ = give(desk, "one")
    for key in ("3", "7", "9"):
        answer(desk, stores, find(stores, links[key]))
    answer(desk, stores, None)
    assert "seats: all 3 responses to personal links have one" in desk.run("doctor").output
    with stores[1].write() as connection:
        connection.execute(text("DELETE FROM seat WHERE id = :id"), {"id": find(stores, links["7"]).id})
    examined = desk.run("doctor")

    assert examined.exit_code == 1
    assert "seats: 1 of 3 responses to personal links have none" in examined.output and "--key" in examined.output
    give(desk, "two")
    assert "seats: all 3 responses" in desk.run("doctor").output


def test_the_doctor_suspects_the_key_if_no_response_has_a_seat(desk, stores):
    links, _ = give(desk, "one")
    answer(desk, stores, find(stores, links["7"]))
    desk.set(SURVEY_PSEUDONYM_KEY="p" * 32)

    assert "Check that SURVEY_PSEUDONYM_KEY is that of this fieldwork." in desk.run("doctor").output


def test_an_erasure_reports_a_link_without_answers(desk, stores):
    links, _ = give(desk, "one")
    answer(desk, stores, find(stores, links["7"]))
    erased, empty = (desk.run("erase", "example", links[key], "--yes").output for key in ("7", "8"))

    assert erased.startswith("Erased.") and "it had no answers" not in erased
    assert empty.startswith("The link is erased; it had no answers. Backups") and "restore of" not in empty


def test_an_erasure_without_answers_names_responses_whose_seat_was_lost(desk, stores):
    links, _ = give(desk, "one")
    answer(desk, stores, find(stores, links["7"]))
    with stores[1].write() as connection:
        connection.execute(text("DELETE FROM seat WHERE id = :id"), {"id": find(stores, links["7"]).id})
    assert "But 1 responses by personal links have no seat" in desk.run("erase", "example", links["8"], "--yes").output


def test_numbers_of_seats_reveal_no_order_and_nothing_without_the_key():
    keys = [hash_key("k" * 32, "example", "north", str(number)) for number in range(2000)]
    numbers = [make_seat_number("k" * 32, key, 0) for key in keys]
    rises = sum(before < after for before, after in pairwise(numbers))
    bits = [sum(number >> bit & 1 for number in numbers) for bit in range(62)]

    assert len({*numbers}) == 2000 and all(0 < number < 2**62 for number in numbers)
    assert 880 < rises < 1120 and all(880 < count < 1120 for count in bits)
    alike = [f"{number:016x}"[:2] in key for number, key in zip(numbers, keys, strict=True)]
    assert sum(alike) < 2000 * 31 / 64 / 2, "nothing of the key's stored hash"
    assert not {*numbers} & {make_seat_number("l" * 32, key, 0) for key in keys}

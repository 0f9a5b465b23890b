"""`survey-engine erase`: erased answers are gone, also after a restore, and all others are kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.engine.assignment import Assigned
from survey_engine.engine.decisions import Save
from survey_engine.fieldwork.erasure import Stores, apply_entries
from survey_engine.fieldwork.erasure_list import ERASED, ErasureEntry
from survey_engine.fieldwork.invitations.links import find_by_link, give_links
from survey_engine.fieldwork.signing import hash_private_key, make_private_key, make_pseudonym, make_waiting_name
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.versions import pack_version
from survey_engine.storage.answers import StaleResponseError, save_page, start_response
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import erase_seat
from survey_engine.storage.identity import EncryptedSeat, Seat, find_seat_by_number
from survey_engine.storage.panels import WaitingAddress, count_waiting, store_waiting
from survey_engine.storage.private_keys import StoredKey, claim_key
from survey_engine.storage.versions import store_version
from tests.command import Desk, interrupt
from tests.databases import ON_BOTH
from tests.datasets.filling import place_example, read_csv
from tests.faults.scenarios.disks import fill, small_disk

SECRET = "what I take back"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


def make_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    desk = Desk(tmp_path, monkeypatch, create=False)
    desk.set(SURVEY_DATABASE_URL=database_url, SURVEY_IDENTITY_URL=identity_url)
    place_example(tmp_path)
    desk.make_stores()
    return desk


def answer(
    desk: Desk, stores: tuple[Database, Database], seat: EncryptedSeat | None, secret: str = SECRET, institution: str = "north"
) -> int:
    """Store a response of a seat with one page; return its id."""
    answers, _ = stores
    id = start_response(
        answers,
        questionnaire="example",
        version="1",
        institution=institution,
        language="en",
        background={},
        pseudonym=make_pseudonym(desk.settings.pseudonym_key, "example", seat.id) if seat else None,
        abandoned_hours=24,
        assign=lambda counts: [Assigned("drawn_module", "random")],
    )
    save_page(answers, id, Save("page", {"story": secret}, "w", 1, 0, done=True, seconds_left=1))
    return id


def invite(desk: Desk, stores: tuple[Database, Database], secret: str = SECRET) -> tuple[str, EncryptedSeat, int]:
    """Create a personal link with a response; return the link, its seat and the id of the response."""
    (token,) = give_links(stores[1], desk.contact_keys, [Seat("example", "north")])
    seat = find_by_link(stores[1], token)
    assert seat
    return f"https://survey.example.org/l/{token}", seat, answer(desk, stores, seat, secret)


def list_stored(stores: tuple[Database, Database]) -> tuple[list[int], list[int]]:
    """Return the ids of all responses, and of the responses with pages."""
    with stores[0].read() as connection:
        responses = connection.execute(text("SELECT id FROM response WHERE questionnaire <> '' ORDER BY id")).scalars().all()
        pages = connection.execute(text("SELECT response_id FROM page ORDER BY response_id")).scalars().all()
    return list(responses), list(pages)


def restore(desk: Desk, stores: tuple[Database, Database], link: str, seat: EncryptedSeat, *, identity: bool) -> None:
    """Restore the response, and optionally the seat, as from a backup before the erasure."""
    if identity:
        with stores[1].write() as connection:
            connection.execute(text("DELETE FROM seat WHERE id = :id"), {"id": seat.id})
        give_links(stores[1], desk.contact_keys, [Seat("example", "north")], [link.rpartition("/")[2]])
        with stores[1].write() as connection:
            found = find_by_link(stores[1], link.rpartition("/")[2])
            connection.execute(text("UPDATE seat SET id = :id WHERE id = :new"), {"id": seat.id, "new": found.id if found else 0})
    answer(desk, stores, seat)


def test_the_answers_of_a_link_are_erased_with_it_and_nothing_else(desk, stores):
    link, _, _ = invite(desk, stores)
    other, _, kept = invite(desk, stores)
    done = desk.run("erase", "example", link, "--yes")

    assert done.exit_code == 0 and done.output.startswith("Erased.")
    assert list_stored(stores) == ([kept], [kept])
    assert find_by_link(stores[1], link.rpartition("/")[2]) is None
    assert find_by_link(stores[1], other.rpartition("/")[2]) is not None


@ON_BOTH
@pytest.mark.parametrize("identity", [True, False], ids=["both stores", "answers alone"])
def test_after_a_restore_it_is_found_to_be_back_and_erased_again(desk, stores, identity):
    link, seat, _ = invite(desk, stores)
    _, _, kept = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")
    restore(desk, stores, link, seat, identity=identity)
    examined = desk.run("doctor").output
    again = desk.run("erase", "--again").output

    assert "erasures: 1 on the list, 1 of them in the stores again" in examined and "survey-engine erase --again" in examined
    assert "1 erasures and withdrawals on the list; 1 were not in effect" in again
    assert list_stored(stores) == ([kept], [kept])
    assert find_by_link(stores[1], link.rpartition("/")[2]) is None
    assert "1 on the list, 0 of them in the stores again" in desk.run("doctor").output
    assert "0 were not in effect" in desk.run("erase", "--again").output


def test_answers_are_erased_when_the_folder_is_gone(desk, stores):
    folder = desk.settings.questionnaires / "example"
    store_version(stores[0], pack_version(compile_questionnaire(folder, None), folder, None))
    link, _, _ = invite(desk, stores)
    folder.rename(desk.settings.data / "elsewhere")

    assert desk.run("erase", "example", link, "--yes").output.startswith("Erased.")
    assert desk.run("erase", "exmple", link, "--yes").exit_code == 1


def test_no_number_is_given_twice_for_open_pages_still_name_it(desk, stores):
    link, _, erased = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")

    assert invite(desk, stores)[2] != erased


def test_an_erased_response_leaves_only_its_number(desk, stores):
    link, _, erased = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")
    with stores[0].read() as connection:
        (row,) = connection.execute(text("SELECT * FROM response")).all()

    assert {str(value)[:10] for value in row if value} == {str(erased)[:10], "{}", "2000-01-01"}


def test_a_page_posted_after_the_erasure_is_not_stored(desk, stores):
    link, _, erased = invite(desk, stores)
    desk.run("erase", "example", link, "--yes")
    with pytest.raises(StaleResponseError):
        save_page(stores[0], erased, Save("page", {"story": SECRET}, "w", 2, 1, done=True, seconds_left=1))


@ON_BOTH
def test_a_withdrawn_link_stays_withdrawn_after_a_restore(desk, stores):
    link, _, kept = invite(desk, stores)
    assert desk.run("links", "example", "--withdraw", link).exit_code == 0
    with stores[1].write() as connection:
        connection.execute(text("UPDATE seat SET withdrawn = :no"), {"no": False})
    assert "1 were not in effect" in desk.run("erase", "--again").output

    assert find_by_link(stores[1], link.rpartition("/")[2]).withdrawn
    assert list_stored(stores) == ([kept], [kept])


# by the private key -------------------------------------------------------------------------------------------------


def give_key(desk: Desk, stores: tuple[Database, Database], response: int) -> str:
    private = make_private_key(desk.settings.pseudonym_key, "example", response, 0)
    claim_key(stores[0], response, StoredKey(hash_private_key(desk.settings.pseudonym_key, "example", private), ""))
    return private


def test_a_private_key_erases_an_open_links_response_however_typed(desk, stores):
    mine, other = answer(desk, stores, None), answer(desk, stores, None)
    private = give_key(desk, stores, mine)
    done = desk.run("erase", "example", "--key", private.lower().replace("-", " "), "--yes")

    assert done.exit_code == 0, done.output
    assert list_stored(stores) == ([other], [other])
    assert "No response to example has this private key" in desk.run("erase", "example", "--key", private, "--yes").output


def test_the_private_key_erases_the_personal_link_too(desk, stores):
    link, _, mine = invite(desk, stores)
    desk.run("erase", "example", "--key", give_key(desk, stores, mine), "--yes")

    assert list_stored(stores) == ([], [])
    assert find_by_link(stores[1], link.rpartition("/")[2]) is None


@ON_BOTH
def test_a_response_of_an_open_link_is_erased_again_after_a_restore(desk, stores):
    """Also from a backup before the key was shown: the list contains a hash of the response's id."""
    mine = answer(desk, stores, None)
    before = copy_rows(stores[0])
    desk.run("erase", "example", "--key", give_key(desk, stores, mine), "--yes")
    put_back(stores[0], before)
    examined = desk.run("doctor").output
    again = desk.run("erase", "--again").output

    assert "1 on the list, 1 of them in the stores again" in examined and "1 were not in effect" in again
    assert list_stored(stores) == ([], [])
    assert str(mine) not in desk.settings.erasures.read_text().split(",")


def copy_rows(database: Database) -> dict[str, list[dict[str, object]]]:
    with database.read() as connection:
        return {
            table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]
            for table in ("response", "page")
        }


def put_back(database: Database, rows: dict[str, list[dict[str, object]]]) -> None:
    with database.write() as connection:
        for table in ("page", "response"):
            connection.execute(text(f"DELETE FROM {table}"))
        for table, found in rows.items():
            for row in found:
                names = ", ".join(row)
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES (:{names.replace(', ', ', :')})"), row)


# rows saved during an erasure ----------------------------------------------------------------------------------


def test_a_second_erasure_keeps_the_first_on_the_list(desk, stores):
    for _ in range(2):
        link, _, _ = invite(desk, stores)
        desk.run("erase", "example", link, "--yes")

    assert desk.settings.erasures.read_text().count("erased,example,") == 2


def test_an_erasure_includes_key_assignment_and_waiting_address(desk, stores):
    link, _, mine = invite(desk, stores)
    give_key(desk, stores, mine)
    with stores[0].write() as connection:
        name = make_waiting_name(desk.settings.pseudonym_key, mine)
        store_waiting(connection, WaitingAddress(name, "example/panel", "token", 1), print)
    assert "drawn_module" in str(copy_rows(stores[0]))
    desk.run("erase", "example", link, "--yes")

    assert {value for row in copy_rows(stores[0])["response"] for value in row.values()} & {"drawn_module"} == set()
    assert [row["key_hash"] for row in copy_rows(stores[0])["response"]] == [None]
    assert count_waiting(stores[0]) == {}


def test_a_withdrawn_link_that_a_restore_brought_back_is_reported(desk, stores):
    link, _, _ = invite(desk, stores)
    desk.run("links", "example", "--withdraw", link)
    assert "1 on the list, 0 of them in the stores again" in desk.run("doctor").output
    with stores[1].write() as connection:
        connection.execute(text("UPDATE seat SET withdrawn = :no"), {"no": False})

    assert "1 on the list, 1 of them in the stores again" in desk.run("doctor").output


def test_a_page_saved_between_the_two_steps_of_an_erasure_is_erased(desk, stores):
    _, seat, mine = invite(desk, stores)
    erase_seat(stores[1], seat.id)
    save_page(stores[0], mine, Save("late", {"story": SECRET}, "w", 1, 0, done=True, seconds_left=1))
    apply_entries(Stores(*stores, desk.settings.pseudonym_key), [ErasureEntry(ERASED, "example", seat.id)])

    assert list_stored(stores) == ([], [])


def test_without_confirmation_nothing_is_erased(desk, stores):
    link, _, kept = invite(desk, stores)
    assert desk.run("erase", "example", link).exit_code == 1
    assert list_stored(stores) == ([kept], [kept])
    assert not desk.settings.erasures.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("erase",),
        ("erase", "example"),
        ("erase", "example", "x", "--again"),
        ("erase", "example", "x", "--key", "y"),
        ("erase", "--key", "y", "--again"),
        ("erase", "--key", "y"),
    ],
)
def test_half_an_order_is_refused(desk, words):
    assert "Give a questionnaire with a link or with --key; or give --again alone." in desk.run(*words).output


def test_an_unknown_link_is_refused(desk):
    assert "There is no such link to example" in desk.run("erase", "example", "https://x/l/y", "--yes").output


def test_the_list_reveals_no_answer_or_link_and_is_private(desk, stores):
    link, seat, _ = invite(desk, stores)
    pseudonym = make_pseudonym(desk.settings.pseudonym_key, "example", seat.id)
    desk.run("erase", "example", link, "--yes")
    path = desk.settings.erasures

    _, line = path.read_text().splitlines()  # the first names the installation
    assert line.startswith(f"erased,example,{seat.id},,")
    assert pseudonym not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_erasure_on_a_full_disk_erases_nothing_and_says_so(desk, stores):
    link, seat, _ = invite(desk, stores)
    with small_disk(1) as disk:
        fill(disk)
        desk.set(SURVEY_ERASURES=disk / "erasures.csv")
        done = desk.run("erase", "example", link, "--yes")
    assert done.exit_code == 1 and "No space left on device" in done.output and "Check its disk" in done.output
    assert find_seat_by_number(stores[1], seat.id)


@pytest.mark.parametrize("line", ["erased,example", "gone,example,3", "erased,example,x", "erased,example,3,4"])
def test_a_damaged_list_is_reported_with_its_line(desk, stores, line):
    desk.settings.erasures.write_text(f"erased,example,3\n{line}\n")

    assert "erasures.csv:2: this line is no entry of the list." in desk.run("erase", "--again").output
    assert "the list is damaged" in desk.run("doctor").output


def test_a_damaged_line_does_not_stop_the_others(desk, stores):
    link, seat, _ = invite(desk, stores)
    desk.settings.erasures.write_text(f"erased,exam\nerased,example,{seat.id}\n")
    done = desk.run("erase", "--again")

    assert done.exit_code == 1 and "All other lines were applied." in done.output and "erasures.csv:1:" in done.output
    assert list_stored(stores) == ([], []) and find_by_link(stores[1], link.rpartition("/")[2]) is None


@ON_BOTH
def test_a_torn_last_line_is_ignored_with_a_warning(desk, stores):
    _, seat, kept = invite(desk, stores)
    desk.settings.erasures.write_text(f"erased,example,3\nerased,example,{seat.id}")
    done = desk.run("erase", "--again")

    assert done.exit_code == 0 and "The last line of the list is incomplete and was ignored" in done.output
    assert list_stored(stores) == ([kept], [kept])
    assert "the last line is incomplete and ignored" in desk.run("doctor").output


def test_without_a_list_nothing_is_repeated_and_the_command_says_so(desk, stores):
    invite(desk, stores)
    done = desk.run("erase", "--again")

    assert done.exit_code == 0 and f"There is no list of erasures at {desk.settings.erasures}" in done.output
    assert f"erasures: no list at {desk.settings.erasures}" in desk.run("doctor").output


@pytest.mark.parametrize("order", [("erase",), ("links", "--withdraw"), ("links", "--reissue")], ids=" ".join)
def test_a_missing_list_is_an_error_once_there_should_be_one(desk, stores, order):
    link, _, _ = invite(desk, stores)
    name, *option = order
    assert desk.run(name, "example", *option, link, "--yes").exit_code == 0
    desk.set(SURVEY_ERASURES=desk.folder / "elsewhere.csv")
    done = desk.run("erase", "--again")

    assert done.exit_code == 1 and "Set SURVEY_ERASURES" in done.output and "elsewhere.csv" in done.output
    assert "erasures: the list, or a part of it, is missing" in desk.run("doctor").output


@ON_BOTH
@pytest.mark.parametrize("order", [("erase",), ("links", "--withdraw")], ids=" ".join)
def test_lines_that_were_removed_from_the_list_are_reported(desk, stores, order):
    for link, _, _ in (invite(desk, stores), invite(desk, stores)):
        name, *option = order
        assert desk.run(name, "example", *option, link, "--yes").exit_code == 0
        order = ("links", "--withdraw")
    assert "2 on the list" in desk.run("doctor").output
    lines = desk.settings.erasures.read_text().splitlines(keepends=True)
    desk.settings.erasures.write_text(lines[-1])

    assert f"Lines were removed from {desk.settings.erasures}" in desk.run("doctor").output


def test_an_erasure_that_failed_half_way_is_completed_by_again(desk, stores):
    link, _, _ = invite(desk, stores)
    with interrupt(4):
        stopped = desk.run("erase", "example", link, "--yes")
    second = desk.run("erase", "example", link, "--yes")

    assert stopped.exit_code == 1 and "erase --again" in stopped.output and "erase --again" in second.output
    assert desk.run("erase", "--again").exit_code == 0 and list_stored(stores) == ([], [])


# lists of several machines -------------------------------------------------------------------------------------------


@ON_BOTH
@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")], ids=" ".join)
def test_the_last_link_of_two_machines_is_valid_after_merging_their_lists(desk, stores, order):
    link, seat, _ = invite(desk, stores)
    for machine in ("one", "two"):
        desk.set(SURVEY_ERASURES=desk.folder / f"{machine}.csv")
        assert desk.run("links", "example", "--reissue", link, "--out", machine, "--yes").exit_code == 0
        (row,) = read_csv(desk.folder / machine / "links.csv")
        link = row["link"]
    merged = b"".join((desk.folder / f"{machine}.csv").read_bytes() for machine in order)
    (desk.folder / "both.csv").write_bytes(merged)
    desk.set(SURVEY_ERASURES=desk.folder / "both.csv")
    desk.run("erase", "--again")

    assert find_by_link(stores[1], link.rpartition("/")[2]).id == seat.id
    assert "1 on the list, 0 of them in the stores again" in desk.run("doctor").output

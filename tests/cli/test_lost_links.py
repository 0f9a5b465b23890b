"""Addresses of lists find those who lost their link; commands accept mailed links and remind by the link in use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link
from survey_engine.fieldwork.lost_links import ask_link
from survey_engine.fieldwork.mailed_links import close_earlier_link, find_by_mailed_link, make_mailed_token
from survey_engine.fieldwork.signing import hash_address
from survey_engine.storage.addresses import REFUSED, claim_address, find_seats_of_address, settle_mail
from survey_engine.storage.database import Database
from tests.command import Desk
from tests.databases import find_port
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import OWN_FORMAT, write_csv
from tests.mailbox import open_mailbox


@pytest.fixture
def stores(desk: Desk) -> Iterator[tuple[Database, Database]]:
    """Both stores, with three persons of a list with addresses."""
    (desk.folder / "own.yaml").write_text(OWN_FORMAT.replace("person: [Email1]", "person: [Nr]") + "  Nr: {becomes: ignored}\n")
    load(desk, "a@b.nl", "c@b.nl", "d@b.nl", out="out")
    opened = Database(desk.settings.database_url, "answers"), Database(desk.settings.identity_url, "identity")
    yield opened
    for store in opened:
        store.close()


def load(desk: Desk, *addresses: str, out: str) -> None:
    rows = [["north", address, "3A", f"n{number}"] for number, address in enumerate(addresses)]
    write_csv(desk.folder / "students.csv", [["School", "Email1", "Klas", "Nr"], *rows])
    done = desk.run("links", "example", "students.csv", "--format", "own.yaml", "--out", out, "--yes")
    assert done.exit_code == 0, done.output


def count(desk: Desk, stores: tuple[Database, Database], address: str) -> int:
    return len(find_seats_of_address(stores[1], hash_address(desk.settings.pseudonym_key, address)))


def test_a_corrected_list_replaces_the_address(desk: Desk, stores: tuple[Database, Database]) -> None:
    assert count(desk, stores, "A@B.nl") == 1
    load(desk, "new@b.nl", "c@b.nl", "d@b.nl", out="again")
    assert [count(desk, stores, address) for address in ("a@b.nl", "new@b.nl", "c@b.nl")] == [0, 1, 1]


def test_an_erased_person_has_no_address(desk: Desk, stores: tuple[Database, Database]) -> None:
    link = read_csv(desk.folder / "out" / "links.csv")[0]["link"]
    assert desk.run("erase", "example", link, "--yes").exit_code == 0
    assert count(desk, stores, "a@b.nl") == 0


def test_reminders_have_the_mailed_link_once_it_was_used(desk: Desk, stores: tuple[Database, Database]) -> None:
    row = read_csv(desk.folder / "out" / "links.csv")[0]
    seat = find_by_link(stores[1], row["link"].rpartition("/")[2])
    assert seat
    token = make_mailed_token(desk.settings.pseudonym_key, seat.id, seat.link_hash, 1)
    found = find_by_mailed_link(stores[1], desk.settings.pseudonym_key, token)
    assert found
    assert row["link"] in remind(desk)
    close_earlier_link(stores[0], desk.settings.pseudonym_key, decrypt_seat(desk.contact_keys, found))
    assert f"https://survey.example.org/l/{token}" in remind(desk) and row["link"] not in remind(desk)


def remind(desk: Desk) -> list[str]:
    assert desk.run("remind", "example", "--seats", "--out", "reminders", "--force").exit_code == 0
    return [row["link"] for row in read_csv(desk.folder / "reminders" / "links.csv")]


def test_a_mailed_link_can_be_withdrawn_and_erased(desk: Desk, stores: tuple[Database, Database]) -> None:
    seat = find_by_link(stores[1], read_csv(desk.folder / "out" / "links.csv")[0]["link"].rpartition("/")[2])
    assert seat
    link = "https://survey.example.org/l/" + make_mailed_token(desk.settings.pseudonym_key, seat.id, seat.link_hash, 1)
    assert "Withdrawn: 1" in desk.run("links", "example", "--withdraw", link).output
    assert desk.run("erase", "example", link, "--yes").exit_code == 0
    assert count(desk, stores, "a@b.nl") == 0


def test_mail_settings_that_cannot_be_used_stop_the_worker_with_a_remedy(desk: Desk) -> None:
    desk.set(SURVEY_SMTP_URL="smtp://", SURVEY_MAIL_FROM="x")
    done = desk.run("maintain")
    assert done.exit_code == 1 and "SURVEY_SMTP_URL" in done.output


@pytest.mark.parametrize("reply", ["451 later", ""])
def test_a_mail_that_is_to_be_tried_again_is_reported_with_a_remedy(
    desk: Desk, stores: tuple[Database, Database], tmp_path: Path, reply: str
) -> None:
    with open_mailbox(tmp_path, tls=False) as mailbox:
        mailbox.rcpt_reply = reply
        url = mailbox.url if reply else f"smtp+insecure://127.0.0.1:{find_port()}"
        desk.set(SURVEY_SMTP_URL=url, SURVEY_MAIL_FROM="survey@example.org")
        ask_link(stores[1], desk.settings.pseudonym_key, "a@b.nl")
        done = desk.run("maintain")
    assert isinstance(done.exception, SystemExit) and done.exit_code == 1
    assert "A mail was not sent: " in done.output and "survey-engine doctor" in done.output and "a@b.nl" not in done.output


def test_links_of_persons_who_share_an_address_say_whose_they_are(
    desk: Desk, stores: tuple[Database, Database], tmp_path: Path
) -> None:
    columns = "  Email2: {becomes: contact, label: second}\n"
    (desk.folder / "own.yaml").write_text((desk.folder / "own.yaml").read_text() + columns)
    head = ["School", "Email1", "Klas", "Nr", "Email2"]
    write_csv(desk.folder / "two.csv", [head, *(["north", f"{name}@b.nl", "3A", name, "home@b.nl"] for name in ("mees", "iris"))])
    done = desk.run("links", "example", "two.csv", "--format", "own.yaml", "--out", "two", "--add", "--yes")
    assert done.exit_code == 0 and "a person above has one of these addresses too" in done.output
    with open_mailbox(tmp_path, tls=False) as mailbox:
        desk.set(SURVEY_SMTP_URL=mailbox.url, SURVEY_MAIL_FROM="survey@example.org")
        for address in ("home@b.nl", "mees@b.nl"):
            ask_link(stores[1], desk.settings.pseudonym_key, address)
        desk.run("maintain")
        texts = {message["To"]: message.get_content() for message in mailbox.received}
    assert "\nmees@b.nl\nhttps://" in texts["home@b.nl"].replace("\r\n", "\n")
    assert "iris@b.nl" in texts["home@b.nl"] and "home@b.nl" not in texts["mees@b.nl"]


def test_unsent_mails_are_listed_with_their_addresses(desk: Desk, stores: tuple[Database, Database]) -> None:
    assert "All mails were sent." in desk.run("work", "--unsent").output
    for address in ("a@b.nl", "gone@b.nl"):
        assert claim_address(stores[1], hash_address(desk.settings.pseudonym_key, address), now=1e9, spread=0)
    settle_mail(stores[1], hash_address(desk.settings.pseudonym_key, "a@b.nl"), REFUSED)
    output = desk.run("work", "--unsent", "--forget").output
    assert "2001-09-09 03:00  refused by the mail server  a@b.nl" in output
    assert "unknown whether sent  an address that is on no list any more" in output
    assert "All mails were sent." in desk.run("work", "--unsent").output
    desk.set(SURVEY_CONTACT_KEYS="another-key-of-32-characters-or-more")
    assert claim_address(stores[1], hash_address(desk.settings.pseudonym_key, "a@b.nl"), now=2e9, spread=0)
    assert "a@b.nl" not in desk.run("work", "--unsent").output

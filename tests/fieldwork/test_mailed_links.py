"""Links that are mailed to somebody who lost the first one, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link, give_links
from survey_engine.fieldwork.mailed_links import (
    MAX_MAILED_LINKS,
    check_link,
    close_earlier_link,
    find_by_mailed_link,
    find_mailed_number,
    make_mailed_token,
    make_next_token,
)
from survey_engine.fieldwork.participation_errors import WithdrawnError
from survey_engine.fieldwork.signing import hash_token
from survey_engine.storage.addresses import REFUSED, claim_address, list_unsent, settle_mail, undo_claim
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import erase_seat, replace_links
from survey_engine.storage.identity import EncryptedSeat, Seat
from tests.databases import ENGINES, open_both

KEY, KEYS = "pseudonym " * 4, ContactKeys(["k" * 32])


class Person:
    """One seat in both stores."""

    def __init__(self, answers: Database, identity: Database) -> None:
        self.answers, self.identity = answers, identity
        (self.token,) = give_links(identity, KEYS, [Seat("q", "demo")])

    @property
    def seat(self) -> EncryptedSeat:
        found = find_by_link(self.identity, self.token)
        assert found
        return found

    def use(self, token: str) -> None:
        """Start by a link."""
        stored = find_by_link(self.identity, token) or find_by_mailed_link(self.identity, KEY, token)
        assert stored
        seat = decrypt_seat(KEYS, stored)
        check_link(self.answers, KEY, seat)
        close_earlier_link(self.answers, KEY, seat)


@pytest.fixture(params=ENGINES)
def person(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Person]:
    with open_both(request.param, request, tmp_path) as stores:
        yield Person(*stores)


def test_each_used_link_closes_the_one_before_it(person: Person) -> None:
    token = person.token
    for turn in range(1, MAX_MAILED_LINKS + 1):
        new = make_next_token(person.answers, KEY, person.seat)
        person.use(token)
        person.use(new)
        with pytest.raises(WithdrawnError):
            person.use(token)
        assert find_mailed_number(person.answers, KEY, person.seat) == turn
        token = new
    assert make_next_token(person.answers, KEY, person.seat) == token, "the last one stays"


def test_a_mailed_link_ends_with_its_seat_and_with_a_replacement(person: Person) -> None:
    token = make_mailed_token(KEY, person.seat.id, person.seat.link_hash, 1)
    assert find_by_mailed_link(person.identity, KEY, token)
    number = person.seat.id
    replace_links(person.identity, [(number, hash_token("other"))])
    assert find_by_mailed_link(person.identity, KEY, token) is None
    replace_links(person.identity, [(number, hash_token(person.token))])
    assert find_by_mailed_link(person.identity, KEY, token)
    erase_seat(person.identity, number)
    assert find_by_mailed_link(person.identity, KEY, token) is None


def test_a_claim_is_on_the_list_of_unsent_mails_until_it_is_settled(person: Person) -> None:
    claims = [claim_address(person.identity, "hash", now=now, spread=0) for now in (1000.0, 1100.0, 4700.0)]
    assert claims == [True, False, True]
    assert [(mail.claimed_at, mail.failure) for mail in list_unsent(person.identity)] == [(3600, "unknown")]
    settle_mail(person.identity, "hash", REFUSED)
    assert [mail.failure for mail in list_unsent(person.identity)] == ["refused"]
    settle_mail(person.identity, "hash")
    assert list_unsent(person.identity) == []
    claim_address(person.identity, "hash", now=9000, spread=0)
    undo_claim(person.identity, "hash")
    assert list_unsent(person.identity) == []

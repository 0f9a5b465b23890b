"""Signed tickets and cookies, personal links, pseudonyms."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer, TimestampSigner

from survey_engine.engine.link_mark import LinkMark
from survey_engine.fieldwork.signing import (
    CLOCK_SKEW,
    DeviceCookie,
    Signatures,
    Ticket,
    UnknownTicketError,
    hash_token,
    make_pseudonym,
    make_token,
    make_writer,
    name_form,
)

OLD, NEW, FOREIGN = "o" * 32, "n" * 32, "f" * 32
TICKET = Ticket(17, "0123abcd", 3, "ffff0000", "2-01234567")
VISIT = DeviceCookie(17, "nt2")
LINK_MARK = LinkMark("0123456789abcdef")
DAY = 86_400


def sign_visit(text: str, age: int, key: str = NEW) -> str:
    """A cookie made `age` seconds ago."""

    class Clock(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - age

    return Clock([key], salt="visit", key_derivation="hmac", digest_method=sha256).sign(text).decode()


@given(response=st.integers(1, 2**62), based_on=st.integers(0, 10**6))
def test_a_ticket_reads_as_it_was_written_in_any_process(response, based_on):
    ticket = Ticket(response, "0123abcd", based_on, make_writer(), name_form("ab12cd34ef"))
    here, elsewhere = Signatures((NEW,), 14), Signatures((NEW,), 14)
    signed = here.sign_ticket(ticket)

    assert [reader.read_ticket(signed) for reader in (here, elsewhere)] == [ticket] * 2


@pytest.mark.parametrize(
    "change",
    [
        lambda signed: "",
        lambda signed: signed.replace("17", "18", 1),
        lambda signed: signed[:-1],
        lambda signed: signed + "A",
        lambda signed: signed.rpartition(".")[0],
        lambda signed: "\ud800",
        lambda signed: "é" + signed,
    ],
    ids=["empty", "other response", "cut", "longer", "unsigned", "no text", "accent"],
)
def test_a_ticket_that_was_changed_is_unknown(change):
    here, elsewhere = Signatures((NEW,), 14), Signatures((NEW,), 14)
    changed = change(here.sign_ticket(TICKET))
    for reader in (here, elsewhere):
        with pytest.raises(UnknownTicketError):
            reader.read_ticket(changed)


def test_a_ticket_signed_by_us_for_something_else_is_unknown():
    signed = Signer([NEW], salt="ticket", key_derivation="hmac", digest_method=sha256).sign("not.a.ticket").decode()
    with pytest.raises(UnknownTicketError):
        Signatures((NEW,), 14).read_ticket(signed)


def test_a_ticket_of_another_installation_is_unknown():
    with pytest.raises(UnknownTicketError):
        Signatures((NEW,), 14).read_ticket(Signatures((FOREIGN,), 14).sign_ticket(TICKET))


def test_the_first_key_signs_and_the_others_are_still_accepted():
    old, both, new = Signatures((OLD,), 14), Signatures((NEW, OLD), 14), Signatures((NEW,), 14)

    assert both.read_ticket(old.sign_ticket(TICKET)) == TICKET
    assert both.read_cookie("q", old.sign_cookie("q", VISIT)) == VISIT
    assert new.read_ticket(both.sign_ticket(TICKET)) == TICKET
    with pytest.raises(UnknownTicketError):
        old.read_ticket(both.sign_ticket(TICKET))


def test_a_cookie_reads_as_it_was_written():
    signatures = Signatures((NEW,), 14)
    assert signatures.read_cookie("job-2026", signatures.sign_cookie("job-2026", VISIT)) == VISIT


def test_a_cookie_is_valid_for_one_questionnaire():
    signatures = Signatures((NEW,), 14)
    assert signatures.read_cookie("job-2027", signatures.sign_cookie("job-2026", VISIT)) is None


def test_a_ticket_is_no_cookie_and_a_cookie_no_ticket():
    signatures = Signatures((NEW,), 14)

    assert signatures.read_cookie("17", signatures.sign_ticket(TICKET)) is None
    with pytest.raises(UnknownTicketError):
        signatures.read_ticket(signatures.sign_cookie("q", VISIT))


@pytest.mark.parametrize(
    ("age", "known"),
    [
        (0, True),
        (14 * DAY - 5, True),
        (14 * DAY + 5, False),
        (-2 * CLOCK_SKEW + 5, True),
        (-2 * CLOCK_SKEW - 5, False),
    ],
)
def test_a_cookie_expires_and_clocks_may_be_five_minutes_wrong(age, known):
    signatures = Signatures((NEW,), 14)
    assert (signatures.read_cookie("q", sign_visit("q.17.nt2", age)) == VISIT) is known


def test_the_link_beside_a_ticket_and_a_cookie_reads_as_it_was_written():
    ticket, visit = TICKET._replace(link_mark=LINK_MARK), VISIT._replace(link_mark=LINK_MARK)
    here, elsewhere = Signatures((NEW,), 14), Signatures((NEW,), 14)

    assert elsewhere.read_ticket(here.sign_ticket(ticket)) == ticket
    assert elsewhere.read_cookie("q", here.sign_cookie("q", visit)) == visit


@pytest.mark.parametrize("text", ["q.17", "q.x.nl", "q.17.nl.more", f"q.17.nl.{LINK_MARK}.more", ""])
def test_a_cookie_with_other_content_reads_as_none(text):
    assert Signatures((NEW,), 14).read_cookie("q", sign_visit(text, 0)) is None


@given(signed=st.text(max_size=80))
def test_no_cookie_that_anybody_can_send_ends_in_an_exception(signed):
    assert Signatures((NEW,), 14).read_cookie("q", signed) is None


def test_a_personal_link_has_128_random_bits_and_only_its_hash_is_stored():
    token = make_token()

    assert len(token) >= 22 and re.fullmatch(r"[\w-]+", token)
    assert make_token() != token
    assert hash_token(token) == hash_token(token) and token not in hash_token(token)


def test_no_two_writers_have_one_name():
    names = [make_writer() for _ in range(2000)]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[0-9a-f]{16}", name) for name in names)


def test_a_pseudonym_needs_the_key_and_differs_per_questionnaire_and_seat():
    pseudonyms = [make_pseudonym(*given) for given in ((NEW, "q", 1), (NEW, "q", 2), (NEW, "r", 1), (OLD, "q", 1))]

    assert len(set(pseudonyms)) == 4
    assert make_pseudonym(NEW, "q", 1) == pseudonyms[0]
    assert re.fullmatch(r"[0-9a-f]{32}", pseudonyms[0])

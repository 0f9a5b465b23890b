"""Signed things that stand for a respondent: personal links, the device's cookie, the ticket in a page's form."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from unicodedata import normalize

from itsdangerous import BadSignature, Signer, TimestampSigner

TOKEN_BYTES = 16
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two that nobody takes for one another."""
FORM_PROTOCOL = "2"
"""What the fields of a page's form are called and mean; raise it when that changes, and no older form is taken in any more."""
CLOCK_SKEW = 300
"""Seconds that a machine's clock may be wrong, either way; two of them may differ twice as much."""
TURN_SECONDS = 900
"""How long a page that said "wait" lets in afterwards."""
LONGEST_TURN = TURN_SECONDS + 2 * CLOCK_SKEW
"""How long that may be by the clock of a machine that is behind the one that made the page, in seconds."""


_ENTRY = re.compile("[0-9a-f]{16}")


class UnknownTicketError(Exception):
    """The form was not made by this installation, or was changed."""


class Ticket(NamedTuple):
    """What a drawn page carries: whose it is, which page, on which version it is based, who writes, and what the form is of."""

    response: int
    slug: str
    based_on: int
    writer: str
    form: str
    """`name_form` of the questionnaire that it was drawn from."""
    entry: str = ""
    """As in Visit."""


def name_form(version: str) -> str:
    """Tells forms apart that are not read alike: the protocol and the first signs of the questionnaire's version."""
    return f"{FORM_PROTOCOL}-{version[:8]}"


class Visit(NamedTuple):
    """What the device's cookie says: which response, in which language."""

    response: int
    language: str
    entry: str = ""
    """`make_entry` of the personal link that the device came in by; empty on an open link, and on devices of releases before it."""


class Signatures:
    """Makes and reads tickets and cookies with the installation's keys: the first signs, all are accepted."""

    def __init__(self, keys: tuple[str, ...], resume_days: int) -> None:
        self._tickets = Signer(_derive(keys, "ticket"), key_derivation="none", digest_method=sha256)
        self._visits = TimestampSigner(_derive(keys, "visit"), key_derivation="none", digest_method=sha256)
        self._turns = TimestampSigner(_derive(keys, "turn"), key_derivation="none", digest_method=sha256)
        self.resume_seconds = resume_days * 86_400

    def write_ticket(self, ticket: Ticket) -> str:
        return self._tickets.sign(_join(*ticket)).decode()

    def read_ticket(self, signed: str) -> Ticket:
        """Raises UnknownTicketError when it was not made here."""
        try:
            response, slug, based_on, writer, form, *entry = self._tickets.unsign(signed).decode().split(".")
            return Ticket(int(response), slug, int(based_on), writer, form, *_check_entry(entry))
        except (BadSignature, ValueError) as error:
            raise UnknownTicketError from error

    def write_visit(self, questionnaire: str, visit: Visit) -> str:
        return self._visits.sign(_join(questionnaire, *visit)).decode()

    def read_visit(self, questionnaire: str, signed: str) -> Visit | None:
        """Whose device this is; None when the cookie is foreign, changed or too old."""
        try:
            text, made = self._visits.unsign(signed, return_timestamp=True)
            code, response, language, *entry = text.decode().split(".")
            visit = Visit(int(response), language, *_check_entry(entry))
        except (BadSignature, ValueError):
            return None
        return visit if code == questionnaire and _is_fresh(self._visits, made, self.resume_seconds) else None

    def write_turn(self, questionnaire: str, institution: str) -> str:
        """What a page carries that said "wait" at the open link of an institution."""
        return self._turns.sign(f"{questionnaire}/{institution}/{make_writer()}").decode()

    def read_turn(self, questionnaire: str, institution: str, signed: str) -> str | None:
        """Which page said "wait" at this open link; None when none of ours did, or too long ago."""
        try:
            page, made = self._turns.unsign(signed, return_timestamp=True)
        except BadSignature:
            return None
        named = page.decode().rpartition("/")[0] == f"{questionnaire}/{institution}"
        return page.decode() if named and _is_fresh(self._turns, made, TURN_SECONDS) else None


def _join(*parts: object) -> str:
    """The parts with dots between them, without an empty one at the end: as releases without `entry` read and write them."""
    return ".".join(map(str, parts)).removesuffix(".")


def _check_entry(parts: list[str]) -> list[str]:
    """Raises ValueError when these are more than one, or none that `make_entry` makes."""
    if parts and not _ENTRY.fullmatch(".".join(parts)):
        raise ValueError
    return parts


def _derive(keys: Iterable[str], purpose: str) -> list[bytes]:
    """A key for each purpose, newest last; made here once, where itsdangerous would make it for every signature."""
    return [hmac.digest(key.encode(), purpose.encode(), "sha256") for key in keys][::-1]


def _is_fresh(signer: TimestampSigner, made: datetime, seconds: int) -> bool:
    return -2 * CLOCK_SKEW <= signer.get_timestamp() - int(made.timestamp()) <= seconds


def make_writer() -> str:
    """Names one drawing of a page: 64 random bits."""
    return secrets.token_hex(8)


def make_token() -> str:
    """The secret part of a personal link: 128 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is stored of a personal link."""
    return sha256(token.encode()).hexdigest()


def make_pseudonym(key: str, questionnaire: str, seat: int) -> str:
    """What stands for a seat among the answers; without the key nobody can join the two (HMAC-SHA256, RFC 2104)."""
    return hmac.digest(key.encode(), f"{questionnaire}:{seat}".encode(), "sha256").hex()[:32]


def normalise_key(written: str) -> str:
    """A person's key without regard to capitals, composition of accents (Unicode NFC) and white-space around its parts."""
    return "\n".join(part.strip() for part in normalize("NFC", written.strip().casefold()).split("\n"))


def hash_key(key: str, questionnaire: str, institution: str, written: str) -> str:
    """What is stored of a person's key on an institution's list; without the pseudonym key nobody can find it by trying.

    HMAC-SHA256 (RFC 2104) of the key as `normalise_key` spells it.
    """
    named = "\0".join((questionnaire, institution, normalise_key(written)))
    return hmac.new(hmac.digest(key.encode(), b"roster key", "sha256"), named.encode(), sha256).hexdigest()[:32]


def make_seat_number(key: str, key_hash: str, attempt: int) -> int:
    """The number of a person's seat, from `hash_key`: the same when the list is sent again, and 62 random bits without the key.

    Args: attempt: 0, or more where a number may not be given again.
    """
    return int.from_bytes(hash_for("seat", key, key_hash, attempt)[:8], "big") >> 2 or 1


def hash_for(purpose: str, key: str, *names: object) -> bytes:
    """A keyed hash of 32 bytes, which for another purpose is another (HMAC-SHA256)."""
    return hmac.digest(key.encode(), "/".join(map(str, (purpose, *names))).encode(), "sha256")


def make_waiting_name(key: str, response: int) -> str:
    """Names a response beside a panel address that waits."""
    return hash_for("panel", key, response).hex()[:32]


def make_withdrawn_name(key: str, pseudonym: str) -> str:
    """Names a withdrawn link beside the answers."""
    return hash_for("withdrawn", key, pseudonym).hex()[:32]


def make_entry(key: str, link_hash: str) -> str:
    """Stands for a personal link in the cookies and tickets of devices that came in by it; 64 bits, which lead back to no link."""
    return hash_for("entry", key, link_hash).hex()[:16]


def make_entry_name(key: str, pseudonym: str, entry: str) -> str:
    """Names a replaced link beside the answers."""
    return hash_for("replaced", key, pseudonym, entry).hex()[:32]


def make_proof(key: str, questionnaire: str, response: int) -> str:
    """The proof of completion: the same whenever it is shown, stored nowhere, and opens nothing."""
    return _spell(hash_for("proof", key, questionnaire, response))


def make_private_key(key: str, questionnaire: str, response: int, attempt: int) -> str:
    """What a respondent keeps to come back to the response: 40 bits.

    Args: attempt: 0, or more where another response has that key.
    """
    return _spell(hash_for("private key", key, questionnaire, response, attempt))


def hash_private_key(key: str, questionnaire: str, private_key: str) -> str:
    """The hash of a private key, however it was typed."""
    typed = "".join(private_key.upper().split()).replace("-", "")
    return hash_for("private key hash", key, questionnaire, typed).hex()[:32]


def _spell(digest: bytes) -> str:
    """Forty bits as eight letters and digits that are easy to read out."""
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:8])
    return f"{letters[:4]}-{letters[4:]}"

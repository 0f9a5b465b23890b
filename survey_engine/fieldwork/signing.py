"""Signed tokens and keyed hashes: personal links, cookies of devices, tickets in the forms of pages, pseudonyms."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from unicodedata import normalize

from itsdangerous import BadData, BadSignature, Signer, TimestampSigner, URLSafeSerializer

from survey_engine.engine.link_mark import NO_LINK_MARK, LinkMark

_TOKEN_BYTES = 16
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters that are not mistaken for each other in print."""
FORM_PROTOCOL = "2"
"""Version of the names and meanings of form fields. Increase it when they change: the server then rejects older forms."""
CLOCK_SKEW = 300
"""Largest error of a server's clock in seconds; two clocks may differ by twice as much."""
_LOGIN_SECONDS = 1_800
"""Seconds after which the forms of a login by name expire."""
_STATE_SECONDS = 900
"""Seconds after which the login by a learning environment expires."""
RETRY_TOKEN_SECONDS = 900
"""Seconds after which the token of a "please wait" page expires."""
MAX_RETRY_TOKEN_SECONDS = RETRY_TOKEN_SECONDS + 2 * CLOCK_SKEW
"""RETRY_TOKEN_SECONDS plus the largest difference of two clocks."""


LMS_PREFIX = "lms-"
"""Prefix of pseudonyms of launched persons without a seat. Pseudonyms of seats have hexadecimal digits only."""
LAUNCH_MARK = 8
"""Number of characters of `hash_launched_person` in a link mark."""


class UnknownTicketError(Exception):
    """The ticket has no valid signature of this installation."""


class Ticket(NamedTuple):
    """The signed field of a page's form: response, page, save count of the page, writer, version of the form, link mark."""

    response: int
    slug: str
    based_on: int
    writer: str
    form_version: str
    """`name_form` of the questionnaire's version."""
    link_mark: LinkMark = NO_LINK_MARK


def name_form(version: str) -> str:
    """Return the version of a form: the protocol and the first eight characters of the questionnaire's version."""
    return f"{FORM_PROTOCOL}-{version[:8]}"


class DeviceCookie(NamedTuple):
    """The content of a device's cookie."""

    response: int
    language: str
    link_mark: LinkMark = NO_LINK_MARK


class ClassLink(NamedTuple):
    """The content of a teacher's link."""

    questionnaire: str
    institution: str
    code: str
    """The kind of the label, such as class; empty for all persons of the institution."""
    label: str


class Signatures:
    """Signs and reads tickets and cookies. The first key signs; all keys are accepted."""

    def __init__(self, keys: tuple[str, ...], resume_days: int) -> None:
        options: dict[str, Any] = {"key_derivation": "none", "digest_method": sha256}
        self._tickets = Signer(_derive(keys, "ticket"), **options)
        self._cookies, self._retry_tokens, self._logins, self._states = (
            TimestampSigner(_derive(keys, purpose), **options) for purpose in ("visit", "turn", "login", "lms state")
        )
        self._classes = URLSafeSerializer(_derive(keys, "class"), signer_kwargs=options)
        self.resume_seconds = resume_days * 86_400

    def sign_ticket(self, ticket: Ticket) -> str:
        """Sign a ticket with the present time. Older releases read the time as the end of `writer`."""
        dated = f"{ticket.writer}-{self._cookies.get_timestamp():x}"
        return self._tickets.sign(_join(*ticket._replace(writer=dated))).decode()

    def read_ticket(self, signed: str) -> Ticket:
        """Read a ticket. Raises UnknownTicketError when its signature is invalid."""
        return self.read_dated_ticket(signed)[0]

    def read_dated_ticket(self, signed: str) -> tuple[Ticket, int | None]:
        """Read a ticket, and its age in seconds; the age is None for tickets of older releases.

        Raises:
            UnknownTicketError: its signature is invalid.
        """
        try:
            response, slug, based_on, dated, form, *mark = self._tickets.unsign(signed).decode().split(".")
            writer, _, made = dated.partition("-")
            ticket = Ticket(int(response), slug, int(based_on), writer, form, LinkMark.parse(".".join(mark)))
            return ticket, self._cookies.get_timestamp() - int(made, 16) if made else None
        except (BadSignature, ValueError) as error:
            raise UnknownTicketError from error

    def sign_cookie(self, questionnaire: str, cookie: DeviceCookie) -> str:
        return self._cookies.sign(_join(questionnaire, *cookie)).decode()

    def read_cookie(self, questionnaire: str, signed: str) -> DeviceCookie | None:
        """Read a device's cookie; None when it belongs to another questionnaire, has no valid signature or has expired."""
        found = self.read_dated_cookie(questionnaire, signed)
        return found and found[0]

    def read_dated_cookie(self, questionnaire: str, signed: str) -> tuple[DeviceCookie, int] | None:
        """As `read_cookie`, with the age of the cookie in seconds."""
        try:
            text, made = self._cookies.unsign(signed, return_timestamp=True)
            code, response, language, *mark = text.decode().split(".")
            cookie = DeviceCookie(int(response), language, LinkMark.parse(".".join(mark)))
        except (BadSignature, ValueError):
            return None
        if code != questionnaire or not _is_fresh(self._cookies, made, self.resume_seconds):
            return None
        return cookie, self._cookies.get_timestamp() - int(made.timestamp())

    def sign_retry_token(self, questionnaire: str, institution: str) -> str:
        """Make the token of a "please wait" page of an open link."""
        return self._retry_tokens.sign(f"{questionnaire}/{institution}/{make_writer()}").decode()

    def read_retry_token(self, questionnaire: str, institution: str, signed: str) -> str | None:
        """Read the token of a "please wait" page; None when it belongs to another link, has no valid signature or has expired."""
        try:
            page, made = self._retry_tokens.unsign(signed, return_timestamp=True)
        except BadSignature:
            return None
        named = page.decode().rpartition("/")[0] == f"{questionnaire}/{institution}"
        return page.decode() if named and _is_fresh(self._retry_tokens, made, RETRY_TOKEN_SECONDS) else None

    def sign_login(self, kind: str, questionnaire: str, institution: str, value: int | str) -> str:
        """Sign a value of a form of a login by name: the failures so far, or the encrypted seat that was found.

        Args: value: without slashes.
        """
        return self._logins.sign(f"{kind}/{questionnaire}/{institution}/{value}").decode()

    def read_login(self, kind: str, questionnaire: str, institution: str, signed: str) -> str | None:
        """Read a value of `sign_login`; None when its kind, questionnaire or institution differs, or it is invalid or has expired."""
        try:
            text, made = self._logins.unsign(signed, return_timestamp=True)
        except BadSignature:
            return None
        place, _, value = text.decode().rpartition("/")
        is_valid = place == f"{kind}/{questionnaire}/{institution}" and _is_fresh(self._logins, made, _LOGIN_SECONDS)
        return value if is_valid else None

    def sign_state(self, text: str) -> str:
        """Sign the state of a login by a learning environment."""
        return self._states.sign(text).decode()

    def read_state(self, signed: str) -> str | None:
        """Read the state of a login by a learning environment; None when it has no valid signature or has expired."""
        try:
            text, made = self._states.unsign(signed, return_timestamp=True)
        except BadSignature:
            return None
        return text.decode() if _is_fresh(self._states, made, _STATE_SECONDS) else None

    def sign_class_link(self, link: ClassLink) -> str:
        """Return the token of a teacher's link: the same on each call."""
        return str(self._classes.dumps(link))

    def read_class_link(self, token: str) -> ClassLink | None:
        """Read a teacher's link; None when it has no valid signature."""
        try:
            return ClassLink(*self._classes.loads(token))
        except (BadData, TypeError):
            return None


def _join(*parts: object) -> str:
    """Join with dots. An empty mark is left out: releases without `link_mark` read and write this form."""
    return ".".join(map(str, parts)).removesuffix(".")


def _derive(keys: Iterable[str], purpose: str) -> list[bytes]:
    """Return the derived keys of a purpose, newest last. itsdangerous would derive them again for every signature."""
    return [hmac.digest(key.encode(), purpose.encode(), "sha256") for key in keys][::-1]


def _is_fresh(signer: TimestampSigner, made: datetime, seconds: int) -> bool:
    return -2 * CLOCK_SKEW <= signer.get_timestamp() - int(made.timestamp()) <= seconds


def make_writer(link_mark: LinkMark = NO_LINK_MARK) -> str:
    """Return an id of one rendering of a page: 64 random bits; after a login or launch, its number and 32 random bits."""
    return link_mark.login + secrets.token_hex(4 if link_mark.login else 8)


def make_token() -> str:
    """Return the secret part of a new personal link: 128 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return the stored hash of a personal link (SHA-256)."""
    return sha256(token.encode()).hexdigest()


def make_pseudonym(key: str, questionnaire: str, seat: int) -> str:
    """Return the pseudonym of a seat in the answers store. It cannot be computed without the key (HMAC-SHA256, RFC 2104)."""
    return hmac.digest(key.encode(), f"{questionnaire}:{seat}".encode(), "sha256").hex()[:32]


def make_lms_pseudonym(key: str, questionnaire: str, *person: str) -> str:
    """Return the pseudonym of a launched person without a seat.

    Args: person: issuer, client and subject of the launch. No store has them in clear.
    """
    return LMS_PREFIX + hash_for("lms", key, json.dumps([questionnaire, *person])).hex()[:28]


def name_report(key: str, pseudonym: str, line_item: str) -> str:
    """Return the name of a report to a learning environment. It begins with `name_reports` of the pseudonym."""
    return name_reports(key, pseudonym) + hash_for("lms report", key, pseudonym, line_item).hex()[:16]


def name_reports(key: str, pseudonym: str) -> str:
    """Return the common beginning of the names of all reports of a pseudonym."""
    return hash_for("lms reports", key, pseudonym).hex()[:16]


def name_launched_seat(key: str, pseudonym: str) -> str:
    """Return the name of a seat in `lms_seat`."""
    return hash_for("lms seat", key, pseudonym).hex()[:32]


def hash_launched_person(key: str, pseudonym: str, *person: str) -> str:
    """Return the stored hash of the person who launched a seat. It differs per seat.

    Args: person: issuer, client and subject of the launch. No store has them in clear.
    """
    return hash_for("lms holder", key, json.dumps([pseudonym, *person])).hex()[:32]


def normalise_key(written: str) -> str:
    """Return a person's key in lower case, with composed accents (Unicode NFC), without white-space around its parts."""
    return "\n".join(part.strip() for part in normalize("NFC", written.strip().casefold()).split("\n"))


def hash_key(key: str, questionnaire: str, institution: str, written: str) -> str:
    """Return the stored hash of a person's key on an institution's list. It cannot be guessed without the pseudonym key.

    HMAC-SHA256 (RFC 2104) of `normalise_key(written)`.
    """
    named = "\0".join((questionnaire, institution, normalise_key(written)))
    return hmac.digest(_derive_roster_key(key), named.encode(), "sha256").hex()[:32]


@lru_cache(maxsize=4)
def _derive_roster_key(key: str) -> bytes:
    return hmac.digest(key.encode(), b"roster key", "sha256")


def hash_key_names(key: str, questionnaire: str, headings: Iterable[str]) -> str:
    """Return the stored hash of the headings of a list's key columns.

    Args: headings: in their order on the list, normalised by the caller.
    """
    return hash_for("key columns", key, questionnaire, *headings).hex()[:32]


def hash_row(key: str, questionnaire: str, cells: Iterable[str]) -> str:
    """Return the stored hash of the copied cells of a person's row. They cannot be guessed without the pseudonym key.

    Args: cells: normalised by the caller. Their order makes no difference.
    """
    return hash_for("roster row", key, questionnaire, "\0".join(sorted(cells))).hex()[:32]


def hash_name(key: str, questionnaire: str, written: str, name: str) -> str:
    """Return the stored hash of a person's key and name: the same at every institution. The caller normalises both."""
    return hash_for("roster name", key, questionnaire, written, name).hex()[:32]


def make_seat_number(key: str, key_hash: str, attempt: int) -> int:
    """Return the number of a person's seat: 62 bits of a keyed hash of `hash_key`, the same for every list with this person.

    Args: attempt: 0; raised by one for each number that may not be used again.
    """
    return int.from_bytes(hash_for("seat", key, key_hash, attempt)[:8], "big") >> 2 or 1


def hash_for(purpose: str, key: str, *names: object) -> bytes:
    """Return a keyed hash of 32 bytes (HMAC-SHA256). Hashes of different purposes differ."""
    return hmac.digest(key.encode(), "/".join(map(str, (purpose, *names))).encode(), "sha256")


def hash_address(key: str, address: str) -> str:
    """Return the stored hash of an address. With it, the seats of a person who lost the link are found. Case makes no difference."""
    return hash_for("address", key, normalize("NFC", address.strip()).casefold()).hex()[:32]


def make_waiting_name(key: str, response: int) -> str:
    """Return the name of a response in `panel_waiting`."""
    return hash_for("panel", key, response).hex()[:32]


def make_later_name(key: str, response: int) -> str:
    """Return the name of a response in `later_key`."""
    return hash_for("later key", key, response).hex()[:32]


def list_row_names(key: str, response: int) -> list[str]:
    """Return the names of a response in the tables that do not have its id."""
    return [make_waiting_name(key, response), make_later_name(key, response)]


def number_signup(key: str, name: str, panel: str, signup: int) -> int:
    """Return the number of a cancelled or corrected panel sign-up on the list of erasures."""
    return int.from_bytes(hash_for("signup", key, name, panel, signup)[:7], "big")


def make_withdrawn_name(key: str, pseudonym: str) -> str:
    """Return the name of a withdrawn link in `withdrawn_response`."""
    return hash_for("withdrawn", key, pseudonym).hex()[:32]


def make_link_mark(key: str, link_hash: str) -> LinkMark:
    """Return the mark of a personal link in cookies and tickets of its devices: 64 bits of a keyed hash."""
    return LinkMark(hash_for("entry", key, link_hash).hex()[:16])


def make_login_mark(link_mark: LinkMark) -> LinkMark:
    """Return the mark of a login by name to a seat with this link: `link_mark` and 32 random bits."""
    return link_mark._replace(login=secrets.token_hex(4))


def make_launch_mark(link_mark: LinkMark, person: str) -> LinkMark:
    """Return the mark of all launches of a seat with this link by one person.

    Args: person: `hash_launched_person`, or its first `LAUNCH_MARK` characters.
    """
    return link_mark._replace(login=person[:LAUNCH_MARK])


def make_replaced_name(key: str, pseudonym: str, link_mark: LinkMark) -> str:
    """Return the name of a replaced link in `withdrawn_response`."""
    return hash_for("replaced", key, pseudonym, link_mark.link).hex()[:32]


def list_replaced_names(key: str, pseudonym: str, link_hashes: Iterable[str]) -> list[str]:
    """Return the names of replaced links of a seat, and the name of cookies of older releases, which have no link mark."""
    link_marks = [NO_LINK_MARK, *(make_link_mark(key, link) for link in link_hashes)]
    return [make_replaced_name(key, pseudonym, mark) for mark in link_marks]


def make_proof(key: str, questionnaire: str, response: int) -> str:
    """Return the proof of completion of a response: the same on each call, not stored, and useless for opening the answers."""
    return _spell(hash_for("proof", key, questionnaire, response))


def make_private_key(key: str, questionnaire: str, response: int, attempt: int, mark: str = "") -> str:
    """Return the private key with which a respondent opens the response again: 40 bits.

    Args:
        attempt: 0; raised by one for each key that another response has.
        mark: of the link or login; empty for the first key of a response.
    """
    return _spell(hash_for("private key", key, questionnaire, response, attempt, *([mark] if mark else [])))


def hash_private_key(key: str, questionnaire: str, private_key: str) -> str:
    """Return the hash of a private key. Case, white-space, hyphens and full-width letters make no difference."""
    typed = "".join(filter(str.isalnum, normalize("NFKC", private_key).upper()))
    return hash_for("private key hash", key, questionnaire, typed).hex()[:32]


def _spell(digest: bytes) -> str:
    """Return the first 40 bits as eight letters and digits."""
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:8])
    return f"{letters[:4]}-{letters[4:]}"

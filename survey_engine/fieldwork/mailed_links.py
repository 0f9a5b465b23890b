"""Links that are mailed to persons who lost theirs. They are computed, not stored.

The mailed links of a seat are numbered by turns, from 1. A mailed link works at once; its first use ends the link before it. The answers
store then has the name of the ended link: no action of a respondent writes to a seat.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

from survey_engine.fieldwork.participation_errors import WithdrawnError
from survey_engine.fieldwork.signing import hash_for, hash_token, make_link_mark, make_pseudonym, make_replaced_name
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import add_name, has_name
from survey_engine.storage.identity import EncryptedSeat, Seat, find_seat_by_number

MAX_MAILED_LINKS = 5
"""After this turn, the last link is mailed again. When the institution replaces the seat's link, the turns begin again at 1."""
_LENGTH = 34


def make_mailed_token(key: str, seat: int, link_hash: str, turn: int) -> str:
    """Return the token of a mailed link: 128 bits of a keyed hash, then masked seat and turn. A new link of the seat ends all turns."""
    signature = hash_for("mailed link", key, link_hash, seat, turn)[:16]
    return urlsafe_b64encode(signature + _mask(key, signature, seat.to_bytes(8) + turn.to_bytes(1))).decode().rstrip("=")


def hash_mailed_link(key: str, seat: int, link_hash: str, turn: int) -> str:
    """Return the hash of a mailed link; for turn 0, that of the seat's own link."""
    return hash_token(make_mailed_token(key, seat, link_hash, turn)) if turn else link_hash


def find_by_mailed_link(identity: Database, key: str, token: str) -> EncryptedSeat | None:
    """Return the seat of a mailed link, with the hashes of this link and of the link before it; None for an unknown token."""
    try:
        read = urlsafe_b64decode(token + "==") if len(token) == _LENGTH and token.isascii() else b""
    except ValueError:
        return None
    named = _mask(key, read[:16], read[16:])
    number, turn = int.from_bytes(named[:8]), named[8] if named else 0
    seat = find_seat_by_number(identity, number) if 0 < turn <= MAX_MAILED_LINKS and number < 1 << 63 else None
    if seat is None or not hmac.compare_digest(make_mailed_token(key, seat.id, seat.link_hash, turn), token):
        return None
    hashes = [hash_mailed_link(key, seat.id, seat.link_hash, one) for one in (turn, turn - 1)]
    return seat._replace(link_hash=hashes[0], replaced_hash=hashes[1])


def is_replaced(answers: Database, key: str, seat: Seat | EncryptedSeat, link_hash: str = "") -> bool:
    """Whether a later link of the seat was used.

    Args: link_hash: of the link that may be replaced; empty for the seat's link.
    """
    return has_name(answers, _name(key, seat, link_hash or seat.link_hash))


def check_link(answers: Database, key: str, seat: Seat) -> None:
    """Raises WithdrawnError when a later link of the seat was used."""
    if is_replaced(answers, key, seat):
        raise WithdrawnError


def close_earlier_link(answers: Database, key: str, seat: Seat) -> None:
    """Close the link that the mailed link of `seat` replaces. Does nothing if `seat` has no mailed link."""
    if seat.replaced_hash:
        add_name(answers, _name(key, seat, seat.replaced_hash))


def find_mailed_number(answers: Database, key: str, seat: Seat | EncryptedSeat) -> int:
    """Return the turn of the link in use: 0 for the seat's own link."""
    for turn in range(MAX_MAILED_LINKS):
        if not is_replaced(answers, key, seat, hash_mailed_link(key, seat.id, seat.link_hash, turn)):
            return turn
    return MAX_MAILED_LINKS


def use_current_link(answers: Database, key: str, seat: Seat) -> Seat:
    """Return the seat with the hash of its link in use, for a person who entered without a link."""
    return replace(seat, link_hash=hash_mailed_link(key, seat.id, seat.link_hash, find_mailed_number(answers, key, seat)))


def make_next_token(answers: Database, key: str, seat: Seat | EncryptedSeat) -> str:
    """Return the token of the first mailed link that was not used yet, or of the last turn."""
    turn = min(find_mailed_number(answers, key, seat) + 1, MAX_MAILED_LINKS)
    return make_mailed_token(key, seat.id, seat.link_hash, turn)


def _mask(key: str, signature: bytes, text: bytes) -> bytes:
    """Mask or unmask nine bytes. In clear, the seat's number could be looked up on a list of erasures."""
    mask = hash_for("mailed seat", key, signature.hex())
    return bytes(one ^ other for one, other in zip(text, mask, strict=False))


def _name(key: str, seat: Seat | EncryptedSeat, link_hash: str) -> str:
    return make_replaced_name(key, make_pseudonym(key, seat.questionnaire, seat.id), make_link_mark(key, link_hash))

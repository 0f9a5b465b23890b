"""Personal links of seats: make and find. The store has only their hashes. `fieldwork/erasure.py` withdraws and replaces them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.mailed_links import find_by_mailed_link
from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.storage.database import Database
from survey_engine.storage.identity import (
    EncryptedSeat,
    Seat,
    add_seats,
    find_seat,
    find_seat_by_number,
    has_clear_seats,
    reencrypt_seats,
)
from survey_engine.storage.leftovers import rewrite
from survey_engine.storage.roster_seats import find_by_links

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
"""The form of `make_token`."""
SEAT_BYTES = 256
"""Background and language of a seat are padded to a multiple of this size in bytes."""


def give_links(identity: Database, keys: ContactKeys, seats: Sequence[Seat], tokens: Sequence[str] | None = None) -> list[str]:
    """Store seats, all or none; return the tokens of their personal links.

    Args:
        tokens: existing tokens, for callers that write the links to disk first.
    """
    tokens = [make_token() for _ in seats] if tokens is None else list(tokens)
    with identity.write() as connection:
        add_seats(connection, (encrypt_seat(keys, seat) for seat in seats), map(hash_token, tokens))
    return tokens


def find_by_link(identity: Database, token: str) -> EncryptedSeat | None:
    """The seat of a personal link; None when there is none."""
    return find_seat(identity, hash_token(token))


def find_by_any_link(identity: Database, key: str, token: str) -> EncryptedSeat | None:
    """The seat of a personal link, or of a link that was mailed for it, as stored.

    Args: key: the pseudonym key.
    """
    mailed = find_by_mailed_link(identity, key, token)
    return find_seat_by_number(identity, mailed.id) if mailed else find_by_link(identity, token)


def find_by_tokens(identity: Database, questionnaire: str, tokens: Sequence[str]) -> list[EncryptedSeat | None]:
    """The seats of at most `BATCH` links, in order; None for a link without a seat."""
    hashes = list(map(hash_token, tokens))
    with identity.read() as connection:
        found = find_by_links(connection, questionnaire, hashes)
    return list(map(found.get, hashes))


def encrypt_seat(keys: ContactKeys, seat: Seat) -> EncryptedSeat:
    """Encrypt a seat for storage."""
    text = json.dumps({"background": dict(seat.background), "language": seat.language}, ensure_ascii=False)
    sealed = keys.encrypt(text, SEAT_BYTES)
    details = None if seat.details is None else keys.encrypt(json.dumps(seat.details, ensure_ascii=False), SEAT_BYTES)
    return EncryptedSeat(
        seat.id,
        seat.questionnaire,
        seat.institution,
        sealed,
        seat.withdrawn,
        seat.key_hash,
        key_names=seat.key_names,
        row_hash=seat.row_hash,
        details=details,
        login_hash=seat.login_hash,
        first_name_hash=seat.first_name_hash,
        name_hash=seat.name_hash,
        address_hashes=seat.address_hashes,
    )


def decrypt_seat(keys: ContactKeys, seat: EncryptedSeat) -> Seat:
    """Decrypt a stored seat.

    Raises:
        LostContactKeyError: when the seat was encrypted with an unknown key.
    """
    about = json.loads(keys.decrypt(seat.sealed))
    return Seat(
        seat.questionnaire,
        seat.institution,
        **about,
        id=seat.id,
        withdrawn=seat.withdrawn,
        key_hash=seat.key_hash,
        link_hash=seat.link_hash,
        key_names=seat.key_names,
        row_hash=seat.row_hash,
        details=json.loads(keys.decrypt(seat.details)) if seat.details else None,
        login_hash=seat.login_hash,
        first_name_hash=seat.first_name_hash,
        name_hash=seat.name_hash,
        replaced_hash=seat.replaced_hash,
    )


def encrypt_clear_seats(identity: Database, keys: ContactKeys) -> int:
    """Encrypt seats of older releases that stored them in clear, and rewrite the files; return the number of these seats.

    Runs at every start, because migrations have no key and a restored backup may contain such seats.
    """
    if not has_clear_seats(identity):
        return 0
    sealed = reencrypt_seats(identity, lambda text: keys.encrypt(text, SEAT_BYTES), clear=True)
    rewrite(identity)
    return sealed


def is_whole(link: str) -> bool:
    """Whether a link has the form of a personal link: False for a truncated one."""
    return _TOKEN.fullmatch(read_token(link)) is not None


def read_token(link: str) -> str:
    """The token of a personal link, given as an address or as the token."""
    return link.strip().partition("?")[0].rstrip("/").rpartition("/")[2]

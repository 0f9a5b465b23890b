"""Personal links: made for seats and found again. The store keeps their hashes only. `fieldwork/erasure.py` withdraws and replaces."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.storage.database import Database
from survey_engine.storage.identity import (
    SealedSeat,
    Seat,
    add_seats,
    find_seat,
    has_clear_seats,
    reseal_seats,
)
from survey_engine.storage.leftovers import rewrite
from survey_engine.storage.roster_seats import find_by_links

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
"""What `make_token` makes."""
SEAT_BYTES = 256
"""What background and language of a seat are filled up to a multiple of."""


def give_links(identity: Database, keys: ContactKeys, seats: Sequence[Seat], tokens: Sequence[str] | None = None) -> list[str]:
    """Store seats, all or none, and return the token of each one's personal link.

    Args:
        tokens: made beforehand where the links must be safe on disk before they count.
    """
    tokens = [make_token() for _ in seats] if tokens is None else list(tokens)
    with identity.write() as connection:
        add_seats(connection, (seal_seat(keys, seat) for seat in seats), map(hash_token, tokens))
    return tokens


def find_by_link(identity: Database, token: str) -> SealedSeat | None:
    """The seat behind a personal link."""
    return find_seat(identity, hash_token(token))


def find_by_tokens(identity: Database, questionnaire: str, tokens: Sequence[str]) -> list[SealedSeat | None]:
    """The seat behind each of at most `BATCH` links, in order; None where there is none."""
    hashes = list(map(hash_token, tokens))
    with identity.read() as connection:
        found = find_by_links(connection, questionnaire, hashes)
    return list(map(found.get, hashes))


def seal_seat(keys: ContactKeys, seat: Seat) -> SealedSeat:
    """A seat as it is stored."""
    text = json.dumps({"background": dict(seat.background), "language": seat.language}, ensure_ascii=False)
    sealed = keys.encrypt(text, SEAT_BYTES)
    return SealedSeat(seat.id, seat.questionnaire, seat.institution, sealed, seat.withdrawn, seat.key_hash)


def open_seat(keys: ContactKeys, seat: SealedSeat) -> Seat:
    """A seat with its background and language.

    Raises:
        LostContactKeyError: when none of the keys encrypted it.
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
    )


def seal_clear_seats(identity: Database, keys: ContactKeys) -> int:
    """Encrypt seats that were stored before there was a key, and rewrite the store, whose files hold them in clear.

    Part of every start: the migration itself has no key, and a restored backup may bring such seats back.
    """
    if not has_clear_seats(identity):
        return 0
    sealed = reseal_seats(identity, lambda text: keys.encrypt(text, SEAT_BYTES), clear=True)
    rewrite(identity)
    return sealed


def is_whole(link: str) -> bool:
    """Whether a link has the form of a personal one: an address that was cut has not."""
    return _TOKEN.fullmatch(read_token(link)) is not None


def read_token(link: str) -> str:
    """The secret part of a personal link, given as an address or as that part alone."""
    return link.strip().rstrip("/").rpartition("/")[2]

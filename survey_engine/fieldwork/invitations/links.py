"""Personal links: made for seats and found again. The store keeps their hashes only. `erasure.withdraw` withdraws one."""

from __future__ import annotations

from collections.abc import Sequence

from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat, add_seats, find_seat


def give_links(identity: Database, seats: Sequence[Seat], tokens: Sequence[str] | None = None) -> list[str]:
    """Store seats, all or none, and return the token of each one's personal link.

    Args:
        tokens: made beforehand where the links must be safe on disk before they count.
    """
    tokens = [make_token() for _ in seats] if tokens is None else list(tokens)
    with identity.write() as connection:
        add_seats(connection, seats, map(hash_token, tokens))
    return tokens


def find_by_link(identity: Database, token: str) -> Seat | None:
    """The seat behind a personal link."""
    return find_seat(identity, hash_token(token))


def read_token(link: str) -> str:
    """The secret part of a personal link, given as an address or as that part alone."""
    return link.strip().rstrip("/").rpartition("/")[2]

"""Personal links: made for seats, found again, replaced. The store keeps their hashes only. `erasure.withdraw` withdraws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.storage.database import Database
from survey_engine.storage.identity import BATCH, Seat, add_seats, find_seat
from survey_engine.storage.roster_seats import find_by_links, set_links


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


def find_by_tokens(identity: Database, questionnaire: str, tokens: Iterable[str]) -> Iterator[Seat | None]:
    """The seat behind each of many links, in order; None where there is none."""
    remaining = iter(tokens)
    with identity.read() as connection:
        while hashes := [hash_token(token) for token in islice(remaining, BATCH)]:
            found = find_by_links(connection, questionnaire, hashes)
            yield from map(found.get, hashes)


def replace_links(identity: Database, seats: Sequence[int], tokens: Sequence[str]) -> None:
    """Give seats other links; the old ones lead nowhere, the answers stay."""
    with identity.write() as connection:
        set_links(connection, zip(seats, map(hash_token, tokens), strict=True))


def read_token(link: str) -> str:
    """The secret part of a personal link, given as an address or as that part alone."""
    return link.strip().rstrip("/").rpartition("/")[2]

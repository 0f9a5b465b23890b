"""The statements on many seats at once: found by key or link, changed, withdrawn, given another link."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, bindparam, func, select, update

from survey_engine.storage.identity import BATCH, SEAT, SEATS, SealedSeat, build_seat

_CHANGE = update(SEAT).where(SEAT.c.id == bindparam("seat")).values({name: bindparam(name) for name in ("sealed", "withdrawn")})
_COUNT = select(func.count()).select_from(SEAT)


def find_by_keys(connection: Connection, questionnaire: str, key_hashes: Collection[str]) -> dict[str, SealedSeat]:
    """Key hash → seat, for those of at most `BATCH` keys that have one."""
    rows = connection.execute(SEATS.where(SEAT.c.questionnaire == questionnaire, SEAT.c.key_hash.in_(key_hashes)))
    return {row.key_hash: build_seat(row) for row in rows}


def find_by_links(connection: Connection, questionnaire: str, link_hashes: Collection[str]) -> dict[str, SealedSeat]:
    """Link hash → seat, for those of at most `BATCH` links that lead to one."""
    # by the link alone: with the questionnaire beside it SQLite reads all of that questionnaire's seats
    rows = connection.execute(SEATS.where(SEAT.c.link_hash.in_(link_hashes)))
    return {row.link_hash: build_seat(row) for row in rows if row.questionnaire == questionnaire}


def iter_keyed(connection: Connection, questionnaire: str, institutions: Collection[str]) -> Iterator[tuple[int, str, str]]:
    """Number, institution and key hash of the seats of some institutions that have a key and are not withdrawn."""
    keyed = select(SEAT.c.id, SEAT.c.institution, SEAT.c.key_hash).where(
        SEAT.c.questionnaire == questionnaire,
        SEAT.c.institution.in_(institutions),
        SEAT.c.key_hash.is_not(None),
        SEAT.c.withdrawn.is_(False),
    )
    for row in connection.execute(keyed):
        yield row[0], row[1], row[2]


def count_open(connection: Connection, questionnaire: str, institutions: Collection[str], *, keyless: bool = False) -> int:
    """How many links of some institutions are in use; `keyless`: of those that came from lists without a key."""
    counted = _COUNT.where(
        SEAT.c.questionnaire == questionnaire, SEAT.c.institution.in_(institutions), SEAT.c.withdrawn.is_(False)
    )
    return connection.execute(counted.where(SEAT.c.key_hash.is_(None)) if keyless else counted).scalar_one()


def change_seats(connection: Connection, seats: Iterable[SealedSeat]) -> None:
    """Store background, language and withdrawal of seats that are there."""
    rows = ({"seat": seat.id, "sealed": seat.sealed, "withdrawn": seat.withdrawn} for seat in seats)
    while batch := list(islice(rows, BATCH)):
        connection.execute(_CHANGE, batch)


def set_withdrawn(connection: Connection, seats: Iterable[int], *, withdrawn: bool) -> int:
    """Withdraw the links of seats, or give them back; returns how many that changed."""
    numbers, changed = iter(seats), 0
    while batch := list(islice(numbers, BATCH)):
        change = update(SEAT).where(SEAT.c.id.in_(batch), SEAT.c.withdrawn.is_(not withdrawn)).values(withdrawn=withdrawn)
        changed += connection.execute(change).rowcount
    return changed


def set_links(connection: Connection, links: Iterable[tuple[int, str]]) -> None:
    """Give seats another link: pairs of seat and the link's hash."""
    statement = update(SEAT).where(SEAT.c.id == bindparam("seat")).values(link_hash=bindparam("link"))
    rows = ({"seat": seat, "link": link_hash} for seat, link_hash in links)
    while batch := list(islice(rows, BATCH)):
        connection.execute(statement, batch)

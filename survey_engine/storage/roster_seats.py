"""Statements on many seats: find by key or link, change, withdraw, replace the link."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, String, bindparam, func, select, update

from survey_engine.storage.addresses import replace_addresses
from survey_engine.storage.database import Database
from survey_engine.storage.identity import LISTED_SEATS, ROWS_PER_READ, SEAT, SEATS, EncryptedSeat, build_seat
from survey_engine.storage.samples import find_by_key

ENCRYPTED = ("sealed", "details", "login_hash", "first_name_hash")
"""The columns that labels change."""
LISTED_COLUMNS = (*ENCRYPTED, "key_names", "row_hash", "name_hash", "institution")
"""The columns that a list changes."""
NO_SEATS = blake2b().digest()
"""The digest of institutions without seats."""
_COUNT = select(func.count()).select_from(SEAT)


def find_by_keys(connection: Connection, questionnaire: str, key_hashes: Collection[str]) -> dict[str, EncryptedSeat]:
    """Key hash → seat, for at most `ROWS_PER_READ` keys. Keys without a seat are left out."""
    rows = find_by_key(connection, ", ".join(SEAT.c.keys()), questionnaire, "seat.key_hash", key_hashes)
    return {row.key_hash: build_seat(row) for row in rows}


def find_by_links(connection: Connection, questionnaire: str, link_hashes: Collection[str]) -> dict[str, EncryptedSeat]:
    """Link hash → seat, for at most `ROWS_PER_READ` links. Links without a seat are left out."""
    # filtered by the link only: with the questionnaire in the condition SQLite reads all seats of that questionnaire
    rows = connection.execute(SEATS.where(SEAT.c.link_hash.in_(link_hashes)))
    return {row.link_hash: build_seat(row) for row in rows if row.questionnaire == questionnaire}


class KeyedSeat(NamedTuple):
    """A seat of a list with a key, without what is encrypted."""

    id: int
    institution: str
    key_hash: str
    key_names: str | None
    row_hash: str | None
    name_hash: str | None
    withdrawn: bool


def iter_keyed(connection: Connection, questionnaire: str, institutions: Collection[str]) -> Iterator[KeyedSeat]:
    """Iterate over the seats of some institutions, without seats without a key."""
    keyed = select(*(SEAT.c[name] for name in KeyedSeat._fields)).where(
        SEAT.c.questionnaire == questionnaire,
        SEAT.c.institution.in_(institutions),
        SEAT.c.key_hash.is_not(None),
    )
    yield from map(KeyedSeat._make, connection.execute(keyed))


def find_by_numbers(connection: Connection, numbers: Collection[int]) -> list[EncryptedSeat]:
    """The seats with these numbers, at most `ROWS_PER_READ`."""
    return list(map(build_seat, connection.execute(LISTED_SEATS.where(SEAT.c.id.in_(numbers)))))


def list_institutions(connection: Connection, questionnaire: str) -> list[str]:
    """The institutions with links, in use or withdrawn."""
    found = select(SEAT.c.institution).distinct().where(SEAT.c.questionnaire == questionnaire)
    return sorted(connection.execute(found).scalars())


def map_institutions(identity: Database, questionnaire: str) -> dict[int, str]:
    """Number of each seat → institution."""
    found = select(SEAT.c.id, SEAT.c.institution).where(SEAT.c.questionnaire == questionnaire)
    with identity.read() as connection:
        return {row.id: row.institution for row in connection.execute(found)}


def map_withdrawn(connection: Connection, questionnaire: str) -> dict[str, int]:
    """Key hash → number of a withdrawn seat, of all institutions."""
    found = select(SEAT.c.key_hash, SEAT.c.id).where(
        SEAT.c.questionnaire == questionnaire, SEAT.c.withdrawn.is_(True), SEAT.c.key_hash.is_not(None)
    )
    return {row.key_hash: row.id for row in connection.execute(found)}


def map_all_institutions(identity: Database) -> dict[str, list[str]]:
    """Questionnaire → institutions with links, in use or withdrawn."""
    found: dict[str, list[str]] = {}
    with identity.read() as connection:
        for questionnaire, institution in connection.execute(select(SEAT.c.questionnaire, SEAT.c.institution).distinct()):
            found.setdefault(questionnaire, []).append(institution)
    return found


def iter_seats(connection: Connection, questionnaire: str, institutions: Collection[str]) -> Iterator[EncryptedSeat]:
    """The seats of some institutions, in the order of their numbers."""
    after = -1
    rows = (
        LISTED_SEATS.where(SEAT.c.questionnaire == questionnaire, SEAT.c.institution.in_(institutions))
        .order_by(SEAT.c.id)
        .limit(ROWS_PER_READ)
    )
    while batch := connection.execute(rows.where(SEAT.c.id > after)).all():
        yield from map(build_seat, batch)
        after = batch[-1].id


def count_open(connection: Connection, questionnaire: str, institutions: Collection[str], *, keyless: bool = False) -> int:
    """The number of links in use of some institutions; with `keyless` only those of lists without a key."""
    counted = _COUNT.where(
        SEAT.c.questionnaire == questionnaire, SEAT.c.institution.in_(institutions), SEAT.c.withdrawn.is_(False)
    )
    return connection.execute(counted.where(SEAT.c.key_hash.is_(None)) if keyless else counted).scalar_one()


def digest_seats(connection: Connection, questionnaire: str, institutions: Collection[str]) -> bytes:
    """A digest of the seats of some institutions, to see later whether one of them was added, changed or deleted."""
    digest = blake2b()
    for seat in iter_seats(connection, questionnaire, institutions):
        digest.update(repr(seat).encode())
    return digest.digest()


def change_seats(connection: Connection, seats: Iterable[EncryptedSeat], columns: Collection[str]) -> None:
    """Update these columns of seats: `ENCRYPTED` or `LISTED_COLUMNS`."""
    statement = update(SEAT).where(SEAT.c.id == bindparam("seat")).values({name: bindparam(name) for name in columns})
    remaining = iter(seats)
    while batch := list(islice(remaining, ROWS_PER_READ)):
        connection.execute(statement, [{"seat": seat.id, **{name: getattr(seat, name) for name in columns}} for seat in batch])
        if columns == LISTED_COLUMNS:  # labels change no address
            replace_addresses(connection, [(seat.id, seat.address_hashes) for seat in batch])


def set_withdrawn(connection: Connection, seats: Iterable[int], *, withdrawn: bool) -> int:
    """Withdraw or restore the links of seats; return the number of changed seats."""
    numbers, changed = iter(seats), 0
    while batch := list(islice(numbers, ROWS_PER_READ)):
        change = update(SEAT).where(SEAT.c.id.in_(batch), SEAT.c.withdrawn.is_(not withdrawn)).values(withdrawn=withdrawn)
        changed += connection.execute(change).rowcount
    return changed


def read_links(connection: Connection, seats: Iterable[int]) -> dict[int, tuple[str, bool]]:
    """Return seat → hash of its link, and whether the link is withdrawn."""
    numbers, found = iter(seats), dict[int, tuple[str, bool]]()
    while batch := list(islice(numbers, ROWS_PER_READ)):
        rows = connection.execute(select(SEAT.c.id, SEAT.c.link_hash, SEAT.c.withdrawn).where(SEAT.c.id.in_(batch)))
        found.update((id, (link_hash, bool(withdrawn))) for id, link_hash, withdrawn in rows)
    return found


def set_links(connection: Connection, links: Iterable[tuple[int, str]]) -> None:
    """Replace the links of seats: pairs of seat and hash of its new link."""
    statement = update(SEAT).where(SEAT.c.id == bindparam("seat")).values(link_hash=bindparam("link"))
    rows = ({"seat": seat, "link": link_hash} for seat, link_hash in links)
    while batch := list(islice(rows, ROWS_PER_READ)):
        connection.execute(statement, batch)


def set_keys(connection: Connection, keys: Iterable[tuple[int, str]]) -> None:
    """Replace the keys of seats: pairs of seat and hash of its new key."""
    statement = update(SEAT).where(SEAT.c.id == bindparam("seat")).values(key_hash=bindparam("key"))
    rows = ({"seat": seat, "key": key_hash} for seat, key_hash in keys)
    while batch := list(islice(rows, ROWS_PER_READ)):
        connection.execute(statement, batch)


def set_rows(connection: Connection, rows: Iterable[tuple[int, str | None, str | None, str | None]]) -> None:
    """Replace the hashes of key columns, rows and names: seat, `key_names`, `row_hash`, `name_hash`. None keeps the name."""
    name = func.coalesce(bindparam("name", type_=String), SEAT.c.name_hash)
    hashes = {"key_names": bindparam("names"), "row_hash": bindparam("row"), "name_hash": name}
    statement = update(SEAT).where(SEAT.c.id == bindparam("seat")).values(hashes)
    values = ({"seat": seat, "names": names, "row": row, "name": name} for seat, names, row, name in rows)
    while batch := list(islice(values, ROWS_PER_READ)):
        connection.execute(statement, batch)

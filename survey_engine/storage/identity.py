"""Statements on seats. Background and language are encrypted by the caller: this store has neither answers nor keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, column, select, table, text

from survey_engine.model.questionnaire import Values
from survey_engine.storage.addresses import add_addresses
from survey_engine.storage.bulk_rows import insert_rows
from survey_engine.storage.database import Database, make_id

_ADD = (
    "INSERT INTO seat (id, link_hash, questionnaire, institution, sealed, withdrawn, key_hash, key_names, row_hash, details, login_hash,"
    " first_name_hash, name_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_COLUMNS = ("id", "questionnaire", "institution", "sealed", "withdrawn", "key_hash", "link_hash")
_OF_LISTS = ("key_names", "row_hash", "details", "login_hash", "first_name_hash", "name_hash")
SEAT = table("seat", *map(column, (*_COLUMNS, *_OF_LISTS)))
SEATS = select(*(SEAT.c[name] for name in _COLUMNS))
"""The first columns that `build_seat` expects: those that a restored older store has too."""
LISTED_SEATS = select(*SEAT.c)
"""All columns that `build_seat` expects, to compare lists with."""
_FIND = f"{SEATS} WHERE link_hash = :link_hash"
_FIND_NUMBER = f"{SEATS} WHERE id = :seat"
_FIND_LOGIN = SEATS.add_columns(SEAT.c.login_hash, SEAT.c.first_name_hash).where(
    SEAT.c.questionnaire == bindparam("questionnaire"),
    SEAT.c.login_hash.in_(bindparam("login_hashes", expanding=True)),
    SEAT.c.withdrawn.is_(False),
)
_WITHDRAWN = text("SELECT id FROM seat WHERE questionnaire = :questionnaire AND withdrawn")
_ALL = text("SELECT id FROM seat WHERE questionnaire = :questionnaire")
_SEALED = text("SELECT id, sealed, details FROM seat WHERE id > :after ORDER BY id LIMIT :batch")
_CLEAR = text("SELECT id, sealed, NULL FROM seat WHERE sealed LIKE '{%' AND id > :after ORDER BY id LIMIT :batch")
_LOCK = text("LOCK TABLE seat IN SHARE ROW EXCLUSIVE MODE")
_CACHE = text("PRAGMA cache_size = -65536")
"""64 MB instead of 2: else the pages of the indexes are written and read again for each seat of a large list."""
_SEAL = text("UPDATE seat SET sealed = :sealed, details = coalesce(:details, details) WHERE id = :id")


ROWS_PER_READ = 1000
"""Rows per statement."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One person who may answer, without name."""

    questionnaire: str
    institution: str
    background: Values = field(default_factory=dict)
    language: str | None = None
    id: int = 0
    withdrawn: bool = False
    key_hash: str | None = None
    """Keyed hash of the person's key on the institution's list; None when the list had no key."""
    link_hash: str = field(default="", compare=False)
    """Hash of the personal link; empty before the seat is stored."""
    key_names: str | None = field(default=None, compare=False)
    """Keyed hash of the headings of the key columns; None when unknown."""
    row_hash: str | None = field(default=None, compare=False)
    """Keyed hash of the copied cells of the person's row, and of these cells without the key; None when unknown, or when it identifies
    no person."""
    details: Mapping[str, Any] | None = None
    """Addresses, names, labels and link by kind; None when the list had none, or they were not read."""
    login_hash: str | None = field(default=None, compare=False)
    """Keyed hash of birth date and surname, as `first_name_hash`; both follow from the details."""
    first_name_hash: str | None = field(default=None, compare=False)
    name_hash: str | None = field(default=None, compare=False)
    """Keyed hash of key and name, the same at every institution; None when unknown."""
    address_hashes: tuple[str, ...] = field(default=(), compare=False)
    """Keyed hashes of the addresses in the details; empty in seats that were read."""
    replaced_hash: str = field(default="", compare=False)
    """Hash of the link that stops working when this one, which was mailed, is used; empty for all other links."""


class EncryptedSeat(NamedTuple):
    """A seat as stored."""

    id: int
    questionnaire: str
    institution: str
    sealed: str
    """Background and language, encrypted."""
    withdrawn: bool
    key_hash: str | None = None
    link_hash: str = ""
    key_names: str | None = None
    row_hash: str | None = None
    details: str | None = None
    """Addresses, names, labels and link, encrypted."""
    login_hash: str | None = None
    first_name_hash: str | None = None
    name_hash: str | None = None
    address_hashes: tuple[str, ...] = ()
    replaced_hash: str = ""
    """As in `Seat`."""


@contextmanager
def begin_seat_transaction(identity: Database) -> Iterator[Connection]:
    """Begin a transaction that reads seats and changes them by what it read: no other transaction changes seats before it ends."""
    with identity.write() as connection:
        connection.execute(_CACHE if identity.is_sqlite else _LOCK)  # SQLite has one writer
        yield connection


def add_seats(connection: Connection, seats: Iterable[EncryptedSeat], link_hashes: Iterable[str]) -> None:
    """Store seats with the hashes of their links. A seat whose number is 0 or taken gets a random number."""
    values, linked = attrgetter(*_COLUMNS[1:-1], *_OF_LISTS), zip(seats, link_hashes, strict=True)
    while batch := list(islice(linked, ROWS_PER_READ)):
        taken = {0, *connection.execute(select(SEAT.c.id).where(SEAT.c.id.in_([seat.id for seat, _ in batch]))).scalars()}
        added = [(make_id() if seat.id in taken else seat.id, seat, link_hash) for seat, link_hash in batch]
        insert_rows(connection, _ADD, [(id, link_hash, *values(seat)) for id, seat, link_hash in added])
        add_addresses(connection, ((id, seat.address_hashes) for id, seat, _ in added))


def build_seat(row: Sequence[Any]) -> EncryptedSeat:
    """Build a seat from a row of `SEATS` or `LISTED_SEATS`."""
    return EncryptedSeat(row[0], row[1], row[2], row[3], bool(row[4]), *row[5:])


def find_seat(database: Database, link_hash: str) -> EncryptedSeat | None:
    """The seat with this link hash."""
    return _find(database, _FIND, {"link_hash": link_hash})


def find_seat_by_number(database: Database, seat: int) -> EncryptedSeat | None:
    """The seat with this number, without details."""
    return _find(database, _FIND_NUMBER, {"seat": seat})


def _find(database: Database, statement: str, values: Mapping[str, object]) -> EncryptedSeat | None:
    rows = database.fetch(statement, values)
    return build_seat(rows[0]) if rows else None


def find_by_login(database: Database, questionnaire: str, login_hashes: Sequence[str]) -> list[EncryptedSeat]:
    """The seats in use with one of these hashes of birth date and surname, without details."""
    with database.read() as connection:
        rows = connection.execute(_FIND_LOGIN, {"questionnaire": questionnaire, "login_hashes": login_hashes}).all()
    return [build_seat(row[:-2])._replace(login_hash=row[-2], first_name_hash=row[-1]) for row in rows]


def list_withdrawn(database: Database, questionnaire: str) -> list[int]:
    """The numbers of the withdrawn seats of a questionnaire."""
    with database.read() as connection:
        return [row[0] for row in connection.execute(_WITHDRAWN, {"questionnaire": questionnaire})]


def list_seats(database: Database, questionnaire: str) -> list[int]:
    """The numbers of all seats of a questionnaire."""
    with database.read() as connection:
        return [row[0] for row in connection.execute(_ALL, {"questionnaire": questionnaire})]


def reencrypt_seats(
    database: Database,
    change: Callable[[str], str],
    *,
    clear: bool = False,
    finish: Callable[[Connection], object] = lambda connection: None,
) -> int:
    """Replace the encrypted texts of each seat by `change(text)`; return the number of changed seats.

    Args: clear: only seats that are not encrypted yet · finish: called at the end of the transaction.
    """
    changed = 0
    with begin_seat_transaction(database) as connection:
        for batch in _read_batches(connection, _CLEAR if clear else _SEALED):
            made = [(id, change(sealed), details and change(details)) for id, sealed, details in batch]
            names = ("id", "sealed", "details")
            rows = [dict(zip(names, row, strict=True)) for row, before in zip(made, batch, strict=True) if row != before]
            if rows:
                connection.execute(_SEAL, rows)
            changed += len(rows)
        finish(connection)
    return changed


def list_sealed(database: Database, most: int) -> list[str]:
    """The encrypted texts of some seats, at most so many."""
    with database.read() as connection:
        rows = connection.execute(_SEALED, {"after": -1, "batch": most}).all()
    return [text for _, sealed, details in rows for text in (sealed, details) if text and not text.startswith("{")]


def has_clear_seats(database: Database) -> bool:
    """Whether some seats are not encrypted yet."""
    with database.read() as connection:
        return connection.execute(_CLEAR, {"after": -1, "batch": 1}).first() is not None


def _read_batches(connection: Connection, statement: TextClause) -> Iterator[list[tuple[int, str, str | None]]]:
    after = -1
    while batch := [(row[0], row[1], row[2]) for row in connection.execute(statement, {"after": after, "batch": ROWS_PER_READ})]:
        yield batch
        after = batch[-1][0]

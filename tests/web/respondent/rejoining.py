"""How somebody without a key would join addresses with responses: by every order that files, rows, logs and backups tell.

An attack lists addresses in some order; the k-th is joined with the k-th response that signed up. Pure chance finds one of
each batch.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from survey_engine.fieldwork.invitations.links import find_by_link
from tests.databases import PostgresServer
from tests.web.conftest import House, send, start, walk

SQLITE_PAGE = 4096
WAL_HEAD, FRAME_HEAD = 32, 24


def sign_up_many(house: House, count: int) -> Iterator[tuple[int, str]]:
    """Respondents one after another who sign up on the last page; yields response and address after each."""
    for number in range(count):
        device = house.device()
        address = f"{os.urandom(4).hex()}@{number:03}.example.org"
        panel = walk(device, start(device, house.invite(level=1 + number % 4)), {"has_job": "no"}, {"story": "well"})
        assert send(device, panel, {"panel": address}).drawn.receipt
        yield house.find_response(device), address


def invite_many(house: House, count: int) -> list[tuple[str, int]]:
    """Links and seats of students who differ in nothing but what they study."""
    links = [house.invite(level=3, programme=f"programme {number}") for number in range(count)]
    found = [find_by_link(house.site.identity, link.removeprefix("/l/")) for link in links]
    return [(link, seat.id) for link, seat in zip(links, found, strict=True) if seat]


def score(order: Sequence[str], responses: Sequence[int], truth: Mapping[int, str]) -> int:
    """How many are joined rightly, forwards or backwards, whichever finds more."""
    ways = (order, order[::-1])
    return max(sum(truth[id] == address for id, address in zip(responses, way, strict=False)) for way in ways)


def read_addresses(house: House) -> list[str]:
    """As the table gives them: in the order of the file."""
    how = "rowid" if house.site.identity.is_sqlite else "ctid"
    return [row[0] for row in house.rows(f"SELECT address FROM panel_member ORDER BY {how}", store="identity")]


def sort_found(data: bytes, addresses: Sequence[str], page: int, head: int = 0, frame: int = 0, last: bool = False) -> list[str]:
    """Addresses by their place in a file: page by page, and in a page from its end, where SQLite puts the first row."""
    find = data.rfind if last else data.find

    def place(address: str) -> tuple[int, int]:
        at = find(address.encode())
        return (at - head) // (page + frame), -at

    return sorted((address for address in addresses if address.encode() in data), key=place)


def attack_sqlite(path: Path, addresses: Sequence[str]) -> dict[str, list[str]]:
    """The orders of a database's file, log, dump and backup."""
    found = {}
    if (wal := path.with_name(f"{path.name}-wal")).is_file():
        found["wal"] = sort_found(wal.read_bytes(), addresses, SQLITE_PAGE, WAL_HEAD, FRAME_HEAD)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        dump = "\n".join(connection.iterdump()).encode()
        with closing(sqlite3.connect(path.with_suffix(".backup"))) as copy:
            connection.backup(copy)
    found["cells of the table"] = sort_found(path.read_bytes(), addresses, SQLITE_PAGE)
    found["cells of the index"] = sort_found(path.read_bytes(), addresses, SQLITE_PAGE, last=True)
    found["dump"] = sort_found(dump, addresses, 1)
    found["backup"] = sort_found(path.with_suffix(".backup").read_bytes(), addresses, SQLITE_PAGE)
    return found


def attack_postgresql(server: PostgresServer, database: str, addresses: Sequence[str]) -> dict[str, list[str]]:
    """The orders of rows, transactions, dump, data files and log."""
    server.execute("CHECKPOINT")
    found = {}
    for how in ("ctid", "xmin::text::bigint, ctid"):
        rows = server.call("psql", server.dsn(database), "-Atc", f"SELECT address FROM panel_member ORDER BY {how}")
        found[how.split(":")[0]] = rows.split()
    found["dump"] = sort_found(server.call("pg_dump", server.dsn(database), "-a", "-t", "panel_member").encode(), addresses, 1)
    oid = server.call("psql", server.dsn(database), "-Atc", f"SELECT oid FROM pg_database WHERE datname = '{database}'").strip()
    files = b"".join(path.read_bytes() for path in sorted((server.data / "base" / oid).iterdir()) if path.is_file())
    found["data files"] = sort_found(files, addresses, 8192)
    wal = b"".join(path.read_bytes() for path in sorted((server.data / "pg_wal").glob("0*")))
    found["wal"] = sort_found(wal, addresses, 1)
    return found

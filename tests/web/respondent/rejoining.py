"""Attacks that link addresses to responses without a key, by the order of files, rows, logs and backups.

An attack sorts the addresses and links the k-th one to the k-th response that signed up. Chance links one of each batch.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.operations.simulation.browsing import Browser, Reply
from tests.databases import PostgresServer
from tests.web.conftest import House, send, start, walk

SQLITE_PAGE = 4096
WAL_HEAD, FRAME_HEAD = 32, 24


def sign_up_many(house: House, count: int) -> Iterator[tuple[int, str]]:
    """Let respondents sign up one after another on the last page; yield response and address of each.

    Each address has a length of its own, and its page is saved while it is typed.
    """
    for number in range(count):
        device = house.device(script=True)
        address = f"{os.urandom(4).hex()}@{number:03}{'x' * number}.example.org"
        panel = walk(device, start(device, house.invite(level=1 + number % 4)), {"has_job": "no"}, {"story": "well"})
        type_address(device, panel, address)
        assert send(device, panel, {"panel": address}, number=str(len(address) + 2)).drawn.receipt
        yield house.find_response(device), address


def type_address(device: Browser, panel: Reply, address: str) -> None:
    """Save the page in the background after every third keystroke, with the count of keystrokes, as older scripts do."""
    for typed in range(1, len(address) + 1, 3):
        assert send(device, panel, {"panel": address[:typed]}, wish="keep", number=str(typed)).status == 422


COUNTS = (
    "SELECT p.response_id, p.number, p.version, r.saves, p.saved_at FROM page p JOIN response r ON r.id = p.response_id"
    " WHERE p.page = 'panel'"
)


def attack_counts(house: House, truth: Mapping[int, str]) -> dict[str, int]:
    """Return the number of addresses found by their length, for each column that may count keystrokes or saves."""
    shortest_first = sorted(truth.values(), key=len)
    found = {}
    for at, column in enumerate(("number", "version", "saves", "saved_at"), start=1):
        rows = sorted(house.rows(COUNTS), key=lambda row: (row[at], row[0]))
        found[column] = score(shortest_first, [row[0] for row in rows], truth)
    return found


def invite_many(house: House, count: int) -> list[tuple[str, int]]:
    """Create links and seats of students who differ only in their course."""
    links = [house.invite(level=3, programme=f"programme {number}") for number in range(count)]
    found = [find_by_link(house.site.identity, link.removeprefix("/l/")) for link in links]
    return [(link, seat.id) for link, seat in zip(links, found, strict=True) if seat]


def score(order: Sequence[str], responses: Sequence[int], truth: Mapping[int, str]) -> int:
    """Return the number of correct pairs, in this or in reverse order, whichever is higher."""
    ways = (order, order[::-1])
    return max(sum(truth[id] == address for id, address in zip(responses, way, strict=False)) for way in ways)


def read_addresses(house: House) -> list[str]:
    """Return the addresses in the order of the table."""
    how = "rowid" if house.site.identity.is_sqlite else "ctid"
    return [row[0] for row in house.rows(f"SELECT address FROM panel_member ORDER BY {how}", store="identity")]


def sort_found(data: bytes, addresses: Sequence[str], page: int, head: int = 0, frame: int = 0, last: bool = False) -> list[str]:
    """Return addresses in file order: by page, and within a page from its end, where SQLite writes the first row."""
    find = data.rfind if last else data.find

    def place(address: str) -> tuple[int, int]:
        at = find(address.encode())
        return (at - head) // (page + frame), -at

    return sorted((address for address in addresses if address.encode() in data), key=place)


def attack_sqlite(path: Path, addresses: Sequence[str]) -> dict[str, list[str]]:
    """Return the order of addresses in the file, log, dump and backup of a database."""
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
    """Return the order of addresses by row, transaction, dump, data file and log."""
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


HIDDEN = (
    "(ctid::text::point)[0] * 1000 + (ctid::text::point)[1] AS ctid, xmin::text::bigint AS xmin, xmax::text::bigint AS xmax, "
)
"""System columns of PostgreSQL: the place of a row, and the transactions that wrote and locked it."""


class Withdrawals:
    """Attacks that guess the responses of withdrawn links from rare, latest, changed or simultaneous values."""

    def __init__(self, house: House) -> None:
        self.house, self.is_sqlite = house, house.site.answers.is_sqlite
        self.before, self.logged = self.read(), self.find_log_end()

    def read(self) -> dict[int, dict[str, Any]]:
        """Return the values by response and column, in file order."""
        hidden, order = ("", "rowid") if self.is_sqlite else (HIDDEN, "ctid")
        with self.house.site.answers.read() as connection:
            rows = connection.execute(text(f"SELECT {hidden}response.* FROM response ORDER BY {order}")).mappings()
            return {row["id"]: dict(row) for row in rows}

    def find_log_end(self) -> tuple[Path, int]:
        if self.is_sqlite:
            return self.house.folder / "data" / "answers.db-wal", 0
        ((folder, file, at),) = self.house.rows(
            "SELECT current_setting('data_directory'), (pg_walfile_name_offset(pg_current_wal_insert_lsn())).*"
        )
        return Path(folder) / "pg_wal" / file, at

    def suspect(self, seats: Sequence[int]) -> dict[str, list[int]]:
        """Return the guesses by attack, most likely first, after the links of these seats were withdrawn."""
        after = self.read()
        file, at = self.logged
        log = file.read_bytes()[at:].rstrip(b"\0")  # PostgreSQL makes a log file of 16 MB at once
        found = {
            "changed": [id for id, row in after.items() if row != self.before[id]],
            "last in the file": [*after][::-1],
            "log": sorted(after, key=lambda id: log.rfind(str(after[id]["pseudonym"]).encode()), reverse=True),
        }
        for column in next(iter(after.values())):
            found |= rank(column, {id: str(row[column]) for id, row in after.items()})
        if not self.is_sqlite:
            listed = ", ".join(map(str, seats))
            moments = [
                row[0] for row in self.house.rows(f"SELECT xmin::text::bigint FROM seat WHERE id IN ({listed})", store="identity")
            ]
            for how in ("xmin", "xmax"):
                near = {id: min(abs(row[how] - moment) for moment in moments) for id, row in after.items()}
                found[f"same {how}"] = sorted(after, key=near.__getitem__)
        return found


def rank(column: str, values: Mapping[int, str]) -> dict[str, list[int]]:
    """Return two orders of responses: rarest value first, and highest value first."""
    counts = Counter(values.values())
    return {
        f"rare {column}": sorted(values, key=lambda id: counts[values[id]]),
        f"high {column}": sorted(values, key=lambda id: (len(values[id]), values[id]), reverse=True),
    }

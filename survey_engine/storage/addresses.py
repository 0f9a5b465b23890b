"""Statements on keyed hashes of addresses: find the seats of an address, limit the mails to an address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from survey_engine.storage.bulk_rows import insert_rows
from survey_engine.storage.database import Database, make_id

_ADD = "INSERT INTO seat_address (address_hash, seat) VALUES (?, ?) ON CONFLICT DO NOTHING"
_REMOVE = text("DELETE FROM seat_address WHERE seat = :seat")
_FIND = text("SELECT seat FROM seat_address WHERE address_hash = :address_hash ORDER BY seat")
_ANY = "SELECT 1 FROM seat_address LIMIT 1"
_CLAIM = text(
    "INSERT INTO mailed_address (address_hash, claimed_at) VALUES (:address_hash, :now)"
    " ON CONFLICT (address_hash) DO UPDATE SET claimed_at = excluded.claimed_at, mails = mailed_address.mails + 1"
    " WHERE mailed_address.claimed_at <= :before AND mailed_address.mails < :most"
)
_RELEASE = [
    text("DELETE FROM mailed_address WHERE address_hash = :address_hash AND mails = 1"),
    text("UPDATE mailed_address SET mails = mails - 1, claimed_at = claimed_at - :seconds WHERE address_hash = :address_hash"),
]
PAUSE_SECONDS, SPREAD_SECONDS, MOST_MAILS, DAY_SECONDS = 600.0, 3_000.0, 5, 86_400.0
"""After a mail, an address gets none for `PAUSE_SECONDS` plus a random part of `SPREAD_SECONDS`; after `MOST_MAILS`, none for a day."""
UNSENT, UNKNOWN_OUTCOME, REFUSED = "unsent-mail", "unknown", "refused"
"""Kind of `job` rows that record an unsent mail: the server refused it, or the result is unknown. No worker takes these rows."""
_NOTE = text(
    "INSERT INTO job (id, kind, once, payload, attempts, due_at, failure) VALUES (:id, :kind, :once, '{}', 1, :now, :failure)"
)
_SETTLE = text("DELETE FROM job WHERE once = :once")
_REPEAT = text("UPDATE job SET failure = :failure WHERE once = :once")
_UNSENT = text("SELECT once, due_at, failure FROM job WHERE kind = :kind ORDER BY due_at")
_FORGET_UNKNOWN = text("DELETE FROM mailed_address WHERE address_hash NOT IN (SELECT address_hash FROM seat_address)")
_FORGET_UNSENT = text(
    "DELETE FROM job WHERE kind = :kind AND once NOT IN (SELECT CAST(:kind AS text) || address_hash FROM seat_address)"
)
_FORGET = text("DELETE FROM mailed_address WHERE claimed_at <= :before")


def forget_unknown(connection: Connection) -> None:
    """Delete the records of mails to addresses that no seat has any more."""
    connection.execute(_FORGET_UNKNOWN)
    connection.execute(_FORGET_UNSENT, {"kind": UNSENT})


def add_addresses(connection: Connection, seats: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Add the addresses of seats: (seat, keyed hashes). Rows are inserted in the order of the hashes, which reveals no order of seats."""
    rows = sorted((one, seat) for seat, hashes in seats for one in hashes)
    insert_rows(connection, _ADD, rows)


def replace_addresses(connection: Connection, seats: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Replace the addresses of at most `BATCH` seats."""
    if seats:
        connection.execute(_REMOVE, [{"seat": seat} for seat, _ in seats])
    add_addresses(connection, seats)


def find_seats_of_address(identity: Database, address_hash: str) -> list[int]:
    """The numbers of the seats with this address, withdrawn ones too."""
    with identity.read() as connection:
        return list(connection.execute(_FIND, {"address_hash": address_hash}).scalars())


def has_addresses(identity: Database) -> bool:
    """Whether any seat has an address."""
    return bool(identity.fetch(_ANY, {}))


def claim_address(identity: Database, address_hash: str, *, now: float, spread: float) -> bool:
    """Claim an address for one mail; return False in the pause after an earlier mail, or after `MOST_MAILS`.

    Until `settle_mail`, the mail is on the list of unsent mails: it remains there if the worker is killed.

    Args:
        now: seconds since 1970. The row of the address stores `now + spread`, the list of unsent mails the full hour.
        spread: random seconds by which the pause is longer.
    """
    with identity.write() as connection:
        connection.execute(_FORGET, {"before": now - DAY_SECONDS})
        values = {"address_hash": address_hash, "now": now + spread, "before": now - PAUSE_SECONDS, "most": MOST_MAILS}
        is_claimed = connection.execute(_CLAIM, values).rowcount == 1
        if is_claimed:
            _settle(connection, address_hash)
            hour = now - now % 3600
            connection.execute(
                _NOTE, {"id": make_id(), "kind": UNSENT, "once": UNSENT + address_hash, "now": hour, "failure": UNKNOWN_OUTCOME}
            )
    return is_claimed


def forget_claims(identity: Database, now: float) -> None:
    """Delete the records of addresses that got no mail for a day."""
    with identity.write() as connection:
        connection.execute(_FORGET, {"before": now - DAY_SECONDS})


def has_claims(identity: Database) -> bool:
    """Whether any address got a mail in the last day."""
    return bool(identity.fetch("SELECT 1 FROM mailed_address LIMIT 1", {}))


def undo_claim(identity: Database, address_hash: str) -> None:
    """Undo a claim after which nothing was sent."""
    values = {"address_hash": address_hash}
    with identity.write() as connection:
        if not connection.execute(_RELEASE[0], values).rowcount:
            connection.execute(_RELEASE[1], {**values, "seconds": PAUSE_SECONDS + SPREAD_SECONDS})
        _settle(connection, address_hash)


def settle_mail(identity: Database, address_hash: str, failure: str = "") -> None:
    """Remove a mail from the list of unsent mails; if `failure` is given, record the failure there instead."""
    with identity.write() as connection:
        _settle(connection, address_hash, failure)


def _settle(connection: Connection, address_hash: str, failure: str = "") -> None:
    statement, values = (_REPEAT, {"failure": failure}) if failure else (_SETTLE, {})
    connection.execute(statement, {"once": UNSENT + address_hash, **values})


class UnsentMail(NamedTuple):
    """A mail that was not sent, or whose result is unknown."""

    address_hash: str
    claimed_at: float
    """The full hour, in seconds since 1970."""
    failure: str


def list_unsent(identity: Database) -> list[UnsentMail]:
    """List the unsent mails, the oldest first."""
    with identity.read() as connection:
        rows = connection.execute(_UNSENT, {"kind": UNSENT}).all()
    return [UnsentMail(once.removeprefix(UNSENT), due_at, failure) for once, due_at, failure in rows]

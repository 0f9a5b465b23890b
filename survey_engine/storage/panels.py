"""Statements on panel addresses. Encrypted addresses wait in the store of answers, and move in batches to the store of identity."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from survey_engine.storage.database import Database, make_id
from survey_engine.storage.identity import ROWS_PER_READ
from survey_engine.storage.leftovers import note_erasure

_WAIT = text(
    "INSERT INTO panel_waiting (name, panel, token, signup) VALUES (:name, :panel, :token, :signup)"
    " ON CONFLICT (name, panel) DO UPDATE SET token = excluded.token, signup = excluded.signup"
)
_FIND_SIGNUP = "SELECT token, signup FROM panel_waiting WHERE name = :name AND panel = :panel"
_TAKE_BACK = text("DELETE FROM panel_waiting WHERE name = :name AND panel = :panel")
_REMOVE_SIGNUP = text("DELETE FROM panel_waiting WHERE name = :name AND panel = :panel AND signup = :signup")
_TAKE_ALL_BACK = text("DELETE FROM panel_waiting WHERE name = :name")
_FIND = text("SELECT panel, token FROM panel_waiting WHERE name = :name")
_COUNT_ALL = text("SELECT panel, count(*) FROM panel_waiting GROUP BY panel ORDER BY panel")
LEAVING = "-"
"""Prefix of the name of an address that is being moved; other names are hexadecimal."""
_LIST_STAYING = text("SELECT token FROM panel_waiting WHERE panel = :panel AND name NOT LIKE '-%'")
_DELETE_STAYING = text("DELETE FROM panel_waiting WHERE panel = :panel AND name NOT LIKE '-%'")
_LIST_LEAVING = text("SELECT name, token FROM panel_waiting WHERE panel = :panel AND name LIKE '-%'")
_LOCK = text("LOCK TABLE panel_waiting IN EXCLUSIVE MODE")
_LIST_SOME = text("SELECT token FROM panel_waiting LIMIT :most")
_RENEW = text("UPDATE panel_waiting SET token = :renewed WHERE name = :name AND panel = :panel AND token = :token")
_LIST = text("SELECT name, panel, token, signup FROM panel_waiting")
_MEMBERS = text("SELECT panel, address FROM panel_member")
_FIND_MEMBERS = text("SELECT address FROM panel_member WHERE panel = :panel")
_COUNT_MEMBERS = text("SELECT count(*) FROM panel_member")
_ADD_MEMBERS = text("INSERT INTO panel_member (id, panel, address) VALUES (:id, :panel, :address)")


SHORT_LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '250ms'")
"""For requests to lock a table: other statements queue behind such a request."""


def is_lock_timeout(error: OperationalError) -> bool:
    """Whether PostgreSQL reached the lock timeout."""
    return getattr(error.orig, "sqlstate", "") == "55P03"


class WaitingAddress(NamedTuple):
    """A panel address of one response; an empty token deletes the address."""

    name: str
    """Keyed hash of the response's id."""
    panel: str
    """Codes of the questionnaire and the question, with a slash between them."""
    token: str | None
    signup: int
    """Random number of this sign-up."""


class Member(NamedTuple):
    """An address of a panel."""

    panel: str
    address: str


OnReplaced = Callable[[WaitingAddress, WaitingAddress], object]
"""Called in the transaction with the waiting address and its replacement. Returns True to keep the waiting address, for example
because both are equal. An exception prevents the change.
"""


def store_waiting(connection: Connection, waiting: WaitingAddress, on_replaced: OnReplaced, *, only_change: bool = False) -> bool:
    """Store, change or delete an address in the transaction of `connection`.

    Args: only_change: store nothing if no address is waiting.

    Returns:
        Whether an address was waiting before.
    """
    find = text(_FIND_SIGNUP + ("" if connection.dialect.name == "sqlite" else " FOR UPDATE"))
    before = connection.execute(find, waiting._asdict()).first()
    is_kept = before is not None and on_replaced(waiting._replace(token=before[0], signup=before[1]), waiting) is True
    if before is not None and not is_kept:
        note_erasure(connection)
    if not is_kept and (before is not None or not only_change):
        connection.execute(_WAIT if waiting.token else _TAKE_BACK, waiting._asdict())
    return before is not None


def change_waiting(answers: Database, waiting: WaitingAddress, on_replaced: OnReplaced) -> bool:
    """Change or delete an address; return False if it is no longer waiting."""
    with answers.write() as connection:
        return store_waiting(connection, waiting, on_replaced, only_change=True)


def list_waiting(answers: Database) -> list[WaitingAddress]:
    """List the waiting addresses that are not being moved."""
    with answers.read() as connection:
        found = [WaitingAddress(*row) for row in connection.execute(_LIST)]
    return [waiting for waiting in found if not waiting.name.startswith(LEAVING)]


def remove_signups(answers: Database, waiting: Iterable[WaitingAddress]) -> int:
    """Delete sign-ups unless they were changed meanwhile; return the number of deleted sign-ups."""
    with answers.write() as connection:
        note_erasure(connection)
        return sum(connection.execute(_REMOVE_SIGNUP, one._asdict()).rowcount for one in waiting)


def find_waiting(answers: Database, name: str) -> dict[str, str]:
    """Panel → token, for the waiting addresses of one response."""
    with answers.read() as connection:
        return {row[0]: row[1] for row in connection.execute(_FIND, {"name": name})}


def delete_waiting(connection: Connection, name: str) -> None:
    """Delete the waiting addresses of a response in the transaction of `connection`."""
    connection.execute(_TAKE_ALL_BACK, {"name": name})


def count_waiting(answers: Database) -> dict[str, int]:
    """Panel → number of waiting addresses, including those that are being moved."""
    with answers.read() as connection:
        return {row[0]: row[1] for row in connection.execute(_COUNT_ALL)}


def mark_leaving(answers: Database, panel: str, is_enough: Callable[[list[str]], bool]) -> None:
    """Mark the waiting addresses of a panel for moving if `is_enough` returns True for their tokens.

    The addresses get random names, so that responses can no longer find, change or delete them.
    """
    with answers.write() as connection:
        if not answers.is_sqlite:
            connection.execute(_LOCK)
        tokens = [row[0] for row in connection.execute(_LIST_STAYING, {"panel": panel})]
        if tokens and is_enough(tokens):
            note_erasure(connection)
            secrets.SystemRandom().shuffle(tokens)
            connection.execute(_DELETE_STAYING, {"panel": panel})
            named = ({"name": LEAVING + secrets.token_hex(15), "panel": panel, "token": token, "signup": 0} for token in tokens)
            while batch := list(islice(named, ROWS_PER_READ)):
                connection.execute(_WAIT, batch)


def map_leaving(answers: Database, panel: str) -> dict[str, str]:
    """Name → token of the addresses that are being moved."""
    with answers.read() as connection:
        return {row[0]: row[1] for row in connection.execute(_LIST_LEAVING, {"panel": panel})}


def remove_leaving(answers: Database, panel: str, names: Collection[str]) -> None:
    """Delete addresses that were moved."""
    with answers.write() as connection:
        connection.execute(_TAKE_BACK, [{"name": name, "panel": panel} for name in names])


def list_waiting_tokens(database: Database, most: int) -> list[str]:
    """List the encrypted addresses of at most `most` sign-ups."""
    with database.read() as connection:
        return [row[0] for row in connection.execute(_LIST_SOME, {"most": most})]


def renew_waiting(answers: Database, renew: Callable[[str], str]) -> int:
    """Replace each token by `renew(token)`; return the number of changed tokens."""
    with answers.write() as connection:
        changed = [{**row, "renewed": renew(row["token"])} for row in connection.execute(_LIST).mappings()]
        changed = [row for row in changed if row["renewed"] != row["token"]]
        if changed:
            connection.execute(_RENEW, changed)
    return len(changed)


def add_members(identity: Database, members: Sequence[Member]) -> bool:
    """Add addresses and rewrite the table in random order, without duplicates: neither the file nor the rows reveal new addresses.

    Returns False and stores nothing if a reader, such as a backup, has locked the table on PostgreSQL. Respondents wait for this
    call, so the call does not wait for the reader.
    """
    try:
        _rewrite_members(identity, members)
    except OperationalError as error:
        if not is_lock_timeout(error):
            raise
        return False
    return True


def _rewrite_members(identity: Database, members: Sequence[Member]) -> None:
    with identity.write() as connection:
        if not identity.is_sqlite:
            connection.execute(SHORT_LOCK_TIMEOUT)
            connection.execute(text("LOCK TABLE panel_member IN ACCESS EXCLUSIVE MODE"))
        everybody = [*{Member(*row) for row in connection.execute(_MEMBERS)} | {*members}]
        secrets.SystemRandom().shuffle(everybody)
        connection.execute(text("DELETE FROM panel_member" if identity.is_sqlite else "TRUNCATE panel_member"))
        rows = ({"id": make_id(), **member._asdict()} for member in everybody)
        while batch := list(islice(rows, ROWS_PER_READ)):
            connection.execute(_ADD_MEMBERS, batch)


def list_members(identity: Database) -> list[Member]:
    """All members of all panels, in random order."""
    with identity.read() as connection:
        found = [Member(*row) for row in connection.execute(_MEMBERS)]
    secrets.SystemRandom().shuffle(found)
    return found


def find_members(identity: Database, panel: str) -> set[str]:
    """The addresses of one panel."""
    with identity.read() as connection:
        return {row[0] for row in connection.execute(_FIND_MEMBERS, {"panel": panel})}


def count_members(identity: Database) -> int:
    with identity.read() as connection:
        return int(connection.execute(_COUNT_MEMBERS).scalar_one())

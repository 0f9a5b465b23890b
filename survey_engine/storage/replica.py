"""Statements on a replica of the answers: its lag behind the primary server."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import text

from survey_engine.storage.database import Database

_POSITION = text("SELECT pg_current_wal_lsn()")
_BEHIND = text("SELECT pg_wal_lsn_diff(CAST(:position AS pg_lsn), pg_last_wal_replay_lsn())")


def read_lag(answers: Database, replica: Database) -> float:
    """Return the bytes of the log that the replica has not replayed.

    Raises:
        SQLAlchemyError: a server cannot be read, or the replica is not a standby.
    """
    with answers.read() as here, replica.read() as there:
        position = here.execute(_POSITION).scalar()
        return float(there.execute(_BEHIND, {"position": position}).scalar() or 0)


def measure_lag(answers: Database, url: str) -> float:
    """Return the lag of the replica at this address, as `read_lag`."""
    with closing(Database(url, "answers")) as replica:
        replica.set_deadline()
        return read_lag(answers, replica)

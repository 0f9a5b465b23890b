"""Examinations of the databases and the files under them."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import bindparam, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from survey_engine.fieldwork.key_checks import ForeignKeyError, check_keys
from survey_engine.operations.doctor.finding import LOCK_MILLISECONDS, UNREADABLE, Finding, connect_store
from survey_engine.settings import Settings
from survey_engine.storage.database import CONNECT_SECONDS, Database
from survey_engine.storage.durability import UnsafeDatabaseError
from survey_engine.storage.replica import read_lag
from survey_engine.storage.schema import SchemaState, UnknownSchemaError
from survey_engine.storage.sqlite_files import find_file
from survey_engine.storage.store_failures import REMEDIES, find_store_failure

_MINIMAL_SPACE = 2_000_000_000
"""Bytes that should be free on SQLite's disk, about the size of a million responses."""
_NO_STORE = "Check SURVEY_DATA and the address. For a new installation: survey-engine init"
_FINISH = "Finish the restore."
LOCKED = "Another program has locked the file. Find it with: fuser -v {path}; then end it."
_LARGEST_LAG = 16_777_216
"""Largest lag of a replica in bytes: one segment of the write-ahead log."""
_SCHEMAS: dict[SchemaState, str] = {
    "older": "tables of an earlier release: the next start migrates them",
    "current": "tables up to date",
    "newer": "tables of a newer release, which this one can use",
}
CONNECTIONS, _SPARE = 2 * 2 * 4, 10
"""Connections of a store (two versions side by side, each with two processes of four threads), and spare ones for other users."""
_HIDING = ("log_parameter_max_length", "log_parameter_max_length_on_error")
_LOGGED = {"log_min_duration_statement": -1, "log_min_duration_sample": -1, "log_transaction_sample_rate": 0}
"""Settings that log statements → the value that switches them off."""
_SERVER = text("SELECT name, setting FROM pg_settings WHERE name IN :names").bindparams(
    bindparam("names", [*_HIDING, *_LOGGED, "log_error_verbosity", "log_statement", "max_connections"], expanding=True)
)
_LOGGED_COMMIT = text("SELECT pg_logical_emit_message(true, 'doctor', '')")
"""Changes no table, but its commit waits for the disk and for synchronous replicas, as the commit of a save does."""
_CHECKSUMS = text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
_SYSTEM = text("SELECT system_identifier, current_database() FROM pg_control_system()")
_BLOCKING = text(
    "SELECT pid, COALESCE(application_name, ''), xact_start FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE pid <> pg_backend_pid() AND relation IN (SELECT oid FROM pg_class WHERE relkind = 'r' AND relname IN :tables)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') ORDER BY granted DESC, xact_start LIMIT 1"
).bindparams(bindparam("tables", expanding=True))
"""Finds the session that has held a lock against saves, or waited for one, longest. Never reads its statement."""
_LIMITS = text(
    "SELECT rolconnlimit, datconnlimit FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()"
)


def examine_store(store: str, url: str, settings: Settings) -> Finding:
    kind, start = url.split(":", 1)[0], _FINISH if settings.restore_mark.is_file() else _NO_STORE
    try:
        with connect_store(url, store, patience=CONNECT_SECONDS) as database:
            state = database.read_schema_state()
            check_keys(settings, database)
            damage = find_file_damage(database)
            if not database.is_sqlite and state != "empty":
                with database.write() as connection:
                    connection.execute(_LOGGED_COMMIT)
    except FileNotFoundError:
        return Finding(store, f"there is no file {make_url(url).database}", start)
    except (*UNREADABLE, ForeignKeyError, UnknownSchemaError) as error:
        return _name_fault(store, url, error)
    if damage:
        return Finding(store, f"{kind} is damaged: {damage}", REMEDIES["corrupt"])
    if state == "empty":
        return Finding(store, f"{kind}, without tables", start)
    return Finding(store, f"{kind}, durable, {_SCHEMAS[state]}")


def _name_fault(store: str, url: str, error: Exception) -> Finding:
    """Return the finding about a store that cannot be opened."""
    kind, failure = url.split(":", 1)[0], find_store_failure(error).kind
    if isinstance(error, ForeignKeyError):
        return Finding(store, f"made with another {error.setting}", str(error))
    if isinstance(error, UnknownSchemaError):
        return Finding(store, f"{kind} with tables of no release of this program", str(error))
    if isinstance(error, UnsafeDatabaseError):
        return Finding(store, f"{kind} is not safe for answers", str(error))
    if failure == "slow" and not getattr(getattr(error, "orig", None), "sqlstate", ""):  # with a sqlstate, the server has replied
        remedy = LOCKED.format(path=find_file(url)) if kind == "sqlite" else REMEDIES["slow"]
        return Finding(store, f"{kind} does not reply within {CONNECT_SECONDS} seconds", remedy, is_silent=True)
    return Finding(store, f"{kind} cannot be used ({type(error).__name__})", REMEDIES.get(failure, REMEDIES["down"]))


def examine_locks(store: str, url: str) -> Iterator[Finding]:
    """Examine whether a save could lock the tables that it changes; nothing is written. `examine_store` reports an unreachable store."""
    try:
        with connect_store(url, store) as database:
            blocking = _find_blocking_session(database)
    except UNREADABLE:
        return
    if blocking:
        yield Finding(f"{store} locks", "every save waits for another session, and fails", blocking)
    else:
        yield Finding(f"{store} locks", "free for saves")


def _find_blocking_session(database: Database) -> str:
    """Return how to end the session that holds a lock against saves; empty if there is none."""
    with database.read() as connection:
        tables = inspect(connection).get_table_names()
    if not tables:
        return ""
    try:
        with database.write() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN ROW EXCLUSIVE MODE")
    except DBAPIError as error:
        if find_store_failure(error).kind != "slow":
            raise
        with database.read() as connection:
            row = connection.execute(_BLOCKING, {"tables": tables}).first()
        if row is None:
            return "Look in pg_locks and pg_prepared_xacts for the transaction that holds them, and end it."
        pid, name, since = row
        named = f" of {name!r}" if name else ""
        begun = f", whose transaction began at {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
        return f"Session {pid}{named}{begun}: end it there, or as a superuser: SELECT pg_terminate_backend({pid})"
    return ""


def find_file_damage(database: Database) -> str:
    """Return the first damage found; empty if there is none. SQLite reads the whole file; PostgreSQL counts the damage it has met."""
    with database.read() as connection:
        if database.is_sqlite:
            found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
            return "" if found == "ok" else " ".join(found.split())
        failures = connection.execute(_CHECKSUMS).scalar()
    return f"{failures} pages with a wrong checksum" if failures else ""


def examine_replica(settings: Settings) -> Finding:
    """Examine whether the replica of the answers follows them."""
    try:
        with connect_store(settings.replica_url, "answers") as replica, replica.read() as there:
            if replica.is_sqlite:
                return Finding("replica", "is an SQLite file", "Remove SURVEY_REPLICA_URL: only PostgreSQL has replicas.")
            with connect_store(settings.database_url, "answers") as answers, answers.read() as here:
                if answers.is_sqlite or here.execute(_SYSTEM).one() != there.execute(_SYSTEM).one():
                    return Finding(
                        "replica",
                        "has other data than the answers",
                        "Set SURVEY_REPLICA_URL to a replica of SURVEY_DATABASE_URL.",
                    )
                if not there.execute(text("SELECT pg_is_in_recovery()")).scalar():
                    remedy = "Remove SURVEY_REPLICA_URL, or set it to a standby of this server."
                    return Finding("replica", "is the server of the answers itself", remedy)
                behind = read_lag(answers, replica)
            follows = there.execute(text("SELECT count(*) FROM pg_stat_wal_receiver")).scalar()
    except UNREADABLE as error:
        return Finding(
            "replica", f"cannot be read ({type(error).__name__})", "Check SURVEY_REPLICA_URL, the server and its replication."
        )
    remedy = "" if follows and behind < _LARGEST_LAG else "Check primary_conninfo, the connection and the load of the replica."
    return Finding("replica", f"{behind / 1e6:.0f} MB behind{'' if follows else ', and not connected'}", remedy)


def count_stores(settings: Settings) -> int:
    """Return the number of stores on the answers' server."""
    answers, identity = (make_url(url) for url in (settings.database_url, settings.identity_url))
    return 2 if (answers.host, answers.port) == (identity.host, identity.port) else 1


def examine_server(store: str, url: str, stores: int) -> Iterator[Finding]:
    """Examine a PostgreSQL server's log and limits. `examine_store` reports an unreachable server."""
    try:
        with connect_store(url, store) as database, database.read() as connection:
            values: dict[str, str] = {row[0]: row[1] for row in connection.execute(_SERVER)}
            limits: list[int] = [limit for row in connection.execute(_LIMITS) for limit in row if limit >= 0]
    except UNREADABLE:
        return
    logs = values["log_statement"] != "none" or any(float(values[name]) > off for name, off in _LOGGED.items())
    wrong = [name for name in _HIDING if values[name] != "0" and (logs or name.endswith("error"))]
    settings = [f"{name} = 0" for name in wrong]
    if values["log_error_verbosity"] != "terse":
        settings.append("log_error_verbosity = terse")
    remedy = f"Its log would contain answers and link hashes: set {' and '.join(settings)}." if settings else ""
    yield Finding(f"{store} log", "contains values of statements" if settings else "contains no values of statements", remedy)
    if not database.is_pooled:
        found = min([int(values["max_connections"]) - _SPARE, *limits])
        needed = CONNECTIONS * (1 if limits and found == min(limits) else stores)
        remedy = (
            ""
            if found >= needed
            else f"Two processes of four threads, and two more during an upgrade, need {needed}: raise the limit."
        )
        yield Finding(f"{store} connections", f"{found} allowed", remedy)


def examine_disk(store: str, path: Path, needed: int = _MINIMAL_SPACE) -> Finding:
    free = shutil.disk_usage(path.parent).free
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding(f"{store} file", f"other users can read {path.name}", f"chmod 600 {path}")
    remedy = "" if free > needed else "Make room, or move SURVEY_DATA to a larger disk."
    return Finding(f"{store} disk", f"{free / 1e9:.0f} GB free", remedy)

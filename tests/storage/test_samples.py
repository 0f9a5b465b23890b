"""PostgreSQL keeps samples of few columns: those that say nothing about a person."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import Connection, text

from survey_engine.storage.database import Database
from survey_engine.storage.samples import SAMPLED, find_by_key
from survey_engine.storage.schema import list_revisions
from survey_engine.storage.tables import AnswerTable, IdentityTable

STORES = {"answers": AnswerTable.metadata, "identity": IdentityTable.metadata}
SAMPLING = """SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE attrelid::regclass::text = ANY(:tables)
AND attnum > 0 AND NOT attisdropped AND coalesce(attstattarget, -1) <> 0"""


def read(database: Database, statement: str, **values: object) -> set[str]:
    with database.read() as connection:
        return {*connection.execute(text(statement), values).scalars()}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize("store", STORES)
def test_each_column_is_sampled_only_if_it_is_listed(empty_url: str, store: str) -> None:
    tables = STORES[store].tables
    with closing(Database(empty_url, store)) as database:
        database.migrate()
        listed = {str(column) for table in tables.values() for column in table.columns if column.name in SAMPLED}
        assert read(database, SAMPLING, tables=[*tables]) == listed


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_samples_of_an_older_store_are_deleted_by_the_migration(empty_url: str) -> None:
    with closing(Database(empty_url, "answers")) as database:
        database.migrate()
        with database.write() as connection:
            connection.execute(text("ALTER TABLE withdrawn_response ALTER name SET STATISTICS -1"))
            connection.execute(text("INSERT INTO withdrawn_response SELECT CAST(n AS text) FROM generate_series(1, 50) n"))
            connection.execute(text("ANALYZE"))
            connection.execute(text("ALTER TABLE release DROP shown_columns"))  # of the newest migration, which is applied again
            connection.execute(text("UPDATE alembic_version SET version_num = :older"), {"older": list_revisions("answers")[1]})
        sampled = "SELECT attname FROM pg_stats WHERE tablename = 'withdrawn_response'"
        assert read(database, sampled) == {"name"}
        database.migrate()
        assert read(database, sampled) == set()
        with database.read() as connection:
            connection.execute(text("ANALYZE"))
        assert read(database, sampled) == set()


def count_scans(connection: Connection) -> int:
    """The number of scans of the whole table of seats."""
    connection.execute(text("SELECT pg_stat_force_next_flush()"))
    return int(connection.execute(text("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'seat'")).scalar_one())


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_many_keys_are_looked_up_in_the_index_without_samples(empty_url: str) -> None:
    with closing(Database(empty_url, "identity")) as database:
        database.migrate()
        with database.write() as connection:
            connection.execute(
                text(
                    "INSERT INTO seat (id, questionnaire, institution, link_hash, sealed, withdrawn, key_hash)"
                    " SELECT n, 'job', 'north', 'link' || n, repeat('s', 200), FALSE, 'key' || n FROM generate_series(1, 5000) n"
                )
            )
        with database.read() as connection:
            connection.execute(text("VACUUM ANALYZE"))
            keys, before = [f"key{number}" for number in range(1, 1000)], count_scans(connection)
            found = find_by_key(connection, "id", "job", "seat.key_hash", keys).scalars().all()
            assert (sorted(found), count_scans(connection)) == ([*range(1, 1000)], before)
            connection.execute(text("SELECT count(*) FROM seat WHERE sealed = ''"))
            assert count_scans(connection) == before + 1

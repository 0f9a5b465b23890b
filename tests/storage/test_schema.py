"""The schema of a store: older, current, newer, foreign."""

from __future__ import annotations

from contextlib import closing

import pytest
from alembic.command import upgrade
from alembic.config import Config
from sqlalchemy import Connection, text

from survey_engine.cli.support.command_errors import explain
from survey_engine.settings import read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.schema import MIGRATIONS, LockedSchemaError, UnknownSchemaError, list_revisions
from survey_engine.web.app import create_app

STORES = ["answers", "identity"]


def set_revision(database: Database, revision: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


@pytest.mark.parametrize("store", STORES)
def test_the_state_before_and_after_a_migration_is_told(empty_url: str, store: str) -> None:
    with closing(Database(empty_url, store)) as database:
        assert database.read_schema_state() == "empty"
        assert (database.migrate(), database.read_schema_state(), database.migrate()) == ("empty", "current", "current")


@pytest.mark.parametrize("store", STORES)
def test_a_newer_schema_is_used_as_it_is(empty_url: str, store: str) -> None:
    with closing(Database(empty_url, store)) as database:
        database.migrate()
        set_revision(database, "0999")
        assert (database.migrate(), database.read_schema_state()) == ("newer", "newer")


def test_a_schema_that_no_release_has_is_refused(empty_url: str) -> None:
    with closing(Database(empty_url, "answers")) as database:
        database.migrate()
        set_revision(database, "a1b2c3")
        with pytest.raises(UnknownSchemaError) as refused:
            database.migrate()
    assert "'a1b2c3'" in (explain(refused.value) or "")


@pytest.mark.parametrize("store", STORES)
def test_revisions_are_numbers_in_order(store: str) -> None:
    revisions = list_revisions(store)
    assert [*revisions] == sorted(revisions, reverse=True) and all(len(each) == 4 and each.isdecimal() for each in revisions)
    assert len(revisions) == len([*(MIGRATIONS / store / "versions").glob("0*.py")])


def test_the_program_starts_on_a_newer_schema_and_is_ready(
    tmp_path, database_url: str, identity_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = read_settings({"SURVEY_DATABASE_URL": database_url, "SURVEY_IDENTITY_URL": identity_url}, tmp_path)
    for url, store in ((database_url, "answers"), (identity_url, "identity")):
        with closing(Database(url, store)) as database:
            database.migrate()
            set_revision(database, "0999")
    reply = create_app(settings).test_client().get("/readyz")
    assert reply.status_code == 200
    assert capfd.readouterr().err.count('"newer_schema"') == 2


def test_a_store_that_was_not_migrated_is_not_ready(tmp_path, database_url: str) -> None:
    settings = read_settings({"SURVEY_DATABASE_URL": database_url}, tmp_path)
    app = create_app(settings)
    with closing(Database(database_url, "answers")) as database:
        set_revision(database, list_revisions("answers")[1])
    reply = app.test_client().get("/readyz")
    assert reply.status_code == 503 and reply.get_json()["checks"]["answers"] is False


def read_as_a_backup_does(database: Database, connection: Connection) -> None:
    """Make the schema of the release before, and keep a table that the next migration changes locked for readers."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / "answers"))
    with database.write() as change:
        config.attributes["connection"] = change
        upgrade(config, list_revisions("answers")[1])
    connection.execute(text("LOCK TABLE alembic_version IN SHARE MODE"))


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_migration_gives_way_to_a_backup_and_tries_again(empty_url: str) -> None:
    with closing(Database(empty_url, "answers")) as database, database.engine.connect() as backup:
        read_as_a_backup_does(database, backup)
        waits = []

        def end_backup(seconds: float) -> None:
            waits.append(database.read_schema_state())
            backup.rollback()

        assert (database.migrate(end_backup), waits, database.read_schema_state()) == ("older", ["older"], "current")
        assert database.find_failure() == ""


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_migration_that_never_gets_its_tables_says_why(empty_url: str) -> None:
    with closing(Database(empty_url, "answers")) as database, database.engine.connect() as backup:
        read_as_a_backup_does(database, backup)
        with pytest.raises(LockedSchemaError) as locked:
            database.migrate(lambda seconds: None, tries=1)
        assert "backup" in (explain(locked.value) or "")

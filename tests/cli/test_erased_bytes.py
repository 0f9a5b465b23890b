"""After the documented command no file of the stores contains erased data; until then `erase` warns about copies."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.storage.answers import load_response
from survey_engine.storage.database import Database
from tests.cli.test_erase import Desk, invite, make_desk
from tests.databases import PostgresServer

SECRET = b"what I take back"
LONG = SECRET.decode().join(secrets.token_urlsafe(700) for _ in range(6))
"""A text longer than a database page, which PostgreSQL cannot compress."""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A separate server with the documented setting for new log files."""
    server = PostgresServer(wal_recycle="off").initialise()
    try:
        yield server.start()
    finally:
        server.remove()


def list_files_with_secret(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and SECRET in path.read_bytes()]


def fill(desk: Desk, stores: tuple[Database, Database]) -> str:
    """Store forty responses, one of them with the secret; return the link of that one."""
    links = [invite(desk, stores, secret=LONG if number == 20 else "nothing") for number in range(40)]
    for _ in range(30):
        with stores[0].write() as connection:  # saves the page repeatedly
            connection.execute(text("UPDATE page SET version = version + 1 WHERE response_id = :id"), {"id": links[20][2]})
    assert load_response(stores[0], links[20][2])
    return links[20][0]


def open_stores(desk: Desk) -> tuple[Database, Database]:
    return Database(desk.settings.database_url, "answers"), Database(desk.settings.identity_url, "identity")


def test_sqlite_files_contain_nothing_right_after_the_erasure(tmp_path, monkeypatch):
    desk = make_desk(tmp_path, monkeypatch, f"sqlite:///{tmp_path}/answers.db", f"sqlite:///{tmp_path}/identity.db")
    stores = open_stores(desk)
    link = fill(desk, stores)
    assert list_files_with_secret(tmp_path)
    done = desk.run("erase", "example", link, "--yes")

    assert "Erased." in done.output and "--rewrite" not in done.output
    assert list_files_with_secret(tmp_path) == []
    for store in stores:
        store.close()


def test_erase_warns_if_a_reader_prevents_emptying_the_log(tmp_path, monkeypatch):
    desk = make_desk(tmp_path, monkeypatch, f"sqlite:///{tmp_path}/answers.db", f"sqlite:///{tmp_path}/identity.db")
    stores = open_stores(desk)
    link = fill(desk, stores)
    with stores[0].snapshot() as connection:
        connection.execute(text("SELECT count(*) FROM page")).scalar()
        done = desk.run("erase", "example", link, "--yes")

    assert "A reader kept copies in the write-ahead log. Run `survey-engine maintain --rewrite`" in done.output
    assert list_files_with_secret(tmp_path) == ["answers.db-wal"] or "answers.db" in list_files_with_secret(tmp_path)
    assert "only backups can still contain erased data" in desk.run("maintain", "--rewrite").output
    assert list_files_with_secret(tmp_path) == []
    for store in stores:
        store.close()


@pytest.mark.slow
def test_postgresql_files_contain_nothing_after_a_rewrite(tmp_path, monkeypatch, server):
    """Tables, indexes, statistics and the write-ahead log are searched."""
    urls = (server.url(server.create_database()) for _ in range(2))
    desk = make_desk(tmp_path, monkeypatch, *urls)
    stores = open_stores(desk)
    link = fill(desk, stores)
    server.execute("ANALYZE", desk.settings.database_url.rpartition("/")[2])
    server.execute("CHECKPOINT")
    assert list_files_with_secret(server.data)
    done = desk.run("erase", "example", link, "--yes")
    rewritten = desk.run("maintain", "--rewrite")

    assert "run `survey-engine maintain --rewrite` outside fieldwork" in done.output
    assert "only backups can still contain erased data" in rewritten.output
    with closing(stores[0]):
        assert list_files_with_secret(server.data) == []


@pytest.mark.slow
def test_without_the_right_to_renew_the_log_a_warning_is_printed(tmp_path, monkeypatch, server):
    urls = []
    for name in ("answers", "identity"):
        server.execute(f"CREATE ROLE {name} LOGIN")
        server.execute(f"CREATE DATABASE {name} OWNER {name}")
        urls.append(server.url(name).replace("postgres@", f"{name}@"))
    desk = make_desk(tmp_path, monkeypatch, *urls)

    assert "let a superuser run CHECKPOINT" in desk.run("maintain", "--rewrite").output

"""After the documented command no file of the stores contains erased data; until then `erase` warns about copies."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.storage.addresses import claim_address
from survey_engine.storage.answers import load_response
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.identity import EncryptedSeat
from survey_engine.storage.jobs import add_job, finish_job, take_job
from survey_engine.storage.retention import delete_contacts
from tests.cli.test_erase import Desk, invite, make_desk
from tests.databases import PostgresServer

SECRET = b"what I take back"
LONG = SECRET.decode().join(secrets.token_urlsafe(700) for _ in range(6))
"""A text longer than a database page, which PostgreSQL cannot compress."""
HASHES = ("key_hash", "login_hash", "first_name_hash")


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A separate server with the documented setting for new log files."""
    server = PostgresServer(wal_recycle="off").initialise()
    try:
        yield server.start()
    finally:
        server.remove()


def list_files_with_secret(folder: Path, secret: bytes = SECRET) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()]


def list_texts(stores: tuple[Database, Database], seat: EncryptedSeat | None) -> dict[str, str]:
    """Every text of a person's rows that nobody else has, by table and column; the first characters of a long one."""
    assert seat
    found = dict[str, str]()
    for store, table, condition in (
        (stores[1], "seat", f"id = {seat.id}"),
        (stores[0], "response", "id = (SELECT response_id FROM page WHERE length(answers) > 1000)"),
        (stores[0], "page", "length(answers) > 1000"),
    ):
        with store.read() as connection:
            (row,) = connection.execute(text(f"SELECT * FROM {table} WHERE {condition}")).mappings().all()
        found |= {f"{table}.{name}": value[:60] for name, value in row.items() if isinstance(value, str) and len(value) >= 32}
    return found


def fill(desk: Desk, stores: tuple[Database, Database]) -> str:
    """Store forty responses of persons with contact data, one of them with the secret; return the link of that one."""
    links = [invite(desk, stores, secret=LONG if number == 20 else "nothing") for number in range(40)]
    with stores[1].write() as connection:  # as a roster with addresses and names stores them
        for number, (_, seat, _) in enumerate(links):
            values = {"id": seat.id, "details": desk.contact_keys.encrypt(f'{{"contact": "{number}@example.org"}}', 400)}
            hashes = {name: secrets.token_hex(16) for name in HASHES}
            assigned = ", ".join(f"{name} = :{name}" for name in ("details", *HASHES))
            connection.execute(text(f"UPDATE seat SET {assigned} WHERE id = :id"), {**values, **hashes})
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
    """Tables, indexes, statistics and the write-ahead log are searched for every text of the person."""
    urls = (server.url(server.create_database()) for _ in range(2))
    desk = make_desk(tmp_path, monkeypatch, *urls)
    stores = open_stores(desk)
    link = fill(desk, stores)
    gone = list_texts(stores, find_by_link(stores[1], link.rpartition("/")[2]))
    for store in stores:
        server.execute("ANALYZE", store.url.rpartition("/")[2])
    server.execute("CHECKPOINT")
    assert list_files_with_secret(server.data)
    done = desk.run("erase", "example", link, "--yes")
    rewritten = desk.run("maintain", "--rewrite")

    assert "run `survey-engine maintain --rewrite` outside fieldwork" in done.output
    assert "only backups can still contain erased data" in rewritten.output
    for store in stores:
        store.close()
    assert {name: found for name, value in gone.items() if (found := list_files_with_secret(server.data, value.encode()))} == {}


@pytest.mark.slow
def test_postgresql_files_contain_no_deleted_contacts_or_renewed_tokens(tmp_path, monkeypatch, server):
    urls = (server.url(server.create_database()) for _ in range(2))
    desk = make_desk(tmp_path, monkeypatch, *urls)
    stores = open_stores(desk)
    link = fill(desk, stores)
    seat = find_by_link(stores[1], link.rpartition("/")[2])
    gone = [
        value for name, value in list_texts(stores, seat).items() if name in ("seat.details", "seat.sealed", "seat.login_hash")
    ]
    server.execute("ANALYZE", stores[1].url.rpartition("/")[2])
    delete_contacts(*stores, "example")
    desk.set(SURVEY_CONTACT_KEYS="9" * 64 + "," + desk.settings.contact_keys[0])
    rewritten = desk.run("maintain", "--renew-keys", "--rewrite")

    assert "only backups can still contain erased data" in rewritten.output
    for store in stores:
        store.close()
    assert len(gone) == 3
    assert [found for value in gone if (found := list_files_with_secret(server.data, value.encode()))] == []


@pytest.mark.slow
def test_the_hourly_job_removes_requests_for_links_from_the_log(tmp_path, monkeypatch, server):
    desk = make_desk(tmp_path, monkeypatch, *(server.url(server.create_database()) for _ in range(2)))
    identity = open_stores(desk)[1]
    with closing(identity):
        add_job(identity, "mail", {"address": SECRET.decode()}, 0)
        job = take_job(identity, ["mail"], now=1, lease_seconds=60)
        assert job and finish_job(identity, job)
        claim_address(identity, "somebody", now=read_now(identity).timestamp(), spread=0)
        assert list_files_with_secret(server.data / "pg_wal")
        assert "Requests for lost links cannot be dated." in desk.run("maintain").output
        assert list_files_with_secret(server.data) == []


@pytest.mark.slow
def test_without_the_right_to_renew_the_log_a_warning_is_printed(tmp_path, monkeypatch, server):
    urls = []
    for name in ("answers", "identity"):
        server.execute(f"CREATE ROLE {name} LOGIN")
        server.execute(f"CREATE DATABASE {name} OWNER {name}")
        urls.append(server.url(name).replace("postgres@", f"{name}@"))
    desk = make_desk(tmp_path, monkeypatch, *urls)

    assert "let a superuser run VACUUM FULL pg_statistic, CHECKPOINT" in desk.run("maintain", "--rewrite").output

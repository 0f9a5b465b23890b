"""After the documented command no file of the stores contains erased data; until then `erase` warns about copies."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.erasure import Stores, clear_files
from survey_engine.fieldwork.erasure_list import ERASED_RESPONSE, ErasureEntry, append_entries
from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.operations import maintenance
from survey_engine.storage import leftovers
from survey_engine.storage.addresses import claim_address
from survey_engine.storage.answers import load_response
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.erasures import erase_response, list_response_ids
from survey_engine.storage.identity import EncryptedSeat
from survey_engine.storage.jobs import add_job, finish_job, take_job
from survey_engine.storage.retention import delete_answers, delete_contacts
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


def fill_until_pages_split(stores: tuple[Database, Database]) -> list[int]:
    """Store growing texts of 300 responses in random order, so that SQLite's pages split; return the ids of 150."""
    random = Random(7)
    ids = sorted({random.getrandbits(62) for _ in range(300)})
    add = (
        "INSERT INTO response (id, questionnaire, version, institution, language, languages, background, modules, started_at, saves)"
        " VALUES (:id, 'example', '1', 'north', 'en', 'en', '{}', '{}', '2026-01-01 00:00:00', 1)"
    )
    save = (
        "INSERT INTO page (response_id, page, answers, version, writer, number, done, seconds_left, saved_at)"
        " VALUES (:id, :page, :answers, 1, '', 1, true, 1, '2026-01-01 00:00:00')"
        " ON CONFLICT (response_id, page) DO UPDATE SET answers = excluded.answers"
    )
    with stores[0].write() as connection:
        connection.execute(text(add), [{"id": id} for id in ids])
        for _ in range(6_000):
            id = random.choice(ids)
            answers = f"mark-{id}-" + "abcdefgh " * random.randrange(60)
            connection.execute(text(save), {"id": id, "page": f"p{random.randrange(8)}", "answers": answers})
    return random.sample(ids, 150)


def count_left(folder: Path, erased: list[int]) -> int:
    """The number of these responses of which a file contains a text."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return sum(any(f"mark-{id}-".encode() in file for file in files) for id in erased)


@pytest.fixture
def erased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, tuple[Database, Database], list[int]]]:
    """An installation in which half of the responses were erased, without clearing any bytes."""
    desk = make_desk(tmp_path, monkeypatch, f"sqlite:///{tmp_path}/answers.db", f"sqlite:///{tmp_path}/identity.db")
    stores = open_stores(desk)
    assert "cleared" in desk.run("maintain").output
    ids = fill_until_pages_split(stores)
    for id in ids:
        assert erase_response(stores[0], "example", id, str)
    append_entries(desk.settings.erasures, [ErasureEntry(ERASED_RESPONSE, "example", number) for number in range(len(ids))])
    yield desk, stores, ids
    for store in stores:
        store.close()


def test_no_copy_of_an_erased_text_stays_where_pages_were_split(tmp_path, erased):
    desk, _, ids = erased
    assert count_left(tmp_path, ids)
    assert "The bytes of erased rows were cleared." in desk.run("maintain").output
    assert count_left(tmp_path, ids) == 0


def test_no_copy_of_a_deleted_questionnaire_stays_where_pages_were_split(tmp_path, erased):
    desk, stores, _ = erased
    assert clear_files(Stores(*stores, desk.settings.pseudonym_key)) == []
    kept = [id for id in list_response_ids(stores[0], "example") if count_left(tmp_path, [id])]
    assert kept and delete_answers(stores[0], "example")
    assert clear_files(Stores(*stores, desk.settings.pseudonym_key)) == []
    assert count_left(tmp_path, kept) == 0


def test_a_backup_contains_no_copy_of_an_erased_text(tmp_path, erased):
    desk, _, ids = erased
    (tmp_path / "copies").mkdir()
    names = [word for name in ("answers", "identity", "erasures") for word in (f"--{name}", str(tmp_path / "copies" / name))]
    assert count_left(tmp_path, ids) and desk.run("backup", *names).exit_code == 0
    assert count_left(tmp_path / "copies", ids) == 0


def test_a_large_file_is_rewritten_at_night_and_the_message_says_so(tmp_path, monkeypatch, erased):
    desk, stores, ids = erased
    monkeypatch.setattr(leftovers, "SMALL", 0)
    hour = read_now(stores[0]).astimezone(ZoneInfo(desk.settings.timezone)).hour
    monkeypatch.setattr(maintenance, "NIGHT", range(hour + 2, hour + 3))
    link = invite(desk, stores, secret="nothing")[0]
    assert "Unused space of a large file may contain copies" in desk.run("erase", "example", link, "--yes").output
    assert "Unused space of a large file may contain copies" in desk.run("maintain").output
    assert count_left(tmp_path, ids)
    monkeypatch.setattr(maintenance, "NIGHT", range(24))
    assert "The bytes of erased rows were cleared." in desk.run("maintain").output
    assert count_left(tmp_path, ids) == 0


def test_a_file_is_rewritten_once_after_an_erasure(erased, monkeypatch):
    desk, stores, _ = erased
    assert clear_files(Stores(*stores, desk.settings.pseudonym_key)) == []
    monkeypatch.setattr(leftovers, "SMALL", 0)
    assert clear_files(Stores(*stores, desk.settings.pseudonym_key)) == []


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

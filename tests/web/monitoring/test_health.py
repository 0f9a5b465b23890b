"""Readiness tells whether this process can keep answers, in each state in which it cannot."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError, PendingRollbackError
from structlog.testing import capture_logs

from survey_engine.fieldwork.erasure_list import ERASED, ErasureEntry, append_entries
from survey_engine.fieldwork.list_owners import number_owner
from survey_engine.storage.shared_pool import SharedPool
from tests.databases import PostgresServer, make_folder, server_user
from tests.operations.doctor.test_states import become
from tests.web.conftest import House, send, start, write_short


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    write_short(tmp_path / "q", "short")
    house = House(tmp_path)
    with house.site.answers.write() as connection:
        connection.exec_driver_sql("INSERT INTO withdrawn_response (name) VALUES ('a hash')")
    append_entries(house.settings.erasures, [ErasureEntry(ERASED, "short", 7)])
    yield house
    house.close()


def ask(house: House) -> tuple[int, dict[str, str]]:
    reply = house.device().get("/readyz")
    return reply.status, json.loads(reply.text)["failures"]


def find(house: House, name: str) -> Path:
    return house.folder / "data" / name


def put_another(house: House) -> None:
    """Replace the file under the running process, as a careless restore does."""
    shutil.copy(find(house, "answers.db"), find(house, "copy"))
    find(house, "copy").replace(find(house, "answers.db"))


def put_foreign_list(house: House) -> None:
    house.settings.erasures.unlink()
    append_entries(house.settings.erasures, [ErasureEntry(ERASED, "short", 8)], owner=number_owner("another key" * 4))


STATES: dict[str, tuple[Callable[[House], object], str, str]] = {
    "identity lost": (lambda house: find(house, "identity.db").unlink(), "identity", "corrupt"),
    "log deleted": (lambda house: find(house, "answers.db-wal").unlink(), "answers", "corrupt"),
    "another file": (put_another, "answers", "corrupt"),
    "list missing": (lambda house: house.settings.erasures.unlink(), "erasures", "missing"),
    "restore stopped": (lambda house: house.settings.restore_mark.touch(), "erasures", "not repeated after a restore"),
    "list of others": (put_foreign_list, "erasures", "of another installation"),
    "list emptied": (lambda house: os.truncate(house.settings.erasures, 0), "erasures", "missing"),
}


def test_a_healthy_process_is_ready(house: House) -> None:
    assert ask(house) == (200, {})


@pytest.mark.parametrize("state", STATES)
def test_a_process_that_cannot_keep_answers_is_not_ready(house: House, state: str) -> None:
    harm, what, kind = STATES[state]
    harm(house)
    assert ask(house) == (503, {what: kind})


def test_a_list_that_cannot_be_read_is_a_failure_and_no_error_page() -> None:
    folder, user = make_folder("readable-"), server_user()
    try:
        write_short(folder / "q", "short")
        house = House(folder)
        append_entries(house.settings.erasures, [ErasureEntry(ERASED, "short", 7)])
        house.settings.erasures.chmod(0)
        for path in (folder, *folder.rglob("*")) if user else ():
            shutil.chown(path, user, user)
        with become(user):
            assert ask(house) == (503, {"erasures": "read-only"})
        house.close()
    finally:
        shutil.rmtree(folder)


def test_an_error_of_a_store_that_has_no_kind_counts_as_down(tmp_path: Path, postgres: PostgresServer) -> None:
    write_short(tmp_path / "q", "short")
    name, other = postgres.create_database(), postgres.create_database()
    house = House(tmp_path, SURVEY_DATABASE_URL=postgres.url(name), SURVEY_IDENTITY_URL=postgres.url(other))

    @event.listens_for(house.site.answers.engine, "before_cursor_execute")
    def lose(*_: object) -> None:
        raise PendingRollbackError("the connection was lost in a transaction")

    try:
        assert ask(house) == (503, {"answers": "down"})
    finally:
        house.close()


def test_after_a_save_on_a_full_disk_a_process_is_not_ready(house: House) -> None:
    """SQLite refuses to grow: the same error as that of a full disk."""

    @event.listens_for(house.site.answers.engine, "connect")
    def limit(connection: Any, record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # it becomes the present count

    device = house.device()
    page = start(device)
    house.site.answers.engine.dispose()
    with pytest.raises(OperationalError), house.site.answers.write() as connection:
        for number in range(9):
            connection.exec_driver_sql("INSERT INTO withdrawn_response (name) VALUES (?)", (f"{number}" * 4000,))
    with capture_logs() as lines:
        failed = send(device, page, {"has_job": "no"})
        while failed.status != 503:
            device = house.device()
            page = start(device)
            failed = send(device, page, {"has_job": "no"}) if page.status == 200 else page
    assert ask(house) == (503, {"answers": "full"})
    line = next(line for line in lines if line["event"] == "store_failure")
    assert (line["store"], line["kind"], line["request"]) == ("answers", "full", failed.headers["x-request-id"])


def test_a_process_at_a_standby_is_not_ready(tmp_path: Path, postgres: PostgresServer) -> None:
    """After a failover the address may be that of a server that refuses all changes."""
    write_short(tmp_path / "q", "short")
    name, other = postgres.create_database(), postgres.create_database()
    house = House(tmp_path, SURVEY_DATABASE_URL=postgres.url(name), SURVEY_IDENTITY_URL=postgres.url(other))
    try:
        assert ask(house) == (200, {})
        postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        cast(SharedPool, house.site.answers.engine.pool).close_idle()
        assert ask(house) == (503, {"answers": "read-only"})
    finally:
        house.close()

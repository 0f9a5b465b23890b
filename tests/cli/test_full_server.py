"""A PostgreSQL server without free connections: each command prints the remedy, and none a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from survey_engine.storage.database import Database
from tests.cli.test_erase import make_desk
from tests.command import Desk
from tests.databases import PostgresServer, wait_closed

COMMANDS = [
    ("export", "example", "--out", "out"),
    ("maintain",),
    ("erase", "--again"),
    ("links", "example", "--withdraw", "x"),
    ("panel", "example", "--out", "out.csv"),
    ("publish", "q/example"),
]


@pytest.fixture
def full(postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request) -> Iterator[Desk]:
    """A desk whose role may open two connections to each store, all of them in use."""
    name, other = postgres.create_database(), postgres.create_database()
    postgres.execute(f"CREATE ROLE {name} LOGIN")
    for database in (name, other):
        postgres.execute(f"ALTER DATABASE {database} OWNER TO {name}")
    urls = [postgres.url(database).replace("postgres@", f"{name}@") for database in (name, other)]
    if request.param:
        desk = make_desk(tmp_path, monkeypatch, *urls)
    else:
        desk = make_desk(tmp_path, monkeypatch, f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/i.db")
        desk.set(SURVEY_DATABASE_URL=urls[0], SURVEY_IDENTITY_URL=urls[1])
    wait_closed(postgres, *urls)
    postgres.execute(f"ALTER ROLE {name} CONNECTION LIMIT 1")
    with ExitStack() as stack:
        stack.enter_context(psycopg.connect(urls[0].replace("+psycopg", "")))
        yield desk
    for database in (name, other):
        postgres.execute(f"DROP DATABASE {database} WITH (FORCE)")
    postgres.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize("full", [True, False], ids=["filled", "first start"], indirect=True)
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_command_names_the_limit_and_the_remedy(full, words):
    done = full.run(*words)

    assert done.exit_code == 1 and "Traceback" not in done.output and isinstance(done.exception, SystemExit)
    assert "all its connections are in use" in done.output and "max_connections" in done.output


@pytest.mark.parametrize("full", [True], ids=["filled"], indirect=True)
def test_a_server_that_refuses_the_second_store_is_named_too(full):
    full.set(SURVEY_DATABASE_URL=f"sqlite:///{full.folder}/answers.db")
    with closing(Database(full.settings.database_url, "answers")) as answers:
        answers.migrate()
    done = full.run("maintain")

    assert done.exit_code == 1 and "all its connections are in use" in done.output


@pytest.mark.parametrize("full", [True], ids=["filled"], indirect=True)
def test_the_doctor_names_the_limit_and_the_remedy(full):
    output = full.run("doctor").output
    assert output.count("Raise max_connections") == 2


@pytest.mark.parametrize("full", [True], ids=["filled"], indirect=True)
def test_another_error_of_a_server_is_printed_unchanged(full):
    full.set(SURVEY_DATABASE_URL="postgresql+psycopg://127.0.0.1:1/none")
    assert "connections are in use" not in full.run("maintain").output

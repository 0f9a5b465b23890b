"""The states in which an installation must not get respondents: `doctor` names each of them, and nothing else.

A new state is a function and a line in STATES: what it does to a healthy installation, and the finding that is red then.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from click.testing import CliRunner

from survey_engine.cli import main
from survey_engine.cli.support.installation import create_stores
from survey_engine.fieldwork.erasure_list import ERASED, ErasureEntry, append_entries
from survey_engine.fieldwork.list_owners import number_owner
from survey_engine.operations.doctor.examination import iter_findings
from survey_engine.operations.doctor.stores import examine_disk
from survey_engine.publication.versions import publish
from survey_engine.settings import ROOT, SettingsError, read_settings
from survey_engine.storage.database import CONNECT_SECONDS, Database
from tests.browser.server import Server
from tests.databases import PostgresServer, find_port, make_folder, server_user
from tests.faults.scenarios.disks import fill, small_disk
from tests.waiting import wait_until
from tests.web.conftest import write_short


@dataclass
class Place:
    """A healthy installation, which a state harms."""

    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=find_port)
    after: ExitStack = field(default_factory=ExitStack)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def erasures(self) -> Path:
        return self.data / "erasures.csv"

    def list_ill(self) -> dict[str, str]:
        """Red findings with their remedies."""
        try:
            settings = read_settings(self.environment, create=False)
        except SettingsError as error:
            return {"settings": str(error)}
        return {
            finding.what: finding.remedy for finding in iter_findings(settings, self.environment, self.port) if finding.remedy
        }

    def change(self, statement: str) -> None:
        settings = read_settings(self.environment, create=False)
        with closing(Database(settings.database_url, "answers")) as answers, answers.write() as connection:
            connection.exec_driver_sql(statement)


def make_environment(folder: Path) -> dict[str, str]:
    keys = ("SURVEY_SECRET_KEYS", "SURVEY_PSEUDONYM_KEY", "SURVEY_CONTACT_KEYS")
    return {
        **{name: name.lower() * 2 for name in keys},
        "SURVEY_DATA": str(folder / "data"),
        "SURVEY_QUESTIONNAIRES": str(folder / "q"),
        "SURVEY_BASE_URL": "https://survey.example.org",
    }


def build(folder: Path, environment: dict[str, str]) -> None:
    """An installation in production, whose jobs have run, with a published questionnaire and a withdrawn response."""
    write_short(folder / "q", "short")
    settings = read_settings(environment)
    create_stores(settings)
    with closing(Database(settings.database_url, "answers")) as answers:
        publish(folder / "q" / "short", settings.translations, answers)
        with answers.write() as connection:
            connection.exec_driver_sql("INSERT INTO withdrawn_response (name) VALUES ('a hash')")
    append_entries(settings.erasures, [ErasureEntry(ERASED, "short", 7)])
    result = CliRunner(env=environment).invoke(main, ["maintain"])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(folder, make_environment(folder))
    return folder


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Iterator[Place]:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    place = Place(tmp_path, make_environment(tmp_path))
    with place.after:
        yield place


def remove_store(place: Place) -> None:
    for path in place.data.glob("identity.db*"):
        path.unlink()


def exchange_stores(place: Place) -> None:
    names = [place.data / f"{store}.db" for store in ("answers", "identity")]
    for one, other in (*zip(names, names[::-1], strict=True),):
        shutil.move(one, place.folder / f"new-{other.name}")
    for name in names:
        shutil.move(place.folder / f"new-{name.name}", name)


def cut(file: Path) -> None:
    file.write_text(file.read_text().splitlines()[0][:-4])


def put_foreign_list(place: Place) -> None:
    place.erasures.unlink()
    append_entries(place.erasures, [ErasureEntry(ERASED, "short", 8)], owner=number_owner("another key" * 4))


def let_others_read_a_key(place: Place) -> None:
    (place.data / "contact.key").write_text("k" * 40)
    (place.data / "contact.key").chmod(0o644)


def flip_bytes(place: Place) -> None:
    file = place.data / "answers.db"
    content = bytearray(file.read_bytes())
    for at in range(4096, len(content), 4096):
        content[at : at + 12] = bytes(byte ^ 0x55 for byte in content[at : at + 12])
    file.write_bytes(content)


def end_in_the_middle(place: Place) -> None:
    """A process that changed the answers is killed: the change is in the log only."""
    code = "import os, sqlite3, sys\nline = sqlite3.connect(sys.argv[1])\nline.execute('CREATE TABLE later (x)')\nos.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", code, str(place.data / "answers.db")], check=False)
    assert done.returncode == -signal.SIGKILL and (place.data / "answers.db-wal").stat().st_size


def delete_log(place: Place) -> None:
    end_in_the_middle(place)
    (place.data / "answers.db-wal").unlink()


def copy_alone(place: Place) -> None:
    end_in_the_middle(place)
    shutil.copy(place.data / "answers.db", place.folder / "copy")
    for path in place.data.glob("answers.db*"):
        path.unlink()
    shutil.move(place.folder / "copy", place.data / "answers.db")


def occupy_port(place: Place) -> None:
    line = place.after.enter_context(socket.socket())
    line.bind(("127.0.0.1", place.port))
    line.listen()


def show_example(place: Place) -> None:
    shutil.copytree(ROOT / "questionnaires" / "gallery", place.folder / "q" / "gallery")


def fill_folder(place: Place, name: str) -> None:
    disk = place.after.enter_context(small_disk(3))
    fill(disk)
    place.environment |= {name: str(disk), "SURVEY_METRICS_TOKEN": "t" * 32}


def set_(**environment: str) -> Callable[[Place], None]:
    return lambda place: place.environment.update(environment)


def change(statement: str) -> Callable[[Place], None]:
    return lambda place: place.change(statement)


STATES: dict[str, tuple[Callable[[Place], None], str, str]] = {
    "metrics folder missing": (
        set_(SURVEY_METRICS_TOKEN="t" * 32, PROMETHEUS_MULTIPROC_DIR="/nowhere/metrics"),
        "metrics",
        "PROMETHEUS_MULTIPROC_DIR",
    ),
    "metrics folder full": (lambda place: fill_folder(place, "PROMETHEUS_MULTIPROC_DIR"), "metrics", "Make room"),
    "temporary folder full": (lambda place: fill_folder(place, "TMPDIR"), "temporary", "Make room"),
    "simulated answers": (lambda place: (place.data / "SIMULATED").touch(), "data", "SURVEY_DATA"),
    "key readable by others": (let_others_read_a_key, "contact", "chmod 600"),
    "version changed": (change("UPDATE questionnaire_version SET digest = 'other'"), "short", "earlier program"),
    "version damaged": (change("UPDATE questionnaire_version SET files = CAST('zip' AS BLOB)"), "short", "damaged"),
    "version gone": (change("DELETE FROM questionnaire_version"), "short", "backup"),
    "erasure list missing": (lambda place: place.erasures.unlink(), "erasures", "SURVEY_ERASURES"),
    "restore stopped": (lambda place: place.erasures.with_name("restoring").touch(), "restore", "erase --again"),
    "erasure list of another installation": (put_foreign_list, "erasures", "another installation"),
    "erasure list emptied": (lambda place: place.erasures.write_text(""), "erasures", "copy"),
    "erasure list cut in its only line": (lambda place: cut(place.erasures), "erasures", "copy"),
    "stores exchanged": (exchange_stores, "answers", "SURVEY_DATABASE_URL"),
    "no catalogues": (set_(SURVEY_TRANSLATIONS="/nowhere"), "translations", "SURVEY_TRANSLATIONS"),
    "every address a proxy": (set_(SURVEY_PROXIES="127.0.0.1,0.0.0.0/0"), "settings", "SURVEY_PROXIES"),
    "space in the address": (set_(SURVEY_BASE_URL="https://example. org"), "settings", "space"),
    "days without a bound": (set_(SURVEY_RESUME_DAYS="9999999"), "settings", "from 1 to 365"),
    "token of one letter": (set_(SURVEY_METRICS_TOKEN="t"), "metrics", "openssl rand -hex 32"),
    "sender without an address": (set_(SURVEY_MAIL_FROM="The survey"), "mail", "SURVEY_MAIL_FROM"),
    "contact without a scheme": (set_(SURVEY_SECURITY_CONTACT="me@example.org"), "security", "mailto:"),
    "contact of a scheme alone": (set_(SURVEY_SECURITY_CONTACT="mailto:"), "security", "mailto:"),
    "share above a hundred": (set_(SURVEY_PROGRESS_SHARE="150"), "settings", "0 to 100"),
    "identity lost": (remove_store, "identity", "SURVEY_DATA"),
    "key lost": (lambda place: place.environment.pop("SURVEY_PSEUDONYM_KEY"), "settings", "pseudonym.key"),
    "other key": (set_(SURVEY_PSEUDONYM_KEY="another" * 6), "answers", "SURVEY_PSEUDONYM_KEY"),
    "bytes flipped": (flip_bytes, "answers", "backup"),
    "log deleted": (delete_log, "answers", "backup"),
    "main file copied alone": (copy_alone, "answers", "backup"),
    "address with a path": (set_(SURVEY_BASE_URL="https://example.org/survey"), "settings", "path"),
    "setting misspelt": (set_(SURVEY_DATABSE_URL="sqlite:////x.db"), "SURVEY_DATABSE_URL", "SURVEY_DATABASE_URL"),
    "port in use": (occupy_port, "port", "--port"),
    "example in production": (show_example, "examples", "gallery"),
    "replica down": (set_(SURVEY_REPLICA_URL="postgresql+psycopg://a@127.0.0.1:1/answers"), "replica", "SURVEY_REPLICA_URL"),
}
SAME_CAUSE = {
    "identity": {"erasures", "seats", "moves"},
    "answers": {"identity", "rotation", "erasures", "seats", "moves", "versions"},
}
"""Findings that cannot be made without a store."""


def test_a_healthy_installation_is_green(place: Place) -> None:
    assert place.list_ill() == {}
    place.environment |= {"SURVEY_METRICS_TOKEN": "t" * 16, "SURVEY_MAIL_FROM": "Survey <a@example.org>"}
    for contact in ("mailto:a@example.org", "https://example.org/security", "tel:+31-20-5550100"):
        place.environment["SURVEY_SECURITY_CONTACT"] = contact
        assert place.list_ill() == {}


@pytest.mark.parametrize("state", STATES)
def test_doctor_is_red_and_names_the_remedy(place: Place, state: str) -> None:
    harm, what, part = STATES[state]
    harm(place)
    for _ in range(2):  # an examination neither repairs nor hides anything
        ill = place.list_ill()
        named = next((name for name in ill if name.split(" ")[0] == what), "")
        assert named and part in ill[named], ill
        assert {name.split(" ")[0] for name in ill} - SAME_CAUSE.get(what, set()) == {what}


def find_silent(place: Place) -> dict[str, str]:
    """Silent stores with their remedies, when nothing else is red and `doctor` waits for each of them once."""
    settings, began = read_settings(place.environment, create=False), monotonic()
    ill = [finding for finding in iter_findings(settings, place.environment, place.port) if finding.remedy]
    assert all("does not reply within" in finding.found for finding in ill)
    assert monotonic() - began < 4 * CONNECT_SECONDS * len(ill)
    return {finding.what: finding.remedy for finding in ill}


def test_a_server_that_accepts_and_says_nothing_is_waited_for_once(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://a@127.0.0.1:{silent.getsockname()[1]}"
        place.environment |= {"SURVEY_DATABASE_URL": f"{url}/a", "SURVEY_IDENTITY_URL": f"{url}/b"}
        found = find_silent(place)
    assert {*found} == {"answers", "identity"} and "Check the server and its load" in found["answers"]


@pytest.mark.parametrize("store", ["answers", "identity"])
def test_a_file_that_another_program_has_locked_is_waited_for_once(place: Place, store: str) -> None:
    file = place.data / f"{store}.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        found = find_silent(place)
    assert {*found} == {store} and f"fuser -v {file}" in found[store]
    assert place.list_ill() == {}


@pytest.mark.parametrize("key", ["PSEUDONYM_KEY", "CONTACT_KEYS"])
def test_a_store_of_another_key_is_reported_as_such(place: Place, key: str) -> None:
    place.environment[f"SURVEY_{key}"] = "another" * 6
    found = iter_findings(read_settings(place.environment, create=False), place.environment, place.port)
    assert [each.found for each in found if each.what in ("answers", "identity")] == [f"made with another SURVEY_{key}"] * 2


def test_a_server_of_another_folder_of_data_is_named_as_such(place: Place, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    running = Server(tmp_path / "other", place.folder / "q")
    place.after.callback(running.stop)
    place.port = running.port
    assert place.list_ill()["port"].startswith("Examine it with its own environment: SURVEY_DATA")


def test_a_disk_without_room_is_reported(place: Place) -> None:
    file = place.data / "answers.db"
    assert examine_disk("answers", file).remedy == ""
    assert "room" in examine_disk("answers", file, needed=10**18).remedy


@contextmanager
def own_by_server_user(built: Path) -> Iterator[tuple[Place, str | None]]:
    """An installation of a user without rights on all files."""
    folder, user = make_folder("states-"), server_user()
    shutil.copytree(built, folder, dirs_exist_ok=True)
    try:
        for path in folder.rglob("*"):
            if user:
                shutil.chown(path, user, user)
        yield Place(folder, make_environment(folder)), user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_list_of_erasures_that_cannot_be_written_is_reported(built: Path) -> None:
    with own_by_server_user(built) as (place, user):
        place.erasures.chmod(0o400)
        with become(user):
            ill = place.list_ill()
        assert {*ill} == {"erasures"} and str(place.erasures) in ill["erasures"]


@pytest.mark.parametrize("denied", ["data/erasures.csv", "q/short/questionnaire.yaml"])
def test_a_file_that_cannot_be_read_is_reported_and_others_are_examined(built: Path, denied: str) -> None:
    with own_by_server_user(built) as (place, user):
        (place.folder / denied).chmod(0)
        with become(user):
            settings = read_settings(place.environment, create=False)
            found = list(iter_findings(settings, place.environment, place.port))
        assert str(place.folder / denied) in " ".join(each.found for each in found if each.what == "files" and each.remedy)
        assert {"answers", "jobs", "mail"} <= {each.what for each in found}


@contextmanager
def become(user: str | None) -> Iterator[None]:
    """Have the rights of this user for a while."""
    before = os.geteuid()
    os.seteuid(pwd.getpwnam(user).pw_uid if user else before)
    try:
        yield
    finally:
        os.seteuid(before)


@cache
def start_standby(server: PostgresServer) -> PostgresServer:
    copy = PostgresServer(hot_standby="on")
    server.call("pg_basebackup", "-d", server.dsn("postgres"), "-D", str(copy.data), "-R", "-X", "stream", "-c", "fast")
    return copy.start()


@pytest.fixture
def on_postgresql(tmp_path: Path, postgres: PostgresServer) -> Place:
    names = {name: postgres.create_database() for name in ("SURVEY_DATABASE_URL", "SURVEY_IDENTITY_URL")}
    environment = make_environment(tmp_path) | {name: postgres.url(database) for name, database in names.items()}
    build(tmp_path, environment)
    return Place(tmp_path, environment)


def test_a_server_that_does_not_wait_for_its_replica_is_reported(on_postgresql: Place, postgres: PostgresServer) -> None:
    assert on_postgresql.list_ill() == {}
    name = on_postgresql.environment["SURVEY_DATABASE_URL"].rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = remote_write")
    assert "synchronous_commit=remote_write" in on_postgresql.list_ill()["answers"]


def test_a_server_that_waits_for_a_missing_replica_is_reported(on_postgresql: Place, postgres: PostgresServer) -> None:
    postgres.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    postgres.execute("SELECT pg_reload_conf()")
    try:
        wait_until(lambda: "nobody" in postgres.call("psql", postgres.dsn("postgres"), "-Atc", "SHOW synchronous_standby_names"))
        assert "synchronous_standby_names" in on_postgresql.list_ill()["answers"]
    finally:
        postgres.execute("ALTER SYSTEM RESET synchronous_standby_names")
        postgres.execute("SELECT pg_reload_conf()")
    assert on_postgresql.list_ill() == {}


@pytest.mark.parametrize("table", ["page", "response"])
def test_a_session_that_stops_all_saves_is_named(on_postgresql: Place, table: str) -> None:
    url = on_postgresql.environment["SURVEY_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url, application_name="a forgotten shell") as forgotten:
        forgotten.execute(f"LOCK TABLE {table}")
        named = f"Session {forgotten.info.backend_pid} of 'a forgotten shell'"
        remedy = on_postgresql.list_ill()["answers locks"]
    assert named in remedy and "LOCK TABLE" not in remedy
    assert on_postgresql.list_ill() == {}


def test_a_replica_of_something_else_is_reported(on_postgresql: Place, postgres: PostgresServer) -> None:
    other = postgres.create_database()
    for url in (postgres.url(other), on_postgresql.environment["SURVEY_DATABASE_URL"]):
        on_postgresql.environment["SURVEY_REPLICA_URL"] = url
        assert "SURVEY_REPLICA_URL" in on_postgresql.list_ill()["replica"]
    copy = start_standby(postgres)
    try:
        name = on_postgresql.environment["SURVEY_DATABASE_URL"].rpartition("/")[2]
        on_postgresql.environment["SURVEY_REPLICA_URL"] = copy.url(name)
        assert on_postgresql.list_ill() == {}
    finally:
        copy.remove()
        with suppress(OSError):
            shutil.rmtree(copy.folder)

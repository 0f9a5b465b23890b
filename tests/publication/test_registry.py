"""A published version is in service in every process within five seconds, whatever the load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import text

from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.registry import REREAD_SECONDS, Registry
from survey_engine.publication.versions import publish, read_version
from survey_engine.storage.database import Database
from tests.writing import HEAD, ask

BURST = 16
WITHIN = 5
"""Seconds after `publish` in which every process serves the version."""


class Clock:
    """Clock that a test advances."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class Processes:
    """Two processes on one store with a first version, and a command that publishes."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder, self.clock = folder / "questionnaires" / "example", Clock()
        self.folder.mkdir(parents=True)
        (self.folder / "questionnaire.yaml").write_text(HEAD)
        self.commands = Database(url, "answers")
        self.clear()
        self.publish("first")
        self.stores = [Database(url, "answers") for _ in range(2)]
        self.registries = [Registry(store, clock=self.clock) for store in self.stores]
        for registry in self.registries:
            registry.refresh()

    def clear(self) -> None:
        with self.commands.write() as connection:
            connection.execute(text("DELETE FROM service"))
            connection.execute(text("DELETE FROM questionnaire_version"))

    def publish(self, wording: str) -> Questionnaire:
        (self.folder / "main.yaml").write_text(ask(f"- mark: week\n  text: How was your {wording} week?"))
        return publish(self.folder, None, self.commands)[1]

    def close(self) -> None:
        for store in (*self.stores, self.commands):
            store.close()


@pytest.fixture
def processes(database_url: str, tmp_path: Path) -> Iterator[Processes]:
    with closing(Processes(database_url, tmp_path)) as running:
        yield running


def ask_together(*registries: Registry) -> list[str]:
    """Return the versions that simultaneous requests get, `BURST` in each process."""
    found: list[str] = []
    together = Barrier(BURST * len(registries))

    def request(registry: Registry) -> None:
        together.wait()
        found.append(registry.current["example"].version)

    threads = [Thread(target=request, args=(registry,)) for registry in registries for _ in range(BURST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_burst_after_quiet_gets_the_new_version_in_every_process(processes: Processes) -> None:
    new = processes.publish("second")
    processes.clock.time += 30
    assert ask_together(*processes.registries) == [new.version] * 2 * BURST


def test_steady_requests_get_a_new_version_within_five_seconds(processes: Processes) -> None:
    registry = processes.registries[0]
    processes.clock.time += 1.5
    ask_together(registry)
    new = processes.publish("second")
    for _ in range(10):
        processes.clock.time += WITHIN / 10
        found = ask_together(registry)
    assert found == [new.version] * BURST


def test_requests_with_a_recent_version_do_not_wait_for_a_refresh(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    registry, inside, go_on, refresh = processes.registries[0], Event(), Event(), Registry.refresh

    def refresh_slowly(self: Registry) -> None:
        inside.set()
        go_on.wait(20)
        refresh(self)

    monkeypatch.setattr(Registry, "refresh", refresh_slowly)
    old = registry.current["example"].version
    processes.clock.time += 3
    refreshing = Thread(target=lambda: registry.current)
    refreshing.start()
    assert inside.wait(20) and registry.current["example"].version == old
    go_on.set()
    refreshing.join()


def test_without_its_store_a_process_serves_its_current_version(processes: Processes) -> None:
    (registry, _), old = processes.registries, processes.registries[0].current["example"].version
    with processes.commands.write() as connection:
        connection.execute(text("ALTER TABLE service RENAME TO away"))
    try:
        processes.clock.time += 30
        assert ask_together(registry) == [old] * BURST
    finally:
        with processes.commands.write() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO service"))
    new = processes.publish("second")
    processes.clock.time += WITHIN
    assert ask_together(registry) == [new.version] * BURST


def test_a_request_keeps_its_version_when_a_new_one_is_published(processes: Processes) -> None:
    registry, old = processes.registries[0], processes.registries[0].current["example"]
    new = processes.publish("second")
    processes.clock.time += 30
    assert registry.find("example") is registry.current["example"] and registry.current["example"].version == new.version
    assert {version.version for version in registry.list_compiled()} == {old.version, new.version}


# Versions compiled on demand ------------------------------------------------------------------------------------------


def damage(processes: Processes, version: str, column: str = "files", value: str | bytes = b"") -> None:
    with processes.commands.write() as connection:
        statement = text(f"UPDATE questionnaire_version SET {column} = :value WHERE version = :version")
        connection.execute(statement, {"value": value, "version": version})


def test_a_start_compiles_nothing_and_knows_what_it_serves(processes: Processes) -> None:
    registry = processes.registries[0]
    assert (registry.list_compiled(), registry.list_unknown(), [*registry.served]) == ([], ["example"], ["example"])


def test_compiling_in_the_background_leaves_nothing_for_respondents(processes: Processes) -> None:
    registry, rests = processes.registries[0], list[float]()
    registry.compile_all(rests.append)
    assert registry.list_unknown() == [] and len(registry.list_compiled()) == len(rests) == 1


@pytest.mark.parametrize(("column", "value"), [("files", b""), ("digest", "another")])
def test_compiling_in_the_background_finds_a_version_that_cannot_be_served(
    processes: Processes, column: str, value: str | bytes
) -> None:
    registry = processes.registries[0]
    (version,) = registry.served.values()
    damage(processes, version, column, value)
    registry.compile_all(lambda seconds: None)
    assert (registry.list_unknown(), registry.map_servable(), [*registry.left_out]) == ([], {}, [f"example {version}"])


def test_a_damaged_version_is_served_again_when_it_is_published_again(processes: Processes) -> None:
    registry = processes.registries[0]
    (version,) = registry.served.values()
    damage(processes, version)
    registry.compile_all(lambda seconds: None)
    processes.publish("first")
    processes.clock.time += REREAD_SECONDS
    assert registry.served == registry.map_servable() == {"example": version} and not registry.left_out


def test_a_process_without_the_damaged_version_serves_the_one_before_it(processes: Processes) -> None:
    old, new = processes.registries[0].served["example"], processes.publish("second").version
    damage(processes, new)
    processes.clock.time += 30
    for registry in processes.registries:
        found = registry.find("example")
        assert found and (found.version, [*registry.left_out]) == (old, [f"example {new}"])


def test_a_version_published_before_the_first_request_is_served_at_once(processes: Processes) -> None:
    new = processes.publish("second")
    processes.clock.time += WITHIN
    assert {registry.current["example"].version for registry in processes.registries} == {new.version}


def test_no_request_waits_for_the_compilation_of_another_version(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    registry, inside, go_on = processes.registries[0], Event(), Event()
    old, new = registry.served["example"], processes.publish("second").version

    def read_slowly(answers: Database, code: str, version: str) -> Questionnaire:
        if version == old:
            inside.set()
            go_on.wait(20)
        return read_version(answers, code, version)

    monkeypatch.setattr("survey_engine.publication.registry.read_version", read_slowly)
    compiling = Thread(target=registry.find, args=("example",))
    compiling.start()
    try:
        assert inside.wait(20)
        processes.clock.time += 30
        assert registry.current["example"].version == new
        assert compiling.is_alive()
    finally:
        go_on.set()
        compiling.join()

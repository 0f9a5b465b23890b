"""Runs the command line on the questionnaires and stores of one test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, event

from survey_engine.cli import main
from survey_engine.cli.support.installation import create_stores
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.settings import Settings, map_given, read_settings
from survey_engine.storage.sqlite_files import make_private_file
from tests.databases import prepare_store

PLACES = {"data", "questionnaires", "translations", "base_url"}
"""Settings that affect neither stores nor keys."""


def create_installation(settings: Settings) -> None:
    prepare_store(settings.database_url, "answers")
    prepare_store(settings.identity_url, "identity")
    create_stores(settings)


@cache
def read_installation() -> dict[str, bytes]:
    """Return name → content of the files of a new installation. All desks of a process start with a copy, so they have the same keys."""
    with TemporaryDirectory() as folder:
        create_installation(read_settings({}, Path(folder)))
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


class Desk:
    """A working folder with questionnaires in `q` and stores in `data`; environment variables point to both."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, create: bool = True) -> None:
        self.folder, self._monkeypatch = folder, monkeypatch
        self.set(SURVEY_DATA=folder / "data", SURVEY_QUESTIONNAIRES=folder / "q", SURVEY_TRANSLATIONS=folder / "translations")
        self.set(SURVEY_BASE_URL="https://survey.example.org")
        monkeypatch.chdir(folder)
        if create:
            self.make_stores()

    def set(self, **environment: object) -> None:
        for name, value in environment.items():
            self._monkeypatch.setenv(name, str(value))

    @property
    def settings(self) -> Settings:
        return read_settings()

    @property
    def contact_keys(self) -> ContactKeys:
        return ContactKeys(self.settings.contact_keys)

    def make_stores(self) -> None:
        """Make the stores as `survey-engine init` does."""
        data = self.folder / "data"
        if data.exists() or map_given().keys() - PLACES:
            create_installation(self.settings)
        else:
            data.mkdir()
            for name, content in read_installation().items():
                make_private_file(data / name).write_bytes(content)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, words)


@contextmanager
def interrupt(number: int) -> Iterator[list[str]]:
    """Raise KeyboardInterrupt once, before write or commit `number`; yields the list of writes and commits so far."""
    reached = list[str]()

    def note(what: str) -> None:
        reached.append(what)
        if len(reached) == number:
            raise KeyboardInterrupt

    def execute(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.split(maxsplit=1)[0] in {"INSERT", "UPDATE", "DELETE", "LOCK"}:
            note(statement)

    def commit(connection: object) -> None:
        note("COMMIT")

    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Engine, "commit", commit)
    try:
        yield reached
    finally:
        event.remove(Engine, "before_cursor_execute", execute)
        event.remove(Engine, "commit", commit)

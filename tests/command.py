"""Runs the command line on questionnaires and stores of a test's own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_engine.cli import main
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.settings import Settings, read_settings
from survey_engine.storage.database import Database


class Desk:
    """A folder in which somebody works: questionnaires in `q`, stores in `data`, and the environment that says so."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._monkeypatch = folder, monkeypatch
        self.set(SURVEY_DATA=folder / "data", SURVEY_QUESTIONNAIRES=folder / "q", SURVEY_TRANSLATIONS=folder / "translations")
        self.set(SURVEY_BASE_URL="https://survey.example.org")
        monkeypatch.chdir(folder)

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
        """What the engine makes when it starts."""
        for url, store in ((self.settings.database_url, "answers"), (self.settings.identity_url, "identity")):
            with closing(Database(url, store)) as database:
                database.migrate()

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, words)

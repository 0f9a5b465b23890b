"""The sites that are measured: a synthetic questionnaire of any size, with stores of its own on SQLite or PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path

from flask import Flask

from survey_engine.settings import ROOT, read_settings
from survey_engine.web.app import create_app
from tests.bench.synthetic import write_questionnaire
from tests.databases import PostgresServer

CODE = "bench"
PAGES = 20
HERE = 5
"""The page that respondents stand on, from 0."""
_NUMBERS = count(1)


@dataclass(frozen=True)
class Bench:
    """Where the sites lie, and how long each measurement takes."""

    folder: Path
    server: PostgresServer
    seconds: int
    rounds: int
    threads: int
    most: int

    def environment(
        self, *, pages: int = PAGES, institutions: int = 1, statements: int = 8, postgresql: bool = False
    ) -> dict[str, str]:
        """The settings of a new site."""
        home = self.folder / f"site{next(_NUMBERS)}"
        write_questionnaire(home / "questionnaires", CODE, pages, institutions, statements)
        found = {
            "SURVEY_DATA": str(home / "data"),
            "SURVEY_QUESTIONNAIRES": str(home / "questionnaires"),
            "SURVEY_TRANSLATIONS": str(ROOT / "translations"),
        }
        if postgresql:
            for name in ("SURVEY_DATABASE_URL", "SURVEY_IDENTITY_URL"):
                found[name] = self.server.url(self.server.create_database())
        return found

    def app(self, *, pages: int = PAGES, institutions: int = 1, statements: int = 8, postgresql: bool = False) -> Flask:
        return open_site(self.environment(pages=pages, institutions=institutions, statements=statements, postgresql=postgresql))

    @cached_property
    def site(self) -> Flask:
        """The usual one, on SQLite."""
        return self.app()


def open_site(environment: dict[str, str]) -> Flask:
    return create_app(read_settings(environment, Path(environment["SURVEY_DATA"])))

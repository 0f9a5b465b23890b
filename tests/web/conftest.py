"""An application with real temporary databases, and devices that visit it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.model.questionnaire import Questionnaire, Values
from survey_engine.operations.simulation.browsing import Browser, Reply, WsgiLine
from survey_engine.settings import ROOT, read_settings
from survey_engine.storage.identity import Seat
from survey_engine.web.app import create_app
from survey_engine.web.respondent.site import COOKIE, Site
from tests.databases import PostgresServer, prepare_store

SHORT = """\
questionnaire: {code}
title: {{en: Short one, nl: Korte lijst, easy: Short one}}
source_language: en
languages: {{en: {{name: English}}, nl: {{name: Nederlands}}, easy: {{name: Easy, locale: en, groups: [main]}}}}
introduction: {{en: Welcome!, nl: Welkom!, easy: Hello!}}
contact: {{en: Ask your mentor., nl: Vraag je mentor., easy: Ask your mentor.}}
{dates}
background:
  level: {{text: {{en: Level, nl: Niveau, easy: Level}}, from: 1, to: 4}}
order: [{{group: main, sections: [main]}}, {{group: more, sections: [more]}}]
"""
MAIN = """\
section: main
title: {en: Main part, nl: Hoofddeel, easy: Main}
pages:
  - page: job
    questions:
      - yes_no: has_job
        text: {en: Do you have a job?, nl: Heb je werk?, easy: Do you work?}
  - page: hours
    when: has_job == 'yes'
    questions:
      - number: hours
        text: {en: How many hours?, nl: Hoeveel uur?, easy: How many hours?}
        from: 1
        to: 60
"""
MORE = """\
section: more
title: {en: More, nl: Meer, easy: More}
pages:
  - page: story
    questions:
      - open: story
        text: {en: Tell us., nl: "Vertel het.", easy: Tell us.}
        max_length: 100
  - page: panel
    questions:
      - panel: panel
        text: {en: Your address?, nl: Je adres?, easy: Your address?}
"""


def write_short(folder: Path, code: str, dates: str = "") -> None:
    """Write a questionnaire of four pages, one with a condition and one for some languages."""
    folder = folder / code
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "questionnaire.yaml").write_text(SHORT.format(code=code, dates=dates))
    (folder / "main.yaml").write_text(MAIN)
    (folder / "more.yaml").write_text(MORE)
    (folder / "demo.yaml").write_text("institution: demo\nname: Demo College\nopen_link: {level: 3}\n")
    (folder / "other.yaml").write_text("institution: other\nname: Other School\nlanguages: [nl]\n")


class House:
    """The application with its settings and stores."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.settings = read_settings({"SURVEY_QUESTIONNAIRES": str(folder / "q"), **environment}, folder / "data")
        prepare_store(self.settings.database_url, "answers")
        prepare_store(self.settings.identity_url, "identity")
        self.app: Flask = create_app(self.settings)
        self.site: Site = self.app.extensions["survey_engine"]

    def close(self) -> None:
        self.site.answers.close()
        self.site.identity.close()

    def device(self, language: str = "en", *, script: bool = False) -> Browser:
        """Return a new device without cookies."""
        return Browser(WsgiLine(self.app.wsgi_app), language, script=script)

    def questionnaire(self, code: str = "short") -> Questionnaire:
        return self.site.questionnaires[code]

    def slug(self, page: str, code: str = "short") -> str:
        return next(slug for slug, (_, found) in self.questionnaire(code).placed_pages.items() if found.code == page)

    def page(self, reply: Reply, code: str = "short") -> str | None:
        """Return the code of the rendered page."""
        found = self.questionnaire(code).placed_pages.get(reply.drawn.slug)
        return found[1].code if found else None

    def find_response(self, device: Browser, code: str = "short") -> int:
        """Return the id of the response in a device's cookie."""
        visit = self.site.signatures.read_cookie(code, device.cookies[COOKIE + code])
        assert visit
        return visit.response

    def invite(self, code: str = "short", institution: str = "demo", language: str | None = None, **background: Any) -> str:
        """Create a personal link; return its path."""
        (token,) = give_links(
            self.site.identity, self.site.participation.contact_keys, [Seat(code, institution, background, language)]
        )
        return f"/l/{token}"

    def rows(self, statement: str, *values: object, store: str = "answers") -> list[tuple[Any, ...]]:
        """Return the rows of a query; values replace its question marks."""
        database = self.site.answers if store == "answers" else self.site.identity
        written = statement if database.is_sqlite else statement.replace("?", "%s")
        with database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(written, values)]

    def answers(self) -> dict[str, str]:
        """Return the stored answers by page, of the only response."""
        return dict(self.rows("SELECT page, answers FROM page ORDER BY page"))


@contextmanager
def open_house(folder: Path, main: str) -> Iterator[House]:
    """The application with the short questionnaire and another main section."""
    write_short(folder / "q", "short")
    (folder / "q" / "short" / "main.yaml").write_text(main)
    house = House(folder)
    yield house
    house.close()


def start(device: Browser, path: str = "/q/short/demo", **fields: str) -> Reply:
    """Press Start on a start page; return the first page."""
    device.get(path)
    return device.post_plainly(path, list(fields.items()))


def send(device: Browser, reply: Reply, given: Values | None = None, wish: str = "next", **hidden: str) -> Reply:
    """Fill in the rendered page and press a button."""
    drawn = reply.drawn
    answers = {FIELD_PREFIX + variable: value for variable, value in (given or {}).items()}
    kept: dict[str, Any] = {name: drawn.read_hidden(name) for name in ("ticket", "number", "prompted")}
    kept["shown"] = [field.value for field in drawn.fields if field.name == "shown"]
    fields = {**{name: value for name, value in kept.items() if value is not None}, "wish": wish, **hidden, **answers}
    assert answers.keys() <= {field.name for field in drawn.fields}, "that field is not on the page"
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    if "language" in hidden:
        return device.post_plainly(drawn.action or "", pairs)
    return device.post(drawn.action or "", pairs, background=wish == "keep")


def walk(device: Browser, reply: Reply, *pages: Values) -> Reply:
    """Complete several pages; questions without a value stay unanswered."""
    for given in pages:
        reply = send(device, reply, given)
        if reply.status == 422:
            reply = send(device, reply, given)
    return reply


FINISHED: Sequence[Values] = ({"has_job": "no"}, {"story": "well"}, {})
"""The answers of the shortest path through the short questionnaire."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application that most tests share."""
    folder = tmp_path_factory.mktemp("house")
    write_short(folder / "q", "short")
    house = House(folder)
    yield house
    house.close()


@pytest.fixture(scope="session")
def built_on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    write_short(folder / "q", "short")
    answers, identity = (postgres.url(postgres.create_database()) for _ in range(2))
    house = House(folder, SURVEY_DATABASE_URL=answers, SURVEY_IDENTITY_URL=identity)
    yield house
    house.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses `house` on each kind of database in RUNS_ON of its module."""
    if "house" in metafunc.fixturenames and hasattr(metafunc.module, "RUNS_ON"):
        metafunc.parametrize("house", metafunc.module.RUNS_ON, indirect=True)


@pytest.fixture
def house(request: pytest.FixtureRequest) -> House:
    """The application with empty stores, on SQLite unless RUNS_ON says otherwise."""
    built: House = request.getfixturevalue("built_on_postgresql" if getattr(request, "param", "") == "postgresql" else "built")
    for store, tables in (
        (built.site.answers, ("page", "panel_waiting", "response", "withdrawn_response", "later_key")),
        (built.site.identity, ("seat", "panel_member")),
    ):
        with store.write() as connection:
            for table in tables:
                connection.execute(text(f"DELETE FROM {table}"))
    return built


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def script(request: pytest.FixtureRequest) -> bool:
    """Run each test without a script and with htmx."""
    return bool(request.param)


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[House]:
    """The application with the gallery questionnaire."""
    shutil.copytree(ROOT / "questionnaires" / "gallery", tmp_path / "q" / "gallery")
    built = House(tmp_path)
    yield built
    built.close()

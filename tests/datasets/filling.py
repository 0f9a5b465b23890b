"""A questionnaire with every case that an export distinguishes, and real stores filled with responses to it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from survey_engine.datasets.export import ExportRequest, ExportResult, write_export
from survey_engine.engine.assignment import Assigned
from survey_engine.engine.decisions import Save
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.answers import change_language, save_page, start_response
from survey_engine.storage.database import Database
from tests.writing import name_files, write_files, write_sections

KEY = "0123456789abcdef" * 4
HEAD = """\
questionnaire: example
title: {en: Example, easy: Example}
edition: 2026
source_language: en
languages:
  en: {name: English}
  easy: {name: Easy English, based_on: en, locale: en, groups: [main]}
background:
  path: {text: {en: Path, easy: Path}, options: {bol: {en: School, easy: School}, bbl: {en: Work, easy: Work}}}
  programme: {text: {en: Programme, easy: Programme}, open: true}
scales:
  agree: {1: {en: Disagree, easy: "No"}, 2: {en: Neutral, easy: So so}, 3: {en: Agree, easy: "Yes"}}
conditions:
  apprentice: path == 'bbl'
order:
  - {group: main, sections: [main, work]}
  - {group: modules, modules: {council: 1, random: 1}}
  - {group: own, own_questions: true}
"""
MAIN = """\
section: main
title: {en: You, easy: You}
pages:
  - page: start
    questions:
      - choice: job
        text: {en: Do you have a job?, easy: Do you work?}
        options:
          some: {text: {en: Some, easy: Some}}
          none: {text: {en: None, easy: None}}
          firm: {text: {en: With my firm, easy: With my firm}, when: apprentice}
          other: {text: {en: "Other, namely", easy: "Other:"}, namely: true, when: not apprentice}
        purpose: To see who works.
        break_variable: true
  - page: hours_page
    when: job == 'some'
    questions:
      - number: hours
        text: {en: How many hours?, easy: How many hours?}
        from: 1
        to: 60
        unit: {en: hours, easy: hrs}
  - page: opinions
    questions:
      - grid: opinion
        text: {en: What do you think?, easy: What do you think?}
        scale: agree
        does_not_apply: {en: Not for me, easy: Not for me}
        indicators: [quality]
        items:
          good: {en: It is good, easy: It is good}
          busy: {text: {en: I am busy, easy: I am busy}, when: job == 'some', reverse: true, sensitive: health}
      - multiple: why
        text: {en: Why?, easy: Why?}
        options:
          money: {en: Money, easy: Money}
          work: {text: {en: Work, easy: Work}, when: job == 'some'}
          else: {text: {en: "Else, namely", easy: "Else:"}, namely: true}
  - page: words
    questions:
      - open: improve
        text: {en: What can be better?, easy: What can be better?}
      - date: since_when
        text: {en: Since when?, easy: Since when?}
"""
IN_DAYS = MAIN.replace("to: 60", "to: 7").replace("unit: {en: hours, easy: hrs}", "unit: {en: '*days* & <parts>', easy: dys}")
"""The same number with another unit and range, and marked up."""
WORK = """\
section: work
title: {en: Work, easy: Work}
when: apprentice
pages:
  - page: work_page
    questions:
      - mark: mark_work
        text: {en: "A mark for *work*?", easy: A mark?}
"""
CONSENT = """\
module: sport
title: Sport
pages:
  - page: sport_page
    questions:
      - consent: sport_consent
        text: May we ask?
        version: 3
        parts: {may_ask: You may ask}
"""
FOOD = """\
module: food
title: Food
pages:
  - page: food_page
    questions:
      - mark: mark_food
        text: A mark for food?
"""
NORTH = """\
institution: north
name: North College
modules: {council: [food]}
lists: {clubs: {chess: {en: Chess, easy: Chess}, choir: {en: The choir, easy: The choir}}}
own_questions:
  pages:
    - page: clubs_page
      questions:
        - multiple: club
          text: {en: Which clubs?, easy: Which clubs?}
          options_from: clubs
"""
SOUTH = """\
institution: south
name: South College
lists: {clubs: {choir: {en: Choir, easy: Choir}}}
"""


def write_example(folder: Path, *more: str, main: str = MAIN, head: str = HEAD) -> Questionnaire:
    written = write_sections(folder, main, WORK, CONSENT, FOOD, NORTH, SOUTH, *more, head=head)
    assert not written.compilation.errors, "\n".join(map(str, written.compilation.errors))
    return written.questionnaire


def place_example(folder: Path) -> None:
    """Write the example into `q/example`, for tests of commands, which compile it themselves."""
    write_files(folder, name_files(HEAD, MAIN, WORK, CONSENT, FOOD, NORTH, SOUTH), "example")


@dataclass
class Store:
    """A real answers store and the actions of its respondents."""

    database: Database
    questionnaire: Questionnaire

    def start(
        self,
        institution: str = "north",
        *,
        modules: Mapping[str, Any] | None = None,
        language: str = "en",
        pseudonym: str | None = None,
        version: str | None = None,
        progress_share: int = 100,
        device: str = "",
        **background: Any,
    ) -> int:
        return start_response(
            self.database,
            questionnaire=self.questionnaire.code,
            version=version or self.questionnaire.version,
            institution=institution,
            language=language,
            background=background,
            pseudonym=pseudonym,
            abandoned_hours=24,
            progress_share=progress_share,
            device=device,
            assign=lambda counts: [Assigned(module, reason) for module, reason in (modules or {}).items()],
        )

    def save(
        self, id: int, page: str, *, done: bool = True, complete: bool = False, paradata: str | None = None, **answers: Any
    ) -> None:
        with self.database.read() as connection:
            found = connection.execute(
                text("SELECT version FROM page WHERE response_id = :id AND page = :page"), {"id": id, "page": page}
            ).scalar()
        save = Save(page, answers, "writer", 1, found or 0, done, 60, paradata=paradata)
        save_page(self.database, id, save, complete=complete)

    def set_language(self, id: int, language: str) -> None:
        change_language(self.database, id, language)

    def export(self, folder: Path, **wanted: Any) -> Exported:
        return export(self.database, self.questionnaire, folder, **wanted)

    def row(self, folder: Path, **wanted: Any) -> dict[str, str]:
        """Export and return the only response."""
        (row,) = self.export(folder, **wanted).rows
        return row


@dataclass
class Exported:
    delivered: ExportResult
    rows: list[dict[str, str]]
    texts: list[dict[str, str]]
    codebook: list[dict[str, str]]
    pages: list[dict[str, str]]
    files: dict[str, bytes]


def export(database: Database, questionnaire: Questionnaire, folder: Path, **wanted: Any) -> Exported:
    folder.mkdir(parents=True, exist_ok=True)
    watching = {"watch": wanted.pop("watch")} if "watch" in wanted else {}
    wish = ExportRequest(questionnaire, wanted.pop("key", KEY), **wanted)
    with database.snapshot() as connection:
        delivered = write_export(connection, wish, folder, **watching)
    return Exported(
        delivered,
        read_csv(folder / "responses.csv") if "csv" in wish.formats else [],
        read_csv(folder / "open_answers.csv"),
        read_csv(folder / "codebook.csv"),
        read_csv(folder / "paradata.csv"),
        {path.name: path.read_bytes() for path in folder.iterdir()},
    )


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with commas, or with semicolons as in files for Excel."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline()
        file.seek(0)
        return list(csv.DictReader(file, delimiter=";" if ";" in header else ","))


def fill_every_case(store: Store) -> None:
    """Store a response with answers of every kind, a finished one that skipped, and one that has just begun."""
    id = store.start("north", path="bbl", programme="=1+1", modules={"food": "council"})
    store.save(id, "start", job="some")
    store.save(id, "hours_page", hours=12)
    store.save(id, "opinions", good=3, busy="na", why=["money"])
    store.save(id, "words", since_when="2026-01-09")
    id = store.start("south", path="bol", language="easy")
    for page in ("start", "opinions"):
        store.save(id, page)
    store.save(id, "words", complete=True)
    store.start("south", programme="München – hélène")

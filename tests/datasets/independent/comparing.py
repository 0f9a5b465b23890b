"""Exports responses and compares every cell with the second implementation."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from survey_engine.datasets.export import ExportRequest, write_export
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.storage.database import Database
from tests.datasets.independent.answering import answer_all
from tests.datasets.independent.conditions import compute
from tests.datasets.independent.expecting import (
    EMPTY,
    NOT_ASKED,
    NOT_ASSIGNED,
    OUTSIDE,
    Stored,
    Walk,
    expect,
    expect_pages,
    expect_usage,
    follow,
)
from tests.datasets.independent.instrument import Instrument, read_instrument

KEY = "0123456789abcdef" * 4
FIXED = (
    *("respondent", "version", "edition", "institution", "language", "languages", "before_switch"),
    *("started", "completed", "status", "progress_bar"),
    *("device", "channel", "language_switches", "last_page", "breakoff_page", "duration_seconds"),
)
PAGE_HEADER = ["respondent", "page", "visits", "seconds", "changes", "double_taps"]
ORDER = "__order"
REASONS = (*EMPTY, *OUTSIDE.values())
_RESPONSE = text(
    "INSERT INTO response (id, questionnaire, version, institution, pseudonym, language, languages, background, modules,"
    " started_at, completed_at, device, channel) VALUES (:id, :questionnaire, :version, :institution, :pseudonym, :language, :languages,"
    " :background, :modules, '2026-01-31 12:00:00', :completed_at, :device, :channel)"
)
_PAGE = text(
    "INSERT INTO page (response_id, page, answers, version, writer, number, done, seconds_left, paradata)"
    " VALUES (:id, :page, :answers, 1, '', 1, :done, 0, :paradata)"
)


@dataclass
class Compared:
    """Result of a comparison."""

    responses: int = 0
    cells: int = 0
    texts: int = 0
    pages: int = 0
    """Rows of `paradata.csv`."""
    kept: int = 0
    """Responses with answers from before a language switch."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Answer or reason for a missing value → number of cells."""
    differences: list[str] = field(default_factory=list)


class Comparison:
    """All versions of one questionnaire, the last folder in service, read by both implementations."""

    def __init__(self, *folders: Path) -> None:
        compiled = [compile_questionnaire(folder) for folder in folders]
        self.questionnaire = compiled[-1]
        self.versions = {each.version: each for each in compiled}
        self.instruments = {each.version: read_instrument(path) for each, path in zip(compiled, folders, strict=True)}
        self.columns = {version: instrument.list_columns() for version, instrument in self.instruments.items()}

    def compare(self, count: int, seed: int, found: Compared) -> None:
        """Export `count` random responses and compare them."""
        chance = random.Random(seed)
        stored = {id: answer_all(id, self.instruments, chance) for id in range(1, count + 1)}
        with tempfile.TemporaryDirectory() as name, closing(Database(f"sqlite:///{name}/answers.db", "answers")) as database:
            database.migrate()
            self._fill(database, stored)
            self._export(database, Path(name), frozenset(f"p{id}" for id, each in stored.items() if each.withdrawn))
            self._compare_rows(Path(name) / "responses.csv", stored, found)
            self._compare_texts(Path(name) / "open_answers.csv", stored, found)
            self._compare_pages(Path(name) / "paradata.csv", stored, found)

    def _fill(self, database: Database, responses: Mapping[int, Stored]) -> None:
        with database.write() as connection:
            connection.execute(_RESPONSE, [self._describe(id, stored) for id, stored in responses.items()])
            pages = [
                {
                    "id": id,
                    "page": page,
                    "answers": json.dumps(answers),
                    "done": page in stored.finished,
                    "paradata": " ".join(map(str, stored.measured.get(page, ()))) or None,
                }
                for id, stored in responses.items()
                for page, answers in stored.pages.items()
            ]
            if pages:
                connection.execute(_PAGE, pages)

    def _describe(self, id: int, stored: Stored) -> dict[str, Any]:
        return {
            "id": id,
            "questionnaire": self.questionnaire.code,
            "version": stored.version,
            "institution": stored.institution,
            "pseudonym": f"p{id}",
            "language": stored.language,
            "languages": ",".join(stored.languages),
            "background": json.dumps(stored.background),
            "modules": json.dumps({**stored.modules, **{f"{code}={arm}": "random" for code, arm in stored.arms.items()}}),
            "completed_at": "2026-02-01 12:00:00" if stored.completed else None,
            "device": stored.device,
            "channel": stored.channel,
        }

    def _export(self, database: Database, folder: Path, withdrawn: frozenset[str]) -> None:
        wanted = ExportRequest(self.questionnaire, KEY, withdrawn=withdrawn, versions=self.versions, least_group=1)
        with database.snapshot() as connection:
            write_export(connection, wanted, folder)

    def _compare_rows(self, path: Path, responses: Mapping[int, Stored], found: Compared) -> None:
        names = {self._name(id): stored for id, stored in responses.items()}
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            self._compare_header(list(reader.fieldnames or ()), responses, found)
            for row in reader:
                number = row.pop("respondent")
                self._compare_row(row, names.pop(number), found)
        found.differences += [f"{name} is not there" for name in names]

    def _name(self, id: int) -> str:
        words = "\x1f".join(("respondent", self.questionnaire.code, str(id)))
        return f"r{hmac.new(KEY.encode(), words.encode(), hashlib.sha256).digest()[:8].hex()}"

    def _compare_header(self, header: list[str], responses: Mapping[int, Stored], found: Compared) -> None:
        used = {stored.version for stored in responses.values()} | {self.questionnaire.version}
        expected = set(FIXED)
        for version in used:
            instrument = self.instruments[version]
            expected |= {*self.columns[version], *instrument.head.get("background", ())}
            expected |= {f"module_{code}" for code in instrument.modules if instrument.draws}
            expected |= {*instrument.head.get("derived", ())}
            expected |= {f"experiment_{each['experiment']}" for each in instrument.head.get("experiments", ())}
            expected |= {f"{code}{ORDER}" for code in instrument.shuffled}
            expected |= {f"section__{code}{ORDER}" for code in instrument.mixed}
            expected |= {f"page__{code}{ORDER}" for code in instrument.shuffled_pages}
        if len(header) != len(set(header)) or expected != set(header):
            found.differences.append(f"columns: {sorted(expected.symmetric_difference(header))}")

    def _compare_row(self, row: Mapping[str, str], stored: Stored, found: Compared) -> None:
        expected = self._expect_row(stored)
        instrument = self.instruments[stored.version]
        asking = self.columns[stored.version]
        assigned = {*stored.modules, *instrument.list_themes(stored.institution)}
        found.responses += 1
        found.kept += expected["before_switch"] > 0
        for name, cell in row.items():
            if name.startswith("section__"):
                if cell.split() != list_section(instrument, stored, name.removeprefix("section__").removesuffix(ORDER)):
                    found.differences.append(f"{name} of {stored} is {cell}")
                continue
            if name.startswith("page__"):
                if sorted(cell.split()) != list_questions(instrument, stored, name.removeprefix("page__").removesuffix(ORDER)):
                    found.differences.append(f"{name} of {stored} is {cell}")
                continue
            if name.endswith(ORDER):  # any order of the codes: the number that decides it is not in the file
                if sorted(cell.split()) != list_offered(instrument, stored, name.removesuffix(ORDER)):
                    found.differences.append(f"{name} of {stored} is {cell}")
                continue
            elsewhere = name in asking and None not in asking[name] and assigned.isdisjoint(asking[name])
            value = expected.get(name, NOT_ASSIGNED if elsewhere else NOT_ASKED)
            found.cells += 1
            found.kinds[str(value) if value in REASONS else "answers"] += 1
            if str(value) != cell:
                found.differences.append(f"{name} of {stored} is {cell}, not {value}")

    def _expect_row(self, stored: Stored) -> dict[str, Any]:
        instrument = self.instruments[stored.version]
        modules = {code for each in self.instruments.values() for code in each.modules}
        background = {name for each in self.instruments.values() for name in each.head.get("background", ())}
        return {
            "version": stored.version,
            "edition": instrument.head["edition"],
            "institution": stored.institution,
            "language": stored.language,
            "languages": " ".join(dict.fromkeys(stored.languages)),
            "before_switch": 0,
            "started": "2026-01-31",
            "completed": "2026-02-01" if stored.completed else "",
            "status": "complete" if stored.completed else "withdrawn" if stored.withdrawn else "broken_off",
            "progress_bar": "",
            **expect_usage(instrument, stored),
            **{f"module_{code}": stored.modules.get(code, NOT_ASSIGNED) for code in modules},
            **{f"experiment_{code}": arm for code, arm in stored.arms.items()},
            **{name: stored.background.get(name, "") for name in background},
            **self._expect_derived(instrument, stored),
            **expect(instrument, stored).cells,
        }

    def _expect_derived(self, instrument: Instrument, stored: Stored) -> dict[str, Any]:
        walk = Walk(instrument, stored, stored.language)
        list(walk.follow())
        found = {}
        for name, definition in instrument.head.get("derived", {}).items():
            value = compute(definition, walk.known)
            found[name] = "" if value is None else float(value) if "mean" in definition else int(value)
        return found

    def _compare_pages(self, path: Path, responses: Mapping[int, Stored], found: Compared) -> None:
        open_pages = set().union(*(each.list_open_pages() for each in self.instruments.values()))
        rows_by_id = {id: expect_pages(stored, open_pages) for id, stored in responses.items()}
        expected = {(self._name(id), page): row for id, pages in rows_by_id.items() for page, row in pages.items()}
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        delivered = {(respondent, page): row for respondent, page, *row in rows}
        found.pages += len(rows)
        if header != PAGE_HEADER or len(rows) != len(expected) or delivered != expected:
            found.differences.append(
                f"{path.name} differs in {[key for key in expected if delivered.get(key) != expected[key]][:5]}"
            )

    def _compare_texts(self, path: Path, responses: Mapping[int, Stored], found: Compared) -> None:
        expected = Counter(
            (stored.institution, variable, written)
            for stored in responses.values()
            for variable, written in expect(self.instruments[stored.version], stored).texts.items()
        )
        with path.open(encoding="utf-8-sig", newline="") as file:
            delivered = Counter((row["institution"], row["variable"], row["text"]) for row in csv.DictReader(file, delimiter=";"))
        found.texts += expected.total()
        found.differences += [
            f"text {text} is {'delivered' if text in delivered else 'lost'}" for text in _differ(expected, delivered)
        ]


def list_offered(instrument: Instrument, stored: Stored, question: str) -> list[str]:
    """List the options or items of a question with a random order that a saved page asked, sorted."""
    walk = follow(instrument, stored, stored.language)
    saved = (page for page in walk.path.values() if page.code in stored.pages)
    asked = {each.code: each for page in saved for each in page.variables if walk.is_asked(each)}
    offered = {str(option.code) for option in asked[question].options if walk.offers(option)} if question in asked else set(asked)
    return sorted(offered.intersection(instrument.shuffled.get(question, ())))


def list_section(instrument: Instrument, stored: Stored, section: str) -> list[str]:
    """List the pages of a section with a random order on the path of this response, if one of them was saved."""
    walk = follow(instrument, stored, stored.language)
    pages = [page for page in walk.path.values() if page.mixed == section]
    if stored.pages.keys().isdisjoint(page.code for page in pages):
        return []
    return [page.code for page in pages if not page.variables or any(map(walk.is_asked, page.variables))]


def list_questions(instrument: Instrument, stored: Stored, page: str) -> list[str]:
    """List the questions of a page with a random order that this response is asked, sorted; none if the page was not saved."""
    walk = follow(instrument, stored, stored.language)
    questions = walk.path[page].shuffled if page in walk.path and page in stored.pages else ()
    return sorted(
        variables[0].question
        for variables in questions
        if any(walk.is_asked(each) and walk.has_offer(each) for each in variables)
    )


def _differ(one: Counter[Any], other: Counter[Any]) -> Iterator[Any]:
    yield from (one - other) + (other - one)

"""Measures an export of many responses: `python -m tests.datasets.measure 100000`.

The responses are random walks through the real routing, written with bulk SQL into a temporary database.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import click
from sqlalchemy import text

from survey_engine.datasets.export import ExportRequest, write_export
from survey_engine.engine.asked_items import find_asked_codes
from survey_engine.engine.assignment import assign
from survey_engine.engine.routing import Respondent, route
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import NAMELY, Questionnaire, Variable
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.settings import ROOT
from survey_engine.storage.database import Database

BATCH = 500
DISTINCT = 2000
"""Number of different walks. Each is stored many times, because making a walk takes longer than exporting it."""
_RESPONSE = text(
    "INSERT INTO response (id, questionnaire, version, institution, language, languages, background, modules, completed_at)"
    " VALUES (:id, :questionnaire, :version, :institution, :language, :language, :background, :modules, :completed_at)"
)
_PAGE = text(
    "INSERT INTO page (response_id, page, answers, version, writer, number, done, seconds_left)"
    " VALUES (:id, :page, :answers, 1, '', 1, :done, 0)"
)


def walk(questionnaire: Questionnaire, chance: random.Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Make one response and its pages, as rows; one in ten breaks off."""
    institution = chance.choice(list(questionnaire.institutions.values()))
    background = chance.choice(institution.demo or (institution.open_link,))
    language = chance.choice(institution.languages)
    known = {**background, "language": language, "institution": institution.code}
    modules = assign(questionnaire, institution, known, {}, str(chance.random()))
    respondent = Respondent(institution.code, language, background, tuple(m.name for m in modules))
    answers: dict[str, dict[str, Any]] = {}
    position, limit = 0, chance.choice([*[99] * 9, chance.randrange(12)])
    while position < len((path := route(questionnaire, respondent, answers)).steps) and position < limit:
        page = path.steps[position].page
        asked = find_asked_codes(page, path, institution.code)
        answers[page.code] = {
            variable.code: give(variable, chance)
            for question in page.questions
            for variable in QUESTION_TYPES[question.type].variables(question)
            if variable.code.split("__")[0] in asked and not variable.code.endswith(NAMELY) and chance.random() < 0.97
        }
        position += 1
    response = {
        "questionnaire": questionnaire.code,
        "version": questionnaire.version,
        "institution": institution.code,
        "language": language,
        "background": json.dumps(background),
        "modules": json.dumps({m.module: m.reason for m in modules}),
        "completed_at": "2026-02-01 12:00:00" if position == len(path.steps) else None,
    }
    return response, [{"page": page, "answers": json.dumps(values), "done": True} for page, values in answers.items()]


def give(variable: Variable, chance: random.Random) -> Any:
    if variable.kind == "codes":
        return chance.sample(variable.codes, chance.randint(1, len(variable.codes)))
    if variable.options:
        return chance.choice(variable.codes)
    if variable.kind == "number":
        return chance.randint(variable.low or 0, variable.high or 0)
    return "2026-01-09" if variable.kind == "date" else f"Some words about school, number {chance.random():.9f}"


def fill(database: Database, questionnaire: Questionnaire, count: int) -> None:
    chance = random.Random(1)
    walks = [walk(questionnaire, chance) for _ in range(min(count, DISTINCT))]
    ids = iter(range(1, count + 1))
    while batch := list(islice(ids, BATCH)):
        chosen = [(id, *chance.choice(walks)) for id in batch]
        with database.write() as connection:
            connection.execute(_RESPONSE, [{"id": id, **response} for id, response, _ in chosen])
            connection.execute(_PAGE, [{"id": id, **page} for id, _, pages in chosen for page in pages])


def peak() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def watch(records: Any, count: int, name: str) -> Iterator[Any]:
    yield from records


def main(count: int, code: str) -> None:
    questionnaire = compile_questionnaire(ROOT / "questionnaires" / code)
    with tempfile.TemporaryDirectory() as name, closing(Database(f"sqlite:///{name}/answers.db", "answers")) as database:
        database.migrate()
        started = time.perf_counter()
        fill(database, questionnaire, count)
        size = sum(path.stat().st_size for path in Path(name).iterdir()) / 1e6
        click.echo(
            f"{count} responses to {code} written in {time.perf_counter() - started:.1f} s ({size:.0f} MB); peak {peak():.0f} MB"
        )
        folder = Path(name) / "out"
        folder.mkdir()
        started, used = time.perf_counter(), time.process_time()
        with database.snapshot() as connection:
            delivered = write_export(connection, ExportRequest(questionnaire, "k" * 64), folder, watch)
        took, cpu = time.perf_counter() - started, time.process_time() - used
        sizes = ", ".join(f"{path.name} {path.stat().st_size / 1e6:.1f} MB" for path in sorted(folder.iterdir()))
        click.echo(
            f"exported in {took:.1f} s ({cpu:.1f} s CPU, {count / took:.0f}/s); peak {peak():.0f} MB; {delivered.findings.statuses}"
        )
        click.echo(sizes)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "job-2026")

"""Copies made while robots answer: backups, which are restored, and exports of one moment."""

from __future__ import annotations

import csv
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from hashlib import sha256
from itertools import chain, repeat
from pathlib import Path

from sqlalchemy import Connection, text

from survey_engine.datasets.export import ExportRequest, write_export
from survey_engine.engine.decisions import Save
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.answers import save_page
from survey_engine.storage.database import Database
from survey_engine.storage.snapshot import Record
from tests.faults.grounds import CODE, Ground, order
from tests.faults.ledger import Ledger, count_missing
from tests.faults.robots import Line, Robot, crowd
from tests.faults.scenarios.races import prepare_last_page
from tests.faults.stage import Scenario, Stage, Trial, describe_strange

TABLES = {"response": "id", "page": "response_id, page"}


def hash_answers(ground: Ground) -> str:
    """Return a digest of all rows of the store of answers, in the order of their keys."""
    digest = sha256()
    with closing(ground.open()) as database, database.snapshot() as connection:
        for table, key in TABLES.items():
            for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY {key}")):
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def copy_answers(ground: Ground, *, careful: bool = True) -> Path:
    """Copy the store of answers during saves. The careless copy on SQLite is the main file alone, without the rows in its log."""
    if ground.server:
        copy = ground.server.folder / f"{secrets.token_hex(4)}.dump"
        reach = ("-h", "127.0.0.1", "-p", str(ground.server.port), "-U", "postgres")
        ground.server.call("pg_dump", *reach, "-Fc", "-f", str(copy), ground.database_url.rsplit("/", 1)[1])
        return copy
    copy = ground.folder / f"{secrets.token_hex(4)}.db"
    if careful:
        with closing(sqlite3.connect(ground.disk / "answers.db")) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
    else:
        shutil.copy(ground.disk / "answers.db", copy)
    return copy


@contextmanager
def restored(ground: Ground, copy: Path) -> Iterator[None]:
    """Within the `with` block, the copy replaces the ground's store of answers."""
    source = ground.database_url
    if ground.server:
        name = ground.server.create_database()
        reach = ("-h", "127.0.0.1", "-p", str(ground.server.port), "-U", "postgres")
        ground.server.call("pg_restore", *reach, "-d", name, str(copy))
        ground.database_url = ground.server.url(name)
    else:
        ground.database_url = f"sqlite:///{copy}"
    yield
    ground.database_url = source


def restore_backup(stage: Stage, engine: str, *, careful: bool = True) -> Trial:
    """A backup under load has every page acknowledged before its start; a backup at rest has the same hash as its source.

    Careless with PostgreSQL is to restore a copy that lacks the last pages.
    """
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(stage.size(200, 4000)), Ledger()
        app = ground.start()
        with crowd(Line((app.port,), ledger), seats):
            ledger.wait(stage.size(40, 8000))
            old = copy_answers(ground, careful=careful)
            ledger.wait(40)
            counts = ledger.count()
            copy = copy_answers(ground) if careful else old
        with restored(ground, copy):
            missing = count_missing(ground, ledger, counts)
        app.stop()
        own = hash_answers(ground)
        with restored(ground, copy_answers(ground) if careful else old):
            equal = hash_answers(ground) == own
    strange = describe_strange(ledger.events)
    found = f"{missing} of them are missing in it" if missing else "all are in it"
    return Trial(
        f"{len(counts)} pages acknowledged before the backup, {found}; "
        f"at rest the hashes are {'equal' if equal else 'different'}{strange}",
        equal and not missing and not strange,
    )


def erase_and_restore(stage: Stage, engine: str, *, careful: bool = True) -> Trial:
    """Every third response is erased after a backup, which is then restored; the other responses lose nothing.

    The careless variant leaves out `survey-engine erase --again`.
    """
    respondents = stage.size(6, 90)
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(respondents), Ledger()
        app = ground.start()
        for number, seat in enumerate(seats.items()):
            Robot(Line((app.port,), ledger), *seat, number).run()
        app.stop()
        whole, copy = count_responses(ground), copy_answers(ground)
        gone = list(seats)[::3]
        for token in gone:
            take_back(ground, token)
        after = count_responses(ground)
        with restored(ground, copy):
            if careful:
                order(ground, "erase", "--again")
            back = count_responses(ground) - after
    strange = describe_strange(ledger.events)
    return Trial(
        f"{whole} responses, {len(gone)} taken back after the backup: {after} stay, {back} come back with it{strange}",
        (whole, after, back) == (respondents, respondents - len(gone), 0) and not strange,
    )


def count_responses(ground: Ground) -> int:
    """Return the number of complete responses; -1 if there are pages of other responses."""
    with closing(ground.open()) as database, database.read() as connection:
        pages = connection.execute(text("SELECT count(*) FROM page GROUP BY response_id")).scalars().all()
        complete = text("SELECT count(*) FROM response WHERE questionnaire = :code AND completed_at IS NOT NULL")
        whole = connection.execute(complete, {"code": CODE}).scalar_one()
    return whole if len(pages) == whole else -1


def take_back(ground: Ground, token: str) -> None:
    order(ground, "erase", CODE, f"https://survey.example.org/l/{token}", "--yes")


DIGITS = ("lessons_clear", "lessons_useful", "lessons_short")
"""A grid of three statements with three options each counts to 27."""


PAIRS, FIRST, SECOND = 10, 1, 4
"""Number of pairs, and the levels that identify the two responses of a pair; each pair has a room of its own."""


class Pairs:
    """Pairs of responses that are written alternately: the first is always equal to the second, or one step ahead."""

    def __init__(self, database: Database, questionnaire: Questionnaire, names: list[str]) -> None:
        self.database, self.step = database, 0
        self.ids = [
            [prepare_last_page(database, questionnaire, name, room=room, level=level) for name, level in both]
            for room, both in enumerate(zip(zip(names[::2], repeat(FIRST)), zip(names[1::2], repeat(SECOND)), strict=True))
        ]

    def go_on(self) -> None:
        """Write one step of every pair."""
        self.step += 1
        answers = {name: 1 + self.step // 3**place % 3 for place, name in enumerate(DIGITS)}
        for id in chain.from_iterable(self.ids):
            save = Save("lessons_page", answers, "before", 1 + self.step, 0, done=True, seconds_left=60)
            save_page(self.database, id, save)

    def meanwhile(self, records: Iterable[Record], count: int, name: str) -> Iterator[Record]:
        """Yield the elements that an export reads, and write between them."""
        for number, record in enumerate(records):
            if number % (count // 8) == 0:
                self.go_on()
            yield record


def count_torn(folder: Path) -> int:
    """Return the number of pairs that an export shows in a state that never existed."""
    counts: dict[tuple[str, str], int] = {}
    with (folder / "responses.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["level"] in (str(FIRST), str(SECOND)):
                counts[row["room"], row["level"]] = sum(3**place * (int(row[name]) - 1) for place, name in enumerate(DIGITS))
    return sum((counts[str(room), str(FIRST)] - counts[str(room), str(SECOND)]) % 27 > 1 for room in range(PAIRS))


OTHERS = text(
    "INSERT INTO response (questionnaire, version, institution, language, languages, background, modules)"
    " VALUES (:questionnaire, :version, 'school', 'en', 'en', '{}', '{}')"
)
"""Number of responses between the pairs, so that an export reads more than one batch."""


def read_as_it_comes(database: Database) -> AbstractContextManager[Connection]:
    """Read without a snapshot: each statement sees the rows stored at its own time."""
    return database.read() if database.is_sqlite else database.engine.connect()


def export_while_writing(stage: Stage, engine: str, *, careful: bool = True) -> Trial:
    """Every export shows all pairs as they were at one moment. The careless variant reads without a snapshot."""
    times, torn = stage.size(2, 20), 0
    with stage.ground(engine) as ground, closing(ground.open()) as database:
        questionnaire = ground.compile()
        pairs = Pairs(database, questionnaire, [f"name{number}" for number in range(2 * PAIRS)])
        others = stage.size(500, 4000)
        with database.write() as connection:
            connection.execute(OTHERS, [{"questionnaire": questionnaire.code, "version": questionnaire.version}] * others)
        pairs.go_on()
        wanted = ExportRequest(questionnaire, ground.pseudonym_key)
        for _ in range(times):
            opened = database.snapshot() if careful else read_as_it_comes(database)
            with tempfile.TemporaryDirectory() as folder, opened as connection:
                write_export(connection, wanted, Path(folder), pairs.meanwhile)
                torn += count_torn(Path(folder))
    size = others + 2 * PAIRS
    return Trial(f"{times} exports of {size} responses, {pairs.step} saves of each pair meanwhile: {torn} torn", not torn)


COPIES = [
    scenario
    for engine in ("sqlite", "postgresql")
    for scenario in (
        Scenario(
            f"backup and restore, {engine}",
            "all that was acknowledged before is in it; equal hashes",
            lambda stage, engine=engine: restore_backup(stage, engine),  # type: ignore[misc]
            "copies the main file alone" if engine == "sqlite" else "restores an older copy",
            lambda stage, engine=engine: restore_backup(stage, engine, careful=False),  # type: ignore[misc]
            short=engine == "sqlite",
        ),
        Scenario(
            f"erasures outlive a restore, {engine}",
            "none comes back, no other is touched",
            lambda stage, engine=engine: erase_and_restore(stage, engine),  # type: ignore[misc]
            "restores without erasing again",
            lambda stage, engine=engine: erase_and_restore(stage, engine, careful=False),  # type: ignore[misc]
            short=engine == "postgresql",
        ),
        Scenario(
            f"export while writing, {engine}",
            "as it stood at one moment: 0 torn",
            lambda stage, engine=engine: export_while_writing(stage, engine),  # type: ignore[misc]
            "reads without a snapshot",
            lambda stage, engine=engine: export_while_writing(stage, engine, careful=False),  # type: ignore[misc]
        ),
    )
]

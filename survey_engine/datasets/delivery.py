"""One delivery: all responses to a questionnaire at one moment, their open answers apart, and the codebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from survey_engine.datasets.codebook import list_entries, write_codebook
from survey_engine.datasets.codebook_page import write_page
from survey_engine.datasets.columns import Layout, lay_out
from survey_engine.datasets.open_answers import OpenAnswers
from survey_engine.datasets.plan import Cell
from survey_engine.datasets.row_order import hash_name, open_shuffle
from survey_engine.datasets.rows import Tabulator
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.snapshot import BATCH, Record, list_responses, read_responses

WriteTable = Callable[[Path, Layout, Iterable[Sequence[Cell]]], None]
Watch = Callable[[Iterable[Record], int], Iterable[Record]]
"""Hands on the responses one by one while it shows how far it is of so many."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of an export."""

    questionnaire: Questionnaire
    key: str
    """Makes respondent numbers and order; the same key makes the same ones."""
    write_table: WriteTable
    open_with: Sequence[str] = ()
    """Background variables that go with the open answers."""
    withdrawn: frozenset[str] = frozenset()
    """Pseudonyms whose personal link was withdrawn."""
    timezone: str = "Europe/Amsterdam"
    """In which dates are, for institutions that name no other."""

    def find_zone(self, institution: str) -> tzinfo:
        known = self.questionnaire.institutions.get(institution)
        return ZoneInfo(known.timezone if known and known.timezone else self.timezone)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What went out."""

    statuses: Counter[str]
    texts: int
    lost: Counter[str]
    """What is stored but has no column any more → in how many responses."""

    @property
    def responses(self) -> int:
        return self.statuses.total()


def deliver(connection: Connection, wanted: Wanted, folder: Path, watch: Watch = lambda records, count: records) -> Delivered:
    """Write everything into `folder`, which must exist; the same snapshot and key give the same bytes.

    `connection` is inside `Database.snapshot`.

    Raises:
        ExportError: when a response does not fit the questionnaire.
    """
    layout, key, code = lay_out(wanted.questionnaire), wanted.key, wanted.questionnaire.code
    tabulator = Tabulator(layout, key, wanted.withdrawn)
    with open_shuffle() as order, open_shuffle() as texts:
        order.add((hash_name(key, "respondent", code, id), id) for id in list_responses(connection, code))
        opened = OpenAnswers(layout, key, wanted.open_with, texts)
        records = watch(_read(connection, order, wanted.find_zone), len(order))
        wanted.write_table(folder, layout, (_lay_apart(tabulator, opened, record) for record in records))
        opened.write(folder)
        entries = list_entries(layout)
        write_codebook(folder, layout, entries)
        write_page(folder, layout, entries)
        return Delivered(tabulator.statuses, len(texts), tabulator.lost)


def _read(connection: Connection, order: Iterable[int | str], find_zone: Callable[[str], tzinfo]) -> Iterator[Record]:
    ids = map(int, order)
    while batch := list(islice(ids, BATCH)):
        yield from read_responses(connection, batch, find_zone)


def _lay_apart(tabulator: Tabulator, opened: OpenAnswers, record: Record) -> list[Cell]:
    row = tabulator.tabulate(record)
    opened.add(record, row.texts)
    return row.cells

"""One delivery: all responses to a questionnaire at one moment, their open answers apart, and the codebook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from survey_engine.datasets.codebook import list_codebook_entries, write_codebook
from survey_engine.datasets.codebook_page import write_codebook_page
from survey_engine.datasets.columns import TableLayout, lay_out
from survey_engine.datasets.open_answers import OpenAnswers
from survey_engine.datasets.plan import Cell
from survey_engine.datasets.row_order import hash_name, open_shuffle
from survey_engine.datasets.rows import Findings, Tabulator
from survey_engine.model.missing_values import Missing
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.snapshot import BATCH, Record, iter_responses, list_versions, read_responses

WriteTable = Callable[[Path, TableLayout, Iterable[Sequence[Cell]]], None]
Watch = Callable[[Iterable[Record], int], Iterable[Record]]
"""Hands on the responses one by one while it shows how far it is of so many."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is asked of an export."""

    questionnaire: Questionnaire
    """The version in service."""
    key: str
    """Makes respondent numbers and order; the same key makes the same ones."""
    write_table: WriteTable
    open_with: Sequence[str] = ()
    """Background variables that go with the open answers."""
    withdrawn: frozenset[str] = frozenset()
    """Pseudonyms whose personal link was withdrawn."""
    versions: Mapping[str, Questionnaire] = field(default_factory=dict)
    """Version → the questionnaire as it was then."""
    background: Collection[str] | None = None
    """Background variables that go with the responses; all when left out."""
    least_group: int = 5
    """What stands beside an open answer is shared by at least so many responses."""
    timezone: str = "Europe/Amsterdam"
    """In which dates are, for institutions that name no other."""

    def find_zone(self, institution: str) -> tzinfo:
        """As the version in service says, or an earlier one where the institution takes no part any more."""
        known = (version.institutions.get(institution) for version in (self.questionnaire, *self.versions.values()))
        found = next(filter(None, known), None)
        return ZoneInfo(found.timezone if found and found.timezone else self.timezone)


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What went out."""

    findings: Findings
    texts: int
    generalised: int
    """Open answers that go out with less than their institution and background."""
    withheld: int
    """Open answers that do not go out, for the question alone tells their institution."""
    least_group: int
    missing: Missing

    @property
    def responses(self) -> int:
        return self.findings.statuses.total()

    @property
    def rare(self) -> int:
        """Responses whose institution and exported background fewer than `least_group` share."""
        return sum(count for count in self.findings.backgrounds.values() if count < self.least_group)


def deliver(
    connection: Connection, wanted: ExportRequest, folder: Path, watch: Watch = lambda records, count: records
) -> ExportResult:
    """Write everything into `folder`, which must exist; the same snapshot, versions and key give the same bytes.

    `connection` is inside `Database.snapshot`.
    """
    key, code = wanted.key, wanted.questionnaire.code
    layout = lay_out(wanted.questionnaire, _list_earlier(connection, wanted), wanted.background)
    tabulator = Tabulator(layout, key, wanted.withdrawn)
    with open_shuffle() as order, open_shuffle() as texts:
        order.add((hash_name(key, "respondent", code, id), id) for id in iter_responses(connection, code))
        opened = OpenAnswers(layout, key, wanted.open_with, texts, wanted.least_group)
        records = watch(_read(connection, order, wanted.find_zone), len(order))
        wanted.write_table(folder, layout, _lay_apart(tabulator, opened, records))
        opened.write(folder)
        entries = list_codebook_entries(layout)
        write_codebook(folder, layout, entries)
        write_codebook_page(folder, layout, entries)
        return ExportResult(
            tabulator.findings,
            texts=len(texts) - opened.withheld,
            generalised=opened.generalised,
            withheld=opened.withheld,
            least_group=wanted.least_group,
            missing=tabulator.missing,
        )


def _list_earlier(connection: Connection, wanted: ExportRequest) -> Iterator[Questionnaire]:
    """The other versions that responses were given to, as far as they are there, the one used last first."""
    for version in list_versions(connection, wanted.questionnaire.code):
        if version in wanted.versions and version != wanted.questionnaire.version:
            yield wanted.versions[version]


def _read(connection: Connection, order: Iterable[int | str], find_zone: Callable[[str], tzinfo]) -> Iterator[Record]:
    ids = map(int, order)
    while batch := list(islice(ids, BATCH)):
        yield from read_responses(connection, batch, find_zone)


def _lay_apart(tabulator: Tabulator, opened: OpenAnswers, records: Iterable[Record]) -> Iterator[list[Cell]]:
    for record in records:
        row = tabulator.tabulate(record)
        if row:
            opened.add(record, row)
            yield row.cells

"""One export: all responses to a questionnaire at one moment, their open answers in a separate file, and the codebook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from importlib import import_module
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from survey_engine.datasets.asked_groups import choose_left_out
from survey_engine.datasets.code_numbers import keep_numbers
from survey_engine.datasets.codebook import list_codebook_entries, write_codebook
from survey_engine.datasets.codebook_page import write_codebook_page
from survey_engine.datasets.columns import TableLayout, lay_out
from survey_engine.datasets.disclosure import GroupValues
from survey_engine.datasets.formats.csv import write_responses
from survey_engine.datasets.frequencies import Frequencies, Frequency
from survey_engine.datasets.least_groups import LeastGroup, write_record
from survey_engine.datasets.loading_scripts import write_loading_scripts
from survey_engine.datasets.open_answers import OpenAnswers
from survey_engine.datasets.page_usage import Writer, open_page_file
from survey_engine.datasets.plan import Cell
from survey_engine.datasets.released_groups import ReleasedGroups
from survey_engine.datasets.released_rows import ReleasedRows, describe_counted, hash_response, write_row_record
from survey_engine.datasets.row_order import hash_order, open_shuffle
from survey_engine.datasets.rows import ResponseRecord, ResponseTally, Tabulator
from survey_engine.datasets.shared_values import keep_shared, withhold_rare
from survey_engine.datasets.shown_columns import describe_shown
from survey_engine.datasets.table_columns import TableDescription, describe_table
from survey_engine.datasets.universe import keep_asked_by
from survey_engine.datasets.watching import Watch, ignore_progress
from survey_engine.model.missing_values import Missing
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import GroupSizes
from survey_engine.storage.snapshot import RESPONSES_PER_READ, Record, iter_responses, list_answered_versions, read_responses

TABLES = ("codebook.csv", "codebook.html", "responses.ddi.xml")
"""Files of an export without rows of persons."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Options of an export."""

    questionnaire: Questionnaire
    """The version in service."""
    key: str
    """Key of respondent numbers and row order. The same key gives the same numbers and order."""
    formats: Sequence[str] = ("csv",)
    """Formats of the table of responses: keys of FORMATS."""
    language: str = ""
    """Language of labels in formats with labels in one language; the source language if empty."""
    open_with: Sequence[str] = ()
    """Background variables in the file of open answers."""
    withdrawn: frozenset[str] = frozenset()
    """Pseudonyms with a withdrawn personal link."""
    versions: Mapping[str, Questionnaire] = field(default_factory=dict)
    """Version → the questionnaire of that version."""
    background: Collection[str] | None = None
    """Background variables in the table of responses; None for all."""
    least_group: int = 5
    """Minimum number of responses behind a count in the codebook, and of writers of answers to one open question who share the
    exported institution and background."""
    sensitive_factor: int = 2
    """Counts of sensitive items need `least_group` times this number of responses."""
    institution: str = ""
    """Export only the responses of this institution, with respondent numbers of its own; all if empty."""
    channel: bool = False
    """For a file of one institution: include the channel of the link."""
    salt: str = ""
    """For a file of one institution: part of the key of respondent numbers and row order, so that they differ between exports."""
    numbers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Variable → text code → its number in an earlier delivery, which the export keeps."""
    timezone: str = "Europe/Amsterdam"
    """Time zone of dates, for institutions without one."""

    @property
    def number_key(self) -> str:
        """Key of respondent numbers. It differs for the file of one institution, which cannot be joined to other files by these numbers."""
        own = ("institution", self.institution, *filter(None, [self.salt]))
        return hash_order(self.key, *own).hex() * 4 if self.institution else self.key

    def find_zone(self, institution: str) -> tzinfo:
        """Return the time zone of an institution, from the newest version that has the institution."""
        known = (version.institutions.get(institution) for version in (self.questionnaire, *self.versions.values()))
        found = next(filter(None, known), None)
        return found.find_zone(self.timezone) if found else ZoneInfo(self.timezone)

    def describe_zones(self, institutions: Iterable[str]) -> str:
        """Name the time zone of dates, and in brackets the institutions with another one."""
        zones = {code: str(self.find_zone(code)) for code in institutions}
        others = ", ".join(f"{code}: {zone}" for code, zone in zones.items() if zone != self.timezone)
        return f"{self.timezone} ({others})" if others else self.timezone


@dataclass(frozen=True, slots=True)
class ExportResult:
    """Outcome of an export."""

    findings: ResponseTally
    texts: int
    generalised: int
    """Number of open answers that are exported without their background, or without background and institution."""
    withheld: int
    """Number of open answers that are not exported, because their question has fewer than `least_group` answers."""
    left_out: int
    """Number of responses left out of the file of one institution, because fewer than `least_group` respondents were asked the same."""
    added: int
    """How many of `left_out` were added only so that at least `least_group` responses are left out."""
    least_group: int
    missing: Missing

    @property
    def responses(self) -> int:
        return self.findings.statuses.total()

    @property
    def rare(self) -> int:
        """Number of responses with a combination of institution, exported background and asked questions that too few others have."""
        return sum(count for count in self.findings.backgrounds.values() if count < self.least_group)


def write_export(connection: Connection, wanted: ExportRequest, folder: Path, watch: Watch = ignore_progress) -> ExportResult:
    """Write all files into an existing folder. The same snapshot, versions and key give the same bytes.

    `connection` is inside `Database.snapshot`. The snapshot ends when all responses are read.
    """
    key, code = wanted.number_key, wanted.questionnaire.code
    layout = lay_out(wanted.questionnaire, _iter_earlier(connection, wanted), wanted.background)
    if wanted.institution:
        layout = keep_shared(keep_asked_by(layout, wanted.institution), channel=wanted.channel)
    layout = replace(layout, zones=wanted.describe_zones(layout.institutions))
    left_out, added = _find_left_out(connection, wanted, layout)
    layout = replace(layout, left_out=len(left_out))
    withdrawn = () if wanted.institution else wanted.withdrawn  # an institution knows which persons' links it withdrew
    tabulator = Tabulator(layout, key, withdrawn)
    with open_shuffle() as order, open_shuffle() as texts, open_page_file(folder) as pages:
        ids = (id for id in iter_responses(connection, code, wanted.institution) if id not in left_out)
        order.add((hash_order(key, "respondent", code, id), id) for id in ids)
        open_answers = OpenAnswers(layout, key, wanted.open_with, texts, wanted.least_group)
        records = watch(_read(connection, order, wanted.find_zone), len(order), "Responses")
        entries = keep_numbers(list_codebook_entries(layout), wanted.numbers)
        description = describe_table(layout, entries, wanted.language)
        frequencies = Frequencies(description)
        released: dict[str, set[str]] = {}
        hashed = _hash_rows(records, wanted, released)
        parts: dict[object, list[str]] = {}
        tabulated = withhold_rare(layout, _tabulate(tabulator, open_answers, pages, hashed), wanted.least_group, parts)
        rows = _end_snapshot(connection, frequencies.count(tabulated))
        write_tables(folder, wanted.formats, description, rows, watch)
        open_answers.write(folder)
        sizes = GroupSizes(least_group=wanted.least_group, sensitive_factor=wanted.sensitive_factor)
        counted = frequencies.summarise(entries, sizes)
        write_codebook(folder, layout, entries, {name: frequency.count for name, frequency in counted.items()})
        write_codebook_page(folder, layout, entries, counted, sizes)
        written = len(texts)
    if set(wanted.formats) != {"ddi"}:
        write_loading_scripts(folder)
    hashes = {place: frozenset(found) for place, found in released.items()}
    shown = describe_shown(layout, wanted.least_group, parts, wanted.open_with)
    rows_released = ReleasedRows(code, wanted.institution, hashes, shown)
    _write_records(folder, wanted, tabulator.findings.statuses.total(), rows_released, counted)
    return ExportResult(
        tabulator.findings,
        texts=written - open_answers.withheld,
        generalised=open_answers.generalised,
        withheld=open_answers.withheld,
        left_out=layout.left_out,
        added=added,
        least_group=wanted.least_group,
        missing=tabulator.missing,
    )


def _write_records(
    folder: Path, wanted: ExportRequest, responses: int, released: ReleasedRows, counted: Mapping[str, Frequency]
) -> None:
    """Write the records of an export's files that `survey-engine deliver` reads."""
    made = LeastGroup(wanted.questionnaire.code, responses, wanted.least_group, wanted.sensitive_factor, wanted.institution)
    write_row_record(folder, released, wanted.key)
    groups = ReleasedGroups(codes=True)
    for name, frequency in counted.items():
        if frequency.entry.codes and frequency.valid is not None:
            groups.add(name, (), {(): frequency.count_answers()}, frequency.least_group)
    write_record(folder, "export", TABLES, made, describe_counted(folder, groups))


def write_tables(
    folder: Path, formats: Sequence[str], description: TableDescription, rows: Iterable[Sequence[Cell]], watch: Watch
) -> None:
    """Write the table of responses in each format. CSV alone needs neither the extra `data` nor temporary files."""
    if tuple(formats) == ("csv",):
        write_responses(folder, description.layout, rows)
        return
    modules = [import_module(f"survey_engine.datasets.formats.{name}") for name in dict.fromkeys(formats)]
    with import_module("survey_engine.datasets.frames").store_table(folder, description, rows) as table:
        for module in modules:
            module.write(folder, table, watch)


def _end_snapshot(connection: Connection, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """Yield the same rows, then end the snapshot: writing the formats can take minutes."""
    yield from rows
    connection.rollback()


def _iter_earlier(connection: Connection, wanted: ExportRequest) -> Iterator[Questionnaire]:
    """Iterate over the other available versions that responses belong to, the most recently used first."""
    for version in list_answered_versions(connection, wanted.questionnaire.code):
        if version in wanted.versions and version != wanted.questionnaire.version:
            yield wanted.versions[version]


def _find_left_out(connection: Connection, wanted: ExportRequest, layout: TableLayout) -> tuple[set[int], int]:
    """Find the responses to leave out of the file of one institution: what they were asked, with their exported background,
    reveals who they are.

    Returns: ids of the responses, and how many of them were added only so that at least `least_group` are left out.
    """
    if not layout.shared:
        return set(), 0
    groups: dict[GroupValues, list[int]] = {}
    background = [layout.names.index(variable.code) for variable in layout.background]
    tabulator = Tabulator(layout, wanted.key)
    for record in _read(connection, iter_responses(connection, wanted.questionnaire.code, wanted.institution), wanted.find_zone):
        if row := tabulator.tabulate(record):
            seen = tuple(str(row.cells[position]) for position in background)
            groups.setdefault((seen, row.group), []).append(record.id)
    left_out = choose_left_out(
        groups, wanted.least_group, lambda id: hash_order(wanted.key, "left out", wanted.questionnaire.code, id)
    )
    return left_out, sum(id in left_out for members in groups.values() if len(members) >= wanted.least_group for id in members)


def _read(connection: Connection, order: Iterable[int | str], find_zone: Callable[[str], tzinfo]) -> Iterator[Record]:
    ids = map(int, order)
    while batch := list(islice(ids, RESPONSES_PER_READ)):
        yield from read_responses(connection, batch, find_zone)


def _hash_rows(records: Iterable[Record], wanted: ExportRequest, found: dict[str, set[str]]) -> Iterator[tuple[Record, str]]:
    """Yield each record with its two hashes as in `ShownColumns.groups`, and add that of its answers to `found` (institution → hashes)."""
    for record in records:
        hashed = hash_response(wanted.key, record, withdrawn=record.pseudonym in wanted.withdrawn)
        found.setdefault(record.respondent.institution, set()).add(hashed)
        yield record, f"{hash_order(wanted.key, 'released response', record.id).hex()}/{hashed}"


def _tabulate(
    tabulator: Tabulator, open_answers: OpenAnswers, pages: Writer, records: Iterable[tuple[Record, str]]
) -> Iterator[ResponseRecord]:
    for record, hashes in records:
        row = tabulator.tabulate(record)
        if row:
            row.hashes = hashes
            open_answers.add(record, row)
            pages.writerows(row.pages)
            yield row

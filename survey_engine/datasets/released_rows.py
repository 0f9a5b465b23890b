"""The responses in a delivery, as keyed hashes. Two releases must not differ in a few responses of one institution.

An export writes the hashes and a MAC into a record beside its files. The hashes do not depend on format and background. Each
command that makes tables copies them into its own record of the least group. Records are not handed out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hmac import compare_digest
from pathlib import Path
from typing import Any, NamedTuple

from survey_engine.datasets.least_groups import COUNTED, PATTERN, compute_digest
from survey_engine.datasets.released_groups import FewBehind, ReleasedGroups, load_groups
from survey_engine.datasets.row_order import hash_order
from survey_engine.datasets.shown_columns import FewAlike, ShownColumns, find_few_alike, load_shown
from survey_engine.storage.database import Database
from survey_engine.storage.releases import Release, add_release, list_releases
from survey_engine.storage.snapshot import Record

RECORD_FILE, SEAL = "released-rows.json", "seal"
EXPORTED = PATTERN.replace("*", "export")
TABLE = "responses."
"""Beginning of the names of files that must not change after the export."""


class UncountedError(ValueError):
    """The record of a table does not say which responses the table counts, or in which groups."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class ReleasedRows(NamedTuple):
    """The responses to a questionnaire in a file of one institution, or of all institutions if `institution` is empty."""

    questionnaire: str
    institution: str
    hashes: Mapping[str, frozenset[str]]
    """Institution → its responses; an empty code stands for unknown ones, of an older release of all."""
    shown: ShownColumns | None = None
    """The columns of an institution's file; None for others, and for one of an older program."""

    def count_changed(self, earlier: ReleasedRows) -> int:
        """Return how many responses were added or how many removed, whichever are fewer, at the institutions that both files have.

        A changed response counts as both. If there are none of one, the others count: who compares the files sees both apart.
        """
        if self.institution == earlier.institution:
            here, there = (frozenset[str]().union(*rows.hashes.values()) for rows in (self, earlier))
        elif "" not in (self.institution, earlier.institution):
            return 0
        else:
            place = self.institution or earlier.institution
            here, there = (rows.hashes.get(place, frozenset[str]()) for rows in (self, earlier))
            if "" in earlier.hashes:
                there = earlier.hashes[""] & here or there
            if not (here and there):
                return 0
        return min(filter(None, (len(here - there), len(there - here))), default=0)

    def limit(self, institution: str) -> ReleasedRows:
        """Return the responses of one institution."""
        return self._replace(institution=institution, hashes={institution: self.hashes.get(institution, frozenset())})


class Released(NamedTuple):
    """The responses and groups in the files of one command."""

    rows: ReleasedRows
    least: int
    """Minimum number of responses in which two releases must differ, unless they are equal."""
    groups: ReleasedGroups | None = None
    """The groups in tables; None for rows."""


def hash_response(key: str, record: Record, *, withdrawn: bool) -> str:
    """Return a keyed hash of everything that an export can show of a response."""
    told = (record.completed, withdrawn, record.languages, record.answers, sorted(record.done), record.paradata)
    content = json.dumps(told, sort_keys=True)
    return hash_order(key, "released row", record.id, content).hex()


def write_row_record(folder: Path, rows: ReleasedRows, key: str) -> None:
    """Write the record of an export, with the digests of the files in the folder and a MAC computed with the key."""
    hashes = {institution: sorted(found) for institution, found in rows.hashes.items()}
    digests = {path.name: compute_digest(path) for path in sorted(folder.iterdir())}
    stored = {**rows._asdict(), "hashes": hashes, "files": digests, "shown": rows.shown and rows.shown._asdict()}
    (folder / RECORD_FILE).write_text(json.dumps({**stored, SEAL: _seal(key, stored)}) + "\n", encoding="utf-8")


def read_record(folder: Path) -> ReleasedRows | None:
    """Read the record of the export in a folder; None if there is none, or if it is of an older release."""
    stored = _read(folder)
    if not stored:
        return None
    return ReleasedRows(stored["questionnaire"], stored["institution"], stored["hashes"], load_shown(stored.get("shown")))


def read_row_records(folder: Path) -> list[ReleasedRows]:
    """Read the records of all exports in a folder."""
    found = (read_record(path.parent) for path in sorted(folder.rglob(RECORD_FILE)))
    return [rows for rows in found if rows]


def read_digests(folder: Path) -> set[str]:
    """Read the digests of the files of all exports in a folder. Records of older releases have only the digests of `responses.*`."""
    records = (_read(path.parent) for path in folder.rglob(RECORD_FILE))
    return {digest for stored in records if stored for digest in stored["files"].values()}


def describe_counted(folder: Path, groups: ReleasedGroups) -> dict[str, str] | None:
    """Return the responses of the export in a folder, and the groups of its tables, for the record of these tables.

    Returns None if the export has no record, as in older releases.
    """
    rows = read_record(folder)
    return rows and {"institution": rows.institution, "hashes": _pack(rows), "groups": groups.limit(rows.institution).dump()}


def read_counted(folder: Path, *, skips: bool = False) -> Iterator[Released]:
    """Read which responses and groups the tables in a folder count. A codebook beside its rows has no groups: readers have the answers.

    Args: skips: whether to skip the tables whose record does not say which responses and groups they count.

    Raises:
        UncountedError: the record of a table does not say which responses and groups it counts.
    """
    for path in sorted(folder.rglob(PATTERN)):
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            counted = stored[COUNTED]
            release = Release(stored["questionnaire"], counted["institution"], counted["hashes"])
            groups = load_groups(counted["groups"])
            has_rows = path.match(EXPORTED) and any(each.suffix != ".xml" for each in path.parent.glob(f"{TABLE}*"))
            rows = (read_record(path.parent) if has_rows else None) or _read_release(release)
            yield Released(rows, int(stored["least"]), None if has_rows else groups)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if not skips:
                raise UncountedError(path) from error


def is_recorded(path: Path, key: str) -> bool:
    """Whether a file with rows is in one folder with the unchanged record of its export; a table of responses must be unchanged, too."""
    stored = _read(path.parent)
    if not stored or not compare_digest(stored[SEAL].encode(), _seal(key, stored).encode()):
        return False
    return not path.name.startswith(TABLE) or stored["files"].get(path.name) == compute_digest(path)


def _read(folder: Path) -> Any:
    """Read the record in a folder; None if there is none with a MAC."""
    try:
        stored = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        hashes = {institution: frozenset(found) for institution, found in stored["hashes"].items()}
        return {**stored, "hashes": hashes} if isinstance(stored[SEAL], str) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _seal(key: str, stored: Mapping[str, Any]) -> str:
    content = json.dumps({name: stored[name] for name in stored if name != SEAL}, sort_keys=True, default=sorted)
    return hash_order(key, "released rows", content).hex()


def find_few_changed(answers: Database, released: Iterable[Released]) -> tuple[Released, int] | None:
    """Return the first files that differ from an earlier release in fewer than `least` responses, and the number of these responses.

    Tables by institution and rows of all institutions are also compared at each institution that the tables show. `find_few_rows`
    compares rows of one institution.
    """
    for each in released:
        for release in list_releases(answers, each.rows.questionnaire):
            rows, earlier = each.rows, _read_release(release)
            if rows.institution and rows.institution == earlier.institution and not (each.groups or release.shown_groups):
                continue
            known = (each.groups, load_groups(release.shown_groups) if release.shown_groups else None)
            of_all = not (rows.institution or earlier.institution)
            tables = next(filter(None, known), None) if of_all and None in known else None
            for part in (rows, *map(rows.limit, tables.list_institutions() if tables else ())):
                if 0 < (changed := part.count_changed(earlier)) < each.least:
                    return each._replace(rows=part), changed
    return None


def find_few_behind(answers: Database, released: Sequence[Released]) -> tuple[Released, list[FewBehind]] | None:
    """Return the first tables with groups that differ in few responses from earlier tables, or from others of the same release."""
    for place, each in enumerate(released):
        questionnaire = each.rows.questionnaire
        others = [other.groups for other in released[:place] if other.rows.questionnaire == questionnaire]
        others += [load_groups(one.shown_groups) for one in list_releases(answers, questionnaire) if one.shown_groups]
        for other in others:
            if each.groups and other and (few := each.groups.find_few_behind(other, each.least)):
                return each, few
    return None


def find_unknown_groups(answers: Database, released: Iterable[Released]) -> Released | None:
    """Return the first tables with groups whose responses differ from those of an earlier release without recorded groups."""
    for each in released:
        if each.groups and each.groups.has_parts:
            for earlier in list_releases(answers, each.rows.questionnaire):
                if earlier.shown_groups is None and each.rows.count_changed(_read_release(earlier)):
                    return each
    return None


def find_few_rows(answers: Database, released: Sequence[Released]) -> tuple[ReleasedRows, FewAlike | None] | None:
    """The first rows of an institution of which a reader who has its earlier ones, too, finds few responses alike.

    Returns: the rows, and these responses; None if an older program made one of the files.
    """
    for place, (rows, _, groups) in enumerate(released):
        if groups or not rows.institution:
            continue
        stored = list_releases(answers, rows.questionnaire)
        earlier = [_read_release(one) for one in stored if one.institution == rows.institution and not one.shown_groups]
        earlier += [other.rows for other in released[:place] if not other.groups and other.rows[:2] == rows[:2]]
        known = [each.shown for each in earlier if each.shown]
        if earlier and (rows.shown is None or len(known) < len(earlier)):
            return rows, None
        if rows.shown and (few := find_few_alike(rows.shown, known)):
            return rows, few
    return None


def list_new(answers: Database, released: Iterable[Released]) -> list[Released]:
    """List the files that equal no recorded ones. An institution's file without known columns equals none."""
    return [each for each in released if not any(_equals(each, one) for one in list_releases(answers, each.rows.questionnaire))]


def _equals(each: Released, release: Release) -> bool:
    """Whether a recorded release has the same responses, and the same columns or groups."""
    rows, _, groups = each
    is_known = groups or not rows.institution or rows.shown
    if not is_known or _pack(rows) != release.hashes or release.shown_groups is None:
        return False
    known = load_groups(release.shown_groups) if release.shown_groups else None
    return known == groups and _read_release(release) == rows


def record_rows(answers: Database, released: Iterable[Released]) -> None:
    """Record a release."""
    for rows, _, groups in released:
        columns = None if groups is None and rows.institution and rows.shown is None else _dump(rows.shown)
        add_release(answers, Release(rows.questionnaire, rows.institution, _pack(rows), groups.dump() if groups else "", columns))


def _pack(rows: ReleasedRows) -> str:
    """Return the hashes of a release as text. In a release of all institutions, each hash follows its institution."""
    words = (hash if place == rows.institution else f"{place}/{hash}" for place, found in rows.hashes.items() for hash in found)
    return " ".join(sorted(words))


def _read_release(release: Release) -> ReleasedRows:
    found: dict[str, set[str]] = {}
    for word in release.hashes.split():
        place, _, hash = word.rpartition("/")
        found.setdefault(place or release.institution, set()).add(hash)
    hashes = {place: frozenset(several) for place, several in found.items()}
    shown = load_shown(json.loads(release.shown_columns)) if release.shown_columns else None
    return ReleasedRows(release.questionnaire, release.institution, hashes, shown)


def _dump(shown: ShownColumns | None) -> str:
    return json.dumps(shown._asdict()) if shown else ""

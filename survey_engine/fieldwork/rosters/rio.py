"""A snapshot of RIO, the register of institutions and programmes: one CSV file, to which codes in files are compared.

Columns: `kind` (institution, branch or programme), `code`, `name`, `institution` (of a branch or programme; may be empty), `place`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from survey_engine.fieldwork.rosters.csv_text import open_csv
from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.label_checks import fold_label
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition
from survey_engine.fieldwork.rosters.workbook_cells import simplify
from survey_engine.model.messages import join_names

_HEADER = ("kind", "code", "name", "institution", "place")
RowCheck: TypeAlias = Callable[[int, Sequence[str], RosterFindings], None]
_OPEN_DATA = {
    "institution": (
        ("oiecode", "onderwijsinstellingcode"),
        ("volledigenaam", "naam", "onderwijsinstellingnaam"),
        (),
        ("plaatsnaam", "plaats"),
    ),
    "branch": (("vestigingscode", "vestigingserkenningcode"), ("volledigenaam", "naam"), ("oiecode",), ("plaatsnaam", "plaats")),
    "programme": (
        ("erkendeopleidingscode", "opleidingscode", "isatcode", "croho"),
        ("naamlang", "naam", "opleidingsnaam"),
        ("oiecode", "onderwijsinstellingcode"),
        (),
    ),
}
"""Kind → possible headings, in order, of code, name, institution and place in the open data of DUO (simplified headings)."""


class RioEntry(NamedTuple):
    name: str
    institution: str
    place: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The entries of a snapshot by code."""

    institution: Mapping[str, RioEntry] = field(default_factory=dict)
    branch: Mapping[str, RioEntry] = field(default_factory=dict)
    programme: Mapping[str, RioEntry] = field(default_factory=dict)

    def check_for(self, definition: RosterDefinition, index: Mapping[str, int]) -> RowCheck:
        """A check of the rows of a file. Args: index: column → position among the values."""
        found = {
            column.reference: (name, index[name])
            for name, column in definition.columns.items()
            if column.reference and name in index
        }
        seen: set[tuple[str, ...]] = set()
        right: set[tuple[str, ...]] = set()

        def check(number: int, values: Sequence[str], findings: RosterFindings) -> None:
            codes = {kind: values[at] for kind, (_, at) in found.items()}
            key = tuple(codes.values())
            if key in right:
                return
            texts = list(self._iter_wrong(codes))
            if not texts:
                right.add(key)
            seen.add(key)
            for kind, value, text in texts:
                findings.add(number, "reference", found[kind][0], value, text)

        return check

    def _iter_wrong(self, codes: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
        """Iterate over (kind, code, message)."""
        institution, branch = codes.get("institution", ""), codes.get("branch", "")
        if institution and self.institution and institution not in self.institution:
            yield "institution", institution, f"'{institution}' is no institution in the snapshot of RIO."
        branch = institution + branch if len(branch) == 2 else branch
        entry = self.branch.get(branch)
        if branch and self.branch and entry is None:
            yield "branch", branch, f"'{branch}' is no branch in the snapshot of RIO."
        if entry and institution and entry.institution and entry.institution != institution:
            yield "branch", f"{institution} {branch}", f"branch '{branch}' belongs to {entry.institution}, not to {institution}."
        place = codes.get("place", "")
        if entry and place and entry.place and fold_label(place) != fold_label(entry.place):
            yield "place", f"{branch} {place}", f"branch '{branch}' is in {entry.place} according to RIO, not in '{place}'."
        programme = codes.get("programme", "")
        offered = self.programme.get(programme)
        if programme and self.programme and offered is None:
            yield "programme", programme, f"'{programme}' is no programme in the snapshot of RIO."
        if offered and institution and offered.institution and institution not in offered.institution.split():
            yield (
                "programme",
                f"{institution} {programme}",
                f"RIO has programme '{programme}' at {offered.institution}, not at {institution}.",
            )


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot. Raises RosterError when it has another form."""
    rows = open_csv(path).iter_rows()
    _, header = next(rows, (0, []))
    if [name.strip().casefold() for name in header] != list(_HEADER):
        raise RosterError(path, f"a snapshot of RIO has the columns {', '.join(_HEADER)}. Make one with `roster rio`.", 1)
    found: dict[str, dict[str, RioEntry]] = {kind: {} for kind in _OPEN_DATA}
    for line, cells in rows:
        kind, code, name, institution, place = (cell.strip() for cell in [*cells, *[""] * 5][:5])
        if kind not in found or not code:
            raise RosterError(path, f"'{kind}' is no kind, or the code is empty. Kinds: {join_names(found)}.", line)
        found[kind][code] = RioEntry(name, institution, place)
    return Snapshot(**found)


def import_open_data(paths: Iterable[Path], out: Path) -> dict[str, int]:
    """Make a snapshot of files of open data of DUO, each with institutions, branches or programmes; return the number per kind.

    Raises:
        RosterError: when a file has no column with codes.
    """
    entries: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        rows = open_csv(path).iter_rows()
        _, header = next(rows, (0, []))
        plain = list(map(simplify, header))
        kind = next(
            (kind for kind in ("programme", "branch", "institution") if _find_first(plain, _OPEN_DATA[kind][0]) is not None), None
        )
        if kind is None:
            codes = join_names(name for kind in _OPEN_DATA.values() for name in kind[0])
            raise RosterError(path, f"no column has codes of RIO. One of these is needed: {codes}.", 1)
        places = [_find_first(plain, names) for names in _OPEN_DATA[kind]]
        for _, cells in rows:
            code, name, institution, place = ("" if at is None or at >= len(cells) else cells[at].strip() for at in places)
            if code:
                entry = entries.setdefault((kind, code), [name, institution, place])
                if institution and institution not in entry[1].split():
                    entry[1] = f"{entry[1]} {institution}".strip()
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        writer.writerows([*key, *entry] for key, entry in sorted(entries.items()))
    return {kind: sum(found == kind for found, _ in entries) for kind in _OPEN_DATA}


def _find_first(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)

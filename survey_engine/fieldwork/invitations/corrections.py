"""Copied cells of a corrected list, such as addresses, for the rows of earlier lists of links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.invitations.earlier_keys import EarlierKeys
from survey_engine.fieldwork.invitations.link_files import REPLACES, list_columns
from survey_engine.fieldwork.invitations.link_lists import LinkList, open_unmarked
from survey_engine.fieldwork.invitations.row_checks import RowCodes
from survey_engine.fieldwork.names import is_contact
from survey_engine.fieldwork.rosters.csv_text import clean_headings, find_heading, open_csv
from survey_engine.fieldwork.rosters.examination import CheckOptions
from survey_engine.fieldwork.rosters.keys import read_key, shorten_key, strip_signs, strip_zeros
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.rosters.roster_files import open_roster
from survey_engine.fieldwork.rosters.roster_format import PLAIN, load_format
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LINK_CHECK, LINK_COLUMN, fold_institutions
from survey_engine.fieldwork.rosters.row_source import RowSource
from survey_engine.fieldwork.rosters.workbook_rows import is_workbook
from survey_engine.fieldwork.signing import normalise_key
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True)
class Corrections:
    """The cells of a corrected list, by person."""

    key: Sequence[str]
    columns: dict[str, int]
    """Heading in small letters → position in a row, for the columns to correct."""
    rows: dict[tuple[str, str], tuple[int, list[str]]]
    """Institution and key → line and cells."""
    path: Path
    header: Sequence[str]
    source: RowSource
    same_persons: bool = False
    """Whether its persons are those of the links, although few seem to be others."""
    earlier: Mapping[str, str] = field(default_factory=dict)
    """Earlier key → key on the corrected list."""
    counts: Counter[str] = field(default_factory=Counter)
    """Heading → number of corrected cells."""
    unlisted: list[int] = field(default_factory=list)
    """Lines of reminded persons whom the corrected list lacks."""
    questions: Sequence[str] = ()
    """Descriptions of cells, comments and sheets that may exclude persons, of a list in a format."""

    def find(self, links: LinkList, cells: Sequence[str]) -> tuple[int, list[str]] | None:
        """The line and cells of the person of a row of a list; None if the corrected list lacks the person."""
        return self.rows.get(self.find_person(links, cells))

    def find_person(self, links: LinkList, cells: Sequence[str]) -> tuple[str, str]:
        """Institution and key, on the corrected list, of the person of a row of a list."""
        place, keys = links.find_column(INSTITUTION_COLUMN), [links.find_column(name) for name in self.key]
        institution, key = _find_person(cells, place, keys)
        return institution, self.earlier.get(key, key)

    def _map_new_keys(self, links: LinkList, cells: Sequence[str]) -> dict[str, int]:
        """As `columns`, the key columns of a person whose key changed: the key may be an address."""
        keys = [links.find_column(name) for name in self.key]
        if _find_person(cells, links.find_column(INSTITUTION_COLUMN), keys)[1] not in self.earlier:
            return {}
        places = {name: find_heading(self.header, name) for name in self.key}
        return {links.header[at].casefold(): place for at, place in zip(keys, places.values(), strict=True) if place is not None}

    def list_unmatched(self, links: LinkList) -> list[str]:
        """Describe columns of addresses without a column of the same heading here, if columns here are not used."""
        known = {name.casefold() for name in links.header}
        unused = [self.header[at] for name, at in self.columns.items() if name not in known]
        missing = [name for name in links.header if is_contact(name) and name.casefold() not in self.columns]
        return [
            f"{self.path}: there is no column {join_names(missing)} in the corrected list; it has {join_names(unused)}. "
            "Without the same heading these addresses stay as they were."
        ] * bool(missing and unused)

    def correct(self, links: LinkList, cells: Sequence[str], codes: RowCodes) -> Sequence[str]:
        """Return a row of a list with the cells of its person, and with a new check."""
        row = self.find(links, cells)
        if row is None:
            return cells
        _, known = row
        columns = self.columns | self._map_new_keys(links, cells)
        own = [(at, name, columns.get(name.casefold())) for at, name in enumerate(links.header)]
        changed = {at: (name, known[place]) for at, name, place in own if place is not None and known[place] != cells[at].strip()}
        if not changed:
            return cells
        self.counts.update(name for name, _ in changed.values())
        corrected = [changed[at][1] if at in changed else cell for at, cell in enumerate(cells)]
        return links.replace_link(corrected, links.get_written_link(cells), codes)


def read_corrections(
    path: Path,
    key: Sequence[str],
    questionnaire: Questionnaire,
    earlier: EarlierKeys | None = None,
    options: CheckOptions | None = None,
) -> Corrections:
    """Read a corrected list.

    Columns of background variables are not corrected, nor is a key, except a new one of `earlier`.

    Args: options: of a list in a format, whose cells are read as for its links; None for a plain list.

    Raises:
        RosterError: when the list has no column of institutions, or none of the key, or a person twice; or when a present key of the
            file of earlier keys is not on it.
    """
    source, header, questions = _open_formatted(path, key, questionnaire, options) if options else _open_plain(path)
    rows = islice(source.iter_rows(), 1, None)
    place, *keys = (_find_column(path, header, name) for name in (INSTITUTION_COLUMN, *key))
    fixed, institutions = (
        {INSTITUTION_COLUMN, LINK_COLUMN, LINK_CHECK, REPLACES, *questionnaire.background},
        fold_institutions(questionnaire),
    )
    columns = {name.casefold(): at for at, name in enumerate(header) if name and name.casefold() not in fixed and at not in keys}
    filled = ((line, [*map(str.strip, cells), *[""] * (len(header) - len(cells))]) for line, cells in rows)
    found, mistakes = dict[tuple[str, str], tuple[int, list[str]]](), Mistakes()
    for line, cells in filled:
        if not any(read_key(cells, keys)):
            continue
        cells[place] = institutions.get(cells[place].casefold(), cells[place])
        person = _find_person(cells, place, keys)
        if person in found:
            mistakes.add(line, "", "", f"another row above has the same {' and '.join(key)}. Keep the right one.")
        found[person] = line, cells
    if mistakes:
        raise RosterError(path, mistakes)
    pairs = _read_pairs(earlier, {written for _, written in found}) if earlier else {}
    return Corrections(key, columns, found, path, header, source, earlier=pairs, questions=questions)


def _open_plain(path: Path) -> tuple[RowSource, list[str], list[str]]:
    """Rows, headings and questions of a plain list."""
    plain = load_format(PLAIN)
    source = open_unmarked(path, plain.headings, plain.required) if is_workbook(path) else open_csv(path)
    return source, clean_headings(next(source.iter_rows(), (0, [""]))[1]), []


def _open_formatted(
    path: Path, key: Sequence[str], questionnaire: Questionnaire, options: CheckOptions
) -> tuple[RowSource, list[str], list[str]]:
    """Rows, headings as in files of links, and questions of a list in a format."""
    roster, _ = open_roster(path, questionnaire, options, key=key)
    shown = dict(list_columns(roster))
    return roster.text, [shown.get(at, "") for at in range(len(roster.header))], roster.questions


def _read_pairs(earlier: EarlierKeys, listed: Collection[str]) -> dict[str, str]:
    """Earlier key → present key. Raises RosterError with present keys that are not listed."""
    mistakes = Mistakes()
    for pair in earlier.pairs.values():
        if _fold_key(pair.now) not in listed:
            mistakes.add(pair.line, "", pair.now, f"nobody on the corrected list has the key '{shorten_key(pair.now)}'.")
    if mistakes:
        raise RosterError(earlier.path, mistakes)
    return {_fold_key(pair.earlier): _fold_key(pair.now) for pair in earlier.pairs.values()}


def _find_column(path: Path, header: Sequence[str], name: str) -> int:
    position = find_heading(header, name)
    if position is None:
        wrong = f"there is no column '{name}'{suggest_name(name, header)}. It has: {join_names(header)}."
        raise RosterError(path, wrong, 1)
    return position


def _find_person(cells: Sequence[str], place: int, keys: Sequence[int]) -> tuple[str, str]:
    return cells[place].strip().casefold(), _fold_key("\n".join(read_key(cells, keys)))


def _fold_key(key: str) -> str:
    return strip_zeros(strip_signs(normalise_key(key)))

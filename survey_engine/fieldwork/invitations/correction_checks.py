"""Checks a corrected list beside the lists of links whose rows it corrects: it has the cells of the same persons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence

from survey_engine.fieldwork.invitations.corrections import Corrections
from survey_engine.fieldwork.invitations.link_lists import LinkList
from survey_engine.fieldwork.invitations.other_persons import (
    FEW_REMEDY,
    MASS_REMEDY,
    MOVED,
    OTHER,
    Identity,
    format_some,
    is_mass,
    is_other,
    make_identity,
)
from survey_engine.fieldwork.invitations.row_checks import RowChecker, RowCodes, is_lost, reduce_value
from survey_engine.fieldwork.names import is_birth_date, is_contact, is_name, read_birth_date
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError, format_ranges
from survey_engine.model.messages import join_names

_MOST_NOTED = 1_000
"""Largest number of rows whose changed cells are kept, to show them."""


class CorrectionChecker:
    """Compares the rows of lists of links with those of the corrected list.

    Cells are compared with those that `link_check` recorded, or else with those of the list of links.
    """

    def __init__(self, corrections: Corrections, codes: RowCodes) -> None:
        self._corrections, self._codes = corrections, codes
        header = corrections.header
        self._rows = RowChecker(codes, {at: header[at] for at in corrections.columns.values()}, ())
        self._others, self._known = list[int](), Counter[str]()
        self._shown = dict[int, str]()
        """Line of a person who may be another → changed cells."""
        self._emptied = defaultdict[str, list[int]](list)
        self._mistakes = Mistakes()

    def add(self, links: LinkList, line: int, cells: Sequence[str], *, is_reminded: bool) -> None:
        """Add a row of a list of links, at the institution of its seat."""
        person = self._corrections.find_person(links, cells)
        if (row := self._corrections.rows.get(person)) is None:
            if is_reminded:
                self._corrections.unlisted.append(line)
            return
        place, corrected = row
        self._known[person[0]] += 1
        self._rows.add(place, self._read_codes(links, cells), corrected)
        own = [(at, name, self._corrections.columns.get(name.casefold())) for at, name in enumerate(links.header)]
        pairs = {name: (cells[at].strip(), corrected[to]) for at, name, to in own if to is not None}
        self._note_changes(place, pairs)
        key = "\n".join([*(cells[links.find_column(name)] for name in self._corrections.key), person[1]])
        before, now = ({name: pair[at] for name, pair in pairs.items()} for at in (0, 1))
        if is_other(_identify(before, key), _identify(now, key)):
            self._others.append(place)
        for name, cell in now.items():
            if is_reminded and "@" in before[name] and is_lost(cell):
                wrong = f"'{cell}' in column '{name}' is no address: a spreadsheet made it. Write the address."
                self._mistakes.add(place, name, cell, wrong)
            elif is_reminded and "@" in before[name] and not cell:
                self._emptied[name].append(place)

    def _note_changes(self, place: int, pairs: Mapping[str, tuple[str, str]]) -> None:
        """Note the changed cells of a row with another name, or of a list without names, to show them."""
        changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if len(self._shown) < _MOST_NOTED and changed and (any(map(is_name, changed)) or not any(map(is_name, pairs))):
            self._shown[place] = ", ".join(f"{name} was '{was}', is '{now}'" for name, (was, now) in changed.items())

    def _read_codes(self, links: LinkList, cells: Sequence[str]) -> Mapping[str, int]:
        check = links.get_check(cells)
        recorded = self._codes.read(links.get_written_link(cells), check) if check else None
        copied = {links.header[at]: cells[at] for at in links.list_copied()}
        present = {self._codes.code_heading(name): self._codes.code_value(reduce_value(cell)) for name, cell in copied.items()}
        return present if recorded is None else recorded

    def finish(self) -> list[str]:
        """Return descriptions of emptied addresses, and of persons who are accepted as the same.

        Raises:
            RosterError: when the corrected list has none of the persons; or with its rows that have the cells of another person, or
                no valid address.
        """
        path, mistakes = self._corrections.path, self._mistakes
        if not self._known:
            key = join_names(self._corrections.key)
            wrong = "If their keys changed, give a file of earlier and present keys: --earlier-keys FILE."
            raise RosterError(path, f"none of its persons is in these files of links, by {key}. {wrong}")
        others, accepted = self._find_others(), dict[int, str]()
        mass = self._find_mass({line for line, *_ in others})
        for line, heading, text in others:
            if self._corrections.same_persons and line not in mass:
                accepted[line] = f"row {line}: {self._shown.get(line, heading)}"
            else:
                mistakes.add(line, heading, text, f"{text} {MASS_REMEDY if line in mass else FEW_REMEDY}")
        if mistakes:
            raise RosterError(path, mistakes)
        shown = [
            f"{path}: --same-persons accepts {len(accepted)} rows with cells of others: {format_some([*accepted.values()])}."
        ]
        return shown * bool(accepted) + [
            f"{path}: column '{name}' is empty in rows {format_ranges(sorted(lines))}, which had an address: no mail reaches these persons."
            for name, lines in self._emptied.items()
        ]

    def _find_others(self) -> list[tuple[int, str, str]]:
        """List (line, heading, mistake) of persons who seem to be others; those with moved cells once for each column."""
        moved = [(line, heading) for heading, lines in self._rows.list_moved() for line in sorted(lines)]
        others = sorted({*self._others}.difference(line for line, _ in moved))
        return [(line, heading, f"column '{heading}': {MOVED}") for line, heading in moved] + [
            (line, "", OTHER) for line in others
        ]

    def _find_mass(self, lines: Container[int]) -> set[int]:
        """Those of the lines whose institution has too many of them for `--same-persons`."""
        places = {line: place for (place, _), (line, _) in self._corrections.rows.items() if line in lines}
        counts = Counter(places.values())
        return {line for line, place in places.items() if is_mass(counts[place], self._known[place])}


def _identify(cells: Mapping[str, str], key: str) -> Identity:
    born = next((cell for name, cell in cells.items() if is_birth_date(name)), "")
    names = [cell for name, cell in cells.items() if is_name(name)]
    addresses = [cell for name, cell in cells.items() if is_contact(name) or "@" in cell]
    return make_identity(names, str(read_birth_date(born) or born), addresses, key)

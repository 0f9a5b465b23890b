"""Finds cells that contradict each other: in two rows of one person, and in two columns of a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition
from survey_engine.model.messages import join_names

_BITS = 20
_MASK = 2**_BITS - 1
"""Bits of a value's hash that are kept: a million persons with two rows lose one contradiction."""


class Contradictions:
    """Compares the values of a person, such as the language, in all rows of this person. Keeps one number for each person."""

    def __init__(self, definition: RosterDefinition | None, index: Mapping[str, int]) -> None:
        """Args: index: column → position among the values."""
        columns = definition.columns if definition else {}
        self._key = definition.person if definition else []
        personal = [(name, at) for name, at in index.items() if columns[name].is_personal and name not in self._key]
        self._columns = [(name, at, place * _BITS) for place, (name, at) in enumerate(personal)]
        """Column, its position, and the first bit of its hash."""
        self._values: dict[int, int] = {}
        """Hash of a person → hashes of the values, one after the other; 0 for an empty cell."""
        self._rows: dict[tuple[str, ...], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        """Columns → hash of a person → rows that contradict each other."""

    def add(self, person: int, rows: tuple[int, int], values: Sequence[str]) -> None:
        """Add a row. Args: person: a hash · rows: the row in use until now, and this one."""
        if not self._columns:
            return
        present = 0
        for _, at, shift in self._columns:
            if value := values[at]:
                present |= (hash(value.casefold()) & _MASK or 1) << shift
        known = self._values.setdefault(person, present)
        if known == present:
            return
        different = list[str]()
        for name, _, shift in self._columns:
            before, code = known >> shift & _MASK, present >> shift & _MASK
            if not before:
                known |= code << shift
            elif code and code != before:
                different.append(name)
        self._values[person] = known
        if different:
            self._rows[(*different,)][person].update(rows)

    def finish(self, findings: RosterFindings) -> None:
        for names, persons in self._rows.items():
            count, key = len(persons), join_names(self._key)
            have = f"{count} persons have" if count > 1 else "1 person has"
            text = (
                f"{have} rows that contradict each other in {join_names(names)}: perhaps two persons with one {key}. If so, give each "
                "an own one: else only one of them gets a link."
            )
            for row in sorted(row for rows in persons.values() for row in rows):
                findings.add(row, "contradiction", names[0], ", ".join(names), text)
        self._values.clear()


class CodeBeginnings:
    """Compares codes with the codes that they begin with, such as that of a branch with that of its institution."""

    def __init__(self, definition: RosterDefinition, index: Mapping[str, int]) -> None:
        """Args: index: column → position among the values."""
        named = ((name, at, definition.columns[name].begins_with) for name, at in index.items())
        self._columns = [(name, at, other, index[other]) for name, at, other in named if other in index]

    def add(self, number: int, values: Sequence[str], findings: RosterFindings) -> None:
        for name, at, other, place in self._columns:
            code, beginning = values[at], values[place]
            if beginning and len(code) > len(beginning) and not code.startswith(beginning):
                text = f"'{code}' does not begin with the {other} of the row, '{beginning}'. Correct one of them."
                findings.add(number, "other_code", name, f"{code} {beginning}", text)

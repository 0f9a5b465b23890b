"""Rows of persons: equal rows, persons with several rows, and which row of a person is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from survey_engine.fieldwork.rosters.contradictions import Contradictions
from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.hash_sets import HashSet
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition
from survey_engine.model.messages import join_names


class PersonRows:
    """Finds doubles, and the row of each person that is used. Keeps hashes only: some 150 bytes per row, and 120 for values of persons."""

    def __init__(
        self, definition: RosterDefinition | None = None, index: Mapping[str, int] | None = None, place: int | None = None
    ) -> None:
        """Args: index: column → position among the values · place: position of the institution."""
        index = index or {}
        extra = [place] if place is not None else []
        self._person = self._find(definition.person, index, extra) if definition else []
        self._row = self._find(definition.row, index, extra) if definition else []
        self._person_names = join_names(definition.person) if definition else ""
        self._row_names = join_names(definition.row) if definition else ""
        main = definition.main_row if definition else None
        self._main = index.get(main.column) if main else None
        self._main_value = main.value if main else ""
        self._main_column = main.column if main else ""
        self._contradictions = Contradictions(definition, index)
        self._seen = HashSet()
        self._used: dict[int, int] = {}
        """Hash of a person → number of the row that is used; negative until this is the main row."""
        self._ambiguous = Counter[int]()
        """Hash of a person without a main row → number of further rows."""
        self.count = 0
        """Number of rows in use."""
        self.rows = bytearray()
        """For each row number: 1 if the row is used."""

    @staticmethod
    def _find(names: Sequence[str], index: Mapping[str, int], extra: Sequence[int]) -> list[int]:
        positions = [index[name] for name in names if name in index]
        return [*extra, *positions] if len(positions) == len(names) and names else []

    def add(self, number: int, values: Sequence[str], findings: RosterFindings) -> bool:
        """Add a row; return whether it is the first row of the person."""
        if self._row and not self._is_new_row(number, values, findings):
            return False
        self._mark(number, used=True)
        if not self._person:
            return True
        person = hash(tuple([values[at].casefold() for at in self._person]))
        before = self._used.get(person)
        if self._main is not None:
            self._contradictions.add(person, (abs(before or number), number), values)
        is_main = self._main is None or values[self._main] == self._main_value
        if before is None:
            self._used[person] = number if is_main else -number
            return True
        if self._main is None:
            self._mark(number, used=False)
            text = f"another row above has the same {self._person_names}. Remove one of them: each person has one row."
            findings.add(number, "double_person", "", "", text)
        elif is_main and before > 0:
            self._mark(number, used=False)
            text = (
                f"another row above of the same person is the main one too. Let one of them be the main one: {self._main_column}."
            )
            findings.add(number, "several_main", self._main_column, "", text)
        elif is_main:
            self._mark(-before, used=False)
            self._used[person] = number
            self._ambiguous.pop(person, None)
        else:
            self._mark(number, used=False)
            if before < 0:
                self._ambiguous[person] += 1
        return False

    def _is_new_row(self, number: int, values: Sequence[str], findings: RosterFindings) -> bool:
        mark = hash(tuple([values[at].casefold() for at in self._row]))
        if not self._seen.add(mark):
            text = f"another row above has the same {self._row_names}. Remove one of them."
            findings.add(number, "double_person" if self._row == self._person else "double_row", "", "", text)
            return False
        return True

    def _mark(self, number: int, *, used: bool) -> None:
        if number >= len(self.rows):
            self.rows.extend(bytes(max(1_024, number)))
        self.rows[number] = used

    def finish(self, findings: RosterFindings) -> None:
        for person, further in self._ambiguous.items():
            text = (
                f"the person has {further + 1} rows and none is the main one: the first is used. Let one of them be the main one."
            )
            findings.add(-self._used[person], "no_main", self._main_column, str(further), text)
        self._contradictions.finish(findings)
        self.count = self.rows.count(1)
        self._seen = HashSet()
        self._used.clear()

    def is_used(self, number: int) -> bool:
        return number < len(self.rows) and self.rows[number] == 1

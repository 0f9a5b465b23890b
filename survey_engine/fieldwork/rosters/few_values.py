"""Columns of a list with few values or mostly empty, shown with their counts: a value, or none, may mean that a person gets no link.

Only columns of names, addresses and groups, such as classes, are not asked about. A new word of such headings is one more stem here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from survey_engine.fieldwork.rosters.yes_no import SAYS_OTHER, read_answer

_GROUPS = re.compile(
    "klas|class|groep|group|lesgroep|stamgroep|team|domein|domain|sector|locatie|location|vestiging|branch|campus|gebouw|academie|faculteit|"
    "faculty|instituut|afdeling|department|college|cluster|unit|opleiding|programme|program|studie|study|crebo|croho|brin|niveau|level|"
    "leerweg|leerroute|track|route|bol$|bbl$|leerjaar|schooljaar|studiejaar|jaar|year|jaargang|cohort|periode|period|semester|blok$|block$|"
    "startdatum|begindatum|inschrijfdatum|geboorte|birth|leeftijd|age$|geslacht|gender|sex$|sekse|taal|language|thuistaal|land$|country|"
    "nationaliteit|nationality|vooropleiding|profiel|profile|vakkenpakket|vorm$|form$|voltijd|deeltijd|hoofdopleiding|afstandsonderwijs|"
    "kunstopleiding|internationale?$|minderjarig|meerderjarig|herkansing|lwoo|leerplichtig|bekostigd|passend|onderwijs|student|leerling|"
    "code|nummer|number|nr$|naam|name|id$|van$|of$|de$|het$|in$|(?<![0-9])[0-9]++$"
)
"""Beginnings of the words of headings of groups; other words beside them make it another column."""
_STATES = re.compile(
    "aan|on|wel|uit|off|nooit|never|actief|active|inactief|inactive|gestopt|uitgestroomd|vertrokken|geblokkeerd|blocked"
)
_MOST, _LONGEST, _RARE, _LINES = 5, 30, 1 / 3, 5
"""Largest number of values of a column, of characters of a value, share of rows of a rare value, and lines that are shown."""


def is_group(words: Sequence[str]) -> bool:
    """Whether a heading of these words, in small letters without accents, is that of a group of persons.

    >>> is_group(["klas"]), is_group(["code", "opleiding"]), is_group(["klas", "enquete"])
    (True, True, False)
    """
    return bool(words) and all(map(_GROUPS.match, words))


@dataclass(slots=True)
class ColumnValues:
    """Counts the values of one column."""

    heading: str
    is_partly_asked: bool = False
    """Whether any empty cell beside filled ones is asked about."""
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """The first values with their numbers of rows; empty cells always."""
    lines: dict[str, list[int]] = field(default_factory=dict)
    """Value → its first lines."""

    def add(self, cell: str, line: int) -> None:
        self.rows += 1
        if not cell or cell in self.counts or len(self.counts) <= _MOST:
            self.counts[cell] += 1
            if self.counts[cell] <= _LINES:
                self.lines.setdefault(cell, []).append(line)

    @property
    def is_asked(self) -> bool:
        """Whether the values are few, or the cells mostly empty."""
        empty = self.counts.get("", 0)
        is_sparse = 0 < empty < self.rows and (self.is_partly_asked or 2 * empty >= self.rows)
        return is_sparse or (self._has_few and max(self.counts.values()) > 1)

    @property
    def is_switch(self) -> bool:
        """Whether all values begin with yes, no or a state; a cell may be empty."""
        firsts = ["".join(takewhile(str.isalnum, value)).casefold() for value in self.counts if value]
        return self._has_few and all(_STATES.fullmatch(first) or read_answer(first or "-") != SAYS_OTHER for first in firsts)

    @property
    def has_rare(self) -> bool:
        return min(self.counts.values()) <= _RARE * self.rows

    @property
    def _has_few(self) -> bool:
        return 1 < len(self.counts) <= _MOST and self.counts.total() == self.rows and max(map(len, self.counts)) <= _LONGEST

    def has_only(self, cells: Collection[str]) -> bool:
        """Whether all cells that are not empty are among these."""
        return self.counts.total() == self.rows and not self.counts.keys() - {"", *cells}

    def show(self) -> str:
        """The values with their numbers of rows, and the lines of rare ones.

        >>> values = ColumnValues("Mailing")
        >>> for line, cell in enumerate(["aan", "", "aan", "aan"], 2): values.add(cell, line)
        >>> values.show()
        'aan 3, empty 1 (line 3)'
        """
        shown = [
            f"{value[:_LONGEST] or 'empty'} {count}" + self._format_lines(value, count)
            for value, count in self.counts.most_common()
        ]
        others = self.rows - self.counts.total()
        return ", ".join(shown) + (f", others {others}" if others else "")

    def _format_lines(self, value: str, count: int) -> str:
        lines = self.lines[value]
        if count > _LINES or count > _RARE * self.rows or not any(lines):
            return ""
        return f" (line{'s' * (count > 1)} {', '.join(map(str, lines))})"

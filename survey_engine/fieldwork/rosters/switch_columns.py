"""Columns of yes, no or a state, such as `Mailing: AAN, UIT`, shown with their counts: one value may mean that a person gets no link.

A new word is one more stem: of a subject that is asked about, or of a value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile
from shlex import quote

_SUBJECT = re.compile(
    "mail|email|verzend|verstu|stuur|sturen|send|enquete|vragenlijst|survey|questionnaire|onderzoek|research|uitnodig|invit|geheim|"
    "secret|selectie|steekproef|sample|deelne|meedoe|participa|monitor|benader|aanschrij|nps|nse|job$|herinner|remind|actief|active"
)
"""Beginnings of the words of headings about taking part."""
_VALUE = re.compile(
    "ja|j|yes|y|true|waar|aan|on|wel|x|1|oui|nee|neen|n|no|nein|non|niet|false|onwaar|uit|off|geen|none|nooit|never|0|"
    "actief|active|inactief|inactive|gestopt|uitgestroomd|vertrokken|geblokkeerd|blocked"
)
_MOST, _LONGEST, _RARE = 5, 30, 1 / 3
"""Largest number of values of a column, of characters of a value, and share of rows of a rare value."""


class SwitchColumns:
    """Counts the values of columns with few values."""

    def __init__(self, columns: Mapping[int, tuple[str, Sequence[str]]]) -> None:
        """Args: columns: position → heading, and its words in small letters without accents."""
        self._counts: dict[int, Counter[str]] = {at: Counter() for at in columns}
        self._columns = columns

    def add(self, cells: Sequence[str]) -> None:
        """Count a row. A column with too many values, or a long one, is counted no more."""
        for at, counts in [*self._counts.items()]:
            cell = cells[at].strip() if at < len(cells) else ""
            counts[cell] += 1
            if len(counts) > _MOST or len(cell) > _LONGEST:
                del self._counts[at]

    def list_asked(self) -> list[tuple[str, str]]:
        """The columns about taking part, and their values with counts."""
        return [(name, _show(counts)) for name, counts in self._list_switches(is_subject=True)]

    def list_questions(self) -> list[str]:
        """Describe the columns about taking part."""
        return [
            f"the column '{name}' does not prevent a link: {shown}. If one of these values means that a person is to get no link, "
            f"remove these rows. If not, add `--copy {quote(name)}`."
            for name, shown in self.list_asked()
        ]

    def list_warnings(self) -> list[str]:
        """Describe all other columns in which one value is rare."""
        found = [f"{name}: {_show(counts)}" for name, counts in self._list_switches(is_subject=False)]
        return [f"These columns do not prevent a link: {'; '.join(found)}."] if found else []

    def _list_switches(self, *, is_subject: bool) -> list[tuple[str, Counter[str]]]:
        found = [(*self._columns[at], counts) for at, counts in self._counts.items() if _is_switch(counts)]
        asked = [(name, counts, any(map(_SUBJECT.match, words))) for name, words, counts in found]
        return [(name, counts) for name, counts, about in asked if about == is_subject and (about or _has_rare(counts))]


def _is_switch(counts: Counter[str]) -> bool:
    """Whether all values begin with yes, no or a state; a cell may be empty."""
    firsts = ("".join(takewhile(str.isalnum, value)).casefold() for value in counts if value)
    return len(counts) > 1 and all(map(_VALUE.fullmatch, firsts))


def _has_rare(counts: Counter[str]) -> bool:
    return min(counts.values()) <= _RARE * counts.total()


def _show(counts: Counter[str]) -> str:
    return ", ".join(f"{value or 'empty'} {count}" for value, count in counts.most_common())

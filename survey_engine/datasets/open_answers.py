"""Open answers, exported without the respondent's number and in an order that links them to no response.

At least `least` responses share the institution and background beside a text; otherwise these are left blank. A question
that only some institutions ask reveals the institution: if fewer than `least` responses get it, its texts are withheld.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.csv_files import write_csv
from survey_engine.datasets.row_order import Shuffle, hash_name
from survey_engine.datasets.rows import ResponseRecord
from survey_engine.datasets.universe import list_asking_institutions
from survey_engine.rendering.spreadsheet_cells import guard
from survey_engine.storage.snapshot import Record

FILE = "open_answers.csv"
Origin: TypeAlias = tuple[str, ...]
"""Institution and background values."""
BackgroundGroup = TypeVar("BackgroundGroup", str, Origin)


class OpenAnswers:
    """Open answers of one export, by question, in random order within each."""

    def __init__(self, layout: TableLayout, key: str, background: Sequence[str], texts: Shuffle, least: int) -> None:
        """Prepare a collection.

        Args:
            background: variables that are exported with each text.
            texts: order of the texts.
            least: minimum size of a group with the same institution and background.
        """
        self.code, self.key, self.background, self.texts = layout.questionnaire.code, key, background, texts
        self.least = least
        self._shown = ",".join(sorted(background))
        self.generalised = 0
        """Number of texts with blank background or institution; known after `write`."""
        self.withheld = 0
        """Number of texts that are not exported; known after `write`."""
        self._limited = {column.name for column in layout.texts if list_asking_institutions(column)}
        self._positions = {column.name: index for index, column in enumerate(layout.texts)}
        self._groups: dict[str, Counter[Origin]] = {}

    def add(self, record: Record, row: ResponseRecord) -> None:
        respondent = record.respondent
        origin = (respondent.institution, *(str(respondent.background.get(name, "")) for name in self.background))
        for variable in row.asked:
            self._groups.setdefault(variable, Counter())[origin] += 1
        self.texts.add(self._pack(record, row, origin))

    def _pack(self, record: Record, row: ResponseRecord, origin: Origin) -> Iterator[tuple[bytes, str]]:
        """Pack the texts for sorting.

        The order depends on the exported background, so that two exports with different columns cannot be joined by row number.
        """
        for variable, text in row.texts.items():
            position = self._positions[variable].to_bytes(4, "big")
            hash = hash_name(self.key, "open answer", self.code, record.id, variable, self._shown, self.least)
            yield position + hash, json.dumps([origin, variable, text])

    def write(self, folder: Path) -> None:
        names = ["institution", *self.background, "variable", "text"]
        write_csv(folder / FILE, names, self._list_rows(), for_excel=True)

    def _list_rows(self) -> Iterator[list[str]]:
        shown = {variable: generalise(groups, self.least) for variable, groups in self._groups.items()}
        for packed in self.texts:
            given, variable, text = json.loads(str(packed))
            if variable in self._limited and self._groups[variable].total() < self.least:
                self.withheld += 1
                continue
            origin = shown[variable][tuple(given)]
            self.generalised += origin != tuple(given)
            yield [*map(guard, origin), variable, guard(text)]


def generalise(groups: Mapping[Origin, int], least: int) -> dict[Origin, Origin]:
    """Return the institution and background to show for each group, so that at least `least` responses share them.

    Small groups lose their background; small institutions lose their name too. If the groups without it are still too
    few together, the next smallest group is added: otherwise the remaining groups would reveal it.

    >>> generalise({("a", "x"): 9, ("a", "y"): 1, ("a", "z"): 6}, 5)[("a", "y")], generalise({("a", "x"): 1}, 5)[("a", "x")]
    (('a', ''), ('', ''))
    """
    institutions: dict[str, dict[Origin, int]] = {}
    for origin, count in groups.items():
        institutions.setdefault(origin[0], {})[origin] = count
    nameless = _choose_small({code: sum(counts.values()) for code, counts in institutions.items()}, least)
    shown: dict[Origin, Origin] = {}
    for code, counts in institutions.items():
        small = _choose_small(counts, least)
        for origin in counts:
            blank = ("",) * (len(origin) - 1)
            shown[origin] = ("", *blank) if code in nameless else (code, *blank) if origin in small else origin
    return shown


def _choose_small(counts: Mapping[BackgroundGroup, int], least: int) -> set[BackgroundGroup]:
    """Choose the groups smaller than `least`, and as many of the next smallest as are needed to reach `least` together."""
    small: set[BackgroundGroup] = set()
    together = 0
    for group, count in sorted(counts.items(), key=lambda entry: (entry[1], entry[0])):
        if count >= least and (not small or together >= least):
            break
        small.add(group)
        together += count
    return small

"""Open answers: without survey data and without the respondent's number, in an order that leads back to nobody.

What stands beside a text (institution, background) is shared by enough responses, or left out. The variable alone tells
the institution of a question that only some of them ask: when too few are asked it, its texts stay here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.formats.csv import write_csv
from survey_engine.datasets.row_order import Shuffle, hash_name
from survey_engine.datasets.rows import ResponseRecord
from survey_engine.datasets.universe import list_asking_institutions
from survey_engine.rendering.spreadsheet_cells import guard
from survey_engine.storage.snapshot import Record

FILE = "open_answers.csv"
Who: TypeAlias = tuple[str, ...]
"""Institution, then background."""
BackgroundGroup = TypeVar("BackgroundGroup", str, Who)


class OpenAnswers:
    """Collects the open answers of one export: question by question, shuffled within each."""

    def __init__(self, layout: TableLayout, key: str, background: Sequence[str], texts: Shuffle, least: int) -> None:
        """`background` are the variables that go with each text, `least` is the smallest group that is told apart."""
        self.code, self.key, self.background, self.texts = layout.questionnaire.code, key, background, texts
        self.least = least
        self._shown = ",".join(sorted(background))
        self.generalised = 0
        """Texts that go out with less than their institution and background; known once they are written."""
        self.withheld = 0
        """Texts that do not go out; known once they are written."""
        self._limited = {column.name for column in layout.texts if list_asking_institutions(column)}
        self._positions = {column.name: index for index, column in enumerate(layout.texts)}
        self._groups: dict[str, Counter[Who]] = {}

    def add(self, record: Record, row: ResponseRecord) -> None:
        respondent = record.respondent
        who = (respondent.institution, *(str(respondent.background.get(name, "")) for name in self.background))
        for variable in row.asked:
            self._groups.setdefault(variable, Counter())[who] += 1
        self.texts.add(self._pack(record, row, who))

    def _pack(self, record: Record, row: ResponseRecord, who: Who) -> Iterator[tuple[bytes, str]]:
        """The order hangs on what stands beside the texts: deliveries that show other things cannot be laid side by side."""
        for variable, text in row.texts.items():
            position = self._positions[variable].to_bytes(4, "big")
            hash = hash_name(self.key, "open answer", self.code, record.id, variable, self._shown, self.least)
            yield position + hash, json.dumps([who, variable, text])

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
            who = shown[variable][tuple(given)]
            self.generalised += who != tuple(given)
            yield [*map(guard, who), variable, guard(text)]


def generalise(groups: Mapping[Who, int], least: int) -> dict[Who, Who]:
    """What stands beside the texts of each group, so that at least `least` responses share it.

    Within an institution small groups lose their background; small institutions lose their name too. If those
    that lost it are still too few together, the next smallest join them: one cannot be told by what is left.

    >>> generalise({("a", "x"): 9, ("a", "y"): 1, ("a", "z"): 6}, 5)[("a", "y")], generalise({("a", "x"): 1}, 5)[("a", "x")]
    (('a', ''), ('', ''))
    """
    institutions: dict[str, dict[Who, int]] = {}
    for who, count in groups.items():
        institutions.setdefault(who[0], {})[who] = count
    nameless = _choose_small({code: sum(counts.values()) for code, counts in institutions.items()}, least)
    shown: dict[Who, Who] = {}
    for code, counts in institutions.items():
        small = _choose_small(counts, least)
        for who in counts:
            blank = ("",) * (len(who) - 1)
            shown[who] = ("", *blank) if code in nameless else (code, *blank) if who in small else who
    return shown


def _choose_small(counts: Mapping[BackgroundGroup, int], least: int) -> set[BackgroundGroup]:
    """The groups under `least`, with as many of the next smallest as it takes for them to be that many together."""
    small: set[BackgroundGroup] = set()
    together = 0
    for group, count in sorted(counts.items(), key=lambda entry: (entry[1], entry[0])):
        if count >= least and (not small or together >= least):
            break
        small.add(group)
        together += count
    return small

"""Open answers, exported without the respondent number and in an order that does not reveal their responses.

Institution and background of a text are left blank unless at least `least` writers of an answer to its question share them. If a
question has fewer than `least` writers, its texts are withheld. Writers count, not responses that were shown the question: other
files reveal who wrote, by the option that a text explains and by the visits and seconds in the paradata.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.csv_files import write_csv
from survey_engine.datasets.disclosure import Origin, generalise, is_small
from survey_engine.datasets.row_order import Shuffle, hash_order
from survey_engine.datasets.rows import ResponseRecord
from survey_engine.rendering.spreadsheet_cells import guard
from survey_engine.storage.snapshot import Record

FILE = "open_answers.csv"


class OpenAnswers:
    """Open answers of one export, by question, in random order within each."""

    def __init__(self, layout: TableLayout, key: str, background: Sequence[str], texts: Shuffle, least: int) -> None:
        """Create an empty collection.

        Args:
            background: variables that are exported with each text.
            texts: the sort that puts the texts in random order.
            least: minimum number of writers with the same institution and background.
        """
        self.code, self.key, self.background, self.texts = layout.questionnaire.code, key, background, texts
        self.least = least
        self._shown = ",".join(sorted(background))
        self.generalised = 0
        """Number of texts with blank background or institution; known after `write`."""
        self.withheld = 0
        """Number of texts that are not exported; known after `write`."""
        self._institutions: set[str] = set()
        """The institutions of all responses. If there is only one, the readers of the file know it."""
        self._positions = {column.name: index for index, column in enumerate(layout.texts)}
        self._groups: dict[str, Counter[Origin]] = {}
        """Variable → number of texts by the institution and background of their writers."""

    def add(self, record: Record, row: ResponseRecord) -> None:
        respondent = record.respondent
        origin = (respondent.institution, *(str(respondent.background.get(name, "")) for name in self.background))
        self._institutions.add(respondent.institution)
        for variable in row.texts:
            self._groups.setdefault(variable, Counter())[origin] += 1
        self.texts.add(self._pack(record, row, origin))

    def _pack(self, record: Record, row: ResponseRecord, origin: Origin) -> Iterator[tuple[bytes, str]]:
        """Pack the texts for sorting.

        The order depends on the exported background, so that the rows of two exports with different columns cannot be joined by position.
        """
        for variable, text in row.texts.items():
            position = self._positions[variable].to_bytes(4, "big")
            hash = hash_order(self.key, "open answer", self.code, record.id, variable, self._shown, self.least)
            yield position + hash, json.dumps([origin, variable, text])

    def write(self, folder: Path) -> None:
        names = ["institution", *self.background, "variable", "text"]
        write_csv(folder / FILE, names, self._iter_rows(), for_excel=True)

    def _iter_rows(self) -> Iterator[list[str]]:
        of_one = len(self._institutions) == 1
        shown = {variable: generalise(groups, self.least, of_one=of_one) for variable, groups in self._groups.items()}
        for packed in self.texts:
            given, variable, text = json.loads(str(packed))
            if is_small(self._groups[variable].total(), self.least):
                self.withheld += 1
                continue
            origin = shown[variable][tuple(given)]
            self.generalised += origin != tuple(given)
            yield [*map(guard, origin), variable, guard(text)]

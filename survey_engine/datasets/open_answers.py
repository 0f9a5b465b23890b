"""Open answers, exported without the respondent's number and in an order that links them to no response.

At least `least` writers of an answer to a question share the institution and background beside a text; otherwise these are left
blank. The texts of a question are withheld if it has fewer writers. Other files can tell who wrote: a row has the option that a
text explains, and paradata has visits and seconds. So it is not enough that many responses were shown the question.
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
        """Prepare a collection.

        Args:
            background: variables that are exported with each text.
            texts: order of the texts.
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
        """The institutions of all responses: one alone is known to the readers of the file."""
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

        The order depends on the exported background, so that two exports with different columns cannot be joined by row number.
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

"""Open answers: without survey data and without the respondent's number, in an order that leads back to nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from survey_engine.datasets.columns import Layout
from survey_engine.datasets.formats.csv import write_csv
from survey_engine.datasets.row_order import Shuffle, hash_name
from survey_engine.rendering.spreadsheet_cells import guard
from survey_engine.storage.snapshot import Record

FILE = "open_answers.csv"


class OpenAnswers:
    """Collects the open answers of one export: question by question, shuffled within each."""

    def __init__(self, layout: Layout, key: str, background: Sequence[str], texts: Shuffle) -> None:
        """`background` are the variables that go with each text."""
        self.code, self.key, self.background, self.texts = layout.questionnaire.code, key, background, texts
        self._positions = {column.name: index for index, column in enumerate(layout.texts)}

    def add(self, record: Record, texts: Mapping[str, str]) -> None:
        self.texts.add(self._pack(record, texts))

    def _pack(self, record: Record, texts: Mapping[str, str]) -> Iterator[tuple[bytes, str]]:
        respondent = record.respondent
        who = [respondent.institution, *(respondent.background.get(name, "") for name in self.background)]
        for variable, text in texts.items():
            position = self._positions[variable].to_bytes(4, "big")
            hash = hash_name(self.key, "open answer", self.code, record.id, variable)
            yield position + hash, json.dumps([*who, variable, text])

    def write(self, folder: Path) -> None:
        rows = ([guard(str(cell)) for cell in json.loads(str(packed))] for packed in self.texts)
        write_csv(folder / FILE, ["institution", *self.background, "variable", "text"], rows, for_excel=True)

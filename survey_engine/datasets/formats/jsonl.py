"""JSON Lines: one object per response; an empty cell is null. `responses.labels.json` has labels and missing codes."""

from __future__ import annotations

import json
from pathlib import Path

from survey_engine.datasets.frames import Table
from survey_engine.datasets.table_metadata import describe_columns
from survey_engine.datasets.watching import Watch


def write(folder: Path, table: Table, watch: Watch) -> None:
    path = folder / "responses.jsonl"
    names = [column.name for column in table.columns]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for cells in watch(table.iter_rows(), table.height, path.name):
            file.write(json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False, default=str) + "\n")
    labels = json.dumps(describe_columns(table), ensure_ascii=False, indent=1)
    (folder / "responses.labels.json").write_text(labels + "\n", encoding="utf-8")

"""Apache Parquet. The key `survey_engine` of its metadata has all labels and missing codes as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from survey_engine.datasets.frames import Table
from survey_engine.datasets.table_metadata import METADATA_KEY, describe_columns
from survey_engine.datasets.watching import Watch

ROWS = 50_000
"""Rows per row group."""


def write(folder: Path, table: Table, watch: Watch) -> None:
    metadata = {METADATA_KEY: json.dumps(describe_columns(table), ensure_ascii=False)}
    table.scan().sink_parquet(folder / "responses.parquet", metadata=metadata, row_group_size=ROWS, compression_level=3)

"""SPSS system file with compressed data (SPSS 21 and newer)."""

from __future__ import annotations

from pathlib import Path

from survey_engine.datasets.formats.sav import write_system_file
from survey_engine.datasets.frames import Table
from survey_engine.datasets.watching import Watch


def write(folder: Path, table: Table, watch: Watch) -> None:
    write_system_file(folder / "responses.zsav", table, compress=True)

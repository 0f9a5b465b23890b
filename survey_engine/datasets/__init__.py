"""Data out: responses, open answers and codebook. A new format is a file here and a line in FORMATS."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.formats.csv import write_responses
from survey_engine.datasets.plan import Cell

FORMATS: dict[str, Callable[[Path, TableLayout, Iterable[Sequence[Cell]]], None]] = {"csv": write_responses}
"""Format → writes the table of responses into a folder; the rows come one at a time and may be read once."""

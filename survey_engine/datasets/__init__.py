"""Export of responses, open answers and the codebook. A new format is a file in `formats/` and a line in FORMATS."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.formats.csv import write_responses
from survey_engine.datasets.plan import Cell

FORMATS: dict[str, Callable[[Path, TableLayout, Iterable[Sequence[Cell]]], None]] = {"csv": write_responses}
"""Format → function that writes the table of responses into a folder. It iterates the rows once."""

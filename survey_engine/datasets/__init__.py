"""Export of responses, open answers and the codebook. A new format is a file in `formats/` and a line in FORMATS."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from survey_engine.datasets.reading import Responses

FORMATS = {
    "csv": "Comma-separated values",
    "sav": "SPSS, with labels and missing values",
    "zsav": "SPSS, compressed",
    "parquet": "Parquet, with labels as metadata",
    "xlsx": "Excel, with the codebook",
    "dta": "Stata, with labels",
    "jsonl": "JSON Lines",
    "ddi": "DDI-Lifecycle 3.3: metadata for archives, without data",
}
"""Format of the table of responses → its name. The format's module in `formats/` is imported on demand: most need the extra `data`."""


def read(folder: str | Path) -> Responses:
    """Read a delivery that was exported with `--format parquet`, as a polars frame with labels and missing codes.

    Raises:
        FileNotFoundError: the folder has no Parquet file.
        ValueError: the file has no labels, because another program wrote it.
    """
    responses: Responses = import_module("survey_engine.datasets.reading").read_frame(folder)
    return responses

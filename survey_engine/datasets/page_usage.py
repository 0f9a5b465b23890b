"""Paradata of responses: columns in the table of responses, and `paradata.csv` with one row per response and page."""

from __future__ import annotations

import csv
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Protocol

from survey_engine.datasets.plan import Cell
from survey_engine.engine.paradata import read_paradata
from survey_engine.engine.routing import Path
from survey_engine.storage.snapshot import Record

PARADATA_FILE = "paradata.csv"
PAGE_COLUMNS = {
    "respondent": ("text", "Respondent number, as in the table of responses"),
    "page": ("text", "Code of the page"),
    "visits": ("number", "Number of visits with a save; empty if it was not counted"),
    "seconds": ("number", "Seconds in which the page was visible; empty if they were not measured"),
    "changes": (
        "number",
        "Number of answers given, changed or cleared; empty if they were not counted, or if the page has an open field",
    ),
    "double_taps": ("number", "Number of second taps that were ignored; empty if they were not counted"),
}
"""Column → its kind and label."""


class Writer(Protocol):
    """A csv writer."""

    def writerows(self, rows: list[list[Cell]], /) -> object: ...


@contextmanager
def open_page_file(folder: FilePath) -> Iterator[Writer]:
    """Open `paradata.csv` and write its header."""
    with (folder / PARADATA_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PAGE_COLUMNS)
        yield writer


def list_usage(record: Record, path: Path) -> list[Cell]:
    """List device, channel, language switches, last page, breakoff page and seconds. An unknown value is an empty cell."""
    stored = [code for code in path.codes if code in record.answers]
    left = [code for code in path.codes if code not in record.done]
    seconds = [found for written in record.paradata.values() if (found := read_paradata(written)[1]) is not None]
    return [
        record.device,
        record.channel,
        record.switches,
        stored[-1] if stored else "",
        left[0] if left and not record.completed else "",
        sum(seconds) if seconds else "",
    ]


def list_page_rows(record: Record, path: Path, respondent: Cell, open_pages: Container[str], *, timed: bool) -> list[list[Cell]]:
    """List the rows of the stored pages: first those on the path, in its order, then the others. An unknown value is an empty cell.

    Args:
        open_pages: pages with an open field. Their number of changes would reveal who wrote a text, and how long it is.
        timed: whether to include the seconds.
    """
    rows: list[list[Cell]] = []
    for page in dict.fromkeys([*(code for code in path.codes if code in record.paradata), *sorted(record.paradata)]):
        visits, seconds, changes, double_taps = read_paradata(record.paradata[page])
        known = (visits, seconds if timed else None, None if page in open_pages else changes, double_taps)
        rows.append([respondent, page, *("" if number is None else number for number in known)])
    return rows

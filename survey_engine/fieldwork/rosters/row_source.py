"""The interface of files with rows: `CsvText`, `WorkbookRows` and `TranslatedRows`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol


class RowSource(Protocol):
    """A file with rows. Each iteration reads it again."""

    @property
    def path(self) -> Path: ...

    @property
    def delimiter(self) -> str:
        """The delimiter of files that are made of it."""

    @property
    def encoding(self) -> str: ...

    @property
    def skipped(self) -> int:
        """Number of lines above the headings that only describe the file."""

    @property
    def strange(self) -> str:
        """Some non-ASCII characters, when the encoding is a guess."""

    def iter_rows(self, is_row: Callable[[list[str]], bool] = ...) -> Iterator[tuple[int, list[str]]]:
        """Iterate over (row number, cells), the headings first. Args: is_row: whether a single line is a row of this list."""

"""The interface of files with rows: `CsvText`, `WorkbookRows` and `TranslatedRows`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
RowProgress = Callable[[int], None]
_WATCHED = 20_000
"""Rows between two reports of progress."""


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


class WatchedRows(NamedTuple):
    """A file with rows whose readings show their progress."""

    source: RowSource
    progress: RowProgress


def ignore_rows(count: int) -> None:
    """Show no progress."""


def watch_rows(rows: Iterable[T], progress: RowProgress) -> Iterator[T]:
    """Iterate over rows, and report their number from time to time, and 0 at the end."""
    try:
        for count, row in enumerate(rows, 1):
            if count % _WATCHED == 0:
                progress(count)
            yield row
    finally:
        progress(0)


class FileFromStart(RawIOBase):
    """Reads an open file from its start, at a position of its own."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._position = file, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = os.preadv(self._file.fileno(), [buffer], self._position)
        self._position += count
        return count

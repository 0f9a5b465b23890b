"""The checked students of a list, in a temporary file without a name: each row is read and checked once.

The system removes the file when this process ends, however it ends.
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.row_reader import Student
from survey_engine.fieldwork.rosters.row_source import FileFromStart

NO_ROOM = "its rows cannot be written to the temporary folder: {}. Let TMPDIR name a folder with more room"


class CheckedStudents:
    """Students in the order of the list. Each iteration reads them from the start; any of them can be read by its index.

    They can be sent to another process, and the handle of their file apart.
    """

    def __init__(self, path: Path) -> None:
        """Args: path: of the list, for messages."""
        self._path = path
        with self._report_no_room(), ExitStack() as stack:
            self._file: IO[bytes] = stack.enter_context(TemporaryFile())
            stack.pop_all()  # closed with this object
        self._starts, self._size = array("Q"), 0

    def __getstate__(self) -> tuple[Path, array[int], int]:
        self._flush()
        return self._path, self._starts, self._size

    def __setstate__(self, state: tuple[Path, array[int], int]) -> None:
        self._path, self._starts, self._size = state

    def fileno(self) -> int:
        return self._file.fileno()

    def attach(self, handle: int) -> None:
        """Args: handle: of the file, in the process that was sent this object."""
        self._file = os.fdopen(handle, "rb")

    def add(self, student: Student) -> None:
        """Raises RosterError when the temporary folder is full, as do the first iteration and the first `read`."""
        line = json.dumps([student.institution, student.language, student.background, student.cells, student.key]).encode()
        self._starts.append(self._size)
        with self._report_no_room():
            self._size += self._file.write(line + b"\n")

    def __iter__(self) -> Iterator[Student]:
        self._flush()
        with BufferedReader(FileFromStart(self._file), 1 << 16) as lines:
            for line in lines:
                yield Student(*json.loads(line))

    def read(self, index: int) -> Student:
        """The student at an index that is not negative."""
        self._flush()
        start, end = self._starts[index], self._starts[index + 1] if index + 1 < len(self._starts) else self._size
        return Student(*json.loads(os.pread(self._file.fileno(), end - start, start)))

    def _flush(self) -> None:
        with self._report_no_room():
            self._file.flush()

    @contextmanager
    def _report_no_room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RosterError(self._path, f"{NO_ROOM.format(error.strerror)}.") from None

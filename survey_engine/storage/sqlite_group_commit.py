"""Group commit for SQLite: saves that arrive during a disk write share the next transaction.

Each save is durable when its `add` returns.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class _Save:
    statement: str
    values: Mapping[str, Any]
    count: int = 0
    error: BaseException | None = None
    done: bool = False


class GroupCommit:
    """Executes the statements of many threads, several of them in one transaction."""

    def __init__(
        self, run: Callable[[str, Mapping[str, Any]], Any], one_writer: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """Args: run: executes one statement on the shared connection · one_writer: the machine's write lock."""
        self._run, self._one_writer = run, one_writer
        self._waiting: list[_Save] = []
        self._guard, self._turn = threading.Lock(), threading.Lock()

    def add(self, statement: str, values: Mapping[str, Any]) -> int:
        """Execute a statement; return the number of changed rows. Durable on return. Raises the error of the statement."""
        save = _Save(statement, values)
        with self._guard:
            self._waiting.append(save)
        with self._turn:  # the first thread writes for all waiting threads
            if not save.done:
                with self._guard:
                    batch, self._waiting = self._waiting, []
                self._write(batch)
        if save.error:
            raise save.error
        return save.count

    def _write(self, batch: list[_Save]) -> None:
        try:
            with self._one_writer():
                if len(batch) == 1 or not self._write_together(batch):
                    for save in batch:
                        self._write_alone(save)
        finally:
            for save in batch:
                save.done = True

    def _write_together(self, batch: list[_Save]) -> bool:
        """Write all saves in one transaction; return False when one of them failed and nothing is stored."""
        try:
            self._run("BEGIN IMMEDIATE", {})
            counts = [self._run(save.statement, save.values).rowcount for save in batch]
            self._run("COMMIT", {})
        except BaseException:  # noqa: BLE001 - next, each statement is tried alone and raises its own error
            self._roll_back()
            return False
        for save, count in zip(batch, counts, strict=True):
            save.count = count
        return True

    def _write_alone(self, save: _Save) -> None:
        try:
            save.count = self._run(save.statement, save.values).rowcount
        except BaseException as error:  # noqa: BLE001 - `add` raises it in the thread of the statement
            save.error = error

    def _roll_back(self) -> None:
        """End an open transaction. If the driver fails, the connection is closed and the statement fails."""
        with suppress(Exception):
            self._run("ROLLBACK", {})

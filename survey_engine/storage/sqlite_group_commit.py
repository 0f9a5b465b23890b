"""Group commit for SQLite: saves that arrive while another is being written to disk go together in the next transaction.

Each is durable when its `add` returns; what is shared is only the waiting for the disk.
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
    """Carries out single statements for many threads, several in one transaction."""

    def __init__(
        self, run: Callable[[str, Mapping[str, Any]], Any], one_writer: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """Args: run: carries out one statement on the calling thread's connection · one_writer: the machine's write lock."""
        self._run, self._one_writer = run, one_writer
        self._waiting: list[_Save] = []
        self._guard, self._turn = threading.Lock(), threading.Lock()

    def add(self, statement: str, values: Mapping[str, Any]) -> int:
        """How many rows the statement changed; durable when this returns. Raises what the statement raised."""
        save = _Save(statement, values)
        with self._guard:
            self._waiting.append(save)
        with self._turn:  # whoever comes first writes for all who wait; the others find it done when their turn comes
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
        """Whether all went well; when one fails nothing is stored, and each is tried alone."""
        try:
            self._run("BEGIN IMMEDIATE", {})
            counts = [self._run(save.statement, save.values).rowcount for save in batch]
            self._run("COMMIT", {})
        except BaseException:  # noqa: BLE001 - whose fault it was shows when each is tried alone
            self._roll_back()
            return False
        for save, count in zip(batch, counts, strict=True):
            save.count = count
        return True

    def _write_alone(self, save: _Save) -> None:
        try:
            save.count = self._run(save.statement, save.values).rowcount
        except BaseException as error:  # noqa: BLE001 - it is raised where it belongs, in the thread that asked
            save.error = error

    def _roll_back(self) -> None:
        """End the transaction, if it is still open: after an error of the driver the connection is closed already."""
        with suppress(Exception):
            self._run("ROLLBACK", {})

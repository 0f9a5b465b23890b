"""Makes and stores the new seats of a list. A second process makes and encrypts those of a large list, while this one stores them.

The files of links are written meanwhile, so a list takes the time of the slower process.
"""

from __future__ import annotations

import signal
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection as PipeEnd
from multiprocessing.reduction import recv_handle, send_handle
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection

from survey_engine.fieldwork.invitations.analysed_labels import MadeLabels
from survey_engine.fieldwork.invitations.links import encrypt_seat
from survey_engine.fieldwork.invitations.roster_outcomes import NEW, RosterChanges
from survey_engine.fieldwork.invitations.seat_maker import SeatMaker, SeatRecipe
from survey_engine.fieldwork.rosters.checked_students import CheckedStudents
from survey_engine.fieldwork.signing import hash_token
from survey_engine.storage.identity import ROWS_PER_READ, EncryptedSeat, add_seats

T = TypeVar("T")
Batch: TypeAlias = tuple[list[EncryptedSeat], list[str]]
"""At most `ROWS_PER_READ` seats, and the hashes of their links."""
WORTH_A_PROCESS = 20_000
"""Smallest number of new seats for which the second process saves more time than its start takes."""
_PAUSE = 50
"""Links that are written between two looks whether seats are made."""


class StoppedProcessError(Exception):
    """The process that makes seats has ended before its work. The message ends with the remedy."""

    def __init__(self) -> None:
        super().__init__("The process that encrypts seats was ended, perhaps for lack of memory. Give the list again.")


@dataclass(frozen=True, slots=True)
class NewPersons:
    """The persons on a list who get seats, in the order in which these are stored."""

    recipe: SeatRecipe
    students: CheckedStudents
    positions: array[int]
    """Of the persons on the list."""
    tokens: str
    """Of their links, all of one length, joined: a list would take 150 MB more to send for a million persons."""
    labels: MadeLabels = field(default_factory=MadeLabels)

    @classmethod
    def of_list(cls, maker: SeatMaker, changes: RosterChanges, tokens: Sequence[str]) -> NewPersons:
        """Args: tokens: of the new links, in the order of the list."""
        new = [at for at, seat in enumerate(changes.seats) if seat == NEW]
        # In another order, each row would change another page of the table.
        order = sorted(range(len(new)), key=lambda at: changes.numbers[new[at]])
        positions = array("L", (new[at] for at in order))
        return cls(maker.detach(), maker.roster.students, positions, "".join([tokens[at] for at in order]))

    def iter_batches(self) -> Iterator[Batch]:
        """Make and encrypt the seats."""
        recipe, read = self.recipe, self.students.read
        width = len(self.tokens) // max(len(self.positions), 1)
        for start in range(0, len(self.positions), ROWS_PER_READ):
            positions = self.positions[start : start + ROWS_PER_READ]
            tokens = [self.tokens[at * width : (at + 1) * width] for at in range(start, start + len(positions))]
            seats = (recipe.make_new(read(at), token, recipe.rows.find(at)) for at, token in zip(positions, tokens, strict=True))
            yield [encrypt_seat(recipe.contact_keys, seat) for seat in self.labels.watch(seats)], list(map(hash_token, tokens))


def send_seats(pipe: PipeEnd) -> None:
    """Receive the file of students and `NewPersons`; send the batches, then the settled institutions. Ends when the other process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process gets it too, and closes the pipe
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        handle = recv_handle(pipe)
        persons: NewPersons = pipe.recv()
        persons.students.attach(handle)
        for batch in persons.iter_batches():
            pipe.send(batch)
        pipe.send(persons.labels.list_settled())


class NewSeats:
    """The new seats of a list, stored in a transaction of `begin_seat_transaction`."""

    def __init__(self, store: Connection, persons: NewPersons, made: PipeEnd | None = None) -> None:
        """Args: made: what the second process sends; None without one."""
        self._store, self._persons, self._made = store, persons, made
        self._remaining = -(-len(persons.positions) // ROWS_PER_READ)
        """Number of batches that are not stored yet."""

    def store_beside(self, elements: Iterable[T]) -> Iterator[T]:
        """Iterate over elements, and store the seats that the second process makes meanwhile."""
        for count, element in enumerate(elements):
            yield element
            if count % _PAUSE == 0 and self._made and self._remaining and self._made.poll():
                self._store_next(self._made)

    def _store_next(self, made: PipeEnd) -> None:
        add_seats(self._store, *_receive(made))
        self._remaining -= 1

    def finish(self) -> list[str]:
        """Store the rest; return the institutions all of whose new seats have the labels that may go with their answers."""
        if self._made is None:
            for batch in self._persons.iter_batches():
                add_seats(self._store, *batch)
            return self._persons.labels.list_settled()
        while self._remaining:
            self._store_next(self._made)
        settled: list[str] = _receive(self._made)
        return settled


@contextmanager
def make_seats(store: Connection, maker: SeatMaker, changes: RosterChanges, tokens: Sequence[str]) -> Iterator[NewSeats]:
    """Begin to make the new seats of a list.

    Args: tokens: of the new links, in the order of the list.

    Raises:
        StoppedProcessError: when the second process was ended; the caller stores nothing.
    """
    persons = NewPersons.of_list(maker, changes, tokens)
    if len(tokens) < WORTH_A_PROCESS:
        yield NewSeats(store, persons)
        return
    context = get_context("spawn")
    made, other = context.Pipe()
    with made:  # closing it ends the process
        process = context.Process(target=send_seats, args=(other,), daemon=True)
        process.start()
        other.close()
        # not as arguments of the process: `start` waits forever if the process ends before it has read all of them
        with _report_stopped():
            send_handle(made, persons.students.fileno(), process.pid or 0)
            made.send(persons)
        yield NewSeats(store, persons, made)


def _receive(made: PipeEnd) -> Any:
    with _report_stopped():
        return made.recv()


@contextmanager
def _report_stopped() -> Iterator[None]:
    try:
        yield
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise StoppedProcessError from None

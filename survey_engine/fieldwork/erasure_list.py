"""The list of erasures: a file outside both stores that keeps each erasure, withdrawal, restoration and replacement.

A line has the kind, the questionnaire, a number, an origin and a checksum. The number is the seat, or a keyed hash of a response
without a seat or of a panel sign-up. It identifies no person without the store of identity, and no answers without the pseudonym key.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from survey_engine.storage.database import make_private_file

ERASED, WITHDRAWN, RESTORED, REISSUED, ERASED_RESPONSE = "erased", "withdrawn", "restored", "reissued", "erased response"
CANCELLED = "cancelled sign-up"
KINDS = (ERASED, WITHDRAWN, RESTORED, REISSUED, ERASED_RESPONSE, CANCELLED)
BY_LINK, BY_FILE, BY_LIST = "link", "file", "list"
"""Origin of a withdrawal: a single link, a file of links, or a corrected list without the person."""
_BY = re.compile(f"(?:{BY_LINK}|{BY_FILE}|{BY_LIST})?")
_LINKS = re.compile("[0-9a-f]{64}(/[0-9a-f]{64})+")
_NUMBER = re.compile("[0-9]+")
_TORN = ",incomplete"
"""End of a line that was torn, added by the next append: the command of this line failed."""


class BrokenListError(Exception):
    """A line of the list is invalid. The message has the line's number and the remedy."""


class ErasureEntry(NamedTuple):
    """One line of the list.

    The erasure of a seat or response, the withdrawal, restoration or replacement of a link, or the end of a panel sign-up.
    """

    kind: str
    questionnaire: str
    number: int
    """The seat, or a keyed hash of the id of a response without a seat, or `number_signup`."""
    by: str = ""
    """For a withdrawal, its origin. For a replacement, the hashes of the seat's links, separated by slashes, the valid one last."""


class SeatHistory(NamedTuple):
    """The entries of the seats of a questionnaire."""

    erased: Collection[int] = frozenset()
    withdrawn: Collection[int] = frozenset()
    replaced: Mapping[int, ErasureEntry] = MappingProxyType({})
    """Seat → entry of its replacement."""


@dataclass(frozen=True, slots=True)
class ErasureList:
    """The content of the file."""

    path: Path
    entries: list[ErasureEntry]
    """Without those that a later entry replaced."""
    damaged: tuple[int, ...] = ()
    """Numbers of lines that cannot be read."""
    is_torn: bool = False
    """Whether the last line is incomplete, and ignored: its command failed."""

    def check(self) -> None:
        """Raises BrokenListError when a line is invalid."""
        if self.damaged:
            more = f" So are {len(self.damaged) - 1} more." if self.damaged[1:] else ""
            raise BrokenListError(
                f"{self.path}:{self.damaged[0]}: this line is no erasure.{more} Restore it from a copy of the list."
            )


def append_entries(path: Path, entries: Iterable[ErasureEntry]) -> None:
    """Append entries to the list, all or none. Durable on return. A torn line before them is marked as incomplete.

    Raises:
        OSError: when they cannot be written; the list is then as it was.
    """
    lines = "".join(map(_write_line, entries)).encode()
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with make_private_file(path).open("r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read()
        try:
            _write_all(file.fileno(), _complete(before) + lines)
            os.fsync(file.fileno())
        except BaseException:
            file.truncate(len(before))
            raise


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _complete(content: bytes) -> bytes:
    """The bytes that end the last line: as an entry if it is complete, as a torn line otherwise."""
    last = content.rpartition(b"\n")[2]
    if not last:
        return b""
    return b"\n" if _read_checked(last.decode(errors="replace")) else f"{_TORN}\n".encode()


def _write_line(entry: ErasureEntry) -> str:
    line = f"{entry.kind},{entry.questionnaire},{entry.number},{entry.by}"
    return f"{line},{_check(line)}\n"


def _check(line: str) -> str:
    return blake2b(line.encode(), digest_size=4).hexdigest()


def _read_checked(line: str) -> ErasureEntry | None:
    """The entry of a line with its checksum."""
    content, _, check = line.rpartition(",")
    return _read_unchecked(content) if check == _check(content) else None


def _read_unchecked(line: str) -> ErasureEntry | None:
    """The entry of a line without checksum, as earlier versions wrote it."""
    kind, questionnaire, number, by, *rest = *line.split(","), "", "", "", ""
    form = _LINKS if kind == REISSUED else _BY
    if kind not in KINDS or not _NUMBER.fullmatch(number) or not form.fullmatch(by) or any(rest):
        return None
    return ErasureEntry(kind, questionnaire, int(number), by)


def read_list(path: Path) -> ErasureList:
    """Read the list as far as its lines are valid. A missing file is an empty list.

    After the first line with a checksum, a line without one is invalid: it may be the beginning of a longer line.
    """
    lines = path.read_bytes().decode(errors="replace").split("\n") if path.is_file() else [""]
    entries: dict[tuple[str, str, int], ErasureEntry] = {}
    damaged, checked = list[int](), False
    for at, line in enumerate(lines, 1):
        is_last = at == len(lines)
        entry = _read_checked(line)
        checked = checked or entry is not None
        if entry is None and not checked and not is_last:
            entry = _read_unchecked(line)
        if entry:
            _add(entries, entry)
        elif not is_last and not line.endswith(_TORN):
            damaged.append(at)
    is_torn = bool(lines[-1]) and _read_checked(lines[-1]) is None
    return ErasureList(path, list(entries.values()), tuple(damaged), is_torn)


def _add(entries: dict[tuple[str, str, int], ErasureEntry], entry: ErasureEntry) -> None:
    """The last entry of a seat and kind counts; withdrawal and restoration are one kind."""
    kind, questionnaire, number, by = entry
    if kind == REISSUED and (before := entries.get((REISSUED, questionnaire, number))):
        entry = entry._replace(by=f"{before.by}/{by}")
    entries[WITHDRAWN if kind == RESTORED else kind, questionnaire, number] = entry
    for about_link in (WITHDRAWN, REISSUED) if kind == ERASED else ():
        entries.pop((about_link, questionnaire, number), None)


def read_entries(path: Path) -> list[ErasureEntry]:
    """Return the entries of the list without those that a later entry replaced. A missing file is an empty list.

    Raises:
        BrokenListError: when a line is invalid.
    """
    found = read_list(path)
    found.check()
    return found.entries


def read_seat_history(path: Path, questionnaire: str) -> SeatHistory:
    """Read the entries of the seats of a questionnaire.

    Raises:
        BrokenListError: when a line is invalid.
    """
    seats: dict[str, dict[int, ErasureEntry]] = {ERASED: {}, WITHDRAWN: {}, REISSUED: {}}
    for entry in read_entries(path):
        if entry.questionnaire == questionnaire and entry.kind in seats:
            seats[entry.kind][entry.number] = entry
    return SeatHistory(seats[ERASED].keys(), seats[WITHDRAWN].keys(), seats[REISSUED])


def read_withdrawn(path: Path, questionnaire: str, by: str) -> set[int]:
    """The seats that were withdrawn with another origin than `by`.

    Raises:
        BrokenListError: when a line is invalid.
    """
    entries = (entry for entry in read_entries(path) if entry.kind == WITHDRAWN and entry.questionnaire == questionnaire)
    return {entry.number for entry in entries if entry.by not in ("", by)}


def find_current_link(entry: ErasureEntry) -> str:
    """The hash of the valid link of a replacement."""
    return entry.by.rpartition("/")[2]

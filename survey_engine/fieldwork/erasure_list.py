"""The list of erasures: a file outside both stores with one line per erasure, withdrawal, restoration and replacement.

The first line names the installation by a keyed hash; earlier releases read this line as a note without effect.

A line has the kind, the questionnaire, a number, an origin, a time and a checksum. Only changes of links have a time: it orders the
lines of lists of several machines. The number is that of the seat, or a keyed hash of a response without a seat or of a panel sign-up.
The number identifies no person without the identity store, and no answers without the pseudonym key.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from survey_engine.storage.sqlite_files import make_private_file

ERASED, WITHDRAWN, RESTORED, REISSUED, ERASED_RESPONSE = "erased", "withdrawn", "restored", "reissued", "erased response"
CANCELLED = "cancelled sign-up"
ERASED_KEY = "erased key"
CANCELLING = "cancelling sign-up"
NEW_KEY = "new key"
ENTRY_KINDS = (ERASED, WITHDRAWN, RESTORED, REISSUED, ERASED_RESPONSE, CANCELLED, ERASED_KEY, CANCELLING, NEW_KEY)
_ABOUT_LINKS = (WITHDRAWN, RESTORED, REISSUED)
NOTES = (ERASED_KEY, CANCELLING, NEW_KEY)
"""Kinds that change no store."""
BY_LINK, BY_FILE, BY_LIST = "link", "file", "list"
"""Origin of a withdrawal: one link was given, a file of links was given, or a corrected list lacks the person."""
_BY = re.compile(f"(?:{BY_LINK}|{BY_FILE}|{BY_LIST})?")
_LINKS = re.compile("[0-9a-f]{64}(/[0-9a-f]{64})+")
_NUMBER = re.compile("[0-9]+")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_TAIL = 4096
"""Number of bytes at the end of the file that an append reads; no line is longer."""
_TORN = ",incomplete"
"""The next append adds this to an incomplete last line: the command that wrote this line failed."""


class BrokenListError(Exception):
    """A line of the list is invalid. The message has the number of the line and the remedy."""


class ErasureEntry(NamedTuple):
    """One line of the list.

    An entry erases a seat or response, withdraws, restores or replaces a link, or ends a panel sign-up. Three kinds are notes:

    - ERASED_KEY: the key of an erased seat. If a new seat with this key would get another number, the entry has that number.
    - CANCELLING: a sign-up that is about to end. An entry CANCELLED follows when the store has the change.
    - NEW_KEY: a seat to which a list gave another institution or key.
    """

    kind: str
    questionnaire: str
    number: int
    """Number of the seat; or a keyed hash of the id of a response without a seat; or `number_signup`."""
    by: str = ""
    """For a withdrawal, its origin. For a replacement, the hashes of the seat's links, separated by slashes, the valid one last.
    For NEW_KEY, the number that a new seat would get for this key."""


class TimedEntry(NamedTuple):
    """An entry with its time, which is empty in lines of earlier releases: they sort first."""

    time: str
    entry: ErasureEntry


class SeatHistory(NamedTuple):
    """The entries of the seats of a questionnaire."""

    erased: Collection[int] = frozenset()
    erased_keys: Collection[int] = frozenset()
    """`erased`, and the numbers that new seats would get for the last keys of erased persons."""
    withdrawn: Collection[int] = frozenset()
    replaced: Mapping[int, ErasureEntry] = MappingProxyType({})
    """Seat → entry of its replacement."""
    moved: Mapping[int, int] = MappingProxyType({})
    """Number that a new seat would get for a key → the seat to which a list gave this key. Erased seats are left out."""


@dataclass(frozen=True, slots=True)
class ErasureList:
    """The content of the file."""

    path: Path
    entries: list[ErasureEntry]
    """Without notes, and without entries that a later entry replaces."""
    notes: tuple[ErasureEntry, ...] = ()
    damaged: tuple[int, ...] = ()
    """Numbers of lines that cannot be read."""
    is_torn: bool = False
    """Whether the last line is incomplete. It is ignored: its command failed."""

    def check(self) -> None:
        """Raises BrokenListError when a line is invalid."""
        if self.damaged:
            more = f" {len(self.damaged) - 1} more lines are invalid." if self.damaged[1:] else ""
            raise BrokenListError(
                f"{self.path}:{self.damaged[0]}: this line is no entry of the list.{more} Restore the list from a copy."
            )


def append_entries(path: Path, entries: Iterable[ErasureEntry], now: datetime | None = None, *, owner: int | None = None) -> None:
    """Append entries to the list, all or none. They are durable on return. An incomplete last line is marked as incomplete.

    Args:
        now: the time in UTC of changes of links; default: the clock. A time before that of an earlier line is raised to it.
        owner: the number of the installation, which becomes the first line of a new list.

    Raises:
        OSError: when the entries cannot be written; the list is then unchanged.
    """
    appended = list(entries)
    if not appended:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with make_private_file(path).open("r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        before = file.read()
        if owner is not None and not before:
            appended.insert(0, ErasureEntry(ERASED_KEY, "", owner))
        time = max(f"{now or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", *_TIME.findall(before.decode(errors="replace")), "")
        try:
            _write_all(file.fileno(), _complete(before) + "".join(_format_line(entry, time) for entry in appended).encode())
            os.fsync(file.fileno())
        except BaseException:
            file.truncate(size)
            raise


def read_whole(path: Path) -> bytes:
    """Return the bytes of the list with a complete last line, as the next append would make it."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        content = file.read()
    return content + _complete(content)


def check_list_copy(copy: Path) -> None:
    """Raises BrokenListError when the end of a copy is missing: `backup` writes whole lines only."""
    content = copy.read_bytes()
    if content and not content.endswith(b"\n"):
        raise BrokenListError(
            f"The last line of {copy} is cut off, and lines after it may be missing: their erasures would not be repeated. Use another "
            "copy of the list. If there is none, delete this line."
        )


def is_writable(path: Path) -> bool:
    """Whether this process can append to the list. Changes nothing."""
    try:
        os.close(os.open(path, os.O_RDWR))
    except FileNotFoundError:
        return os.access(path.parent, os.W_OK, effective_ids=True)
    except OSError:
        return False
    return True


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _complete(content: bytes) -> bytes:
    """Return the bytes that end the last line: a line break, after a mark if the line is incomplete."""
    last = content.rpartition(b"\n")[2]
    if not last:
        return b""
    return b"\n" if _read_checked(last.decode(errors="replace")) else f"{_TORN}\n".encode()


def _format_line(entry: ErasureEntry, time: str) -> str:
    line = f"{entry.kind},{entry.questionnaire},{entry.number},{entry.by}{f',{time}' if entry.kind in _ABOUT_LINKS else ''}"
    return f"{line},{_check(line)}\n"


def _check(line: str) -> str:
    return blake2b(line.encode(), digest_size=4).hexdigest()


def _read_checked(line: str) -> TimedEntry | None:
    """The entry of a line with its checksum."""
    content, _, check = line.rpartition(",")
    return _read_unchecked(content) if check == _check(content) else None


def _read_unchecked(line: str) -> TimedEntry | None:
    """The entry of a line without checksum, as earlier versions wrote it."""
    kind, questionnaire, number, by, time, *rest = *line.split(","), "", "", "", "", ""
    form = _LINKS if kind == REISSUED else _NUMBER if kind == NEW_KEY else _BY
    if kind not in ENTRY_KINDS or not _NUMBER.fullmatch(number) or not form.fullmatch(by) or any(rest):
        return None
    if time and not (kind in _ABOUT_LINKS and _TIME.fullmatch(time)):
        return None
    return TimedEntry(time, ErasureEntry(kind, questionnaire, int(number), by))


def has_line(path: Path) -> bool:
    """Whether the list has a complete line."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b"\n" in file.read(_TAIL)


def read_list(path: Path) -> ErasureList:
    """Read the valid lines of the list. A missing file is an empty list.

    The file may join lists of several machines in any order: changes of links are ordered by their times.
    After the first line with a checksum, a line without a checksum is invalid: it may be the beginning of a longer line.
    """
    lines = path.read_bytes().decode(errors="replace").split("\n") if path.is_file() else [""]
    read, damaged, checked = list[TimedEntry](), list[int](), False
    for at, line in enumerate(lines, 1):
        is_last = at == len(lines)
        timed = _read_checked(line)
        checked = checked or timed is not None
        if timed is None and not checked and not is_last:
            timed = _read_unchecked(line)
        if timed and not timed.time and timed.entry.kind not in _ABOUT_LINKS:
            timed = timed._replace(time=read[-1].time if read else "")
        if timed:
            read.append(timed)
        elif not is_last and not line.endswith(_TORN):
            damaged.append(at)
    is_torn = bool(lines[-1]) and _read_checked(lines[-1]) is None
    entries = _select(entry for _, entry in sorted(read, key=itemgetter(0)))
    notes = tuple(entry for entry in entries if entry.kind in NOTES)
    return ErasureList(path, [entry for entry in entries if entry.kind not in NOTES], notes, tuple(damaged), is_torn)


def _select(entries: Iterable[ErasureEntry]) -> list[ErasureEntry]:
    """Keep the last entry per seat and kind. Withdrawal and restoration are one kind; an erased seat keeps no changes of its link."""
    selected: dict[tuple[str, str, int], ErasureEntry] = {}
    for entry in entries:
        key = (WITHDRAWN if entry.kind == RESTORED else entry.kind, entry.questionnaire, entry.number)
        before = selected.get(key) if entry.kind == REISSUED else None
        selected[key] = entry._replace(by=f"{before.by}/{entry.by}") if before else entry
    erased = {entry[1:3] for entry in selected.values() if entry.kind == ERASED}
    kept = (entry for entry in selected.values() if entry.kind not in _ABOUT_LINKS or entry[1:3] not in erased)
    return [entry._replace(by=_put_current_last(entry.by)) if entry.kind == REISSUED else entry for entry in kept]


def _put_current_last(by: str) -> str:
    """Return each link of the pairs (replaced, new) once. The last one is the latest new link that was not replaced."""
    links = by.split("/")
    replaced = {*links[::2]}
    current = next((new for new in links[::-2] if new not in replaced), links[-1])
    return "/".join([*(link for link in dict.fromkeys(links) if link != current), current])


def read_entries(path: Path) -> list[ErasureEntry]:
    """Return the entries of the list without those that a later entry replaces. A missing file is an empty list.

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
    seats: dict[str, dict[int, ErasureEntry]] = {ERASED: {}, ERASED_KEY: {}, WITHDRAWN: {}, REISSUED: {}, NEW_KEY: {}}
    found = read_list(path)
    found.check()
    for entry in (*found.entries, *found.notes):
        if entry.questionnaire == questionnaire and entry.kind in seats:
            seats[entry.kind][entry.number] = entry
    erased = seats[ERASED].keys()
    moved = {int(entry.by): seat for seat, entry in seats[NEW_KEY].items() if seat not in erased}
    return SeatHistory(erased, erased | seats[ERASED_KEY].keys(), seats[WITHDRAWN].keys(), seats[REISSUED], moved)


def read_replaced_links(path: Path, questionnaire: str) -> set[str]:
    """Return the hashes of the replaced links, by the valid lines of the list."""
    entries = (entry for entry in read_list(path).entries if entry.kind == REISSUED and entry.questionnaire == questionnaire)
    return {link for entry in entries for link in entry.by.split("/")[:-1]}


def read_withdrawn(path: Path, questionnaire: str, by: str) -> set[int]:
    """Return the seats that were withdrawn with an origin that is known and not `by`.

    Raises:
        BrokenListError: when a line is invalid.
    """
    entries = (entry for entry in read_entries(path) if entry.kind == WITHDRAWN and entry.questionnaire == questionnaire)
    return {entry.number for entry in entries if entry.by not in ("", by)}


def list_unconfirmed(path: Path) -> list[ErasureEntry]:
    """Return the entries of kind CANCELLING that no entry CANCELLED follows. Checks no other lines: a list may have many."""
    announced, confirmed = dict[tuple[str, ...], str](), set[tuple[str, ...]]()
    for line in path.read_bytes().decode(errors="replace").split("\n") if path.is_file() else ():
        if line.startswith(CANCELLING):
            announced[tuple(line.split(",")[1:3])] = line
        elif line.startswith(CANCELLED):
            confirmed.add(tuple(line.split(",")[1:3]))
    checked = (_read_checked(line) for about, line in announced.items() if about not in confirmed)
    return [timed.entry for timed in checked if timed]


def find_current_link(entry: ErasureEntry) -> str:
    """Return the hash of the valid link of an entry of kind REISSUED."""
    return entry.by.rpartition("/")[2]

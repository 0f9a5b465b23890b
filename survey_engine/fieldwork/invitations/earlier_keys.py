"""A file of the earlier and the present keys of persons whose key changed: they keep their links and answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from survey_engine.fieldwork.invitations.roster_outcomes import ADDED, HELD, NEW, REMOVED, UNLISTED, Rekeyed, RosterChanges
from survey_engine.fieldwork.invitations.same_persons import StoredKeys
from survey_engine.fieldwork.invitations.seat_maker import SeatMaker
from survey_engine.fieldwork.rosters.csv_text import open_csv
from survey_engine.fieldwork.rosters.keys import is_missing_key, read_key, shorten_key
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.signing import normalise_key


class KeyPair(NamedTuple):
    """One row of the file."""

    line: int
    earlier: str
    now: str


@dataclass(frozen=True, slots=True)
class EarlierKeys:
    """A checked file: no key is in it twice."""

    path: Path
    pairs: dict[str, KeyPair]
    """Present key → row."""

    def find_earlier(self, key: str) -> str:
        """The earlier key of a person; the key itself if the file lacks it."""
        pair = self.pairs.get(normalise_key(key))
        return pair.earlier if pair else key

    def iter_rekeyed(self, maker: SeatMaker, changes: RosterChanges, stored: StoredKeys, *, only_add: bool) -> Iterator[Rekeyed]:
        """Iterate over the new students on the list whose earlier key is in the file.

        Raises:
            RosterError: with the rows whose earlier key is that of no missing or withdrawn person of the student's institution, or
                whose present key is not that of exactly one new person.
        """
        found, mistakes = dict[int, Rekeyed](), Mistakes()
        for position, (number, student) in enumerate(changes.iter_numbered(maker.roster.iter_students())):
            pair = self.pairs.get(normalise_key(student.key)) if number == NEW else None
            if pair is None:
                continue
            earlier = maker.hash_key(student.institution, pair.earlier)
            seat = stored.missing.get(earlier) or stored.withdrawn.get(earlier)
            if seat is None:
                wrong = f"no person of {student.institution} who is missing on the list has this earlier key."
                mistakes.add(pair.line, "", pair.earlier, f"'{shorten_key(pair.earlier)}': {wrong}")
            elif pair.line in found:
                mistakes.add(pair.line, "", pair.now, f"'{shorten_key(pair.now)}' is on the list at two institutions.")
            else:
                new = maker.make(student)
                outcome = HELD if maker.number(new) in maker.history.withdrawn else ADDED
                fate = "" if seat.withdrawn else UNLISTED if only_add else REMOVED
                found[pair.line] = Rekeyed(position, student.key, new.key_hash or "", seat, outcome, fate)
        if not mistakes:
            for pair in self.pairs.values():
                if pair.line not in found:
                    mistakes.add(pair.line, "", pair.now, f"no new person on the list has the key '{shorten_key(pair.now)}'.")
        if mistakes:
            raise RosterError(self.path, mistakes)
        yield from found.values()


def read_earlier_keys(path: Path | None, width: int) -> EarlierKeys | None:
    """Read a CSV file with headings: the columns of the earlier key, then those of the key on the list.

    Args: path: None without such a file.

    Raises:
        RosterError: when a row has other columns, an empty cell or a key that an earlier row has.
    """
    if path is None:
        return None
    pairs, mistakes, seen = dict[str, KeyPair](), Mistakes(), set[tuple[int, str]]()
    rows = open_csv(path).iter_rows()
    next(rows, None)
    for line, cells in rows:
        if len(cells) != 2 * width or any(map(is_missing_key, cells)):
            mistakes.add(line, "", "", f"a row has {2 * width} filled cells: the earlier key and the key on the list.")
            continue
        keys = ["\n".join(read_key(cells, range(at, at + width))) for at in (0, width)]
        for at, key in enumerate(keys):
            if (at, normalise_key(key)) in seen:
                mistakes.add(line, "", key, f"'{shorten_key(key)}' is in the file twice.")
            seen.add((at, normalise_key(key)))
        pairs[normalise_key(keys[1])] = KeyPair(line, *keys)
    if not pairs and not mistakes:
        mistakes.add(1, "", "", "there are no rows under the headings.")
    if mistakes:
        raise RosterError(path, mistakes)
    return EarlierKeys(path, pairs)

"""Checks of lists of links that came back from a spreadsheet: links are whole, and of the persons in their rows."""

from __future__ import annotations

from collections.abc import Sequence

from survey_engine.fieldwork.invitations.link_lists import LinkList
from survey_engine.fieldwork.invitations.links import is_whole
from survey_engine.fieldwork.rosters.csv import LINK
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.signing import hash_key
from survey_engine.storage.identity import SealedSeat


class LinkChecker:
    """Collects what is wrong with the rows of several lists.

    A row's key is compared with the key that its link was made with, if the column is the one that named persons then:
    one row at least has the key of one of the links.
    """

    def __init__(self, pseudonym_key: str, questionnaire: str, key: str = "") -> None:
        """Args: key: the column that names a person."""
        self._pseudonym_key, self._questionnaire, self._key = pseudonym_key, questionnaire, key
        self._lists: list[tuple[LinkList, Mistakes]] = []
        self._strangers: list[tuple[Mistakes, int]] = []
        """Rows whose key is not that of their link: list and line."""
        self._rows: dict[int, int] = {}
        """Seat → hash of its first row on the list at hand."""
        self._written, self._stored = set[str](), set[str]()
        """Hashes of the keys of rows, and of links."""
        self._any = False

    def begin(self, links: LinkList) -> None:
        self._lists.append((links, Mistakes()))
        self._rows.clear()

    def check(self, line: int, cells: Sequence[str], seat: SealedSeat | None, key: str) -> None:
        """Check the next row, with its link's seat and its key."""
        links, mistakes = self._lists[-1]
        if seat is None:
            if not is_whole(links.get_link(cells)):
                mistakes.add(line, LINK, "cut", "this link is not whole. Copy it from links.csv.")
            return
        self._any = True
        row = hash(tuple(cells))
        if self._rows.setdefault(seat.id, row) != row:
            mistakes.add(
                line, LINK, "twice", "this link stands on an earlier line too, with other cells. Copy both from links.csv."
            )
        if key and seat.key_hash:
            written = hash_key(self._pseudonym_key, self._questionnaire, seat.institution, key)
            self._written.add(written)
            self._stored.add(seat.key_hash)
            if written != seat.key_hash:
                self._strangers.append((mistakes, line))

    def finish(self) -> None:
        """Raises RosterError with the mistakes of the first list that has any, or when no link leads anywhere."""
        if self._written & self._stored:
            for mistakes, line in self._strangers:
                mistakes.add(line, LINK, "stranger", f"this link is of another {self._key}. Copy both from links.csv.")
        for links, mistakes in self._lists:
            if mistakes:
                raise RosterError(links.text.path, mistakes)
        if not self._any:
            raise RosterError(self._lists[0][0].text.path, f"none of these links leads to {self._questionnaire} (any more).")

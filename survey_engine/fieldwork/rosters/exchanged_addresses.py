"""Finds two persons of a list of whom each has the address that is made of the other's name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from survey_engine.fieldwork.names import fold_name

_SIGNS = re.compile(r"[\W\d_]+")


class ExchangedAddresses:
    """Keeps two hashes of each person whose address has no part of the own name.

    >>> rows = ExchangedAddresses([0, 1], [2])
    >>> rows.add(2, ["Anna", "Kok", "bo.bos@x.org"]), rows.add(3, ["Bo", "Bos", "anna.kok@x.org"])
    ([], [2, 3])
    """

    def __init__(self, names: Sequence[int], addresses: Sequence[int]) -> None:
        """Args: positions of the columns."""
        self._names, self._addresses = names, addresses if names else ()
        self._lines: dict[tuple[int, int], int] = {}

    def add(self, line: int, cells: Sequence[str]) -> list[int]:
        """Add a row; return its line and an earlier one, if each has the other's address."""
        for at in self._addresses:
            local, sign, _ = cells[at].casefold().partition("@") if at < len(cells) else ("", "", "")
            names = [cells[name] for name in self._names if name < len(cells)]
            if not sign or any(word in local for name in names for word in name.casefold().split() if len(word) > 1):
                continue
            own, other = hash(fold_name(names)), hash(fold_name([_SIGNS.sub(" ", local)]))
            self._lines[own, other] = line
            if (earlier := self._lines.get((other, own), line)) != line:
                return [earlier, line]
        return []

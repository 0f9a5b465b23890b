"""Columns and cells of a list that mark persons who should get no link: opted out, excluded, not to be contacted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

_EXCLUDING = re.compile(
    r"(is|has|student|deelnemer)?(excluded?|exclusions?|uitgesloten|uitsluit(en|ing)|nietbenaderen|nietmailen|nietuitnodigen"
    r"|geen(benadering|mailing|uitnodiging|enqu[eê]tes?)|donot(contact|mail|email|invite)|optout|optedout|unsubscribed?|afgemeld)"
)
_ASKING = re.compile(
    r"(benader(en|d|baar)(worden|deelnemer|student)?|contactpermitted|mailen|gemaild(worden)?"
    r"|(be)?(contacted|invited)|uitnodigen|uitgenodigdworden|toestemming|consent|optin|optedin|deelname|deelnemen|doetmee|meedoen)(aan)?(het|de)?(onderzoek|enqu[eê]te|monitor)?\Z"
)
"""Headings, reduced, of columns in which "no" excludes a person."""
_EXCLUDED = re.compile(
    r"(uitgesloten|uitsluit(en|ing)|exclu(ded?|sion)|opt(ed)?[ -]?out|unsubscribed?|afgemeld|do not (contact|mail|e-?mail|invite)"
    r"|(niet|nooit) (meer )?(benaderen|mailen|uitnodigen|meedoen|deelnemen)|(wil|doet|mag|neemt) niet .*"
    r"|geen (toestemming|enqu[eê]tes?|benadering|uitnodiging(en)?|deelname)|no consent|weigert|geweigerd|refused|bezwaar( gemaakt)?"
    r"|uitgeschreven|deregistered|overleden|deceased)\b.*"
)
_NO = {"nee", "n", "no", "neen", "0", "false", "onwaar", "niet", "nein", "non", "✗", "uit", "ingetrokken", "withdrawn"}
_PERSONAL = re.compile("naam|name|e-?mail|adres|address|straat|street|telefoon|phone")
"""Headings of columns whose words have no meaning of their own."""
_SHORT = 60
"""Longest cell that is examined, in characters."""


def is_excluding(heading: str) -> bool:
    """Whether a column with this heading marks persons to leave out.

    >>> is_excluding("Niet_benaderen"), is_excluding("name")
    (True, False)
    """
    return _EXCLUDING.fullmatch(_reduce(heading)) is not None


class OptOuts:
    """Finds the cells of copied columns that mark persons to leave out."""

    def __init__(self, header: Sequence[str], copied: Collection[str]) -> None:
        """Args: copied: columns to examine."""
        columns = [(at, name, _ASKING.search(_reduce(name)) is not None) for at, name in enumerate(header) if name in copied]
        self._columns = [column for column in columns if column[2] or not _PERSONAL.search(column[1].casefold())]

    def iter_found(self, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Iterate over (heading, cell) of the cells of a row that exclude its person."""
        for at, name, is_asking in self._columns:
            cell = cells[at].strip() if at < len(cells) else ""
            if 0 < len(cell) <= _SHORT:
                plain = " ".join(cell.casefold().split())
                if _EXCLUDED.fullmatch(plain.replace("_", " ")) or (is_asking and plain in _NO):
                    yield name, cell


def _reduce(heading: str) -> str:
    return re.sub(r"[\W_]", "", heading.casefold())

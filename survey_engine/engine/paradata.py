"""Paradata of a page: its number of visits and the measures of the page's script.

Stored as whole numbers separated by spaces: visits, then the PAGE_MEASURES if a script ever posted them.
"""

from __future__ import annotations

import re

PAGE_MEASURES = ("seconds", "changes", "double_taps")
"""Seconds in which the page was visible, answers given or changed, and second taps of double taps that were ignored."""
_POSTED = re.compile("[0-9]{1,5} [0-9]{1,4} [0-9]{1,4}")
_MOST_VISITS = 999


def merge_paradata(stored: str | None, posted: str, *, new_visit: bool) -> str:
    """Return the paradata of a page after a post.

    Posted values are totals; the larger of the stored and posted value is kept, so a repeated or late post counts nothing twice.

    >>> merge_paradata("1 10 2 0", "14 2 1", new_visit=False)
    '1 14 2 1'
    >>> merge_paradata(None, "", new_visit=True), merge_paradata("1 10 2 0", "-5 x", new_visit=True)
    ('1', '2 10 2 0')

    Args:
        stored: None for a page without paradata.
        posted: the PAGE_MEASURES; anything else is ignored.
        new_visit: whether this is the first post of a visit.
    """
    visits, *measured = [int(number) for number in stored.split()] if stored else [0]
    if _POSTED.fullmatch(posted):
        now = [int(number) for number in posted.split()]
        measured = [max(pair) for pair in zip(measured, now, strict=True)] if measured else now
    return " ".join(map(str, (min(max(1, visits + new_visit), _MOST_VISITS), *measured)))


def format_measures(stored: str | None) -> str:
    """Return the PAGE_MEASURES as a form contains them; empty if there are none."""
    return stored.partition(" ")[2] if stored else ""


def read_paradata(stored: str | None) -> tuple[int | None, ...]:
    """Return visits and PAGE_MEASURES; None for each that is not known.

    >>> read_paradata("2 10 3 0"), read_paradata("1"), read_paradata(None)
    ((2, 10, 3, 0), (1, None, None, None), (None, None, None, None))
    """
    found = tuple(map(int, stored.split())) if stored else ()
    return (*found, *(None,) * (1 + len(PAGE_MEASURES) - len(found)))

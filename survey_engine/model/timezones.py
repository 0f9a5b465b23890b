"""Time zones by their IANA names."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

_CONTINENTS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
"""Prefixes of zones that are named after places; other zones are abbreviations or former names."""
_LIKE = 0.8
"""Least similarity of two spellings of a city: Zuerich and Zurich have 0.92; no zone is as similar to Bonaire, which has none."""


def is_timezone(name: str) -> bool:
    """Whether the time zone exists. Opens one file: listing all zones takes half a second.

    >>> is_timezone("Europe/Amsterdam"), is_timezone("Amsterdam"), is_timezone("Europe"), is_timezone("../x")
    (True, False, False, False)
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def find_timezone(name: str) -> str:
    """Suggest a zone for an unknown name: the zone of that city, or one with a similar spelling; an empty string if there is none.

    >>> find_timezone("Berlin"), find_timezone("new york"), find_timezone("Europe/Berln"), find_timezone("Holland")
    ('Europe/Berlin', 'America/New_York', 'Europe/Berlin', '')
    """
    zones = [zone for zone in sorted(available_timezones(), reverse=True) if zone.startswith(_CONTINENTS)]
    by_city = {zone.rpartition("/")[2].casefold(): zone for zone in zones}
    city = name.rpartition("/")[2].strip().replace(" ", "_").casefold()
    return next((by_city[each] for each in get_close_matches(city, by_city, n=1, cutoff=_LIKE)), "")

"""Time zones by their IANA names."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

_CONTINENTS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
"""Zones of places; others are abbreviations and former names."""
_LIKE = 0.8
"""Least similarity of two spellings of a city: Zuerich has 0.92, and no other city is as like Bonaire."""


def is_timezone(name: str) -> bool:
    """Whether the time zone exists; opening one file avoids listing all zones, which takes half a second.

    >>> is_timezone("Europe/Amsterdam"), is_timezone("Amsterdam"), is_timezone("Europe"), is_timezone("../x")
    (True, False, False, False)
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def find_timezone(name: str) -> str:
    """Return the zone that an unknown name probably means: the one of a city, or one that is spelt alike; else an empty string.

    >>> find_timezone("Berlin"), find_timezone("new york"), find_timezone("Europe/Berln"), find_timezone("Holland")
    ('Europe/Berlin', 'America/New_York', 'Europe/Berlin', '')
    """
    zones = [zone for zone in sorted(available_timezones(), reverse=True) if zone.startswith(_CONTINENTS)]
    by_city = {zone.rpartition("/")[2].casefold(): zone for zone in zones}
    city = name.rpartition("/")[2].strip().replace(" ", "_").casefold()
    return next((by_city[each] for each in get_close_matches(city, by_city, n=1, cutoff=_LIKE)), "")

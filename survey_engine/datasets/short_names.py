"""Names of variables for programs that allow fewer characters in names than questionnaires."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable


def make_names(names: Iterable[str], limit: int, reserved: Collection[str] = ()) -> dict[str, str]:
    """Return name → name of ASCII letters, digits and _, at most `limit` long, unique without regard to case. Fitting names do not change.

    >>> make_names(["path", "all", "2nd-choice", "a_very_long_name", "a_very_long_label"], 11, ["all"])
    {'path': 'path', 'all': 'all_', '2nd-choice': 'v2nd_choice', 'a_very_long_name': 'a_very_long', 'a_very_long_label': 'a_very_lo_2'}
    """
    names = list(names)
    plain = {name for name in names if _make_plain(name, limit, reserved) == name}
    taken, found = {name.casefold() for name in plain}, {}
    for name in names:
        found[name] = name if name in plain else _choose_free(_make_plain(name, limit, reserved), limit, taken)
        taken.add(found[name].casefold())
    return found


def _make_plain(name: str, limit: int, reserved: Collection[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    plain = plain if plain[:1].isalpha() else f"v{plain}"
    return f"{plain}_" if plain.casefold() in reserved else plain[:limit]


def _choose_free(name: str, limit: int, taken: Collection[str]) -> str:
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        end = f"_{number}"
        free = name[: limit - len(end)] + end
    return free


def cut_text(text: str, limit: int) -> str:
    """Cut a text to at most `limit` bytes of UTF-8; an ellipsis marks the cut.

    >>> cut_text("Hoe gaat het?", 9), cut_text("één", 5), cut_text("één", 4)
    ('Hoe ga…', 'één', '…')
    """
    encoded = text.encode()
    return text if len(encoded) <= limit else encoded[: limit - 3].decode(errors="ignore").rstrip() + "…"

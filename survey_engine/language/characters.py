"""Characters that texts of authors and translators may not contain, and characters that codes and keys may not contain."""

from __future__ import annotations

import re
import unicodedata

FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters, characters that change the text direction, and code points that are not characters."""

HIDDEN_CHARACTERS = re.compile("[\xa0\xad\u1680\u180e\u2000-\u200f\u2028\u2029\u202f\u205f-\u2064\u3000\ufeff]")
"""Invisible characters, or characters that look like a space. Allowed in texts, where copying leaves them; not in keys and codes."""

BULLET = re.compile("[\u2012-\u2015\u2022\u2023\u2043\u2212\u25aa\u25cf\u25e6\u00b7*] ")
"""A word processor's dash or bullet, with the space after it, where YAML needs `- `."""


_LATIN = str.maketrans("АВСЕНІЈКМОРЅТХаеоресухіјѕԁһΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABCEHIJKMOPSTXaeopecyxijsdhABEZHIKMNOPTYXo")
"""Cyrillic and Greek letters → the Latin letter that looks the same."""


def fold_look(text: str) -> str:
    """Return a text of which others that look the same have the same characters: without invisible ones, letters as Latin ones.

    >>> fold_look("\u041alei"), fold_look("Cl\u00aday"), fold_look("two\u00a0words")
    ('Klei', 'Clay', 'two words')
    """
    shown = HIDDEN_CHARACTERS.sub(lambda found: " " if found[0].isspace() else "", text)
    return unicodedata.normalize("NFC", shown).translate(_LATIN)


def name_character(character: str) -> str:
    return f"U+{ord(character):04X}"


def name_hidden(text: str) -> str:
    """Return the names of the hidden characters in a text.

    >>> name_hidden("bike\u200b_stolen")
    'zero width space (U+200B)'
    """
    return ", ".join(
        f"{unicodedata.name(found).lower()} ({name_character(found)})" for found in dict.fromkeys(HIDDEN_CHARACTERS.findall(text))
    )

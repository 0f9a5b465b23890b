"""Characters that no text of an author or translator may contain."""

from __future__ import annotations

import re

FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters, characters that change the text direction, and code points that are not characters."""


def name_character(character: str) -> str:
    return f"U+{ord(character):04X}"

"""Characters that stand in no text of an author or translator."""

from __future__ import annotations

import re

STRANGE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no text should hold: control characters, those that turn the order of letters, and what is no character at all."""


def name_character(character: str) -> str:
    return f"U+{ord(character):04X}"

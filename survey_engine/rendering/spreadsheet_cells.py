"""Escapes cells, so that a spreadsheet shows their text and never evaluates it (OWASP, CSV injection)."""

from __future__ import annotations

import re
import string

_SIGNS = re.compile("[=+\\-@\uff1d\uff0b\uff0d\uff20]+")
"""Signs that start a formula, full-width variants included."""
_BREAKS = frozenset(",;:|\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")
"""Characters after which a spreadsheet may start a cell or a line."""
_BLANK = string.whitespace + '"\u00a0\ufeff'
"""Characters that a reader may strip at the start of a cell."""


def guard(text: str) -> str:
    """Return text with an apostrophe before everything that a spreadsheet would read as a formula (OWASP, CSV injection).

    This includes signs after a possible delimiter, line break or quote, and signs at the beginning of a word.

    >>> guard("=1+1"), guard("fine; =1+1"), guard("good - but busy")
    ("'=1+1", "fine; '=1+1", 'good - but busy')
    """
    parts = ["'"] if text.startswith(("\t", "\r")) else []
    end = 0
    for signs in _SIGNS.finditer(text):
        before = text[end : signs.start()]
        parts += [before, "'"] if _may_begin(before, end == 0, text[signs.end() : signs.end() + 1]) else [before]
        parts.append(signs[0])
        end = signs.end()
    return "".join([*parts, text[end:]])


def unguard(text: str) -> str:
    """Return text without the apostrophe of `guard`.

    >>> unguard("'-12"), unguard("'00123")
    ('-12', "'00123")
    """
    return text[1:] if text.startswith("'") and guard(text[1:]) == text else text


def _may_begin(before: str, first: bool, after: str) -> bool:
    """Return whether signs may start a cell.

    Args:
        before: the text between the previous signs and these; if `first`, between the start of the cell and these.
        first: whether these are the first signs of the cell.
        after: the text after the signs.
    """
    content = before.rstrip(_BLANK)
    if first and not content:
        return True
    begins_word = before.rstrip('"')[-1:].isspace() and after not in ("", " ")
    return begins_word or not _BREAKS.isdisjoint(before[max(0, len(content) - 1) :])

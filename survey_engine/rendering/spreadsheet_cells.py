"""Cells that a spreadsheet shows as they are, and never computes (OWASP, CSV injection)."""

from __future__ import annotations

import re
import string

_SIGNS = re.compile("[=+\\-@\uff1d\uff0b\uff0d\uff20]+")
"""What makes a cell a formula, also in full width."""
_BREAKS = frozenset(",;:|\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")
"""Behind these a cell or a line may begin."""
_BLANK = string.whitespace + '"\u00a0\ufeff'
"""What a reader may drop before a cell."""


def guard(text: str) -> str:
    """Text with an apostrophe before all that a spreadsheet would take for a formula (OWASP, CSV injection).

    Also behind what may be taken for a delimiter, a line break or a quote, and before a word that begins with a sign.

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
    """Text without the apostrophe that `guard` put before it.

    >>> unguard("'-12"), unguard("'00123")
    ('-12', "'00123")
    """
    return text[1:] if text.startswith("'") and guard(text[1:]) == text else text


def _may_begin(before: str, first: bool, after: str) -> bool:
    """Whether signs may begin a cell: `before` is what stands between them and earlier signs, or the beginning if `first`."""
    content = before.rstrip(_BLANK)
    if first and not content:
        return True
    begins_word = before.rstrip('"')[-1:].isspace() and after not in ("", " ")
    return begins_word or not _BREAKS.isdisjoint(before[max(0, len(content) - 1) :])

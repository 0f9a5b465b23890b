"""Cells that a spreadsheet shows as they are, and never computes (OWASP, CSV injection)."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guard(text: str) -> str:
    """Text that a spreadsheet would take for a formula, made plain text with an apostrophe.

    >>> guard("=1+1"), guard("fine")
    ("'=1+1", 'fine')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text

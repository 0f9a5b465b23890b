"""Colours of institutions: contrast on white, and a lighter colour for dark mode."""

from __future__ import annotations

import re
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]
DARK_BACKGROUND: Colour = (0x15, 0x19, 0x1F)


def parse_colour(written: str) -> Colour | None:
    """Parse a colour written as #rrggbb; return None for any other notation.

    >>> parse_colour("#1d4f91"), parse_colour("blue")
    ((29, 79, 145), None)
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", written):
        return None
    return int(written[1:3], 16), int(written[3:5], 16), int(written[5:7], 16)


def _luminance(colour: Colour) -> float:
    """Return the relative luminance, 0–1 (WCAG 2.2, definition of relative luminance)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def measure_contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio, 1–21 (WCAG 2.2, success criterion 1.4.3).

    >>> round(measure_contrast((0, 0, 0), (255, 255, 255)), 1)
    21.0
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lighten(colour: Colour, contrast: float) -> str:
    """Mix the colour with white until it has this contrast on the dark background.

    >>> measure_contrast(parse_colour(lighten((0, 0, 80), 7.0)), DARK_BACKGROUND) >= 7.0
    True
    """
    mixed = colour
    for step in range(21):
        share = step / 20
        mixed = tuple(round(part + (255 - part) * share) for part in colour)  # type: ignore[assignment]
        if measure_contrast(mixed, DARK_BACKGROUND) >= contrast + 0.5:
            break
    return "#{:02x}{:02x}{:02x}".format(*mixed)

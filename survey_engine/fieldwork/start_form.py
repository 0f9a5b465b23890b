"""Content of the posted form of a start page, except the language."""

from __future__ import annotations

from typing import NamedTuple

DEVICES = {"small": 600, "medium": 1024, "large": 100_000}
"""Class of the device → upper limit of the page's width at the start, in pixels (exclusive)."""
CHANNELS = ("mail", "qr", "teams", "print", "lms")
"""Values of the parameter `via` of a link: the channel by which it reached the respondent."""


def classify_width(written: str) -> str:
    """Return the class of the device for a width in whole pixels; empty for any other text."""
    width = int(written) if written.isascii() and written.isdecimal() and len(written) < 6 else 0
    return next(name for name, limit in DEVICES.items() if width < limit) if width else ""


def add_channel(link: str, channel: str | None) -> str:
    """Return the link with a channel of CHANNELS as parameter; without a channel, the link unchanged."""
    return f"{link}?via={channel}" if channel else link


class StartForm(NamedTuple):
    """A posted start page."""

    switch: bool = False
    """Whether an existing response changes to the language of the start page."""
    device: str = ""
    """A key of DEVICES; empty if unknown. Stored with a new response."""
    channel: str = ""
    """One of CHANNELS; empty if the link names none. Stored with a new response."""


EMPTY_FORM = StartForm()

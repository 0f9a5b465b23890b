"""What the form of a start page posts, beside the language."""

from __future__ import annotations

from typing import NamedTuple

DEVICES = {"small": 600, "medium": 1024, "large": 100_000}
"""Class of the device → width of the page at the start in pixels, which is smaller than this."""
CHANNELS = ("mail", "qr", "teams", "print", "lms")
"""Values of `via` in the address of a link: how it reached the respondent."""


def classify_width(written: str) -> str:
    """Return the class of a width in whole pixels; empty for anything else."""
    width = int(written) if written.isascii() and written.isdecimal() and len(written) < 6 else 0
    return next(name for name, limit in DEVICES.items() if width < limit) if width else ""


def add_channel(link: str, channel: str | None) -> str:
    """Return the address of a link that names a channel of CHANNELS, or the link as it is without one."""
    return f"{link}?via={channel}" if channel else link


class StartForm(NamedTuple):
    """A posted start page."""

    switch: bool = False
    """Change the language of an existing response to the starter's."""
    device: str = ""
    """One of DEVICES; empty if it is not known. A new response stores it."""
    channel: str = ""
    """One of CHANNELS; empty if the link named none. A new response stores it."""


EMPTY_FORM = StartForm()

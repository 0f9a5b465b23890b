"""QR codes of addresses: as SVG for pages and paper, as characters for a terminal."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import zxingcpp
from markupsafe import Markup

BORDER = 4
"""Number of light squares on each side, the quiet zone of ISO/IEC 18004."""
PIXELS = 8
"""Width of a square in CSS pixels, if nothing else sets the width of the picture."""
_RUN = re.compile(rb"(\xff*)(\x00+)")
_HALVES = {(0, 0): " ", (0, 255): "▄", (255, 0): "▀", (255, 255): "█"}
"""(upper square, lower square) → character on a dark terminal."""


def list_rows(text: str) -> list[bytes]:
    """List the rows of squares without the quiet zone: 0 is dark, 255 light. Readable with 15 % damage (error correction level M).

    Raises:
        ValueError: the text has more than 2,331 bytes.
    """
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    squares: Any = code.to_image(scale=1, add_quiet_zones=False)
    shades, size = bytes(squares), squares.shape[1]
    return [shades[at : at + size] for at in range(0, len(shades), size)]


def draw_svg(text: str) -> Markup:
    """Return an SVG with one line per run of dark squares: half the bytes and a fifth of the time of the library's SVG."""
    rows = list_rows(text)
    size = len(rows) + 2 * BORDER
    lines = (f"M{BORDER} {y}.5{''.join([_draw_run(*run) for run in _RUN.findall(row)])}" for y, row in enumerate(rows, BORDER))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size * PIXELS}" height="{size * PIXELS}">'
    )
    ground = f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
    return Markup(f'{head}{ground}<path stroke="#000" d="{"".join(lines)}"/></svg>')  # noqa: S704 - numbers alone


@lru_cache(maxsize=4_096)
def _draw_run(light: bytes, dark: bytes) -> str:
    return f"m{len(light)} 0h{len(dark)}"


def draw_characters(text: str) -> str:
    """Return the code for a dark terminal, with two rows of squares per line of text."""
    rows = list_rows(text)
    size = len(rows) + 2 * BORDER
    side, edge = b"\xff" * BORDER, [b"\xff" * size] * BORDER
    framed = [*edge, *(side + row + side for row in rows), *edge, b"\x00" * size]
    pairs = zip(framed[::2], framed[1::2], strict=False)
    return "\n".join("".join(_HALVES[pair] for pair in zip(*rows, strict=True)) for rows in pairs)

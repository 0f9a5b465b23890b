"""Reads QR codes from pictures, as a phone does."""

from __future__ import annotations

import re

import zxingcpp

from survey_engine.rendering.qr_codes import BORDER

SCALE = 4


def read_squares(rows: list[bytes]) -> str | None:
    """Return the text of a QR code given as rows of squares (0 dark, 255 light); None if it cannot be read."""
    size = len(rows)
    pixels = b"".join(bytes(shade for shade in row for _ in range(SCALE)) * SCALE for row in rows)
    found = zxingcpp.read_barcode(memoryview(pixels).cast("B", (size * SCALE, size * SCALE)))
    return found and found.text


def read_svg(svg: str) -> str | None:
    """Return the text of a QR code given as an SVG; None if it cannot be read."""
    box = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    assert box is not None
    rows = [bytearray(b"\xff" * int(box[1])) for _ in range(int(box[1]))]
    for y, row in re.findall(rf"M{BORDER} (\d+)\.5([^M\"]*)", svg):
        x = BORDER
        for light, dark in re.findall(r"m(\d+) 0h(\d+)", row):
            x += int(light) + int(dark)
            rows[int(y)][x - int(dark) : x] = bytes(int(dark))
    return read_squares([bytes(row) for row in rows])

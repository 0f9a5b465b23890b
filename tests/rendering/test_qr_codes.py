"""QR codes are read back from what people see."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from survey_engine.rendering.qr_codes import BORDER, PIXELS, draw_characters, draw_svg, list_rows
from tests.qr_reader import read_squares, read_svg

TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=400)


@given(TEXTS)
def test_any_address_is_read_from_its_picture(text: str) -> None:
    svg = draw_svg(text)
    assert read_svg(svg) == text
    size = len(list_rows(text)) + 2 * BORDER
    assert f'width="{size * PIXELS}"' in svg and f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>' in svg


@given(TEXTS)
def test_any_address_is_read_from_a_terminal(text: str) -> None:
    rows = list[bytes]()
    for line in draw_characters(text).split("\n"):
        rows += (bytes(255 * (sign in light) for sign in line) for light in ("▀█", "▄█"))
    assert read_squares(rows[: len(rows[0])]) == text

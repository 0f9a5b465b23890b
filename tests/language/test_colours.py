"""Colours of institutions are legible on white, and their lighter colours in dark mode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.language.colours import DARK_BACKGROUND, Colour, lighten, measure_contrast, parse_colour

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
colours = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))


@pytest.mark.parametrize(
    ("written", "colour"),
    [("#000000", BLACK), ("#FFffFF", WHITE), ("#1d4f91", (29, 79, 145)), ("blue", None), ("#fff", None), ("#12345g", None)],
)
def test_a_colour_is_six_hexadecimal_digits(written: str, colour: Colour | None) -> None:
    assert parse_colour(written) == colour
    assert parse_colour(written + "\n") is None


@pytest.mark.parametrize(
    ("colour", "ratio"), [(WHITE, 1.0), (BLACK, 21.0), ((118, 118, 118), 4.54), ((119, 119, 119), 4.48), ((255, 0, 0), 4.0)]
)
def test_contrast_on_white_is_that_of_the_standard(colour: Colour, ratio: float) -> None:
    """The grey #767676 is known as the lightest with a contrast of 4.5 on white."""
    assert measure_contrast(colour, WHITE) == pytest.approx(ratio, abs=0.01)


@given(colours, colours)
def test_contrast_is_symmetric(one: Colour, other: Colour) -> None:
    assert measure_contrast(one, other) == measure_contrast(other, one)
    assert 1 <= measure_contrast(one, other) <= 21


@given(colours)
def test_the_lighter_colour_is_legible_in_dark_mode(colour: Colour) -> None:
    twin = parse_colour(lighten(colour, 4.5))
    assert twin and measure_contrast(twin, DARK_BACKGROUND) >= 4.5


def test_a_colour_that_is_light_enough_is_unchanged() -> None:
    assert lighten((250, 230, 120), 4.5) == "#fae678"

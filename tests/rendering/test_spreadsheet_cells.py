"""Cells that a spreadsheet never computes."""

from __future__ import annotations

import pytest

from survey_engine.rendering.spreadsheet_cells import guard


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(sign):
    assert guard(f"{sign}1") == f"'{sign}1"


@pytest.mark.parametrize("text", ["", "fine", "'quoted", "1=1", " =1"])
def test_any_other_cell_stays_as_it_is(text):
    assert guard(text) == text

"""The column `link_check` keeps the columns of a list apart."""

from __future__ import annotations

from survey_engine.fieldwork.invitations.row_checks import CHECKED_COLUMNS, RowCodes


def test_columns_of_a_list_have_different_codes_under_any_key():
    headings = [f"column {at}" for at in range(CHECKED_COLUMNS)]
    for number in range(100):
        codes = RowCodes(f"key {number}")
        assert len({*map(codes.code_heading, headings)}) == CHECKED_COLUMNS

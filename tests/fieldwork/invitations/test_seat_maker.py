"""Hashes of rows that are kept while a first list is stored."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.invitations.seat_maker import RowHashes

ROWS = [["00000000000000ff", "f" * 16], ["0123456789abcdef"], [], ["8" * 16, "8" * 16]]


@pytest.mark.parametrize("index", range(len(ROWS)))
def test_hashes_of_a_row_are_found_by_its_place_in_the_list(index):
    rows = RowHashes()
    for hashes in ROWS:
        rows.add(hashes)
    assert rows.find(index) == ROWS[index]


def test_hashes_of_rows_that_were_not_read_are_unknown():
    assert RowHashes().find(0) is None

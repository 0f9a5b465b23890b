"""Sets of hashes."""

from __future__ import annotations

from random import Random

import pytest

from survey_engine.fieldwork.rosters.hash_sets import HashSet


@pytest.mark.parametrize("size", [4, 8, 64, 4096])
def test_a_set_of_hashes_has_what_was_added_and_nothing_else(size):
    random, known, expected = Random(size), HashSet(size), set[int]()
    for number in (random.randint(-(2**63), 2**63 - 1) >> random.choice((0, 57)) for _ in range(2_000)):
        assert (number in known) == (number in expected)
        assert known.add(number) == (number not in expected)
        expected.add(number)
    assert all(number in known for number in expected)

"""Sets of hashes."""

from __future__ import annotations

from random import Random

import pytest

from survey_engine.fieldwork.rosters.hash_sets import HashSet


@pytest.mark.parametrize("recent", [1, 2, 7, 64])
def test_a_set_of_hashes_has_what_was_added_and_nothing_else(recent):
    random, known, expected = Random(recent), HashSet(recent), set[int]()
    for number in (random.randint(-(2**63), 2**63 - 1) >> random.choice((0, 57)) for _ in range(2_000)):
        assert (number in known) == (number in expected)
        assert known.add(number) == (number not in expected)
        expected.add(number)
    assert all(number in known for number in expected)

"""Groups are generalised or withheld by their counts alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from survey_engine.datasets.disclosure import blank, choose_small, is_small

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12))


def test_a_group_of_the_least_number_is_not_small_and_nobody_is_no_group():
    assert [count for count in range(8) if is_small(count, 5)] == [1, 2, 3, 4]


@given(COUNTS)
def test_withheld_groups_are_at_least_the_least_number_together(counts):
    small = choose_small(counts, 5)
    together = sum(counts[group] for group in small)
    assert {group for group, count in counts.items() if is_small(count, 5)} <= small
    assert not small or together >= 5 or together == sum(counts.values())


@given(COUNTS)
def test_no_more_groups_are_withheld_than_needed(counts):
    small = choose_small(counts, 5)
    added = [counts[group] for group in small if counts[group] >= 5]
    assert len(added) <= 1


def test_a_small_group_loses_characteristics_and_a_large_one_keeps_them():
    groups = {("a", "day", "x"): 5, ("a", "day", "y"): 4}
    assert blank(groups, [1, 2], 5) == {("a", "day", "x"): ("a", "day", "x"), ("a", "day", "y"): ("a", None, None)}

"""Which labels go with the answers: those that enough persons of an institution share, beside none or enough without labels."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from survey_engine.fieldwork.rosters.label_checks import find_shown

BLANK = ("", "")


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({("a", ""): 5}, {("a", "")}),
        ({("a", ""): 4}, set()),
        ({("a", ""): 9, ("b", ""): 1, ("c", ""): 5}, {("a", "")}),
        ({("a", ""): 9, ("b", ""): 6, BLANK: 1}, {("a", "")}),
        ({("a", ""): 9, ("b", ""): 6, BLANK: 5}, {("a", ""), ("b", "")}),
        ({("a", ""): 9, BLANK: 1}, set()),
    ],
)
def test_nobody_is_alone_with_labels_nor_without(counts, shown):
    assert find_shown(counts, 5) == shown


def test_every_group_that_an_analyst_sees_has_enough_persons():
    chance = random.Random(5)
    for _ in range(500):
        counts = Counter({(chance.choice("abcd"), chance.choice("xy")): chance.randint(0, 12) for _ in range(6)})
        counts[BLANK] = chance.choice((0, 0, 1, 4, 8))
        shown, least = find_shown(counts, 5), 5 if counts.total() >= 5 else counts.total()
        without = sum(count for labels, count in counts.items() if labels not in shown)
        assert without == 0 or without >= least
        assert all(counts[labels] >= 5 for labels in shown)

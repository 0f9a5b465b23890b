"""Random orders: a permutation that depends on the response, and on nothing that changes during it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey_engine.engine.random_order import arrange

CODES = st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True)
SEEDS = st.integers(0, 2**63 - 1)


def order(seed: int, codes: list[str], fixed: str = "", question: str = "q") -> list[str]:
    return [codes[index] for index in arrange(seed, question, codes, [code in fixed for code in codes])]


@given(SEEDS, CODES, st.text("abcdefgh"))
def test_every_code_is_shown_once_and_fixed_codes_keep_their_place(seed: int, codes: list[str], fixed: str) -> None:
    found = order(seed, codes, fixed)
    assert sorted(found) == sorted(codes)
    assert [one for one in zip(codes, found, strict=True) if one[0] in fixed and one[0] != one[1]] == []


@given(SEEDS, CODES, st.sampled_from("abcdefgh"))
def test_a_code_that_is_not_offered_leaves_the_order_of_the_others(seed: int, codes: list[str], gone: str) -> None:
    without = [code for code in codes if code != gone]
    assert order(seed, without) == [code for code in order(seed, codes) if code != gone]


def test_every_order_is_equally_frequent() -> None:
    """Chi-square of 6,000 responses over 6 orders, 5 degrees of freedom: above 20.5 with a probability of 0.001."""
    found = Counter("".join(order(seed, list("abc"))) for seed in range(6000))
    assert len(found) == 6
    assert sum((count - 1000) ** 2 / 1000 for count in found.values()) < 20.5


def test_two_questions_of_one_response_have_independent_orders() -> None:
    same = sum(order(seed, list("abc"), question="one") == order(seed, list("abc"), question="two") for seed in range(6000))
    assert 880 < same < 1120

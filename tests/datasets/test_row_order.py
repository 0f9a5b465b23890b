"""The order of rows is repeatable and reveals nothing."""

from __future__ import annotations

from survey_engine.datasets.row_order import hash_order, open_shuffle


def shuffle(key: str, numbers: range) -> list[int | str]:
    with open_shuffle() as rows:
        rows.add((hash_order(key, number), number) for number in numbers)
        return list(rows)


def test_the_order_depends_on_the_key_not_on_the_input():
    assert shuffle("key", range(50)) == shuffle("key", range(49, -1, -1))


def test_another_key_gives_another_order():
    assert shuffle("key", range(50)) != shuffle("other", range(50))


def test_the_order_is_not_that_of_arrival():
    order = shuffle("key", range(50))
    assert sorted(order) == list(range(50)) != order


def test_names_that_are_cut_differently_have_different_hashes():
    assert hash_order("key", "a", "bc") != hash_order("key", "ab", "c")


def test_a_shuffle_has_the_number_of_its_rows():
    with open_shuffle() as rows:
        rows.add((hash_order("key", number), str(number)) for number in range(7))
        assert len(rows) == 7

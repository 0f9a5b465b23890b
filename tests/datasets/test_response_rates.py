"""Invited, started and completed by label: no number from which fewer than five persons follow."""

from __future__ import annotations

import random

from survey_engine.datasets.response_rates import OPEN_LINK, WITHOUT, list_rates
from survey_engine.fieldwork.group_totals import EVERYBODY, GroupCounts


def count(kind: str = "class", without: tuple[int, int] = (0, 0), **classes: tuple[int, int, int]) -> GroupCounts:
    """Args: classes: label → persons, started, completed; `_` has no label."""
    counts = GroupCounts(without_seat=without)
    for label, numbers in classes.items():
        for counter, number in zip((counts.persons, counts.started, counts.completed), numbers, strict=True):
            counter[EVERYBODY] += number
            if label != "_":
                counter[kind, label] += number
    return counts


def show(counts: GroupCounts, kind: str = "") -> dict[str, tuple[int | None, int | None, int | None]]:
    return {rate.label: (rate.invited, rate.started, rate.completed) for rate in list_rates("demo", counts, kind)}


def test_large_classes_are_shown_with_their_total():
    rates = show(count(a=(30, 20, 10), b=(25, 15, 5)), "class")
    assert rates == {"": (55, 35, 15), "a": (30, 20, 10), "b": (25, 15, 5)}


def test_without_a_kind_all_persons_are_one_row():
    assert show(count(a=(30, 20, 10))) == {"": (30, 20, 10)}
    assert show(count(a=(30, 27, 3))) == {"": (30, None, None)}, "3 have not started, 3 have completed"


def test_a_class_beside_a_small_one_is_withheld():
    rates = show(count(a=(30, 20, 10), b=(25, 15, 5), c=(3, 2, 1)), "class")
    assert rates["c"] == (None, None, None) and rates["b"][0] is None and rates["a"] == (30, 20, 10)


def test_the_numbers_of_one_class_do_not_follow_from_the_others():
    """2 of c have started: a total and the other classes would tell."""
    rates = show(count(a=(30, 20, 10), b=(25, 15, 5), c=(20, 2, 0)), "class")
    assert rates["c"][1] is None and None in {rates["a"][1], rates["b"][1], rates[""][1]}


def test_the_few_who_are_under_way_do_not_follow():
    """Of 20 persons of a, 14 have started and 12 have completed."""
    rates = show(count(a=(20, 14, 12), b=(25, 15, 5)), "class")
    assert None in rates["a"][1:]


def test_persons_without_a_label_have_a_row_only_if_there_are_any():
    rates = show(count(a=(30, 20, 10), _=(12, 6, 0)), "class")
    assert rates[WITHOUT] == (12, 6, 0) and WITHOUT not in show(count(a=(30, 20, 10)), "class")


def test_responses_by_an_open_link_have_a_row_of_their_own():
    rates = show(count(a=(30, 20, 10), without=(9, 4)))
    assert rates[""] == (30, 20, 10) and rates[OPEN_LINK] == (None, 9, None)


def list_possible(shown: dict[str, int | None], sizes: dict[str, int | None], total: int | None) -> dict[str, tuple[int, int]]:
    """Label → least and largest number of persons that agrees with what is shown, when sizes are shown or at most 60."""
    low = {label: 0 if number is None else number for label, number in shown.items()}
    high = {
        label: (60 if sizes[label] is None else sizes[label]) if number is None else number for label, number in shown.items()
    }
    if total is None:
        return {label: (low[label], high[label] or 0) for label in shown}
    return {
        label: (
            max(low[label], total - sum(high[other] or 0 for other in shown if other != label)),
            min(high[label] or 0, total - sum(low[other] for other in shown if other != label)),
        )
        for label in shown
    }


def test_no_small_number_can_be_computed_from_random_tables():
    chance = random.Random(7)
    for _ in range(300):
        classes = {}
        for label in "abcdef"[: chance.randint(1, 6)]:
            persons = chance.choice((2, 6, 12, 25, 30))
            started = chance.randint(0, persons)
            classes[label] = (persons, started, chance.randint(0, started))
        rates = show(count(**classes), "class")
        total = rates.pop("")
        for invited, started, completed in [*rates.values(), total]:
            assert None in (started, completed) or started - completed not in range(1, 5), (classes, rates)
            assert None in (invited, started) or invited - started not in range(1, 5), (classes, rates)
        for at in (1, 2):
            possible = list_possible(
                {label: numbers[at] for label, numbers in rates.items()},
                {label: numbers[0] for label, numbers in rates.items()},
                total[at],
            )
            for label, (low, high) in possible.items():
                number, others = classes[label][at], classes[label][0] - classes[label][at]
                if 0 < number < 5 or (rates[label][0] is not None and 0 < others < 5):
                    assert high > low, (classes, rates, total, label)


def test_labels_keep_their_spelling():
    counts = count(**{"3a": (30, 20, 10)})
    counts.spellings["class", "3a"] = "3A"
    assert "3A" in show(counts, "class")

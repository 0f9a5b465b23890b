"""Invited, started and completed by label: no number from which fewer than five persons follow."""

from __future__ import annotations

import random

import numpy as np

from survey_engine.datasets.response_rates import OPEN_LINK, WITHOUT, Rate, list_rates
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


def test_a_withheld_number_has_a_lower_bound():
    """Of a, b and c 9 persons have not started: with 4 at most of each, 1 or more would be of c."""
    rates = list_rates("demo", count(a=(26, 24, 12), b=(26, 23, 10), c=(26, 22, 10), d=(30, 15, 8)), "class")
    found = {rate.label: (rate.started, rate.started_at_least) for rate in rates}
    assert found == {"": (84, None), "a": (None, 22), "b": (None, 22), "c": (None, None), "d": (15, None)}


def test_bounds_that_would_tell_together_are_left_out():
    """Of a and b, 5 persons have not started: 4 at most of a would be 1 or more of b."""
    rates = list_rates("demo", count(a=(26, 24, 12), b=(26, 23, 10), c=(30, 15, 8)), "class")
    assert {rate.label: rate.started_at_least for rate in rates} == {"": None, "a": 22, "b": None, "c": None}


def test_a_class_in_which_few_have_started_has_no_bound():
    rates = list_rates("demo", count(a=(20, 4, 0), b=(20, 3, 0), c=(6, 6, 6)), "class")
    assert {rate.started_at_least for rate in rates if rate.label in ("a", "b", "c")} == {None}


def make_states(persons: int) -> np.ndarray:
    return np.array(
        [(waiting, under, persons - waiting - under) for waiting in range(persons + 1) for under in range(persons + 1 - waiting)]
    )


def agrees(states: np.ndarray, rate: Rate) -> np.ndarray:
    """Whether numbers who wait, are under way and have completed agree with a row of the table."""
    started, completed = states.sum(-1) - states[..., 0], states[..., 2]
    found = np.ones(started.shape, dtype=bool)
    for numbers, exact, least in (
        (started, rate.started, rate.started_at_least),
        (completed, rate.completed, rate.completed_at_least),
    ):
        found &= numbers == exact if exact is not None else numbers >= (least or 0)
    return found


def test_no_small_number_can_be_computed_from_lower_bounds():
    """All tables that agree with the numbers and bounds are tried, by somebody who knows how large the classes are."""
    chance, bounds = random.Random(7), 0
    for _ in range(150):
        sizes = [chance.randint(9, 16) for _ in range(3)]
        numbers = []
        for size in sizes:
            started = chance.choice([size - chance.randint(0, 4), chance.randint(0, size)])
            numbers.append((size, started, chance.randint(0, started)))
        total, *rows = rates = list_rates("demo", count(a=numbers[0], b=numbers[1], c=numbers[2]), "class")
        if any(rate.invited is None for rate in rates):
            continue
        bounds += sum(bool(rate.started_at_least) + bool(rate.completed_at_least) for rate in rows)
        a, b, c = (states[agrees(states, rate)] for states, rate in zip(map(make_states, sizes), rows, strict=True))
        sums = a[:, None, None] + b[None, :, None] + c[None, None, :]
        places = np.argwhere(agrees(sums, total))
        for at, states in enumerate((a, b, c)):
            possible = states[places[:, at]]
            true = (numbers[at][0] - numbers[at][1], numbers[at][1] - numbers[at][2], numbers[at][2])
            for state, number in enumerate(true):
                if 0 < number < 5:
                    assert len({*possible[:, state].tolist()}) >= 5, (numbers, rates)
    assert bounds > 100

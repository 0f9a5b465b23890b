"""Invited, started and completed by label: steps of five persons, and totals that add them."""

from __future__ import annotations

from itertools import count as number_from

from survey_engine.datasets.response_rates import OPEN_LINK_GROUP, OTHER_LABELS, list_rates
from survey_engine.fieldwork.group_totals import InstitutionCount, Person, Steps


def count(without: tuple[int, int] = (0, 0), **classes: tuple[int, int, int]) -> InstitutionCount:
    """Args: classes: label → persons, started, completed; `_` has no label."""
    numbers = number_from()
    persons = [
        Person(next(numbers), {} if label == "_" else {"class": label}, at < started, at < completed)
        for label, (size, started, completed) in classes.items()
        for at in range(size)
    ]
    return InstitutionCount(persons, without, {("class", "a"): "A"})


def show(counted: InstitutionCount, kind: str = "") -> dict[str, tuple[int | None, int | None, int | None]]:
    shown, _ = Steps("key", "q", "demo").take(counted, {kind} - {""}, ())
    return {rate.label: rate[3:] for rate in list_rates("demo", shown, kind)}


def test_the_total_is_the_sum_of_the_steps_of_the_classes():
    assert show(count(a=(30, 21, 14), b=(25, 15, 3)), "class") == {"": (55, 35, 10), "A": (30, 20, 10), "b": (25, 15, 0)}


def test_without_a_kind_all_persons_are_one_row():
    assert show(count(a=(30, 21, 14), b=(25, 15, 3))) == {"": (55, 35, 15)}


def test_small_classes_and_persons_without_a_label_are_one_row():
    rates = show(count(a=(30, 21, 14), b=(9, 9, 9), _=(4, 4, 0)), "class")
    assert rates == {"": (43, 25, 15), "A": (30, 20, 10), OTHER_LABELS: (13, 5, 5)}


def test_too_few_others_have_no_numbers():
    assert show(count(a=(30, 21, 14), b=(9, 9, 9)), "class")[OTHER_LABELS] == (9, None, None)


def test_responses_by_an_open_link_have_a_row_of_their_own():
    assert show(count((17, 4), a=(30, 21, 14))) == {"": (30, 20, 10), OPEN_LINK_GROUP: (None, 15, 0)}


def test_an_institution_with_an_open_link_only_has_its_numbers():
    assert show(count((17, 4))) == {"": (0, None, None), OPEN_LINK_GROUP: (None, 15, 0)}


def test_each_row_names_its_institution_and_the_kind_of_its_label():
    shown, _ = Steps("key", "q", "demo").take(count((17, 4), a=(30, 21, 14), _=(12, 9, 6)), {"class"}, ())
    assert [rate[:3] for rate in list_rates("demo", shown, "class")] == [
        ("demo", "", ""),
        ("demo", "", OPEN_LINK_GROUP),
        ("demo", "class", "A"),
        ("demo", "class", OTHER_LABELS),
    ]

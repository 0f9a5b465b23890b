"""Labels of seats that were counted while these were made: when they need not be counted again."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.invitations.analysed_labels import MadeLabels
from survey_engine.fieldwork.invitations.seat_maker import ANALYSED, LEAST
from survey_engine.storage.identity import Seat


def make_seats(institution: str, label: str, count: int, *, shown: bool) -> list[Seat]:
    background = {"team": label} if shown else {}
    return [Seat("q", institution, background, details={ANALYSED: {"team": label}, LEAST: 3}) for _ in range(count)]


@pytest.mark.parametrize(
    ("red", "blue", "shown", "settled"),
    [
        pytest.param(3, 3, True, ["north"], id="enough"),
        pytest.param(3, 2, True, [], id="too few, and shown"),
        pytest.param(2, 0, False, ["north"], id="too few, and hidden"),
        pytest.param(3, 3, False, [], id="enough, and hidden"),
    ],
)
def test_new_seats_are_settled_if_they_show_what_enough_persons_share(red, blue, shown, settled):
    labels = MadeLabels()
    seats = make_seats("north", "red", red, shown=shown) + make_seats("north", "blue", blue, shown=shown)
    assert list(labels.watch(seats)) == seats
    assert labels.list_settled() == settled


def test_new_seats_without_labels_are_settled():
    labels = MadeLabels()
    list(labels.watch([Seat("q", "north", {"team": "red"}), Seat("q", "south")]))
    assert labels.list_settled() == ["north", "south"]


def test_new_seats_of_each_institution_are_counted_alone():
    labels = MadeLabels()
    list(labels.watch(make_seats("north", "red", 3, shown=True) + make_seats("south", "red", 2, shown=True)))
    assert labels.list_settled() == ["north"]

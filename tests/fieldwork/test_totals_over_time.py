"""A reader who knows the list, and all numbers shown at every count, learns of fewer than five persons nothing.

At most one person starts between two counts, and the reader knows it: as at night, with a page that is renewed every minute.
"""

from __future__ import annotations

import random
from itertools import product
from typing import NamedTuple

import pytest

from survey_engine.fieldwork.group_totals import ALL_PERSONS, STEP, InstitutionCount, Person, Steps
from survey_engine.storage.group_totals import ShownCount

STEPS = Steps("key", "q", "demo")
MOVER = 1000
"""The seat of the person who moves; those of others are below."""


class World(NamedTuple):
    """What may be true: how many of each class, without the mover, have started, and whether the mover has."""

    started: tuple[int, int]
    mover: bool

    def list_next(self, sizes: tuple[int, int]) -> list[World]:
        """The worlds after at most one start."""
        one, other = self.started
        worlds = [self, self._replace(mover=True)]
        worlds += [self._replace(started=(one + 1, other))] if one < sizes[0] else []
        return worlds + ([self._replace(started=(one, other + 1))] if other < sizes[1] else [])


class Reader:
    """Keeps the worlds in which all counts would have shown what they showed."""

    def __init__(self, sizes: tuple[int, int], place: str, truth: World) -> None:
        """Args: sizes: numbers of the persons of 3A and 3B without the mover · place: the mover's class, or empty."""
        self.sizes, self.place = sizes, place
        seen, self.held = self.count(truth, ())
        possible = (World(started, mover) for started in product(*(range(size + 1) for size in sizes)) for mover in (False, True))
        counts = ((world, *self.count(world, ())) for world in possible)
        self.worlds = {(world, held) for world, shown, held in counts if shown == seen}
        self.truth = truth

    def count(self, world: World, held: tuple[ShownCount, ...]) -> tuple[tuple[object, ...], tuple[ShownCount, ...]]:
        """What a count shows, and the steps that it stores."""
        persons = [
            Person(1 + 100 * at + number, {"class": label}, number < started, completed=False)
            for at, (label, size, started) in enumerate(zip(("3a", "3b"), self.sizes, world.started, strict=True))
            for number in range(size)
        ]
        persons += [Person(MOVER, {"class": self.place}, world.mover, completed=False)] if self.place else []
        shown, reached = STEPS.take(InstitutionCount(persons), {"class"}, held)
        kept = {step.name: step for step in (*held, *reached)}
        groups = ALL_PERSONS, ("class", "3a"), ("class", "3b")
        return tuple(map(shown.summarise, groups)), tuple(kept[name] for name in sorted(kept))

    def watch(self, truth: World) -> None:
        """A count, at which this is true."""
        self.truth = truth
        seen, self.held = self.count(truth, self.held)
        following = {(later, held) for world, held in self.worlds for later in world.list_next(self.sizes)}
        counts = ((world, *self.count(world, held)) for world, held in following)
        self.worlds = {(world, held) for world, shown, held in counts if shown == seen}
        assert (truth, self.held) in self.worlds

    def check(self) -> None:
        """A number that must be small, of a class or of its others, has all small values; nothing tells whether the mover has started."""
        for at, (label, size) in enumerate(zip(("3a", "3b"), self.sizes, strict=True)):
            comes = self.place == label
            values = {world.started[at] + (world.mover and comes) for world, _ in self.worlds}
            others = {size + comes - value for value in values}
            for numbers in (values, others):
                assert max(numbers) >= STEP or numbers == {*range(STEP)}, (label, numbers)
        assert {world.mover for world, _ in self.worlds} == {False, True}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("to", ["3b", ""], ids=["moves", "leaves"])
def test_no_reader_over_time_learns_of_one_who(seed: int, to: str) -> None:
    chance = random.Random(seed)
    reader = Reader((11 + seed, 13), "3a", World((chance.randrange(5), chance.randrange(9)), mover=False))
    move = chance.randrange(1, 12)
    for minute in range(18):
        reader.place = "3a" if minute < move else to
        following = reader.truth.list_next(reader.sizes)
        reader.watch(reader.truth if minute == move and chance.random() < 0.5 else chance.choice(following[-3:]))
        reader.check()


def test_a_class_of_25_shows_its_progress() -> None:
    held: list[ShownCount] = []
    seen = []
    for started in range(26):
        persons = [Person(at, {"class": "3a"}, at < started, completed=False) for at in range(25)]
        shown, held = STEPS.take(InstitutionCount(persons), {"class"}, held)
        seen.append(shown.summarise(("class", "3a"))[1])
    assert sorted({*seen}) == [0, 5, 10, 15, 20]


SIZES = {"3a": 12, "3b": 13, "3c": 11, "3d": 6}
"""The class of 6 never has numbers."""


def count_classes(started: tuple[int, ...]) -> InstitutionCount:
    named = enumerate(zip(SIZES.items(), started, strict=True))
    return InstitutionCount(
        [
            Person(100 * at + number, {"class": label}, number < begun, completed=False)
            for at, ((label, size), begun) in named
            for number in range(size)
        ]
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_total_of_the_day_before_narrows_no_number_of_a_class(seed: int) -> None:
    """The reader knows the total of yesterday, and that nobody has started since; then classes get numbers."""
    chance, compared, waiting = random.Random(seed), 0, 0
    for _ in range(40):
        truth = tuple(chance.randrange(size + 1) for size in SIZES.values())
        before, held = STEPS.take(count_classes(truth), (), ())
        total = before.summarise(ALL_PERSONS)[1] or 0
        shown, _ = STEPS.take(count_classes(truth), {"class"}, held)
        steps = [shown.summarise(("class", label))[1] for label in SIZES]
        if total and steps[0] is None:
            waiting += 1
        elif total:
            compared += 1
            ranges = [list_values(step, size) for step, size in zip(steps, SIZES.values(), strict=True)]
            most = sum(SIZES.values()) if total + 2 * STEP > sum(SIZES.values()) else total + STEP - 1
            worlds = [world for world in product(*ranges) if total <= sum(world) <= most]
            assert truth in worlds
            assert [{*values} for values in zip(*worlds, strict=True)] == [{*values} for values in ranges], (truth, steps)
    assert compared and waiting


def list_values(step: int | None, size: int) -> range:
    """The numbers that a step stands for; all for a class without numbers."""
    return range(size + 1) if step is None else range(step, size + 1 if step + 2 * STEP > size else step + STEP)

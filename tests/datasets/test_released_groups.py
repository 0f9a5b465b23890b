"""Two releases of tables tell, side by side, about no group of few responses: readers with both files attack them."""

from __future__ import annotations

import random
from collections import Counter
from itertools import chain, combinations

import pytest
import z3

from survey_engine.datasets.released_groups import OUTSIDE_CODES, ReleasedGroups, load_groups
from survey_engine.datasets.table_suppression import choose_withheld

LEAST = 5
BY = ("school", "path")
SIZES = {("north", "bol"): 30, ("north", "bbl"): 30, ("south", "bol"): 30, ("south", "bbl"): 30}


def make(counts, columns=BY, *, codes=False) -> ReleasedGroups:
    """Make the groups of a table of one item, as a record has them; a number is that many answers of one code."""
    groups = ReleasedGroups(codes=codes)
    numbers = {group: number if isinstance(number, dict) else {"4": number} for group, number in counts.items()}
    sums = {group: sum(number.values()) for group, number in numbers.items()}
    groups.add("good", columns, numbers, LEAST, choose_withheld(sums, LEAST).groups)
    return load_groups(groups.dump())


def add(counts, **more):
    """Return the counts with more answers: `south_bbl=3`."""
    return {group: count + more.get("_".join(group), 0) for group, count in counts.items()}


@pytest.mark.parametrize(
    ("more", "group", "number"),
    [
        ({"south_bbl": 1, "north_bol": 4}, {"school": "south"}, 1),
        ({"south_bbl": 1, "south_bol": 9}, {"path": "bbl"}, 1),
        ({"south_bbl": 5, "south_bol": 2, "north_bol": 5}, {"school": "south", "path": "bol"}, 2),
        ({"south_bbl": -1, "north_bol": -9}, {"school": "south"}, 1),
        ({"south_bbl": 5, "north_bol": 5}, None, 0),
        ({}, None, 0),
    ],
)
def test_a_group_of_few_more_or_fewer_answers_is_found(more, group, number):
    found = make(add(SIZES, **more)).find_few_behind(make(SIZES), LEAST)
    assert bool(found) is (group is not None)
    if found:
        assert (frozenset(group.items()), number) in {(few.group, few.number) for few in found}


def test_a_table_of_fewer_columns_is_compared_with_its_totals():
    later = make(add(SIZES, south_bol=4, south_bbl=1, north_bol=5))
    schools, paths = make({("north",): 60, ("south",): 60}, ["school"]), make({("bol",): 60, ("bbl",): 60}, ["path"])
    assert not later.find_few_behind(schools, LEAST)
    assert {few.number for few in later.find_few_behind(paths, LEAST)} == {1}


def test_what_remains_without_the_shown_groups_is_compared():
    """The small group is in no table. Its table has two other groups; the total tells how many it has more."""
    small = {("south", "bbl"): 2, ("south", "bol"): 6, ("north", "bol"): 30}
    (few,) = make(add(small, south_bbl=1, north_bol=6)).find_few_behind(make(small), LEAST)[:1]
    assert few.is_rest and few.number == 1


def test_an_item_that_few_of_those_in_between_answered_is_found():
    """Nine more responses, of which one answered on the scale: the others were not asked, or chose an option outside it."""
    before, now = {(): {"4": 30, OUTSIDE_CODES: 10}}, {(): {"4": 31, OUTSIDE_CODES: 18}}
    (few,) = make(now, ()).find_few_behind(make(before, ()), LEAST)
    assert (few.number, few.item) == (1, "good")


def test_answers_that_few_changed_are_found_in_the_same_number():
    (few,) = make({(): {"1": 9, "5": 31}}, ()).find_few_behind(make({(): {"1": 10, "5": 30}}, ()), LEAST)
    assert few.number == 1
    assert not make({(): {"1": 5, "5": 35}}, ()).find_few_behind(make({(): {"1": 10, "5": 30}}, ()), LEAST)


@pytest.mark.parametrize(("codes", "count"), [(False, 0), (True, 1)])
def test_public_tables_protect_each_code_of_those_in_between(codes, count):
    before, now = ({(): {"1": 10, "5": number}} for number in (30, 60))
    now[()]["1"] += 2
    assert len(make(now, (), codes=codes).find_few_behind(make(before, (), codes=codes), LEAST)) == count


def test_codes_that_both_tables_withhold_are_compared_together():
    before, now = {(): {"1": 2, "2": 3, "5": 30}}, {(): {"1": 4, "2": 6, "5": 60}}
    assert not make(now, (), codes=True).find_few_behind(make(before, (), codes=True), LEAST)


def test_what_lacks_most_answers_is_named_first():
    """Five answers to an item that needs 11 are six too few; two to one that needs five are three too few."""
    before, now = ReleasedGroups(), ReleasedGroups()
    for groups, more in ((before, 0), (now, 1)):
        groups.add("good", (), {(): {"4": 30 + 2 * more}}, 5)
        groups.add("illness", (), {(): {"4": 30 + 5 * more}}, 11)
    assert [(few.item, few.number, few.least) for few in now.find_few_behind(before, 5)] == [("illness", 5, 11), ("good", 2, 5)]


def test_no_count_of_few_answers_is_recorded():
    groups = make({("north", "bol"): 30, ("south", "bbl"): 3, ("south", "bol"): 1, ("east", "bol"): 40})
    assert {found["good"]["4"] for found in groups.cells.values()} == {74, 30, 40, 71}
    assert frozenset({("school", "south"), ("path", "bbl")}) in groups.withheld


def test_a_group_without_answers_is_known_to_have_had_none():
    """A new group has nine of the ten more at `y`: the tenth is in the group that the earlier table withholds with a small one."""
    before = {("a", "x"): 2, ("a", "z"): 9, ("b", "x"): 2, ("b", "y"): 30}
    now = {("a", "x"): 7, ("a", "y"): 9, ("a", "z"): 18, ("b", "x"): 7, ("b", "y"): 31}
    assert {(few.number, few.is_rest) for few in make(now).find_few_behind(make(before), LEAST)} == {(1, True)}


def test_an_institution_is_compared_with_its_part_of_a_table_of_all():
    own = make({("bol",): 30, ("bbl",): 31}, ["path"]).limit("south")
    groups = ReleasedGroups()
    groups.add("good", ("institution", "path"), {group: {"4": count} for group, count in SIZES.items()}, LEAST)
    found = own.find_few_behind(groups, LEAST)
    assert {few.number for few in found} == {1} and ("institution", "south") in found[0].group
    assert not own.limit("north").find_few_behind(make(SIZES), LEAST)


def list_parts(group):
    return chain.from_iterable(combinations(range(len(group)), size) for size in range(len(group) + 1))


def attack(before: Counter, now: Counter) -> list[object]:
    """Return the groups of which a reader computes that few answered in between.

    The reader has both tables and all that tables of fewer columns show, and knows that no answers vanished. The rational linear
    programs (simplex) find the fewest and the most answers in between.
    """
    solver = z3.Optimize()
    unknown = {group: (z3.Real(f"old {group}"), z3.Real(f"new {group}")) for group in now}
    solver.add([variable >= 0 for pair in unknown.values() for variable in pair])
    totals = []
    for places in list_parts(BY):
        parts: dict[object, list[object]] = {}
        for group in now:
            parts.setdefault(tuple(group[place] for place in places), []).append(group)
        totals += parts.values()
        for moment, counts in enumerate((before, now)):
            numbers = {part: sum(counts[group] for group in groups) for part, groups in parts.items()}
            withheld = choose_withheld({part: number for part, number in numbers.items() if number}, LEAST).groups
            for part in parts.keys() - withheld:
                solver.add(z3.Sum([z3.Sum(unknown[group][: moment + 1]) for group in parts[part]]) == numbers[part])
    return [groups for groups in totals if is_pinned(solver, z3.Sum([unknown[group][1] for group in groups]))]


def is_pinned(solver, number) -> bool:
    bounds = []
    for search in (solver.minimize, solver.maximize):
        solver.push()
        handle = search(number)
        assert solver.check() == z3.sat
        bounds.append(str(handle.value()))
        solver.pop()
    lowest, highest = bounds
    return lowest == highest and 0 < float(z3.RealVal(lowest).as_fraction()) < LEAST


def make_waves(seed: int) -> tuple[Counter, Counter]:
    chance = random.Random(seed)
    groups = [(school, path) for school in "abcd"[: chance.randint(2, 4)] for path in "xyz"[: chance.randint(2, 3)]]
    before = Counter({group: chance.choice((0, 2, 6, 9, 30)) for group in groups})
    grown = chance.choice(((0, 0, 5, 6), (0, 0, 0, 1, 5, 9), (0, 5, 7, 12)))
    now = Counter({group: before[group] + chance.choice(grown) for group in groups})
    return +before, +now


def test_readers_of_two_accepted_tables_compute_nothing_about_few():
    """Of tables that grew at random, all that are accepted withstand the attack, and the attack finds others that are refused."""
    accepted, caught = 0, 0
    for seed in range(60):
        before, now = make_waves(seed)
        is_refused = bool(make(now).find_few_behind(make(before), LEAST))
        revealed = attack(before, now)
        assert is_refused or not revealed, (seed, before, now, revealed)
        accepted, caught = accepted + (not is_refused), caught + bool(revealed)
    assert accepted > 10 and caught > 5

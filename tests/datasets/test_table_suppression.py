"""Shown groups and totals are attacked with linear programming: they must not reveal what is withheld."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
import z3

from survey_engine.datasets.table_suppression import MOST_CELLS, LargeTableError, add_totals, choose_withheld, withhold_cells

LEAST = 5


def find_revealed(table: np.ndarray, least: int = LEAST) -> list[tuple[tuple[int, ...], str]]:
    """Attack a table and all its totals, with exact rational linear programming (simplex).

    Returns the withheld small cells whose possible counts span less than `least`. A table that is withheld as a whole reveals
    nothing: its totals are tables of their own.
    """
    full = add_totals(table)
    mask, _ = withhold_cells(full, least)
    if mask[(slice(-1),) * table.ndim].all():
        return []
    solver = z3.Optimize()
    unknown = {cell: z3.Real(str(cell)) for cell in product(*map(range, full.shape)) if mask[cell]}
    solver.add([variable >= 0 for variable in unknown.values()])
    for axis, size in enumerate(full.shape):
        for rest in product(*(range(each) for number, each in enumerate(full.shape) if number != axis)):
            line = [(*rest[:axis], place, *rest[axis:]) for place in range(size)]
            terms = [unknown.get(cell, int(full[cell])) for cell in line]
            if any(mask[cell] for cell in line):
                solver.add(z3.Sum(terms[:-1]) == terms[-1])
    small = [cell for cell in unknown if 0 < full[cell] < least]
    return [(cell, found) for cell in small if (found := measure_span(solver, unknown[cell], least))]


def measure_span(solver: z3.Optimize, variable: z3.ArithRef, least: int) -> str:
    """Return the possible counts if they span less than `least`."""
    bounds = []
    for search in (solver.minimize, solver.maximize):
        solver.push()
        handle = search(variable)
        assert solver.check() == z3.sat
        bounds.append(str(handle.value()))
        solver.pop()
    lowest, highest = bounds
    is_narrow = highest != "oo" and Fraction(highest) - Fraction(lowest) < least
    return f"{lowest} to {highest}" if is_narrow else ""


def list_tables(rows: int, columns: int, counts: tuple[int, ...]):
    """List all tables with these counts; of those that differ in the order of rows, one."""
    for chosen in combinations_with_replacement(list(product(counts, repeat=columns)), rows):
        yield np.array(chosen)


def make_table(chance: random.Random) -> np.ndarray:
    shape = chance.choice([(5, 5), (4, 12), (10, 8), (3, 3, 3), (2, 4, 4), (2, 2, 2, 2)])
    mean = chance.choice((1, 3, 10, 30))
    return np.array([int(chance.expovariate(1 / mean)) for _ in range(int(np.prod(shape)))]).reshape(shape)


@pytest.mark.parametrize(("columns", "counts"), [(2, (0, 1, 4, 5, 40)), (3, (0, 2, 9))])
def test_no_small_table_reveals_a_withheld_group(columns, counts):
    for table in list_tables(2, columns, counts):
        assert not find_revealed(table), table


@pytest.mark.parametrize("seed", range(12))
def test_no_larger_table_reveals_a_withheld_group(seed):
    table = make_table(random.Random(seed))
    assert not find_revealed(table), table


def test_the_attack_finds_a_group_that_only_itself_is_withheld(monkeypatch):
    """The attack is able to fail."""
    monkeypatch.setattr(f"{__name__}.withhold_cells", lambda full, least: ((full > 0) & (full < least), False))
    assert find_revealed(np.array([[3, 50], [60, 70]])) == [((0, 0), "3 to 3")]


@pytest.mark.parametrize("seed", range(6))
def test_every_small_group_is_withheld_and_large_tables_stay_useful(seed):
    chance = random.Random(seed)
    counts = {(school, path): chance.choice((0, 3, 40, 60, 80, 90)) for school in range(30) for path in "abcd"}
    withheld = choose_withheld(counts, LEAST).groups
    assert {group for group, count in counts.items() if 0 < count < LEAST} <= withheld
    assert sum(counts[group] for group in withheld) < 0.3 * sum(counts.values())


def test_a_group_of_the_least_number_is_shown():
    assert choose_withheld({("a",): 5, ("b",): 0, ("c",): 7}, 5).groups == set()
    assert choose_withheld({("a",): 4, ("b",): 0, ("c",): 7}, 5).groups == {("a",), ("c",)}


def test_a_table_of_one_characteristic_agrees_with_one_of_two():
    counts = {(school, path): 10 * school + 20 for school in range(6) for path in "abc"} | {(0, "a"): 3}
    found = choose_withheld(counts, LEAST)
    assert not found.totals
    single = choose_withheld({(school,): sum(counts[school, path] for path in "abc") for school in range(6)}, LEAST)
    assert single.groups == set()


def test_a_table_tells_when_a_smaller_one_would_reveal_a_group():
    counts = {("x", "a"): 3, ("y", "b"): 50, ("z", "a"): 60, ("z", "b"): 70}
    assert choose_withheld(counts, LEAST).totals


def test_a_table_of_too_many_groups_is_refused():
    with pytest.raises(LargeTableError, match="Name fewer columns"):
        choose_withheld({(number, number): 9 for number in range(MOST_CELLS // 50)}, LEAST)


def test_a_group_without_a_row_protects_no_other():
    """A table has no row for nobody. So a school or path with one withheld group would tell it, and with it the small one."""
    counts = {("b", "x"): 30, ("b", "z"): 9, ("c", "z"): 9, ("d", "x"): 9, ("d", "z"): 2}
    found = choose_withheld(counts, LEAST)
    lines = Counter(line for group in found.groups for line in group)
    assert ("d", "z") in found.groups and not found.totals and 1 not in lines.values()

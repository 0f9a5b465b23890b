"""Known populations go in and come out, and the loss of precision is reported."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import replace

import numpy as np
import pytest

from survey_engine.datasets.weights import Recipe, rake, read_margins
from tests.datasets.made_responses import make_responses


def make(cells):
    """Make responses from (path, year) → number."""
    people = [key for key, count in cells.items() for _ in range(count)]
    return make_responses({"a": [3] * len(people)}, path=[p for p, _ in people], year=[y for _, y in people])


def share(weights, data, column, value):
    return weights.weights.filter(data.frame[column] == value).sum() / len(weights.weights)


SAMPLE = {("bol", "1"): 40, ("bol", "2"): 30, ("bbl", "1"): 20, ("bbl", "2"): 10}
MARGINS = {"path": {"bol": 500, "bbl": 500}, "year": {"1": 400, "2": 600}}


def test_weighted_shares_are_those_of_the_population():
    data = make(SAMPLE)
    found = rake(data, Recipe(MARGINS))
    assert share(found, data, "path", "bol") == pytest.approx(0.5, abs=1e-5)
    assert share(found, data, "year", "2") == pytest.approx(0.6, abs=1e-5)
    assert found.diagnostics.converged


def test_raking_keeps_the_odds_ratio_of_the_sample():
    """This and the margins define the solution of iterative proportional fitting: no other table has both."""
    data = make(SAMPLE)
    weights = rake(data, Recipe(MARGINS)).weights
    sums = {}
    for cell in itertools.product(("bol", "bbl"), ("1", "2")):
        sums[cell] = weights.filter((data.frame["path"] == cell[0]) & (data.frame["year"] == cell[1])).sum()
    ratio = sums["bol", "1"] * sums["bbl", "2"] / sums["bol", "2"] / sums["bbl", "1"]
    assert ratio == pytest.approx(40 * 10 / 30 / 20, rel=1e-6)


def test_weighted_cells_are_those_of_another_implementation():
    """The sums of weights per cell, as ipfn 1.4.4 fits this table to these margins (222 responses)."""
    sample = np.array([[40, 30, 12, 9], [20, 10, 25, 31], [7, 18, 6, 14]])
    fitted = [
        *(40.44778, 21.726989, 28.899897, 8.925334, 11.954959, 4.281162, 35.59086, 18.173018),
        *(7.597261, 13.991848, 15.509243, 14.901648),
    ]
    cells = {(str(row), str(column)): int(sample[row, column]) for row in range(3) for column in range(4)}
    data = make(cells)
    margins = {"path": dict(zip("012", (100, 70, 52), strict=True)), "year": dict(zip("0123", (60, 40, 80, 42), strict=True))}
    weights = rake(data, Recipe(margins, 0.01, 100, 1, precision=1e-9)).weights
    sums = [weights.filter((data.frame["path"] == path) & (data.frame["year"] == year)).sum() for path, year in cells]
    assert sums == pytest.approx(fitted, abs=1e-4)


def test_one_margin_gives_weights_by_hand():
    found = rake(make(SAMPLE), Recipe({"path": {"bol": 0.4, "bbl": 0.6}}))
    assert sorted(set(np.round(found.weights, 6))) == pytest.approx([40 / 70, 60 / 30], abs=1e-6)
    squares = 70 * (40 / 70) ** 2 + 30 * 2**2
    assert found.diagnostics.design_effect == pytest.approx(100 * squares / 100**2)
    assert found.diagnostics.effective == pytest.approx(100**2 / squares)
    assert (found.diagnostics.least, found.diagnostics.most) == pytest.approx((40 / 70, 2))
    assert (found.weights.name, len(found.weights), found.diagnostics.trimmed) == ("weight", 100, 0)


def test_weights_have_mean_one_and_the_same_recipe_gives_the_same():
    chance = random.Random(1)
    cells = {(p, y): chance.randint(5, 60) for p in ("a", "b", "c") for y in ("1", "2", "3", "4")}
    recipe = Recipe({"path": {"a": 1, "b": 2, "c": 3}, "year": {"1": 4, "2": 3, "3": 2, "4": 1}})
    one, two = (rake(make(cells), recipe) for _ in range(2))
    assert one.weights.mean() == pytest.approx(1)
    assert one.weights.equals(two.weights)
    assert one.describe() == two.describe()
    described = one.describe()
    assert described["recipe"]["margins"] == recipe.margins and described["diagnostics"]["n"] == len(one.weights)


def test_weights_are_trimmed_and_what_is_lost_is_said():
    found = rake(make({("bol", "1"): 95, ("bbl", "1"): 5}), Recipe({"path": {"bol": 1, "bbl": 1}}, most_weight=3)).diagnostics
    assert (found.converged, found.trimmed) == (False, 5)
    assert found.most == 3
    assert found.largest_difference == pytest.approx(0.5 - 5 * 3 / 100)
    raised = rake(
        make({("bol", "1"): 95, ("bbl", "1"): 5}), Recipe({"path": {"bol": 999, "bbl": 1}}, least_weight=0.8)
    ).diagnostics
    assert (raised.trimmed, raised.least) == (5, 0.8)


@pytest.mark.parametrize("bounds", [(0.2, 0.9), (1.5, 3), (0, 3)])
def test_bounds_that_exclude_the_mean_are_reported(bounds):
    with pytest.raises(ValueError, match="mean 1"):
        rake(make(SAMPLE), Recipe(MARGINS, *bounds))


def test_a_value_with_too_few_responses_is_merged_with_a_notice():
    data = make({("bol", "1"): 40, ("bbl", "1"): 30, ("ext", "1"): 2})
    found = rake(data, Recipe({"path": {"bol": 40, "bbl": 40, "ext": 15, "none": 5}}))
    assert found.diagnostics.merged == ("path: none (0) with ext", "path: ext (2) with bbl")
    assert share(found, data, "path", "bol") == pytest.approx(0.4, abs=1e-5)
    assert found.diagnostics.converged


def test_values_are_merged_until_one_is_left():
    found = rake(make({("bol", "1"): 2, ("bbl", "1"): 1}), Recipe({"path": {"bol": 1, "bbl": 1}}))
    assert found.diagnostics.merged == ("path: bbl (1) with bol",)
    assert found.weights.to_list() == [1.0, 1.0, 1.0]


def test_a_response_outside_all_margins_has_weight_one():
    data = make({("bol", "1"): 20, ("bbl", "1"): 20, ("new", "1"): 3})
    found = rake(data, Recipe({"path": {"bol": 3, "bbl": 1}}))
    assert found.diagnostics.unknown == 3
    assert found.weights.filter(data.frame["path"] == "new").to_list() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("margins", "message"),
    [({"lost": {"a": 1}}, "There is no column lost"), ({"path": {}}, "no size"), ({"path": {"bol": -1, "bbl": 3}}, "no size")],
)
def test_margins_that_cannot_be_reached_are_reported(margins, message):
    with pytest.raises(ValueError, match=message):
        rake(make(SAMPLE), Recipe(margins))


@pytest.mark.parametrize("separator", [",", ";"])
def test_margins_are_read_from_a_file(tmp_path, separator):
    path = tmp_path / "margins.csv"
    path.write_text("variable,value,size\npath,bol,3\npath,bbl,1\n".replace(",", separator))
    assert read_margins(path) == {"path": {"bol": 3.0, "bbl": 1.0}}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a,b\n1,2\n", "variable, value and size"),
        ("variable,value,size\np,x,1\np,x,2\n", "x twice"),
        ("variable,value,size\np,x,y\n", "y"),
    ],
)
def test_a_wrong_file_of_margins_is_reported(tmp_path, written, message):
    (tmp_path / "margins.csv").write_text(written)
    with pytest.raises(ValueError, match=message):
        read_margins(tmp_path / "margins.csv")


def test_a_margin_of_zeros_is_reported_and_one_of_a_single_value_is_not():
    with pytest.raises(ValueError, match="The margin of path has no size"):
        rake(make(SAMPLE), Recipe({"path": {"bol": 0, "bbl": 0}}))
    assert rake(make(SAMPLE), Recipe({"path": {"bol": 1, "bbl": 0}}, least_weight=0.01)).diagnostics.unknown == 0


def test_without_responses_there_are_no_weights_and_no_effect():
    found = rake(make({}), Recipe(MARGINS))
    assert found.weights.to_list() == [] and found.diagnostics.converged
    assert (found.diagnostics.design_effect, found.diagnostics.effective) == (1, 0)


def test_margins_that_match_nobody_are_refused():
    with pytest.raises(ValueError, match="No response has a value of path that the margins have"):
        rake(make(SAMPLE), Recipe({"path": {"School": 1, "Work": 1}}))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("path,bol,1\npath,Work,1\n", "line 3: path has no value 'Work'. Known: bbl, bol"),
        ("path,bol,1\npth,bol,1\n", "line 3: There is no column pth"),
        ('path,bol,"1,5"\n', "line 2: '1,5' is not a number from 0 up. Write decimals with a point"),
        ("path,bol,2.400\n", "line 2: '2.400' may mean 2400, written with a thousands separator. Write 2400, or 2.4000."),
        ("path,bol,1.310.200\n", "line 2: '1.310.200' may mean 1310200"),
        ("path,bol,310 200\n", "line 2: '310 200' is not a number"),
        ("path,bol,-3\n", "line 2: '-3' is not a number"),
        ("path,bol,nan\n", "line 2: 'nan' is not a number"),
        ("path,bol\n", "line 2: '' is not a number"),
    ],
)
def test_a_wrong_margin_is_reported_with_its_line(tmp_path, written, message):
    (tmp_path / "margins.csv").write_text("variable,value,size\n" + written)
    data = make(SAMPLE)
    variable = replace(data.variables["a"], codes=({"code": "bol", "label": {}}, {"code": "bbl", "label": {}}))
    with pytest.raises(ValueError, match=re.escape(message)):
        read_margins(tmp_path / "margins.csv", replace(data, variables={**data.variables, "path": variable}))

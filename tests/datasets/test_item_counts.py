"""The public codebook and measures of one delivery together reveal no small count of an item."""

from __future__ import annotations

from collections import Counter

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.codes import CodeEntry
from survey_engine.datasets.frequencies import Frequency
from survey_engine.datasets.scores import measure_satisfaction
from survey_engine.datasets.table_suppression import Grouping
from survey_engine.settings import GroupSizes
from tests.datasets.made_responses import MISSING, make_responses

LEAST = 3
POINTS = (1, 2, 3, 4, 5)
CODES = (*POINTS, *MISSING.values())
TELLING = (*POINTS, MISSING["does_not_apply"], MISSING["not_asked"])
SIZES = GroupSizes(least_public=LEAST)


def make(counts):
    """Make responses from path → code → number."""
    rows = [(path, code) for path, numbers in counts.items() for code, number in numbers.items() for _ in range(number)]
    return make_responses({"good": [code for _, code in rows]}, path=[path for path, _ in rows])


def summarise(data, least=LEAST):
    """Return the row of the codebook."""
    codes = tuple(CodeEntry(code, {}) for code in POINTS)
    return Frequency(
        CodebookEntry("good", "number", {}, "main", codes=codes, missing=MISSING), Counter(data.frame["good"]), least
    )


def list_known(data, unknown):
    """List what the codebook and both tables of measures tell about the unknown numbers of (path, code)."""
    paths = {path for path, _ in unknown}

    def add(places, codes):
        return z3.Sum([unknown[path, code] for path in places for code in codes])

    found = summarise(data)
    known = [number >= 0 for number in unknown.values()]
    known += [add([path], CODES) == data.frame["path"].to_list().count(path) for path in paths]
    known += [add(paths, [code]) == found.count(code) for code in CODES if found.count(code) is not None]
    known += [add(paths, POINTS) == found.valid] if found.valid is not None else []
    for by in ((), ("path",)):
        for row in measure_satisfaction(data, Grouping(by, sizes=SIZES, public=True)).to_dicts():
            places = [row["path"]] if by else paths
            if row["n"] is None:
                assert row["withheld"] and row["mean"] is None
                continue
            known.append(add(places, POINTS) == row["n"])
            for measure, codes in {"share_4_5": (4, 5), "share_3": (3,), "share_1_2": (1, 2)}.items():
                known += [add(places, codes) == round(row[measure] * row["n"])] if row[measure] is not None else []
            if row["mean"] is not None:  # with its margin and the shares, it determines all five
                true = Counter(code for path, code in data.frame.select("path", "good").iter_rows() if path in places)
                known += [add(places, [code]) == true[code] for code in POINTS]
            if share := row["share_not_applicable"]:
                known.append(add(places, [-8]) == round(share * row["n"] / (1 - share)) if share < 1 else add(places, [-8]) > 0)
            elif share == 0:
                known.append(add(places, [-8]) == 0)
    return known


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from("xyz"), st.dictionaries(st.sampled_from(CODES), st.integers(1, 9), min_size=3), min_size=1)
)
def test_no_small_count_can_be_computed_from_the_codebook_and_the_measures(counts):
    data = make(counts)
    unknown = {(path, code): z3.Int(f"{path}{code}") for path in counts for code in CODES}
    solver = z3.Solver()
    solver.add(list_known(data, unknown))
    for code in TELLING:
        cells = {path: numbers.get(code, 0) for path, numbers in counts.items()}
        for places in [[path] for path in cells] + [list(cells)]:
            number = sum(cells[path] for path in places)
            if 0 < number < LEAST:
                other = z3.Sum([unknown[path, code] for path in places]) != number
                assert solver.check(other) == z3.sat, (places, code)


def test_measures_do_not_tell_the_count_of_a_code_that_few_chose():
    """Of 40 answers, two are 3: its share, and the mean beside other shares, would tell how many."""
    data = make({"a": {1: 9, 2: 9, 3: 2, 4: 10, 5: 10}})
    (row,) = measure_satisfaction(data, Grouping(sizes=SIZES, public=True)).to_dicts()
    assert (row["n"], row["withheld"], row["share_4_5"]) == (40, True, 0.5)
    assert row["share_3"] is row["share_1_2"] is row["mean"] is row["mean_at_least_3_3"] is row["margin_of_mean"] is None


def test_few_answers_outside_the_scale_are_hidden_by_skipped_questions():
    """Without these, the number of valid answers would tell how many are left."""
    for skipped in (0, 4):
        data = make({"a": {1: 9, 2: 9, 3: 9, 4: 9, 5: 9, -8: 2, -3: skipped}})
        (row,) = measure_satisfaction(data, Grouping(sizes=SIZES, public=True)).to_dicts()
        assert (row["n"], row["mean"], row["share_not_applicable"]) == ((45, 3, None) if skipped else (None, None, None))
        found = summarise(data)
        assert (found.valid, found.count(-8)) == (row["n"], None)
        assert found.count(-3) == (None if skipped else 0)


def test_a_table_for_own_work_decides_about_groups_alone():
    data = make({"a": {1: 9, 2: 9, 3: 2, 4: 10, 5: 10}, "b": {1: 2}, "c": {5: 2, 4: 2}})
    rows = measure_satisfaction(data, Grouping(("path",), sizes=GroupSizes(least_group=LEAST))).to_dicts()
    assert [(row["path"], row["n"], row["share_3"]) for row in rows] == [("a", 40, 0.05), ("b", None, None), ("c", None, None)]


@pytest.mark.parametrize("public", [True, False])
def test_a_table_says_if_another_with_fewer_columns_would_reveal_a_group(public):
    """Two answers of (a, x) need the total of y beside them if no other path has both levels."""
    for paths, alone in (("abc", True), ("abb", False)):
        cells = [("a", "x")] * 2 + [("a", "y")] * 9 + [(paths[1], "y")] * 9 + [(paths[2], "x")] * 9
        data = make_responses({"good": [4] * 29}, path=[path for path, _ in cells], level=[level for _, level in cells])
        sizes = GroupSizes(least_group=LEAST, least_public=LEAST)
        rows = measure_satisfaction(data, Grouping(("path", "level"), sizes=sizes, public=public)).to_dicts()
        assert {row["alone"] for row in rows} == {alone}

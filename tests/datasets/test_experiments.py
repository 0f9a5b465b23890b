"""Known effects of split ballots go in and come out, with the margins of another implementation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survey_engine.datasets.experiment_page import build_effects_page
from survey_engine.datasets.experiments import (
    list_experiments,
    measure_effects,
    measure_items,
    share_skipped,
    summarise_mean,
    summarise_median,
    tabulate_effects,
)
from survey_engine.datasets.reading import Responses, VariableInfo
from survey_engine.datasets.table_suppression import Grouping
from survey_engine.settings import GroupSizes
from tests.datasets.made_responses import make_responses

ARM, FOLD, LIST = "experiment_layout", "fold", "list"


def make(items, arms, **columns) -> Responses:
    """Make responses with an arm, a status, and visible seconds."""
    length = len(arms)
    columns = {"status": ["complete"] * length, "duration_seconds": [600] * length, "progress_bar": ["yes"] * length, **columns}
    data = make_responses(items, **{ARM: arms}, **columns)
    codes = tuple({"code": code, "label": {"en": code}} for code in (FOLD, LIST))
    answers = tuple({"code": code, "label": {"en": code}} for code in ("yes", "no"))
    info = {
        name: VariableInfo("code", "nominal", {"en": name}, {}, several, {})
        for name, several in ((ARM, codes), ("progress_bar", answers))
    }
    return replace(data, variables={**data.variables, **info})


def find(effects, measure, arm=LIST):
    (found,) = [each for each in effects if (each.measure, each.arm) == (measure, arm)]
    return found


def test_the_mean_of_an_item_has_the_margin_of_another_implementation():
    """`CompareMeans(...).zconfint_diff(usevar="unequal")` of statsmodels 0.15."""
    fold, other = [3, 4, 4, 5, 2, 3, 5, 4, 1, 4], [2, 3, 3, 4, 2, 1, 5, 3, 2, 2, 4, 3]
    data = make({"good": fold + other}, [FOLD] * 10 + [LIST] * 12)
    _, effects = measure_items(data, ARM, Grouping())
    found = find(effects, "good")
    assert (found.n, found.difference, found.margin) == (12, pytest.approx(-0.6666666667), pytest.approx(1.0082799690))
    assert not found.is_beyond


def test_completion_has_the_margin_of_another_implementation():
    """As above, of 70 of 80 and 60 of 80 complete responses."""
    status = ["complete"] * 70 + ["broken_off"] * 10 + ["complete"] * 60 + ["broken_off"] * 20
    effects = measure_effects(make({"good": [3] * 160}, [FOLD] * 80 + [LIST] * 80, status=status), ARM, 5)
    completion, breakoff = find(effects, "completion"), find(effects, "breakoff")
    assert (completion.value, completion.difference) == (0.75, -0.125) and completion.is_beyond
    assert completion.margin == pytest.approx(0.1201493315) == breakoff.margin and breakoff.difference == 0.125


def test_the_error_of_a_median_is_that_of_a_bootstrap():
    """`scipy.stats.bootstrap` 1.17 finds 17.00 for these 400 times, in 20,000 samples."""
    median, error = summarise_median(np.random.default_rng(5).lognormal(6.5, 0.45, 400))
    assert median == pytest.approx(645.5, abs=0.1) and error == pytest.approx(17.0, rel=0.05)


def test_a_known_difference_of_medians_is_within_its_margin_in_95_percent():
    hits = 0
    for seed in range(400):
        chance = np.random.default_rng(seed)
        times = [chance.lognormal(6.5, 0.45, 200), chance.lognormal(6.6, 0.45, 200)]
        (one, error), (two, other) = map(summarise_median, times)
        hits += abs(two - one - (np.exp(6.6) - np.exp(6.5))) < 1.96 * np.hypot(error, other)
    assert 0.92 <= hits / 400 <= 0.98


def test_seconds_are_those_of_complete_responses():
    status = (["complete"] * 5 + ["broken_off"] * 5) * 2
    seconds = [100] * 5 + [9] * 5 + [160] * 5 + [9] * 5
    effects = measure_effects(
        make({"good": [3] * 20}, [FOLD] * 10 + [LIST] * 10, status=status, duration_seconds=seconds), ARM, 5
    )
    assert (find(effects, "median_seconds").n, find(effects, "median_seconds").difference) == (5, 60)


def test_skipped_items_count_among_those_that_were_asked():
    data = make({"a": [3, -3, -1], "b": [-3, -3, -2], "c": [2, -8, -1]}, [FOLD, FOLD, LIST])
    assert share_skipped(data).to_list() == [pytest.approx(1 / 3), pytest.approx(2 / 3), None]


def test_an_empty_text_is_no_answer_to_an_item():
    assert share_skipped(make({"a": ["-3", "-3"], "b": ["", "4"]}, [FOLD, LIST])).to_list() == [1, 0.5]


def test_two_responses_have_an_error_and_one_has_none():
    """The standard error of 1 and 4 is √4.5 / √2."""
    assert summarise_mean(np.array([1.0, 4.0])) == (2.5, pytest.approx(1.5))
    assert summarise_mean(np.array([4.0])) == (4, None)
    assert summarise_mean(np.array([])) == (None, None)


def test_straightlining_is_the_share_of_grids_with_one_answer():
    """In the first arm each second response gives one answer to all items of the grid, in the other one all do."""
    data = make({name: [3, place] * 10 + [4] * 20 for place, name in enumerate("abc", 1)}, [FOLD] * 20 + [LIST] * 20)
    found = find(measure_effects(data, ARM, 5), "straightlining")
    assert (found.value, found.difference, found.is_beyond) == (1, 0.5, True)


def test_a_small_arm_is_withheld_with_one_that_tells_it():
    data = make(dict.fromkeys("abc", [3, 4] * 12), [FOLD] * 20 + [LIST] * 4)
    assert {each.n for each in measure_effects(data, ARM, 5)} == {None}
    table, effects = measure_items(data, ARM, Grouping(sizes=GroupSizes()))
    assert {each.value for each in effects} == {None} and table["withheld"].all()


def test_the_progress_bar_is_a_split_ballot_if_not_all_pages_have_it():
    arms = [FOLD] * 6
    assert list_experiments(make({"good": [3] * 6}, arms)) == [ARM]
    assert list_experiments(make({"good": [3] * 6}, arms, progress_bar=["yes", "no"] * 3)) == [ARM, "progress_bar"]


def test_the_page_and_the_table_have_every_effect(tmp_path):
    data = make({"good": [3, 4] * 20, "busy": [1, 5] * 20, "calm": [3, 4] * 20}, [FOLD] * 20 + [LIST] * 20)
    effects, items = {ARM: measure_effects(data, ARM, 5)}, {ARM: measure_items(data, ARM, Grouping())[1]}
    build_effects_page(data, effects, items).write(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 5 + 3 and 'aria-label="0.00 ± ' in page
    assert tabulate_effects(effects).height == 10


def test_a_question_with_several_answers_is_one_item_that_can_be_skipped():
    """Of two items, the first response skipped one, the second none, the third was not offered an option and skipped both."""
    data = make_responses({"good": [3, 4, -3], "why_money": [-3, 1, -1], "why_work": [-3, 0, -3], "why_fun": [-3, 0, -3]})
    several = {n: replace(v, kind="0/1", question="why") for n, v in data.variables.items() if n.startswith("why")}
    assert share_skipped(replace(data, variables={**data.variables, **several})).to_list() == [0.5, 0, 1]


def test_the_file_of_an_institution_has_effects_without_seconds():
    data = make({"good": [3] * 20}, [FOLD] * 10 + [LIST] * 10)
    variables = {name: each for name, each in data.variables.items() if name != "duration_seconds"}
    effects = measure_effects(replace(data, frame=data.frame.drop("duration_seconds"), variables=variables), ARM, 5)
    assert (find(effects, "median_seconds").value, find(effects, "completion").value) == (None, 1)

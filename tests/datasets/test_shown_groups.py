"""What tables show is recorded as they show it, for the comparison with later tables: withheld groups, answers by code, least numbers."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from survey_engine.datasets.experiments import Effect
from survey_engine.datasets.quality import FLAGGED_ALONE, FLAGGED_BY_OTHERS, UNFLAGGED, report_rules
from survey_engine.datasets.reading import Responses, VariableInfo
from survey_engine.datasets.released_groups import OUTSIDE_CODES, ReleasedGroups
from survey_engine.datasets.scores import measure_satisfaction
from survey_engine.datasets.shown_groups import (
    add_arms,
    add_clusters,
    add_modules_and_arms,
    add_satisfaction,
    add_shares,
    add_values,
    group_outcomes,
)
from survey_engine.datasets.table_suppression import Grouping
from survey_engine.datasets.usage import count_arms, count_modules, count_values
from survey_engine.settings import GroupSizes
from tests.datasets.made_responses import make_responses

SIZES = GroupSizes(least_group=3, sensitive_factor=2)


def key(**group: str) -> frozenset[tuple[str, str]]:
    return frozenset(group.items())


def make(**places: list[int]) -> Responses:
    """Make responses to one item: institution → answers."""
    answers = [answer for several in places.values() for answer in several]
    return make_responses({"good": answers}, institution_=[place for place, several in places.items() for _ in several])


def mark_sensitive(data: Responses, name: str) -> Responses:
    return replace(data, variables={**data.variables, name: replace(data.variables[name], sensitive="health")})


def record(data: Responses, by: tuple[str, ...] = ()) -> ReleasedGroups:
    groups, grouping = ReleasedGroups(), Grouping(by, sizes=SIZES)
    add_satisfaction(groups, data, grouping, measure_satisfaction(data, grouping))
    return groups


def test_answers_to_an_item_are_recorded_by_code_without_missing_ones():
    groups = record(make(north=[4, 4, 5, 5, -8, -8, -3, -1]))
    assert groups.cells == {key(): {"good": {"4": 2, "5": 2, OUTSIDE_CODES: 2}}} and groups.least == {"good": 3}


def test_what_a_table_by_institution_withholds_is_withheld_in_the_record():
    groups = record(make(north=[4] * 9, south=[5] * 2, east=[3] * 4, west=[2] * 8), ("institution_",))
    assert groups.withheld == {key(institution="south"): {"good"}, key(institution="east"): {"good"}}
    assert groups.cells == {
        key(): {"good": {"4": 9, "5": 2, "3": 4, "2": 8}},
        key(institution="north"): {"good": {"4": 9}},
        key(institution="west"): {"good": {"2": 8}},
    }


def test_a_sensitive_item_or_column_needs_more_answers_in_the_record():
    data = make(north=[4] * 9, south=[5] * 5)
    assert record(mark_sensitive(data, "good")).least == {"good": 6}
    assert record(mark_sensitive(data, "institution_"), ("institution_",)).least == {"good": 6}
    assert record(data, ("institution_",)).least == {"good": 3}


def test_shares_are_recorded_if_the_table_has_their_number():
    data = make_responses({"good": [4] * 9, "bad": [2] * 9})
    table = pl.DataFrame({"column": ["good", "bad"], "n": [9, None]})
    groups = ReleasedGroups()
    add_shares(groups, data, Grouping(sizes=SIZES), table)
    assert groups.cells == {key(): {"good": {"4": 9}}} and groups.least == {"good": 3}
    add_shares(groups, mark_sensitive(data, "good"), Grouping(sizes=SIZES), table)
    assert groups.least == {"good": 6}


def test_each_set_of_a_cluster_is_recorded_with_its_responses():
    groups = ReleasedGroups()
    sets = {"cluster": ["work", "work", "home"], "set": [1, 1, 2], "item": ["pay", "place", "calm"], "n": [40, 40, None]}
    add_clusters(groups, Grouping(sizes=SIZES), pl.DataFrame(sets))
    assert groups.cells == {key(): {"work (pay, place)": {"n": 40}}} and groups.least == {"work (pay, place)": 3}


def test_outcomes_of_a_rule_are_recorded_by_group():
    data, by = make(north=[4] * 9, south=[5] * 2, east=[3] * 4), ("institution_",)
    fast, straight = [True] * 5 + [False] * 10, [False] * 4 + [True] * 4 + [False] * 7
    flags = pl.DataFrame({"respondent": data.frame["respondent"], "fast": fast, "straight": straight})
    groups = group_outcomes(data, flags, by, report_rules(data, flags, by, 3), 3)
    alone, others, none = str(FLAGGED_ALONE), str(FLAGGED_BY_OTHERS), str(UNFLAGGED)
    assert groups.codes and groups.least == {"fast": 3, "straight": 3}
    assert groups.withheld == {key(institution=place): {"fast", "straight"} for place in ("south", "east")}
    assert groups.cells == {
        key(): {"fast": {alone: 4, others: 1, none: 10}, "straight": {alone: 3, others: 1, none: 11}},
        key(institution="north"): {"fast": {alone: 4, others: 1, none: 4}, "straight": {alone: 3, others: 1, none: 5}},
    }


def test_modules_and_arms_are_recorded_if_no_group_of_theirs_is_withheld():
    arms = {"experiment_a": ["fold"] * 5 + ["list"] * 4, "experiment_b": ["fold"] * 8 + ["list"]}
    data = make_responses({"good": [4] * 9}, institution_=["north"] * 9, **arms)
    codes = tuple({"code": code, "label": {"en": code}} for code in ("fold", "list"))
    info = {name: VariableInfo("code", "nominal", {"en": name}, {}, codes, {}) for name in arms}
    data = replace(data, variables={**data.variables, **info})
    groups = ReleasedGroups()
    add_modules_and_arms(groups, data, [count_modules(data, 3), count_arms(data, 3)], 3)
    assert groups.least == {"": 3} and groups.withheld == {}
    assert groups.cells == {
        key(): {"": {"n": 9}},
        key(experiment_a="fold"): {"": {"n": 5}},
        key(experiment_a="list"): {"": {"n": 4}},
    }


def test_responses_of_an_arm_without_figures_are_withheld_in_the_record():
    data = make_responses({"good": [4] * 12}, arm=["fold"] * 5 + ["list"] * 4 + [None] * 3)
    groups = ReleasedGroups()
    add_arms(groups, data, "arm", [Effect("missing", "fold", 5, 0.5), Effect("missing", "list", None, None)], 3)
    assert groups.cells == {key(): {"": {"n": 9}}, key(arm="fold"): {"": {"n": 5}}}
    assert groups.withheld == {key(arm="list"): {""}} and groups.least == {"": 3}


def test_values_of_a_column_are_recorded_as_their_table_shows_them():
    data = make_responses({"good": [4] * 12}, institution=["north"] * 12, language=["nl"] * 6 + ["en"] * 2 + ["pap"] * 4)
    groups = ReleasedGroups()
    add_values(groups, data, count_values(data, "language", ("institution",), 3), 3)
    assert groups.least == {"": 3}
    assert groups.withheld == {
        **{key(language="en"): {""}, key(institution="north", language="en"): {""}},
        key(institution="north", language="pap"): {""},
    }
    assert groups.cells == {
        **{key(): {"": {"n": 12}}, key(institution="north"): {"": {"n": 12}}},
        **{key(language="nl"): {"": {"n": 6}}, key(language="pap"): {"": {"n": 4}}},
        key(institution="north", language="nl"): {"": {"n": 6}},
    }

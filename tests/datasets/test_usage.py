"""How often modules and languages were used."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from survey_engine.datasets.codebook import MODULE_REASONS
from survey_engine.datasets.reading import VariableInfo
from survey_engine.datasets.usage import count_arms, count_modules, count_values
from tests.datasets.made_responses import make_responses


def make(modules, **columns):
    data = make_responses({"a": [3] * len(modules)}, module_food=modules, **columns)
    codes = tuple({"code": code, "label": {"en": label}} for code, label in MODULE_REASONS.items())
    module = VariableInfo("code", "nominal", {"en": "Food"}, {}, codes, {"not_assigned": -2})
    return replace(data, variables={**data.variables, "module_food": module})


def test_modules_are_counted_by_reason_and_institution():
    modules = ["council"] * 8 + ["random"] * 6 + ["-2"] * 6
    data = make(modules, institution=["x"] * 4 + ["y"] * 4 + ["z"] * 12)
    assert count_modules(data).select("module", "reason", "institutions", "responses").rows() == [
        ("Food", MODULE_REASONS["council"], 2, 8),
        ("Food", MODULE_REASONS["institution"], 0, 0),
        ("Food", MODULE_REASONS["random"], 1, 6),
    ]


def test_few_draws_are_withheld_with_a_number_that_would_reveal_them():
    modules = ["council"] * 8 + ["random"] * 3 + ["-2"] * 9
    found = count_modules(make(modules, institution=["x"] * 20))
    assert found["responses"].to_list() == [None, 0, None]
    assert found["withheld"].to_list() == [True, False, True]


def test_few_draws_of_one_module_are_withheld_with_those_of_another():
    """Each response has one module of the draw: 40 − 18 − 19 tells the last number."""
    columns = {f"module_{letter}": ["-2"] * 40 for letter in "abc"}
    for number, letter in enumerate("a" * 18 + "b" * 19 + "c" * 3):
        columns[f"module_{letter}"][number] = "random"
    data = make(["random"] * 40, institution=["x"] * 40, **columns)
    module = replace(data.variables["module_food"], draw=1)
    other = replace(module, draw=2)
    data = replace(data, variables={**data.variables, **dict.fromkeys(columns, module), "module_food": other})
    drawn = count_modules(data).filter(pl.col("reason") == MODULE_REASONS["random"])
    assert dict(drawn.select("column", "responses").iter_rows()) == {
        **{"module_a": None, "module_b": 19, "module_c": None},
        "module_food": 40,
    }


def test_languages_are_counted_per_label_from_five_on():
    languages, paths = ["nl"] * 9 + ["en"] * 5 + ["nl"] * 6 + ["pap"] * 4, ["bol"] * 14 + ["bbl"] * 10
    found = count_values(make(["-2"] * 24, institution=["x"] * 24, language=languages, path=paths), "language", ["path"])
    shown = {row[:2]: row[2] for row in found.rows()}
    assert shown["bbl", "pap"] is None
    assert shown["bbl", "nl"] is None
    assert sum(number is not None for number in shown.values()) <= 2
    everybody = count_values(make(["-2"] * 24, institution=["x"] * 24, language=languages), "language")
    assert everybody.rows() == [("en", None, True), ("nl", 15, False), ("pap", None, True)]
    assert everybody.columns == ["language", "responses", "withheld"]


def test_arms_are_counted_by_institution_from_five_on():
    data = make_responses({"a": [3] * 20}, institution=["x"] * 9 + ["y"] * 11, experiment_layout=["fold"] * 10 + ["list"] * 10)
    codes = tuple({"code": arm, "label": {"en": arm}} for arm in ("fold", "list"))
    layout = VariableInfo("code", "nominal", {"en": "Arm: layout"}, {}, codes, {})
    data = replace(data, variables={**data.variables, "experiment_layout": layout})
    assert count_arms(data).select("experiment", "arm", "institutions", "responses").rows() == [
        ("Arm: layout", "fold", 2, 10),
        ("Arm: layout", "list", 1, 10),
    ]
    assert count_arms(data, least=11)["responses"].to_list() == [None, None]

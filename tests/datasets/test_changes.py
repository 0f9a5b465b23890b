"""What changed between the data of two editions is listed, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_engine.datasets import read
from survey_engine.datasets.changes import list_changes
from tests.datasets.filling import MAIN, Store, write_example
from tests.datasets.made_responses import make_responses


@pytest.fixture
def compare(store, tmp_path):
    """Deliver the example and one with other pages; return the changes."""

    def deliver(main: str, **wanted: str) -> list[tuple[str, ...]]:
        store.export(tmp_path / "old", formats=["parquet"])
        Store(store.database, write_example(tmp_path / "next", main=main)).export(tmp_path / "new", formats=["parquet"])
        return list_changes(read(tmp_path / "old"), read(tmp_path / "new"), **wanted).rows()

    return deliver


def test_the_same_columns_have_no_changes(compare):
    assert compare(MAIN) == []


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("It is good, easy", "It is fine, easy", [("good", "label", "It is good", "It is fine")]),
        ("some: {text: {en: Some,", "some: {text: {en: A few,", [("job", "code some", "Some", "A few")]),
        ("{en: hours,", "{en: days,", [("hours", "unit", "hours", "days")]),
        ("        unit: {en: hours, easy: hrs}\n", "", [("hours", "unit", "hours", "")]),
        ("to: 60", "to: 40", [("hours", "range", "1 to 60", "1 to 40")]),
        ("reverse: true, ", "", [("busy", "reverse", "True", "False")]),
        ("[quality]", "[quality, calm]", [(name, "indicators", "quality", "quality calm") for name in ("good", "busy")]),
        (
            "date: since_when",
            "date: since",
            [("since_when", "removed", "Since when?", ""), ("since", "added", "", "Since when?")],
        ),
        (
            "none: {text: {en: None, easy: None}}",
            "both: {text: {en: Both, easy: Both}}",
            [("job", "code none", "None", ""), ("job", "code both", "", "Both")],
        ),
    ],
)
def test_each_change_is_listed_once(compare, before, after, changes):
    assert before in MAIN
    assert compare(MAIN.replace(before, after)) == changes


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (
            "some: {text: {en: Some, easy: Some}}\n          none: {text: {en: None, easy: None}}",
            "none: {text: {en: None, easy: None}}\n          some: {text: {en: Some, easy: Some}}",
            [("job", "number of none", "2", "1"), ("job", "number of some", "1", "2")],
        ),
        (
            "          firm: {text:",
            "          home: {text: {en: At home, easy: At home}}\n          firm: {text:",
            [
                ("job", "code home", "", "At home"),
                ("job", "number of firm", "3", "4"),
                ("job", "number of other", "4", "5"),
            ],
        ),
    ],
)
def test_codes_with_another_number_are_listed(compare, before, after, changes):
    assert before in MAIN
    assert compare(MAIN.replace(before, after)) == changes


def test_missing_codes_that_move_are_listed(compare):
    changes = compare(MAIN.replace("from: 1\n", "from: -5\n"))
    assert ("hours", "missing: skipped", "-3", "-93") in changes


def test_a_missing_code_that_only_one_delivery_has_is_empty_in_the_other():
    both = make_responses({"good": [4]})
    one = {name: code for name, code in both.variables["good"].missing.items() if name != "skipped"}
    less = replace(both, variables={"good": replace(both.variables["good"], missing=one)})
    assert list_changes(both, less).rows() == [("good", "missing: skipped", "-3", "")]
    (change,) = list_changes(less, both).to_dicts()
    assert change == {"column": "good", "change": "missing: skipped", "before": "", "after": "-3"}


def test_labels_are_compared_in_one_language(compare):
    assert compare(MAIN.replace("It is good, easy", "It is fine, easy"), language="easy") == []


def test_units_and_ranges_that_an_older_release_left_out_are_no_change():
    new = make_responses({"good": [4]})
    known = replace(new.variables["good"], unit={"en": "hours"}, range=(1, 60))
    assert list_changes(new, replace(new, variables={**new.variables, "good": known})).height == 0

"""Options added under the label of an answered code."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.second_labels import list_second_labels
from tests.writing import write_questions

HOME = "- choice: home\n  text: Home?\n  options: {a: Room, b: {text: Other, namely: true}}\n"


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        ("a: Room", "a: Room, c: Flat", []),
        ("a: Room", "a: Room, c: room.", [("a: Room", "a: Room · c: room.")]),
        ("a: Room", "a: Room, c: Something else", [("b: Other", "b: Other · c: Something else")]),
        ("a: Room", "c: Room", []),
        ("Home?", "House?", []),
    ],
    ids=["another label", "the same words", "the same meaning", "another code", "no other option"],
)
def test_an_option_with_the_label_of_an_answered_code_is_listed(tmp_path: Path, was: str, now: str, shown: list) -> None:
    old, new = (
        write_questions(tmp_path / name, text).questionnaire for name, text in (("old", HOME), ("new", HOME.replace(was, now)))
    )

    assert [(each.was, each.now) for each in list_second_labels(new, [old])] == shown
    assert list_second_labels(new, [new, old]) == []

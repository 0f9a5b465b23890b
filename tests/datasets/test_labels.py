"""Wordings are compared in the languages that both have, joined, and listed with their versions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_engine.datasets.labels import are_different, choose_label, join_labels, list_earlier
from tests.writing import ANY_QUESTION, write_questions


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"en": "A"}, {"en": "A"}, False),
        ({"en": "A"}, {"en": "B"}, True),
        ({"en": "A", "nl": "C"}, {"en": "A", "nl": "B"}, True),
        ({"en": "A"}, {"nl": "B"}, False),
        ({"en": "A", "nl": "B"}, {"en": "A"}, False),
        ({}, {"en": "A"}, False),
    ],
)
def test_wordings_differ_only_in_a_language_that_both_have(one, other, expected):
    assert are_different(one, other) is expected
    assert are_different(other, one) is expected


def test_earlier_wordings_are_listed_with_their_versions_newest_first(tmp_path):
    made = write_questions(tmp_path, ANY_QUESTION).questionnaire
    labels = {
        "v4": {"en": "A", "nl": "N"},
        "v3": {"en": "B"},
        "v2": {"en": "B", "nl": "N", "pap": "P"},
        "v1": {"en": "C", "pap": "Q"},
    }
    found = list_earlier((replace(made, version=version), several) for version, several in labels.items())
    assert found == ("en, version v3 v2: B", "en, version v1: C", "pap, version v1: Q")


def test_different_wordings_of_one_thing_are_joined_in_each_language():
    assert join_labels([{"en": "A", "nl": "N"}, {"en": "B"}, {"en": "A"}]) == {"en": "A / B", "nl": "N"}


def test_a_label_is_in_the_first_of_the_languages_that_has_one():
    labels = {"en": "A", "nl": "", "pap": "P"}
    assert [choose_label(labels, languages) for languages in (["nl", "pap"], ["en"], ["de"], [])] == ["P", "A", "A", "A"]
    assert choose_label({}, ["en"]) == ""

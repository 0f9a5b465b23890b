"""Wordings are compared in the languages that both have."""

from __future__ import annotations

import pytest

from survey_engine.datasets.labels import are_different


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

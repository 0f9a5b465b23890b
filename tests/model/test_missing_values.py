"""The numbers of missing values are never answers."""

from __future__ import annotations

from copy import copy

import pytest

from survey_engine.model.missing_values import Missing, choose_missing
from survey_engine.model.questionnaire import ResponseOption, Text, Variable
from tests.datasets.filling import MAIN, write_example


def test_the_usual_numbers_are_the_same_for_every_questionnaire_and_format(tmp_path):
    assert choose_missing([write_example(tmp_path)]) == Missing(-1, -2, -3, -4, -5, -8, -6)


@pytest.mark.parametrize(
    ("low", "first"),
    [(1, -1), (0, -1), (-1, -91), (-8, -91), (-90, -91), (-91, -991), (-999, -9991), (-1_000_000, -9_999_991)],
)
def test_a_number_with_such_a_minimum_moves_the_missing_codes(tmp_path, low, first):
    questionnaire = write_example(tmp_path, main=MAIN.replace("from: 1\n", f"from: {low}\n"))
    assert choose_missing([questionnaire]).not_asked == first


@pytest.mark.parametrize("code", [-3, "-3"])
def test_an_option_with_such_a_code_moves_the_missing_codes(tmp_path, code):
    questionnaire = copy(write_example(tmp_path))
    odd = Variable("odd", "code", options=(ResponseOption(code, Text("odd", {}, questionnaire.place)),))
    object.__setattr__(questionnaire, "variables", {**questionnaire.variables, "odd": odd})
    assert choose_missing([questionnaire]).skipped == -93

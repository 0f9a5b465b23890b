"""Experiments: arms in conditions, and mistakes with them."""

from __future__ import annotations

import pytest

from survey_engine.engine.routing import Respondent, route
from survey_engine.rendering.condition_sentences import make_condition_writer
from tests.writing import ask, change_head, write, write_head

TWO_ARMS = {"experiments": "[{experiment: layout, arms: {fold: 2, list: 1}}]"}
PAGES = """\
section: extra
pages:
  - page: fold_page
    when: experiment.layout == 'fold'
    questions: [{information: folded, text: T}]
  - page: both_page
    questions:
      - grid: views
        text: T
        scale: agree
        items: {good: G, listed: {text: L, when: "experiment.layout in ['list']"}}
"""


def test_pages_and_statements_depend_on_the_arm(tmp_path):
    order = {"order": "[{group: main, sections: [main, extra]}]"}
    example = write_head(tmp_path, {**TWO_ARMS, **order}, PAGES, "institution: north\nname: N").questionnaire
    asked = {
        arm: route(example, Respondent("north", "en", arms={"layout": arm}), {}).codes
        for arm in example.experiments["layout"].arms
    }
    assert asked["fold"][1:] == ("fold_page", "both_page") and asked["list"][1:] == ("both_page",)


def write_with(folder, condition, arms="fold: 2, list: 1"):
    change = {"experiments": f"[{{experiment: layout, arms: {{{arms}}}}}]"}
    question = f'- yes_no: job\n  text: T\n- mark: week\n  text: M\n  when: "{condition}"'
    return write(folder, {"questionnaire.yaml": change_head(change), "main.yaml": ask(question)})


@pytest.mark.parametrize(
    ("condition", "code", "part"),
    [
        ("experiment.layuot == 'fold'", "unknown-name", "did you mean 'experiment.layout'?"),
        ("experiment.layout == 'flod'", "condition-value", "did you mean 'fold'?"),
        ("experiment.layout == fold", "unquoted-value", "'fold'"),
        ("experiment.layout > 2", "condition-type", "experiment.layout"),
        ("layout == 'fold'", "unknown-name", "did you mean 'experiment.layout'?"),
        ("experiment == 'fold'", "unknown-name", "did you mean 'experiment.layout'?"),
        ("experiment == fold", "unknown-name", "did you mean 'experiment.layout'?"),
    ],
)
def test_a_wrong_name_or_arm_in_a_condition_is_reported(tmp_path, condition, code, part):
    assert part in str(write_with(tmp_path, condition).find(code))


def test_an_experiment_with_one_arm_is_reported(tmp_path):
    one = write_with(tmp_path, "experiment.layout == 'fold'", "fold: 1").find("lone-arm")
    assert one.wrong == "experiment 'layout' has one arm, so there is nothing to compare"


def test_two_experiments_do_not_share_a_code(tmp_path):
    twice = "[{experiment: a, arms: {x: 1, y: 1}}, {experiment: a, arms: {x: 1, y: 1}}]"
    assert write_head(tmp_path, {"experiments": twice}).find("duplicate-code").facts["code"] == "a"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Asked when the arm of the experiment “layout” is fold."),
        ("nl", "Gevraagd als de groep van het experiment “layout” fold is."),
    ],
)
def test_an_arm_has_a_sentence_in_each_language(tmp_path, language, sentence):
    example = write_head(tmp_path, TWO_ARMS, PAGES).questionnaire
    page = example.sections["extra"].pages[0]
    assert make_condition_writer(example, language).describe_audience([page.when]) == sentence

"""Proofs about derived values and arms of experiments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.proof.small import FILES, find_failure, find_verdict, prove_small

STATEMENTS = [f"s{number}" for number in range(6)]
MAIN = f"""\
section: main
pages:
  - page: first
    questions:
      - {{grid: views, text: T, options: {{1: A, 2: B, 3: C, 4: D, 5: E}}, items: {{{", ".join(f"{code}: I" for code in STATEMENTS)}}}}}
      - {{date: born, text: T, from: 2004-01-01, to: 2010-12-31}}
      - {{number: there, text: T, from: 0, to: 240}}
      - {{number: back, text: T, from: 0, to: 240}}
      - {{number: rent, text: T, from: 1, to: 3000}}
  - page: second
    when: CONDITION
    questions: [{{yes_no: job, text: T}}]
"""
HEAD = f"""\
edition: 2026
experiments: [{{experiment: layout, arms: {{fold: 1, list: 1}}}}]
derived:
  average: {{mean: [{", ".join(STATEMENTS)}]}}
  total: {{sum: [{", ".join(STATEMENTS)}]}}
  age: {{years: [born, today]}}
  travel: {{sum: [there, back]}}
  usual: {{mean: [there, back]}}
  costs: {{sum: [rent, there]}}
"""


def prove_condition(folder: Path, condition: str):
    head = FILES["questionnaire.yaml"].replace("order:\n", HEAD + "order:\n", 1)
    return prove_small(folder, {"questionnaire.yaml": head, "main.yaml": MAIN.replace("CONDITION", condition)})[0]


@pytest.mark.parametrize(
    "condition",
    [
        "average >= 4",
        "average in [5]",
        "total == 30",
        "age >= 22",
        "age < 16",
        "average < 2 and experiment.layout == 'list'",
        "travel >= 480",
        "travel == 7",
        "usual in [240]",
    ],
)
def test_a_value_on_the_bound_is_reached(tmp_path: Path, condition: str) -> None:
    sheet = prove_condition(tmp_path, condition)
    assert find_verdict(sheet, "items").proved and find_verdict(sheet, "time").proved


@pytest.mark.parametrize(
    "condition",
    [
        *("average > 5", "total > 30", "age > 22", "age < 15", "average == 2 and average == 3", "total == 2 and average == 3"),
        *("travel >= 481", "travel < 0", "usual > 240", "travel > 300 and there < 50", "costs > 3240", "costs < 0"),
        "experiment.layout == 'list' and experiment.layout == 'fold'",
    ],
)
def test_a_value_beyond_the_bound_is_not(tmp_path: Path, condition: str) -> None:
    assert "page 'second'" in find_failure(prove_condition(tmp_path, condition), "items").wrong

"""The budget in minutes, compared with the typical and the longest time."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.time import check_time
from survey_engine.analysis.duration import estimate_minutes
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, write_sections

SECTION = """
section: main
pages:
  - page: one
    questions: [{yes_no: job, text: Job?, seconds: 60}]
  - page: two
    when: job == 'yes'
    questions: [{open: story, text: Story?, seconds: 60}]
"""


def check(tmp_path: Path, head: str) -> list[str]:
    questionnaire = write_sections(tmp_path, SECTION, head=head).questionnaire
    return name_codes(check_time(questionnaire, estimate_minutes(questionnaire)))


@pytest.mark.parametrize(
    ("minutes", "codes"), [(2, []), (1.9, ["may-exceed-budget"]), (1.5, ["may-exceed-budget"]), (1.4, ["over-budget"])]
)
def test_half_of_a_follow_up_counts_as_typical_and_all_of_it_as_longest(tmp_path: Path, minutes: float, codes: list[str]) -> None:
    head = f"{HEAD}budget: {{minutes: {minutes}}}\n"

    assert check(tmp_path, head) == codes


def test_without_a_budget_there_is_no_problem(tmp_path: Path) -> None:
    assert check(tmp_path, HEAD) == []

"""A sum adds numbers of one unit and period."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.sums import check_sums
from tests.writing import HEAD, write_questions

NUMBER = "- number: {}\n  text: {}\n  from: 0\n  to: {}\n{}"
TRAIN = NUMBER.format("train", "How many hours a week do you train?", 20, "  unit: hours\n")


@pytest.mark.parametrize(
    ("text", "unit", "reported"),
    [
        ("How many hours a week do you play?", "  unit: hours\n", False),
        ("How many hours per week do you play?", "", False),
        ("How long do you play each week?", "  unit: hours a week\n", False),
        ("How many do you play?", "", False),
        ("How many hours a month do you help?", "  unit: hours\n", True),
        ("How many weeks could you not play?", "  unit: weeks\n", True),
        ("How many euros is your fee?", "", True),
        ("What is your fee?", "  unit: €\n", True),
        ("How many hours did you play in the last four weeks?", "  unit: hours\n", False),
    ],
)
def test_the_parts_of_a_sum_have_one_unit_and_period(tmp_path: Path, text: str, unit: str, reported: bool) -> None:
    for kind in ("sum", "mean"):
        head = f"{HEAD}derived:\n  active: {{{kind}: [train, other]}}\n"
        written = write_questions(tmp_path / kind, TRAIN + NUMBER.format("other", text, 20, unit), head)
        found = [problem.code for problem in check_sums(written.questionnaire, written.compilation.definitions)]
        assert found == ["sum-of-units"] * (reported and kind == "sum")

"""The only arm that no condition names gets nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.arms import check_arms
from tests.analysis.checks.advice import advise
from tests.writing import change_head, write_questions


@pytest.mark.parametrize(
    ("arms", "named", "found"),
    [
        ("gain: 1, loss: 1, neutral: 1", "== 'gain'|== 'loss'", True),
        ("gain: 1, loss: 1, neutral: 1", "in ['gain', 'loss']", True),
        ("gain: 1, loss: 1, neutral: 1", "== 'gain'", False),
        ("gain: 1, loss: 1, control: 1", "== 'gain'|== 'loss'", False),
        ("gain: 1, loss: 1", "== 'gain'", False),
        ("gain: 1, loss: 1, neutral: 1", "== 'gain'|== 'loss'|== 'neutral'", False),
    ],
)
def test_the_only_arm_without_a_condition_is_reported(tmp_path: Path, arms: str, named: str, found: bool) -> None:
    head = change_head({"experiments": f"[{{experiment: frame, arms: {{{arms}}}}}]"})
    questions = "\n".join(
        f"- yes_no: q{n}\n  text: Q?\n  when: experiment.frame {condition}" for n, condition in enumerate(named.split("|"))
    )
    codes = [code for code, _ in advise(check_arms, write_questions(tmp_path, questions, head))]
    assert codes == (["unnamed-arm"] if found else [])

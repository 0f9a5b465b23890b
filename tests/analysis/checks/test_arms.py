"""Arms that no condition names get nothing of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.arms import check_arms
from tests.analysis.checks.advice import advise
from tests.writing import change_head, write_questions


@pytest.mark.parametrize(
    ("arms", "named", "found"),
    [
        ("gain: 1, loss: 1, neutral: 1", "== 'gain'|== 'loss'", "unnamed-arm"),
        ("gain: 1, loss: 1, neutral: 1", "in ['gain', 'loss']", "unnamed-arm"),
        ("gain: 1, loss: 1, neutral: 1", "== 'gain'", "equal-arms"),
        ("gain: 1, loss: 1, neutral: 1", "!= 'gain'", "equal-arms"),
        ("gain: 1, loss: 1, control: 1", "== 'gain'|== 'loss'", ""),
        ("gain: 1, loss: 1", "== 'gain'", ""),
        ("gain: 1, loss: 1, neutral: 1", "== 'gain'|== 'loss'|== 'neutral'", ""),
    ],
)
def test_arms_that_no_condition_names_are_reported(tmp_path: Path, arms: str, named: str, found: str) -> None:
    head = change_head({"experiments": f"[{{experiment: frame, arms: {{{arms}}}}}]"})
    questions = "\n".join(
        f"- yes_no: q{n}\n  text: Q?\n  when: experiment.frame {condition}" for n, condition in enumerate(named.split("|"))
    )
    codes = [code for code, _ in advise(check_arms, write_questions(tmp_path, questions, head))]
    assert codes == ([found] if found else [])

"""Answers shown to readers who were not asked for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.placeholders import check_shown_answers
from tests.analysis.checks.advice import name_codes
from tests.writing import JOB_PAGES, change_head, write_sections

SHOWN = "  - page: shown\n    {}questions: [{{yes_no: much, text: 'Is {{hours}} much?'}}]\n"


@pytest.mark.parametrize(
    ("when", "codes"), [("", ["shown-unasked"]), ("when: has_job == 'yes'\n    ", []), ("when: hours > 1\n    ", [])]
)
def test_an_answer_is_shown_to_those_who_were_asked(tmp_path: Path, when: str, codes: list[str]) -> None:
    written = write_sections(tmp_path, JOB_PAGES + SHOWN.format(when))
    assert name_codes(check_shown_answers(written.questionnaire)) == codes


def test_an_answer_that_a_large_sum_decides_may_be_missing(tmp_path: Path) -> None:
    numbers = "".join(f", {{number: n{n}, text: N?, from: 0, to: 900}}" for n in range(3))
    pages = f"""\
section: main
pages:
  - page: one
    questions: [{{yes_no: a, text: A?}}{numbers}]
  - page: two
    when: many >= 1000
    questions: [{{choice: why, text: Why?, options: {{a: A, b: B}}}}]
  - page: three
    questions: [{{yes_no: last, text: 'Is {{why}} right?'}}]
"""
    written = write_sections(tmp_path, pages, head=change_head({"derived": "{many: {sum: [n0, n1, n2]}}"}))
    assert name_codes(check_shown_answers(written.questionnaire)) == ["shown-unasked"]

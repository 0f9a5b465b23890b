"""Answers shown to readers who were not asked for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.placeholders import check_shown_answers
from tests.analysis.checks.advice import name_codes
from tests.writing import JOB_PAGES, write_sections

SHOWN = "  - page: shown\n    {}questions: [{{yes_no: much, text: 'Is {{hours}} much?'}}]\n"


@pytest.mark.parametrize(
    ("when", "codes"), [("", ["shown-unasked"]), ("when: has_job == 'yes'\n    ", []), ("when: hours > 1\n    ", [])]
)
def test_an_answer_is_shown_to_those_who_were_asked(tmp_path: Path, when: str, codes: list[str]) -> None:
    written = write_sections(tmp_path, JOB_PAGES + SHOWN.format(when))
    assert name_codes(check_shown_answers(written.questionnaire)) == codes

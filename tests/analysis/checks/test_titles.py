"""Titles of pages tell them apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.titles import check_titles
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, write


@pytest.mark.parametrize(
    ("titles", "codes"),
    [
        (["", "", ""], ["same-title"]),
        (["", ""], []),
        (["One", "Two", ""], []),
        (["More", "More", ""], ["same-title"]),
    ],
)
def test_three_pages_of_a_section_do_not_share_a_title(tmp_path: Path, titles: list[str], codes: list[str]) -> None:
    heads = [f", title: {title}" if title else "" for title in titles]
    pages = [f"  - {{page: p{n}{head}, questions: [{{mark: m{n}, text: How?}}]}}\n" for n, head in enumerate(heads)]
    written = write(tmp_path, {"q.yaml": HEAD, "main.yaml": "section: main\ntitle: More\npages:\n" + "".join(pages)})

    assert name_codes(check_titles(written.questionnaire)) == codes

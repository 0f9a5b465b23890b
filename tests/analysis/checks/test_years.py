"""Years in the title, the code, the dates and the metadata that contradict the edition."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.years import check_frozen_years, check_years
from tests.analysis.checks.advice import advise
from tests.writing import write_head, write_questions

FROZEN = "- mark: week\n  text: Week?\n  frozen_until: {}"
HEAD = """\
questionnaire: example
title: Example
edition: 2026
source_language: en
languages: {en: {name: English}}
order: [{group: main, sections: [main]}]
"""


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Survey 2025", "edition": "2026"},
        {"title": "Survey of 2027", "edition": "2026"},
        {"questionnaire": "survey-2025", "edition": "2026"},
        {"questionnaire": "survey-2025", "title": "Survey 2024"},
    ],
)
def test_another_year_in_the_title_or_the_code_is_reported(tmp_path: Path, change: dict[str, str]) -> None:
    assert [code for code, _ in advise(check_years, write_head(tmp_path, change))] == ["year-differs"]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Survey 2026", "edition": "2026"},
        {"title": "Survey 2025-2026", "edition": "2026"},
        {"title": "Towards 2040", "edition": "2026"},
        {"title": "Survey 2025"},
        {"questionnaire": "survey-2026", "title": "2026, 2000 students"},
    ],
)
def test_the_year_of_the_edition_and_years_without_one_are_right(tmp_path: Path, change: dict[str, str]) -> None:
    assert advise(check_years, write_head(tmp_path, change)) == []


@pytest.mark.parametrize(("year", "wrong"), [(2030, 0), (2046, 0), (2126, 1)])
def test_an_item_that_is_frozen_for_a_century_is_reported(tmp_path: Path, year: int, wrong: int) -> None:
    assert len(advise(check_years, write_questions(tmp_path, FROZEN.format(year), HEAD))) == wrong


@pytest.mark.parametrize(
    ("opens", "closes", "wrong"),
    [
        ("2026-01-01", "2026-04-01", 0),
        ("2025-12-01", "2027-01-31", 0),
        ("1926-01-01", "2026-04-01", 1),
        ("2026-01-01", "2062-04-01", 1),
    ],
)
def test_days_far_from_the_edition_are_reported(tmp_path: Path, opens: str, closes: str, wrong: int) -> None:
    written = write_head(tmp_path, {"edition": "2026", "opens": opens, "closes": closes})
    assert written.codes.count("year-differs") == wrong


def test_a_year_of_an_earlier_edition_is_reported(tmp_path: Path) -> None:
    written = write_head(tmp_path, {"edition": "2026", "thanks": "Thank you for 2025!", "introduction": "In 2025 and 2026"})
    assert [(problem.code, problem.facts["code"]) for problem in check_frozen_years(written.questionnaire)] == [
        ("earlier-year", "thanks")
    ]


def test_years_of_an_item_fit_the_edition(tmp_path: Path) -> None:
    extra = "section: extra\npages: [{page: e, questions: [{mark: m, text: T?, frozen_until: 2025, since: 2029}]}]"
    written = write_head(tmp_path, {"edition": "2026", "order": "[{group: main, sections: [extra]}]"}, extra)
    assert [problem.code for problem in check_frozen_years(written.questionnaire)] == ["frozen-over"]
    assert [problem.facts["year"] for problem in check_years(written.questionnaire)] == [2029]


@pytest.mark.parametrize(
    ("opens", "closes", "found"),
    [
        ("2025-03-01", "2025-04-30", ["period-year"]),
        ("2027-01-10", "2027-02-10", ["period-year"]),
        ("2025-11-01", "2026-01-31", []),
        ("2026-03-01", "2026-04-30", []),
        ("2025-11-01", "", []),
    ],
)
def test_days_in_another_year_than_the_edition_are_pointed_out(tmp_path: Path, opens: str, closes: str, found: list[str]) -> None:
    written = write_head(tmp_path, {"edition": "2026", "opens": opens, "closes": closes})
    assert [code for code, _ in advise(check_years, written)] == found

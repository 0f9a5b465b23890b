"""Units in texts, narrow ranges, bounds of the previous year and other names show a code with a new meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.trends import check_trends
from tests.writing import ANY_QUESTION, HEAD, ask, write_sections

RENT = "- number: rent\n  text: {}\n  to: {}\n"
FAR = "- choice: far\n  text: How far?\n  options: {{1: {}, 2: {}}}\n"
BEGAN = "- number: began\n  text: In which year did you begin?\n  from: 2010\n  to: {}\n"
ARRIVED = "- date: arrived\n  text: When did you arrive?\n  from: 2010-01-01\n  to: {}\n"


def compare(tmp_path: Path, old: str, new: str, *, institution: tuple[str, str] = ("North", "North")) -> list[str]:
    editions = [
        write_sections(
            tmp_path / str(year), ask(text), f"institution: north\nname: {name}\n", head=f"{HEAD}edition: {year}\n"
        ).questionnaire
        for year, text, name in ((2025, old, institution[0]), (2026, new, institution[1]))
    ]
    return [problem.code for problem in check_trends(editions[1], editions[0])]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (RENT.format("How much rent do you pay a week?", 900), RENT.format("How much rent do you pay a month?", 900)),
        (RENT.format("Hours of work in the last seven days?", 90), RENT.format("Hours of work in the last month?", 90)),
        (RENT.format("Hours of work in the last 12 months?", 90), RENT.format("Hours of work in the last week?", 90)),
        (RENT.format("Hours of work in the last 14 days?", 90), RENT.format("Hours of work in the last week?", 90)),
        (FAR.format("Less than 1 mile", "1 mile or more"), FAR.format("Less than 1 km", "1 km or more")),
        (RENT.format("How much rent do you pay?", 900), RENT.format("How much rent do you pay?", 90)),
    ],
)
def test_another_unit_period_or_much_narrower_range_is_reported(tmp_path: Path, old: str, new: str) -> None:
    assert compare(tmp_path, old, new) == ["definition-changed"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (RENT.format("Hours of work in the last seven days?", 90), RENT.format("Hours of work in the last week?", 90)),
        (RENT.format("Hours of work in the last year?", 90), RENT.format("Hours of work in the last 12 months?", 90)),
        (RENT.format("Hours of work in the last two weeks?", 90), RENT.format("Hours of work in the last 14 days?", 90)),
        (RENT.format("Do you travel for half an hour?", 90), RENT.format("Do you travel for 30 minutes?", 90)),
        (RENT.format("Travel of two and a half hours?", 90), RENT.format("Travel of 2.5 hours?", 90)),
        (RENT.format("How much rent do you pay a week?", 900), RENT.format("How many euros do you pay a week?", 900)),
        (RENT.format("How much rent do you pay a week?", 900), RENT.format("How much rent do you pay each week?", 450)),
        (FAR.format("Less than 1 km", "1 km or more"), FAR.format("Less than 1 kilometre", "1 kilometre or more")),
    ],
)
def test_another_wording_of_a_unit_or_period_is_no_new_meaning(tmp_path: Path, old: str, new: str) -> None:
    assert compare(tmp_path, old, new) == []


@pytest.mark.parametrize(
    ("question", "was", "now", "codes"),
    [
        (BEGAN, 2025, 2025, ["earlier-bound"]),
        (BEGAN, 2025, 2026, []),
        (BEGAN, 2020, 2020, []),
        (ARRIVED, "2025-04-30", "2025-04-30", ["earlier-bound"]),
        (ARRIVED, "2025-04-30", "2026-04-30", []),
    ],
)
def test_a_bound_in_the_year_of_an_edition_moves(tmp_path: Path, question: str, was: str, now: str, codes: list[str]) -> None:
    assert compare(tmp_path, question.format(was), question.format(now)) == codes


def test_a_bound_of_background_moves_too(tmp_path: Path) -> None:
    head = HEAD.replace("from: 1, to: 4", "from: 2015, to: 2025")
    editions = [
        write_sections(tmp_path / str(year), ask(ANY_QUESTION), head=f"{head}edition: {year}\n").questionnaire
        for year in (2025, 2026)
    ]
    assert [problem.code for problem in check_trends(editions[1], editions[0])] == ["earlier-bound"]


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (("North College", "South College"), ["institution-renamed"]),
        (("North College", "University of the North"), []),
        (("College on the Hill", "Hill University"), []),
    ],
)
def test_a_name_without_the_words_of_its_code_is_reported(tmp_path: Path, names: tuple[str, str], codes: list[str]) -> None:
    assert compare(tmp_path, ANY_QUESTION, ANY_QUESTION, institution=names) == codes

"""Conditions that authors may read differently."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.clarity import check_clarity, check_unasked
from tests.analysis.checks.advice import name_codes
from tests.writing import JOB_PAGES, change_head, write_sections

LAST = """\
  - page: last
    when: {}
    questions: [{{mark: week, text: How was your week?}}]
"""


def list_advice(folder: Path, condition: str) -> list[str]:
    return name_codes(check_clarity(write_sections(folder, JOB_PAGES + LAST.format(condition)).questionnaire))


@pytest.mark.parametrize(
    ("condition", "unclear"),
    [
        ("path == 'bol' or level == 1 and has_job == 'yes'", True),
        ("path == 'bol' and level == 1 or has_job == 'yes'", True),
        ("not (path == 'bol' or level == 1 and has_job == 'yes')", True),
        ("path == 'bol' or (level == 1 and has_job == 'yes')", False),
        ("(path == 'bol' or level == 1) and has_job == 'yes'", False),
        ("path == 'bol' and level == 1 and not (has_job == 'yes' or answered(programme))", False),
    ],
)
def test_and_beside_or_without_brackets_is_reported(tmp_path: Path, condition: str, unclear: bool) -> None:
    assert list_advice(tmp_path, condition) == ["unclear-order"] * unclear


@pytest.mark.parametrize(
    ("condition", "implied"),
    [
        ("hours > 3 and hours > 5", True),
        ("hours > 3 or hours > 5", True),
        ("level >= 2 and level in [3, 4]", True),
        ("path == 'bol' or (path == 'bol' and level == 1)", True),
        ("answered(programme) and (level == 1 or level <= 1)", True),
        ("path == 'bol' or (path != 'bol' and level == 1)", True),
        ("(path == 'bol' and level == 1) or (path == 'bol' and level != 1)", True),
        ("(path == 'bol' and level == 1) or (path == 'bbl' and level == 2)", False),
        ("path == 'bol' or (path == 'bbl' and level == 1)", False),
        ("level >= 2 and level <= 3", False),
        ("has_job == 'yes' and hours > 3", False),
        ("answered(level) and level == 1", False),
        ("path == 'bol' and path == 'bbl'", False),
        ("path != 'bol' and answered(path)", False),
        ("path == 'bol' and has_job == 'no' and hours > 3 and hours > 5", False),
    ],
)
def test_a_part_that_other_parts_imply_is_reported(tmp_path: Path, condition: str, implied: bool) -> None:
    """Routing is ignored: people with hours have a job, but saying so helps readers."""
    assert list_advice(tmp_path, condition) == ["implied-part"] * implied


@pytest.mark.parametrize(
    ("condition", "through"),
    [
        ("hours != 8", True),
        ("level == 1 and hours not in [7, 8]", True),
        ("hours != 8 and answered(hours)", False),
        ("has_job == 'yes' and hours != 8", False),
        ("has_job != 'no'", False),
        ("hours == 8", False),
        ("path != 'bol'", False),
    ],
)
def test_people_who_pass_because_they_were_not_asked_are_reported(tmp_path: Path, condition: str, through: bool) -> None:
    """Everybody is asked for a job, only people with a job for their hours; background is never asked."""
    found = check_unasked(write_sections(tmp_path, JOB_PAGES + LAST.format(condition)).questionnaire)
    assert name_codes(found) == ["true-if-unasked"] * through


def test_a_small_count_lets_people_through_who_were_not_asked(tmp_path: Path) -> None:
    pages = (
        JOB_PAGES.replace("- number: hours", "- multiple: hours")
        .replace("from: 1", "options: {a: A, b: B}")
        .replace("to: 60", "")
    )
    for condition, expected in (("count(hours) < 2", ["true-if-unasked"]), ("count(hours) >= 1", [])):
        written = write_sections(tmp_path / str(len(expected)), pages + LAST.format(condition))
        assert name_codes(check_unasked(written.questionnaire)) == expected


@pytest.mark.parametrize(
    ("condition", "through"),
    [("noise != 1", True), ("\"'a' not in places\"", True), ("answered(noise) and noise != 1", False), ("noise == 2", False)],
)
@pytest.mark.parametrize("inside", [False, True])
def test_people_without_the_module_pass_as_not_asked(tmp_path: Path, condition: str, through: bool, inside: bool) -> None:
    """In the module itself everybody was asked."""
    order = "\n  - {group: drawn, modules: {random: 1, from: {sound: 1, light: 1}}}\n  - {group: main, sections: [main]}"
    sound = "module: sound\npages:\n  - page: sounds\n    questions:\n      - {number: noise, text: Noise?, from: 1, to: 3}\n"
    sound += "      - {multiple: places, text: Places?, options: {a: A, b: B}}\n" + LAST.format(condition) * inside
    light = "module: light\npages: [{page: lights, questions: [{mark: lamp, text: Lamp?}]}]\n"
    head = change_head({"order": order})
    end = "  - {page: end, questions: [{mark: day, text: Day?}]}\n"
    main = "section: main\npages:\n" + (end if inside else LAST.format(condition))
    written = write_sections(tmp_path, main, sound, light, head=head)
    assert name_codes(check_unasked(written.questionnaire)) == ["true-if-unasked"] * (through and not inside)

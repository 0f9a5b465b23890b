"""Numbers that differ much from last year's are pointed out."""

from __future__ import annotations

from survey_engine.fieldwork.rosters.year_checks import compare_years
from tests.fieldwork.rosters.student_files import examine_rows, list_found


def make(kinds: dict[str, int]) -> list[dict[str, str]]:
    return [{"Type_Student": kind} for kind, count in kinds.items() for _ in range(count)]


def compare(folder, now: dict[str, int], before: dict[str, int]) -> list[tuple[str, str]]:
    examination = examine_rows(folder, *make(now))
    compare_years(examination, examine_rows(folder, *make(before)))
    return [
        (column, one.value)
        for _, column, _ in list_found(examination, "jump")
        for one in examination.findings
        if one.column == column
    ]


def test_a_value_that_disappears_or_doubles_is_pointed_out(tmp_path):
    assert compare(tmp_path, {"Ba": 60, "Ma": 40}, {"Ba": 100}) == [("Type_Student", "ma")]


def test_growth_of_all_rows_is_a_jump_of_the_institution_only(tmp_path):
    assert compare(tmp_path, {"Ba": 90, "Ma": 60}, {"Ba": 30, "Ma": 20}) == [("OIE_CODE", "27DV")]


def test_small_numbers_are_no_jump(tmp_path):
    assert compare(tmp_path, {"Ba": 100, "Ma": 19}, {"Ba": 100}) == []

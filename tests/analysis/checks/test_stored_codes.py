"""Codes with another meaning than in stored versions; `tests/publication/test_versions.py` publishes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.stored_codes import check_codes
from survey_engine.analysis.checks.trends import check_trends
from tests.writing import HEAD, ask, change_head, write_questions, write_sections


def test_two_modules_do_not_exchange_their_questions(tmp_path: Path) -> None:
    modules = [
        f"module: {code}\npages: [{{page: {page}, questions: [{{mark: {page}_mark, text: Q?}}]}}]\n"
        for code, page in (("m1", "sun"), ("m2", "rain"))
    ]
    order = f"{HEAD}  - {{group: more, modules: {{random: 1}}}}\n"
    before, now = (
        write_sections(tmp_path / name, ask("- mark: week\n  text: Week?\n"), *texts, head=order).questionnaire
        for name, texts in (
            ("old", modules),
            ("new", [text.replace("m1", "m").replace("m2", "m1").replace("module: m\n", "module: m2\n") for text in modules]),
        )
    )
    found = [problem.facts["code"] for problem in check_trends(now, before) if problem.code == "definition-changed"]

    assert sorted(found) == ["m1", "m2"]
    assert [each.facts["code"] for each in check_codes(now, [before])] == found


WALK = "- number: walk\n  text: How many hours do you walk?\n  to: 50\n"


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        ("- date: walk\n  text: On which days do you walk?\n", ["code-retyped"]),
        (WALK.replace("How many hours do you walk", "Sick days"), ["code-reused"]),
        (WALK.replace("hours", "days"), ["definition-changed"]),
        (WALK.replace("to: 50", "from: 1\n  to: 51"), ["definition-changed"]),
    ],
    ids=["another type", "another question", "another unit", "a moved range"],
)
def test_what_follows_from_another_meaning_of_a_code_is_not_reported(tmp_path: Path, now: str, codes: list[str]) -> None:
    old, new = (write_questions(tmp_path / name, text).questionnaire for name, text in (("old", WALK), ("new", now)))

    assert [each.code for each in check_trends(new, old)] == codes
    if codes != ["code-reused"]:  # which stored versions leave to a person
        assert [each.code for each in check_codes(new, [old])] == codes


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("derived: {view: {sum: [walk]}}", "derived:\n  other: {sum: [walk]}\n  «view: {mean: [walk]}"),
        ("scales: {}", "derived:\n  «week: {mean: [walk]}"),
    ],
    ids=["another computation", "no question any more"],
)
def test_problems_of_derived_values_are_where_these_are(tmp_path: Path, was: str, now: str) -> None:
    week = "- mark: week\n  text: Week?\n" if "week" in now else ""
    old = write_questions(tmp_path / "old", WALK + week, change_head({"scales": ""}) + was)
    new = write_questions(tmp_path / "new", WALK, change_head({"scales": ""}) + now)
    (problem,) = check_codes(new.questionnaire, [old.questionnaire])

    assert problem.place == new.marks[0]


SOIL = """\
- choice: soil
  text: {en: Soil?, nl: Grond?}
  options: {sand: {en: Sand, nl: Zand}, clay: {en: Clay, nl: Klei}, none: {en: None here, nl: Geen}}
"""
NONE_HERE = ", none: {en: None here, nl: Geen}}"


@pytest.mark.parametrize(
    ("was", "now", "codes"),
    [
        (NONE_HERE, "}\n  does_not_apply: {en: None here, nl: Geen}", ["option-recoded"]),
        (NONE_HERE, "}\n  dont_know: {en: None here, nl: Geen}", ["option-recoded"]),
        ("clay: {en: Clay, nl: Klei}", "loam: {en: 'cl\u00aday.', nl: KLEI}", ["option-recoded"]),
        ("clay: {en: Clay, nl: Klei}", "loam: {en: '\u0421lay', nl: '\u041alei'}", ["option-recoded"]),
        ("clay: {en: Clay, nl: Klei}", "loam: {en: Loam, nl: Klei}", ["option-recoded"]),
        ("clay: {en: Clay, nl: Klei}", "loam: {en: Loam, nl: Leem}", []),
    ],
    ids=["does not apply", "don't know", "invisible characters", "look-alike characters", "another language", "another label"],
)
def test_one_label_keeps_one_code_however_it_is_written(tmp_path: Path, was: str, now: str, codes: list[str]) -> None:
    head = change_head(
        {"languages": "{en: {name: English}, nl: {name: N}}", "title": "{en: X, nl: X}", "scales": "", "background": ""}
    )
    old, new = (
        write_questions(tmp_path / name, text, head).questionnaire
        for name, text in (("old", SOIL), ("new", SOIL.replace(was, now)))
    )

    assert [each.code for each in check_codes(new, [old])] == codes
    assert [each.code for each in check_codes(old, [new])] == codes


def test_a_unit_that_was_left_out_for_a_while_is_not_another_one(tmp_path: Path) -> None:
    walk = "- number: walk\n  text: How long?\n  to: 50\n"
    first, second, third = (
        write_questions(tmp_path / name, text).questionnaire
        for name, text in (("1", walk + "  unit: km\n"), ("2", walk), ("3", walk + "  unit: minutes\n"))
    )
    (problem,) = check_codes(third, [second, first])

    assert (problem.code, problem.facts["before"]) == ("definition-changed", f"version {first.version}")
    assert not [*check_codes(second, [second, first])]

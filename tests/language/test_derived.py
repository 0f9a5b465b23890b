"""Derived values: numbers computed from answers, in conditions and texts, and mistakes with them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from survey_engine.engine.routing import Respondent, route
from survey_engine.model.derived import Derived
from survey_engine.rendering.page_plan import format_derived_value
from tests.writing import change_head, write

QUESTIONS = """\
section: main
pages:
  - page: first
    questions:
      - grid: lessons
        text: T
        scale: agree
        does_not_apply: Not for me
        items: {clear: C, useful: U, calm: A}
      - {date: born, text: T, from: 1990-01-01, to: 2012-12-31}
      - {number: hours, text: T, from: 0, to: 40}
      - {choice: colour, text: T, options: {red: R, blue: B}}
  - page: content
    when: lesson_mean >= 2
    questions: [{information: nice, text: "You gave {lesson_mean} on average, and are {age}."}]
  - page: adult
    when: age >= 18 and asked in [1, 2]
    questions: [{information: grown, text: T}]
"""
DERIVED = """\
  lesson_mean: {mean: [clear, useful, calm]}
  total: {sum: [clear, hours]}
  asked: {count: [clear, colour]}
  age: {years: [born, today]}
"""
NORTH = "institution: north\nname: N\n"


def write_derived(folder, derived=DERIVED, questions=QUESTIONS):
    head = change_head({}) + "derived:\n" + derived
    return write(folder, {"questionnaire.yaml": head, "main.yaml": questions, "north.yaml": NORTH})


def path_of(questionnaire, **answers):
    respondent = Respondent("north", "en", started_on="2026-11-29")
    return route(questionnaire, respondent, {"first": answers})


def test_pages_depend_on_means_counts_and_years(tmp_path):
    example = write_derived(tmp_path).questionnaire
    path = path_of(example, clear=3, useful=2, calm="na", born="2008-11-29", colour="red")
    assert path.codes == ("first", "content", "adult")
    assert [path.known[code] for code in example.derived] == [Fraction(5, 2), 3, 2, 18]
    path = path_of(example, clear="na", useful=1, born="2008-11-30", hours=0)
    assert path.codes == ("first",)
    assert [path.known[code] for code in example.derived] == [1, 0, None, 17]


def test_a_derived_value_of_nothing_is_empty(tmp_path):
    example = write_derived(tmp_path).questionnaire
    assert [path_of(example).known[code] for code in example.derived] == [None] * 4
    assert path_of(example, born="2000-01-01").codes == ("first",)


@pytest.mark.parametrize(
    ("value", "shown"), [(Fraction(10, 3), "3,3"), (Fraction(29, 10), "2,9"), (Fraction(399, 100), "4"), (7, "7"), (None, "…")]
)
def test_a_text_shows_one_decimal_at_most(value, shown):
    assert format_derived_value(value, ",") == shown


def test_years_count_birthdays():
    age = Derived("age", "years", ("born", "today"))
    days = {"2008-02-29": 18, "2008-11-29": 18, "2008-11-30": 17, "2030-01-01": -3}
    assert {born: age.compute({"born": born, "today": "2026-11-29"}) for born in days} == days


@pytest.mark.parametrize(
    ("derived", "code", "part"),
    [
        ("{mean: [clear, «clearr]}", "unknown-name", "did you mean 'clear'?"),
        ("{mean: [clear, «colour]}", "derived-type", "needs numbers"),
        ("{sum: [«born]}", "derived-type", "The sum 'x' needs numbers"),
        ("{years: [«hours, today]}", "derived-type", "needs dates"),
        ("{mean: [«today]}", "unknown-name", "today"),
        ("{mean: [«lessons]}", "no-answer", "is of type grid and has no answer. Name its parts: "),
    ],
)
def test_a_part_of_another_type_is_reported(tmp_path, derived, code, part):
    assert part in str(write_derived(tmp_path, f"{DERIVED}  x: {derived}\n").find(code))


def test_a_derived_value_has_one_kind(tmp_path):
    assert write_derived(tmp_path, DERIVED + "  «x: {mean: [clear], sum: [clear]}\n").find("needs-one").facts["code"] == "x"


@pytest.mark.parametrize(
    ("condition", "code", "part"),
    [
        ("lesson_mean == '3'", "condition-type", "whole numbers"),
        ("lesson_mean > hours", "condition-type", "whole numbers"),
        ("lesson_mean == [1, 2]", "condition-type", "`lesson_mean in [3, 4]`"),
        ("answered(age)", "condition-syntax", "write `(answered(born))`"),
        ("lesson_mean >= 3.5", "condition-syntax", "numbers are whole"),
        ("lesson_meen >= 2", "unknown-name", "lesson_meen"),
    ],
)
def test_a_wrong_comparison_with_a_derived_value_is_reported(tmp_path, condition, code, part):
    questions = QUESTIONS.replace("when: lesson_mean >= 2", f'when: "{condition}"').replace("{lesson_mean}", "…")
    assert part in str(write_derived(tmp_path, questions=questions).find(code))


def test_a_page_cannot_use_what_it_asks_itself(tmp_path):
    questions = QUESTIONS.replace("colour, text: T,", 'colour, text: T, when: "total >= 3",')
    assert write_derived(tmp_path, questions=questions).find("derived-here").facts == {"name": "total"}
    early = QUESTIONS.replace("{date: born, text: T", '{date: born, text: "{lesson_mean}"')
    assert write_derived(tmp_path / "text", questions=early).find("early-placeholder").facts["name"] == "lesson_mean"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("{years: [today, born]}", "years-backwards"),
        ("{years: [born, born]}", "listed-twice"),
        ("{mean: [clear, clear]}", "listed-twice"),
        ("{mean: [clear, hours]}", "mean-of-scales"),
        ("{mean: [clear, useful]}", "mean-of-reverse"),
        ("{sum: [clear, hours]}", "mean-of-scales"),
    ],
)
def test_a_derived_value_of_unlike_parts_is_reported(tmp_path, written, code):
    questions = QUESTIONS.replace("useful: U", "useful: {text: U, reverse: true}")
    assert code in write_derived(tmp_path, DERIVED + f"  other: {written}\n", questions).codes


@pytest.mark.parametrize(
    ("parts", "count"), [("clear, useful", 0), ("hours, days", 0), ("clear, week", 1), ("week, days", 1), ("days, week", 1)]
)
def test_a_sum_adds_answers_on_one_scale_or_numbers_of_any_range(tmp_path, parts, count):
    more = "      - {number: days, text: T, from: 1, to: 7}\n      - {mark: week, text: T}\n  - page: content\n"
    derived = DERIVED.replace("[clear, hours]", f"[{parts}]")
    written = write_derived(tmp_path, derived, QUESTIONS.replace("  - page: content\n", more, 1))
    assert written.codes.count("mean-of-scales") == count

"""Response options that mislead respondents or researchers."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.options import MOST_OPTIONS, MOST_STATEMENTS, check_options
from tests.analysis.checks.advice import name_codes
from tests.writing import ANY_QUESTION, HEAD, write_questions


def check(tmp_path: Path, question: str) -> list[str]:
    return name_codes(check_options(write_questions(tmp_path, question).questionnaire))


def check_labels(tmp_path: Path, options: str, kind: str = "choice") -> list[str]:
    return check(tmp_path, f"- {kind}: which\n  text: Which?\n  options: {{{options}}}")


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("a: 0-5 hours, b: 5-10 hours", ["range-overlap"]),
        ("a: 0-5 hours, b: 7-10 hours", ["range-overlap"]),
        ("b: 6-10 hours, a: 0-4 hours", ["range-overlap"]),
        ("a: 0 t/m 5 uur, b: 5 t/m 10 uur", ["range-overlap"]),
        ("a: 0-5 hours, b: 6-10 hours, c: 11 or more", []),
        ("a: 0 tot 5 uur, b: 5 tot 10 uur", []),
        ("a: 9.00-12.00, b: 12.00-15.00", []),
        ("2024: 2023–2024, 2025: 2024–2025", []),
        ("a: Younger than 18, b: 18-20, c: 21 or older", []),
    ],
)
def test_ranges_join_without_overlap_or_gap(tmp_path: Path, options: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, options) == codes


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("1: Never, 3: Sometimes, 2: Often, 4: Always", ["order-differs"]),
        ("1: Always, 2: Often, 3: Never, 4: Sometimes", ["order-differs"]),
        ("1: Strongly disagree, 2: Disagree, 3: Neutral, 4: Strongly agree, 5: Agree", ["order-differs"]),
        ("5: Always, 4: Often, 3: Sometimes, 2: Rarely, 1: Never", []),
        ("1: Never, 2: Sometimes, 3: Always, 9: I do not know", []),
        ("1: Bike, 7: Train, 3: Car", []),
        ("1: Very bad, 2: Bad, 3: Good, 4: Fair, 5: Very good", ["order-differs"]),
        ("1: Excellent, 2: Very good, 3: Good, 4: Fair, 5: Poor", []),
        ("0: Not at all, 1: Nearly every day, 2: Several days", ["order-differs"]),
        ("1: Certainly not, 2: Probably not, 3: Perhaps, 4: Certainly", []),
        ("1: I agree with my parents about it, 2: I never think of it, 3: It is often good", []),
    ],
)
def test_degrees_run_up_or_down_with_their_codes(tmp_path: Path, options: str, codes: list[str]) -> None:
    """A new option keeps a new code at any place of a list, so codes alone need no order."""
    assert check_labels(tmp_path, options) == codes


def test_a_yes_that_means_no_is_reported(tmp_path: Path) -> None:
    assert check_labels(tmp_path, '"yes": "No", "no": "Yes"') == ["label-opposite", "label-opposite"]
    assert check_labels(tmp_path, '"yes": "Yes!", "no": "No."') == []


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("a_lot: Not at all, a_little: 'Yes, a little', not_at_all: 'Yes, a lot'", ["label-opposite"]),
        ("a_lot: 'Yes, a lot', a_little: A little, not_at_all: Not at all", []),
        ("often: Very good, never: Very bad", []),
    ],
)
def test_a_degree_in_a_code_is_that_of_its_label(tmp_path: Path, options: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, options) == codes


def test_a_choice_has_more_than_one_option_and_not_too_many(tmp_path: Path) -> None:
    many = ", ".join(f"o{number}: Name {chr(97 + number)}" for number in range(MOST_OPTIONS + 1))
    assert check_labels(tmp_path, "a: Sure") == ["single-option"]
    assert check_labels(tmp_path, "a: Sure", "multiple") == []
    assert check_labels(tmp_path, many) == ["many-options"]
    assert check_labels(tmp_path, many.rpartition(",")[0]) == []


@pytest.mark.parametrize(
    ("kind", "options", "codes"),
    [
        ("choice", "a: Bike, b: 'Other, namely'", ["other-without-text"]),
        ("choice", "a: Bike, b: {text: 'Other, namely', namely: true}", []),
        ("choice", "a: Bike, b: Other", []),
        ("multiple", "a: Bike, b: Train, c: None of these", ["none-with-others"]),
        ("multiple", "a: Fiets, b: Trein, c: Geen van deze", ["none-with-others"]),
        ("multiple", "a: Bike, b: Train, c: {text: None of these, exclusive: true}", []),
        ("multiple", "a: Nonetheless, b: Geenszins, c: Niets doen", []),
        ("choice", "a: Bike, b: Train, c: None of these", []),
        ("choice", "a: Bike, b: 'Other:'", ["other-without-text"]),
        ("multiple", "a: Bike, b: Train, c: I do not know", ["none-with-others"]),
        ("multiple", "a: Fiets, b: Trein, c: Niet van toepassing", ["none-with-others"]),
        ("multiple", "a: Fiets, b: Trein, c: Weet niet", ["none-with-others"]),
        ("multiple", "a: Fiets, b: Trein, c: Ik weet het niet", ["none-with-others"]),
        ("multiple", "a: Lezen, b: Spelen, c: Ik doe niets van deze", ["none-with-others"]),
        ("multiple", "a: Reading, b: Playing, c: I do none of these", ["none-with-others"]),
        ("multiple", "a: Lezen, b: Spelen, c: Allebei", ["none-with-others"]),
        ("multiple", "a: Lezen, b: Spelen, c: Beide ouders", []),
        ("multiple", "a: Fiets, b: Trein, c: Weet niet hoe", []),
        ("multiple", "a: Bike, b: Train, c: I prefer not to say", ["none-with-others"]),
        ("multiple", "a: Bike, b: Train, c: I do not know the way", []),
        ("choice", "a: Bike, b: 'Elsewhere, write in'", ["other-without-text"]),
        ("choice", "a: Fiets, b: 'Anders (vul in)'", ["other-without-text"]),
        ("choice", "a: Read books, b: Write in my diary", []),
        ("multiple", "a: Family, b: Friends, c: Nobody else", ["none-with-others"]),
        ("multiple", "a: Lesen, b: Schreiben, c: Ich mache nichts Besonderes", ["none-with-others"]),
        ("multiple", "a: Famia, b: Amigu, c: Ningun hende", ["none-with-others"]),
        ("multiple", "a: Nothing changed, b: Nobody helped me, c: No time", []),
        ("multiple", "a: Bike, b: {text: None of these, exclusive: true, namely: true}", ["none-with-text"]),
        ("multiple", "a: {text: Bike, exclusive: true}, b: {text: Train, exclusive: true}", ["one-of-several"]),
    ],
)
def test_other_has_a_text_field_and_none_excludes_the_rest(tmp_path: Path, kind: str, options: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, options, kind) == codes


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("No support needed", ["none-with-others"]),
        ("No supports", ["none-with-others"]),
        ("No time for it", []),
        ("Noisy support", []),
    ],
)
def test_an_option_that_denies_the_question_excludes_the_rest(tmp_path: Path, label: str, codes: list[str]) -> None:
    assert check(tmp_path, f"- multiple: m\n  text: Which support?\n  options: {{a: Money, b: Help, c: {label}}}") == codes


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("a: Kettingslot, b: Beugelslot, c: Geen slot", ["none-with-others"]),
        ("a: Chain, b: Cable, none: I do not use any lock", ["none-with-others"]),
        ("a: Ketting, b: Kabel, geen: Geen slot", ["none-with-others"]),
        ("a: Chain, b: None of these", ["none-with-others"]),
        ("a: Chain, b: Cable, c: No lock", []),
        ("a: Chain, b: Cable, none: Tape", []),
        ("a: No money, b: Too little time, c: No time", []),
        ("a: Kettingslot, b: Beugelslot, c: {text: Geen slot, exclusive: true}", []),
    ],
)
def test_an_option_that_denies_other_labels_or_has_such_a_code_excludes(tmp_path: Path, options: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, options, "multiple") == codes


@pytest.mark.parametrize(("most", "codes"), [(1, ["one-of-several"]), (2, [])])
def test_several_answers_are_more_than_one(tmp_path: Path, most: int, codes: list[str]) -> None:
    assert check(tmp_path, f"- multiple: m\n  text: Which?\n  at_most: {most}\n  options: {{a: A, b: B, c: C}}") == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Which mark from 1 to 5?", ["bounds-differ"]),
        ("Which mark, 0-10?", ["bounds-differ"]),
        ("Which mark from 1 to 10?", []),
        ("Which mark for the last 1.5 to 2 years?", []),
        ("Which mark for grades 2 to 4?", []),
        ("Which mark for weeks 1 to 3?", []),
        ("Which mark for the lessons from 1 to 3 days?", []),
        ("Which mark (1-5)?", ["bounds-differ"]),
    ],
)
def test_the_text_of_a_mark_names_its_bounds(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert check(tmp_path, f"- mark: school\n  text: {text}") == codes


@pytest.mark.parametrize(("text", "codes"), [("From 0 to 5?", []), ("From 1 to 10?", ["bounds-differ"])])
@pytest.mark.parametrize("question", ["mark: school", "grid: g, items: {a: A}"])
def test_the_text_of_own_marks_names_their_bounds(tmp_path: Path, question: str, text: str, codes: list[str]) -> None:
    assert check(tmp_path, f"- {{{question}, text: {text}, from: 0, to: 5, from_label: Bad, to_label: Good}}") == codes


@pytest.mark.parametrize(
    ("points", "codes"),
    [("{1: A, 2: B, 4: C, 5: D}", ["missing-point"]), ("{1: A, 2: B, 3: C}", []), ("{0: A, 25: B, 50: C}", [])],
)
def test_a_missing_point_of_a_scale_is_reported(tmp_path: Path, points: str, codes: list[str]) -> None:
    head = HEAD.replace("{1: Disagree, 2: Neutral, 3: Agree}", points)
    written = write_questions(tmp_path, ANY_QUESTION, head)
    assert [problem.code for problem in check_options(written.questionnaire)] == codes


@pytest.mark.parametrize(
    ("options", "codes"),
    [("{1: Bad, 2: Fair, 4: Good}", ["missing-point"]), ("{1: By bus, 2: By car, 4: On foot}", []), ("{1: Bad, 2: Good}", [])],
)
def test_a_missing_point_among_own_degrees_is_reported(tmp_path: Path, options: str, codes: list[str]) -> None:
    assert check(tmp_path, f"- choice: c\n  text: T?\n  options: {options}") == codes


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("{a: 'Yes, a lot', b: 'Yes, a little', c: Not at all}", ["ordered-options"]),
        ("{a: Hard, b: Mixed, c: Easy}", ["ordered-options"]),
        ("{a: Wood, b: Metal, c: All of these}", ["above-in-random-order"]),
        ("{0: None, 1: One, 2: Two, 3: Three or more}", ["ordered-options"]),
        ("{a: Never, b: Sometimes, c: Often}", ["ordered-options"]),
        ("{1: 0-5 hours, 2: 6-10 hours, 3: More than 10 hours}", ["ordered-options"]),
        ("{a: On Monday, b: On Tuesday, c: On Friday}", ["ordered-options"]),
        ("{a: maart, b: april, c: mei}", ["ordered-options"]),
        ("{a: Wood, b: Metal, c: All of the above}", ["above-in-random-order"]),
        ("{a: Wood, b: Metal, c: {text: All of the above, fixed: true}}", []),
        ("{a: Geen van deze, b: Hout, c: Metaal}", ["above-in-random-order"]),
        ("{a: S, b: M, c: L, d: XL}", ["ordered-options"]),
        ("{a: Eerste jaar, b: Tweede jaar, c: Derde jaar}", ["ordered-options"]),
        ("{a: Laag, b: Midden, c: Hoog}", ["ordered-options"]),
        ("{a: Afternoon, b: Evening, c: Night}", ["ordered-options"]),
        ("{a: Klein, b: Groot, c: Vrij}", []),
        ("{a: High, b: Low, c: Middle}", []),
        ("{a: Above average, b: Below average, c: Other}", []),
        ("{1: By car, 2: By bus, 3: On foot}", []),
    ],
)
def test_options_in_a_random_order_have_no_order(tmp_path: Path, options: str, codes: list[str]) -> None:
    written = write_questions(tmp_path, f"- choice: c\n  text: T?\n  random_order: true\n  options: {options}")
    assert [problem.code for problem in check_options(written.questionnaire)] == codes


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("{1: 0 tot en met 15, 2: 16 tot en met 30, 3: 33 tot en met 45}", ["range-overlap"]),
        ("{1: 0 to 15, 2: 31 to 45, 3: 16 to 30}", ["order-differs"]),
        ("{1: 30-60 minutes, 2: 1-2 hours, 3: 3-4 hours, 4: More than 4 hours}", []),
    ],
)
def test_ranges_in_words_have_no_holes_and_one_order(tmp_path: Path, options: str, codes: list[str]) -> None:
    written = write_questions(tmp_path, f"- choice: c\n  text: T?\n  options: {options}")
    assert [problem.code for problem in check_options(written.questionnaire)] == codes


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("Geen enkele", ["none-with-others"]),
        ("Ik ken er geen", ["none-with-others"]),
        ("I do not know any", ["none-with-others"]),
        ("Ik heb niets nodig", ["none-with-others"]),
        ("Alle bovenstaande", ["none-with-others"]),
        ("All of the above.", ["none-with-others"]),
        ("'Iets anders: …'", ["other-without-text"]),
        ("Ik ken er geen een van vroeger", []),
        ("I do not know any teacher", []),
        ("All of the courses above level 2", []),
    ],
)
def test_none_and_all_exclude_other_options(tmp_path: Path, label: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, f"a: A ball, b: A net, c: {label}", "multiple") == codes


def test_a_grid_has_not_too_many_statements(tmp_path: Path) -> None:
    for count, codes in ((MOST_STATEMENTS, []), (MOST_STATEMENTS + 1, ["many-statements"])):
        items = ", ".join(f"i{number}: Room {chr(97 + number)}" for number in range(count))
        assert check(tmp_path / str(count), f"- grid: g\n  text: T?\n  scale: agree\n  items: {{{items}}}") == codes


def test_yes_and_no_keep_their_order(tmp_path: Path) -> None:
    question = "- choice: c\n  text: Do you?\n  random_order: true\n  options: {a: 'Yes', b: 'No'}"
    assert check(tmp_path, question) == ["ordered-options"]


@pytest.mark.parametrize(
    ("points", "codes"), [("1: Never", ["single-option"]), ("1: Never, 2: Always", []), ("1: Never, 2: Always, 3: Sometimes", [])]
)
def test_a_scale_has_more_than_one_point(tmp_path: Path, points: str, codes: list[str]) -> None:
    grid = "- grid: places\n  text: P?\n  scale: often\n  items: {hall: Hall, yard: Yard}\n"
    head = HEAD.replace("scales:\n", f"scales:\n  often: {{{points}}}\n")
    found = check_options(write_questions(tmp_path, grid + "- choice: here\n  text: H?\n  scale: often", head).questionnaire)
    assert [code for code in name_codes(found) if code == "single-option"] == codes


def test_a_grid_has_more_than_one_option(tmp_path: Path) -> None:
    grid = "- grid: places\n  text: P?\n  options: {1: Never}\n  items: {hall: Hall, yard: Yard}\n"
    assert name_codes(check_options(write_questions(tmp_path, grid).questionnaire)) == ["single-option"]

"""Scales that mislead respondents or researchers."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.scales import check_scales
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, write_questions


def check(tmp_path: Path, questions: str, head: str = HEAD) -> list[str]:
    return name_codes(check_scales(write_questions(tmp_path, questions, head).questionnaire))


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("{1: 1 hour, 2: 2 hours, 3: 4 hours, 4: 4 or more}", ["label-number"]),
        ("{1: 1 hour, 2: 2 hours, 3: 3 hours}", []),
        ("{1: 15 minutes, 2: 30 minutes, 3: 45 minutes}", []),
        ("{1: up to 2, 2: 3 to 4, 3: 5 or more}", []),
        ("{days_1: 1 day, days_2: 2 days, days_3: 2 days or so}", ["label-number"]),
        ("{a: 1 day, b: 2 days}", []),
        ("{1: Disagree, 2: 3 - Neutral, 3: Agree}", ["label-number"]),
        ("{1: 1. Disagree, 2: 2. Neutral, 3: (3) Agree}", []),
        ('{0: "(1) Never", 1: "2: Often"}', ["label-number", "label-number"]),
        ("{1: 0-5 hours, 2: 6 – 10 hours, 3: 1.5 days}", []),
    ],
)
def test_a_label_shows_its_own_number_where_the_others_do(tmp_path: Path, options: str, codes: list[str]) -> None:
    assert check(tmp_path, f"- choice: hours\n  text: Hours?\n  options: {options}") == codes


def test_two_options_with_equal_labels_are_reported(tmp_path: Path) -> None:
    options = "{small: {en: Small, nl: Klein}, tiny: {en: Tiny, nl: klein.}}"
    head = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}")
    written = write_questions(tmp_path, f"- choice: size\n  text: Size?\n  options: {options}", head)

    (problem,) = check_scales(written.questionnaire)
    assert problem.code == "same-label"
    assert problem.wrong == "the options tiny and small have the same label in nl"


def test_missing_labels_are_not_equal(tmp_path: Path) -> None:
    head = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}")
    options = "{small: {en: Small}, tiny: {en: Tiny}}"

    assert check(tmp_path, f"- choice: size\n  text: Size?\n  options: {options}", head) == []


def test_institutions_may_have_the_same_option_in_their_lists(tmp_path: Path) -> None:
    lists = {
        name: f"institution: {name}\nname: N\nlists: {{clubs: {{{code}: Choir}}}}" for name, code in (("a", "x"), ("b", "y"))
    }
    written = write_questions(tmp_path, "- multiple: joined\n  text: Joined?\n  options_from: clubs")
    for name, text in lists.items():
        (tmp_path / "q" / "x" / f"{name}.yaml").write_text(text)
    again = write_questions(tmp_path, "- multiple: joined\n  text: Joined?\n  options_from: clubs")

    assert written.codes
    assert name_codes(check_scales(again.questionnaire)) == []


OFTEN = "- grid: b\n  text: B?\n  options: {{{}}}\n  items: {{b1: B}}\n"
AGREE = "- grid: a\n  text: A?\n  scale: agree\n  items: {a1: A}\n"


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("never: Never, sometimes: Sometimes, often: Often", []),
        ("often: Often, sometimes: Sometimes, never: Never", []),
        ("3: Often, 2: Sometimes, 1: Never", ["opposite-scales"]),
        ("5: Always, 4: Often, 1: Never", ["opposite-scales"]),
        ("a: Apples, b: Pears", []),
    ],
)
def test_all_scales_have_the_same_direction(tmp_path: Path, options: str, codes: list[str]) -> None:
    assert check(tmp_path, AGREE + OFTEN.format(options)) == codes


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("1: Not at all worried, 2: A little worried, 3: Very worried", []),
        ("1: Very worried, 2: A little worried, 3: Not at all worried", ["opposite-scales"]),
        ("3: Very worried, 2: A little worried, 1: Not at all worried", []),
        ("1: 'Yes', 2: A little, 3: 'No'", []),
        ("1: Not difficult at all, 2: Very difficult", []),
    ],
)
def test_amounts_of_one_property_rise_with_their_codes(tmp_path: Path, options: str, codes: list[str]) -> None:
    amount = "- choice: often\n  text: T?\n  options: {1: Not a problem, 2: A small problem, 3: A big problem}\n"
    assert check(tmp_path, AGREE + amount + OFTEN.format(options)) == codes


def test_the_scale_against_most_others_is_reported(tmp_path: Path) -> None:
    health = "- choice: health\n  text: H?\n  options: {1: Very good, 2: Good, 3: Bad}\n"
    written = write_questions(tmp_path, health + AGREE + OFTEN.format("1: Never, 2: Often"))
    assert [problem.facts["code"] for problem in check_scales(written.questionnaire)] == ["health"]


@pytest.mark.parametrize(
    "labels",
    [
        "Good|Bad",
        "Often|Sometimes|Never",
        "Better|The same|Worse",
        "Agree|Disagree",
        "Satisfied|Dissatisfied",
        "Always|Often|Never",
    ],
)
def test_codes_that_are_words_have_no_direction(tmp_path: Path, labels: str) -> None:
    listed = labels.split("|")
    words = ", ".join(f"o{place}: {label}" for place, label in enumerate(listed))
    numbers = ", ".join(f"{place}: {label}" for place, label in enumerate(listed))
    choice = "- choice: extra\n  text: E?\n  options: {{{}}}\n"
    assert check(tmp_path, AGREE + choice.format(words)) == []
    assert check(tmp_path / "numbers", AGREE + choice.format(numbers)) == ["opposite-scales"]


def test_a_named_scale_is_reported_once_and_at_its_own_place(tmp_path: Path) -> None:
    head = HEAD.replace("  agree:", "  often: {1: «Often, 2: Sometimes, 3: Never}\n  agree:")
    grids = "".join(f"- grid: {code}\n  text: G {code}?\n  scale: often\n  items: {{{code}1: G}}\n" for code in ("c", "d"))
    same = AGREE.replace("a: {", "x: {").replace("grid: a", "grid: a2").replace("a1", "a21")
    written = write_questions(tmp_path, AGREE + same + AGREE.replace("grid: a", "grid: a3").replace("a1", "a31") + grids, head)
    (problem,) = [problem for problem in check_scales(written.questionnaire) if problem.code == "opposite-scales"]
    assert (problem.facts["code"], problem.place) == ("often", written.marks[0])


def test_a_scale_in_dutch_is_read_by_its_dutch_words(tmp_path: Path) -> None:
    head = HEAD.replace("source_language: en", "source_language: nl").replace("{en: {name: English}}", "{nl: {name: Nederlands}}")
    head = head.replace("{1: Disagree, 2: Neutral, 3: Agree}", "{1: Heel ontevreden, 2: Neutraal, 3: Heel tevreden}")

    assert check(tmp_path, AGREE + OFTEN.format("1: Eens, 2: Oneens"), head) == ["opposite-scales"]
    assert check(tmp_path / "same", AGREE + OFTEN.format("1: Oneens, 2: Eens"), head) == []


def test_labels_of_negative_numbers_have_their_codes(tmp_path: Path) -> None:
    assert check(tmp_path, '- choice: warm\n  text: T?\n  options: {-1: "-1", 0: "0", 1: "1"}') == []
    assert check(tmp_path / "x", '- choice: warm\n  text: T?\n  options: {-1: "-1", 0: "0", 1: "-1 degree", 2: "2"}') == [
        "label-number"
    ]

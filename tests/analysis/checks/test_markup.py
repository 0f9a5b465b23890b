"""Unsupported markup is a problem at its wording."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.markup import check_markup
from tests.writing import change_head, write_questions

HEAD = change_head({"languages": "{en: {name: English}, nl: {name: Nederlands}}", "title": "{en: Example, nl: Voorbeeld}"})


def test_foreign_markup_is_reported_in_the_language_that_holds_it(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- mark: week\n  text: {en: Your week?, nl: «Jouw <i>week</i>?}", HEAD)
    (problem,) = check_markup(written.questionnaire)
    assert problem.code == "foreign-markup" and problem.place == written.marks[0]
    assert "HTML" in problem.wrong and "“<i>”" in problem.wrong and "*emphasis*" in problem.remedy


def test_a_link_without_https_is_reported(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- mark: week\n  text: See [us](www.x.nl)")
    (problem,) = check_markup(written.questionnaire)
    assert problem.code == "bad-link" and "www.x.nl" in problem.wrong and problem.severity == "warning"


def test_exchanged_brackets_are_no_link(tmp_path: Path) -> None:
    for number, text in enumerate(("(us)[https://example.org]", "(us) [https://example.org]", "(us)[1] (see www.example.org)")):
        written = write_questions(tmp_path / str(number), f"- mark: week\n  text: See {text}")
        assert [problem.code for problem in check_markup(written.questionnaire)] == ["bad-link"] * (number < 2)


def test_a_link_in_a_term_is_checked_too(tmp_path: Path) -> None:
    head = change_head({"terms": "{privacy: '[why](www.x.nl)'}"})
    (problem,) = check_markup(write_questions(tmp_path, "- mark: week\n  text: See {privacy}", head).questionnaire)
    assert problem.code == "bad-link" and "privacy" in problem.wrong


def test_an_address_contains_no_answer(tmp_path: Path) -> None:
    head = change_head({"terms": "{site: example}"})
    question = "- mark: week\n  text: See [a](https://example.org/{site}) and [b](https://example.org/{path})"
    (problem,) = check_markup(write_questions(tmp_path, question, head).questionnaire)
    assert problem.code == "bad-link" and "{path}" in problem.wrong


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("[113.nl](https://www.114.nl)", True),
        ("[www.113.nl](https://www.politie.nl)", True),
        ("[*113.nl*](https://www.114.nl)", True),
        ("[https://example.org/a](https://example.com/a)", True),
        ("[me@example.org](mailto:me@example.com)", True),
        ("[me@example.org](mailto:you@example.org)", True),
        ("[me@example.org](https://example.com/contact)", True),
        ("[113.nl](https://www.113.nl)", False),
        ("[www.113.nl](https://113.nl/chat?lang=nl)", False),
        ("[example.org](https://students.example.org)", False),
        ("[Example.org/help](https://example.org/help-and-more)", False),
        ("[me@example.org](mailto:Me@example.org?subject=Survey)", False),
        ("[me@example.org](https://example.org/contact)", False),
        ("[letter.pdf](https://example.org/files/letter_2.pdf)", False),
        ("[the letter](https://example.org/letter)", False),
        ("[{site}](https://example.org)", False),
        ("[0900-0113](tel:09000113)", False),
    ],
)
def test_a_shown_address_is_that_of_the_link(tmp_path: Path, link: str, found: bool) -> None:
    head = change_head({"terms": "{site: 113.nl}"})
    problems = check_markup(write_questions(tmp_path, f"- mark: week\n  text: 'See {link}'", head).questionnaire)
    assert [problem.code for problem in problems] == ["misleading-link"] * found

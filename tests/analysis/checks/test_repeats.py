"""Repeated conditions: written out several times, or equal to the condition around them."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.repeats import check_repeats
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, change_head, write_questions, write_sections

LONG = "path == 'bol' and level >= 2"


def ask(*conditions: str) -> str:
    return "\n".join(f'- mark: q{n}\n  text: Q?\n  when: "{condition}"' for n, condition in enumerate(conditions))


@pytest.mark.parametrize(
    ("conditions", "codes"),
    [
        ([LONG], []),
        ([LONG, LONG], ["deserves-name"]),
        ([LONG, "level >= 2 and path == 'bol'"], []),
        (["level >= 2"] * 4, []),
        (["level >= 2"] * 5, ["deserves-name"]),
    ],
)
def test_a_long_condition_deserves_a_name_at_once_and_a_simple_one_later(
    tmp_path: Path, conditions: list[str], codes: list[str]
) -> None:
    assert name_codes(check_repeats(write_questions(tmp_path, ask(*conditions)).questionnaire)) == codes


@pytest.mark.parametrize(("condition", "codes"), [(LONG, ["has-name"]), ("intern", []), ("not intern", [])])
def test_a_condition_with_a_name_must_be_used_by_name(tmp_path: Path, condition: str, codes: list[str]) -> None:
    head = f"{HEAD}conditions:\n  intern: {LONG}\n"

    assert name_codes(check_repeats(write_questions(tmp_path, ask(condition), head).questionnaire)) == codes


def test_the_opposite_of_a_named_condition_may_be_repeated(tmp_path: Path) -> None:
    head = f"{HEAD}conditions:\n  intern: {LONG}\n"

    assert name_codes(check_repeats(write_questions(tmp_path, ask(*["not intern"] * 4), head).questionnaire)) == []


def test_a_condition_of_a_section_need_not_be_repeated_inside_it(tmp_path: Path) -> None:
    written = write_sections(
        tmp_path,
        """
        section: main
        when: path == 'bol'
        pages:
          - page: one
            questions:
              - mark: week
                text: Week?
                when: path == 'bol'
        """,
    )

    (problem,) = check_repeats(written.questionnaire)
    assert (problem.code, problem.facts["around"]) == ("said-already", "section")


def test_brackets_around_a_name_do_not_write_it_out(tmp_path: Path) -> None:
    head = change_head({"conditions": "{intern: path == 'bol'}"})
    written = write_questions(tmp_path, "- mark: week\n  text: W?\n  when: (intern)", head)
    assert [problem.code for problem in check_repeats(written.questionnaire)] == []

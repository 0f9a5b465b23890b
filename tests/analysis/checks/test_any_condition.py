"""Any comparison and any function, with operands of any kind, is accepted or reported with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.authoring.review import review_questionnaire
from survey_engine.model.conditions import OPERATORS
from survey_engine.model.messages import Problem
from tests.writing import ask, change_head

QUESTIONS = """\
- {number: books, text: How many books?, from: 0, to: 20}
- {number: amount, text: How much money?, from: 0, to: 900}
- {mark: week, text: Which mark?}
- {yes_no: reads, text: Do you read?}
- {choice: words, text: Where?, options: {home: At home, school: {text: Elsewhere, namely: true}}}
- {choice: numbers, text: How often?, options: {1: Never, 2: Often}, dont_know: I do not know}
- {multiple: several, text: Which?, options: {a: One, b: Two, c: Three}}
- {multiple: which_years, text: Which years?, options: {2024: This one, 2025: That one}}
- {open: reason, text: Why?, notice: no_names}
- {date: since, text: When?, from: 2020-01-01, to: 2026-01-01}
- {grid: opinions, text: What do you think?, scale: agree, items: {row_a: Reading is fun., row_b: Books are dear.}}
- {information: told, text: Read this.}
- {consent: agreed, text: Do you agree?, parts: {agree_use: {text: Use my answers, required: true}}}
"""
HEAD = change_head(
    {
        "experiments": "\n  - {experiment: frame, arms: {gain: 1, loss: 1}}",
        "derived": "\n  total: {sum: [books, amount]}\n  average: {mean: [row_a, row_b]}"
        "\n  how_many: {count: [words, several]}\n  age: {years: [since, today]}\n  wrong: {years: [books, words]}",
    }
)
NAMES = (
    *("path", "level", "programme", "institution", "language", "assigned", "experiment.frame", "experiment.none"),
    *("books", "amount", "week", "reads", "words", "words__namely", "numbers", "several", "which_years", "reason", "since"),
    *("opinions", "row_a", "told", "agreed", "agree_use", "total", "average", "how_many", "age", "wrong", "named", "nothing"),
)
"""A name of each kind."""
CONSTANTS = ("3", "-1", "'home'", "''", "[]", "[1, 2]", "['a', 3]", "[2, 2]")
OPERANDS = (*NAMES, *CONSTANTS, *(f"count({name})" for name in NAMES))
QUESTION = "      - {{yes_no: q{0}, when: c{0}, text: More?}}\n"
NORTH = "institution: north\nname: North\n"
EACH = 7
"""An operand has every seventh one at its right, and with the next operator the ones beside them."""
PARTS = 8
"""In how many questionnaires the comparisons by one operator are."""
CALLS = [f"{start}{function}({operand})" for start in ("", "not ") for function in ("answered", "count") for operand in OPERANDS]


def review(folder: Path, conditions: list[str]) -> dict[int, list[Problem]]:
    """Return the problems at the line of each condition; each is named, and the condition of a question."""
    named = "".join(f"\n  c{number}: {source!r}" for number, source in enumerate(conditions))
    questions = "".join(QUESTION.format(number) for number in range(len(conditions)))
    head = HEAD + "conditions:\n  named: level >= 2" + named + "\n"
    files = {"questionnaire": head, "main": f"{ask(QUESTIONS)}  - page: more\n    questions:\n{questions}", "north": NORTH}
    (folder / "example").mkdir(parents=True)
    for name, text in files.items():
        (folder / "example" / f"{name}.yaml").write_text(text)
    first = head[: head.index("  named:")].count("\n") + 2
    found: dict[int, list[Problem]] = {first + number: [] for number in range(len(conditions))}
    for problem in review_questionnaire(folder / "example").problems:
        for place in (problem.place, *problem.others):
            assert place.file and place.line, problem
            if place.file.endswith("questionnaire.yaml"):
                found.setdefault(place.line, []).append(problem)
    return {line - first: problems for line, problems in found.items()}


@pytest.mark.parametrize("operator", OPERATORS)
def test_comparisons_of_operands_of_any_kind_are_reviewed(tmp_path: Path, operator: str) -> None:
    start = [*OPERATORS].index(operator)
    for part in range(PARTS):
        pairs = [(left, OPERANDS[(start + at) % EACH :: EACH]) for at, left in enumerate(OPERANDS) if at % PARTS == part]
        review(tmp_path / str(part), [f"{left} {operator} {right}" for left, beside in pairs for right in beside])


def test_functions_of_operands_of_any_kind_are_reviewed(tmp_path: Path) -> None:
    review(tmp_path, CALLS)


ONE_ANSWER = (
    *("path", "level", "institution", "books", "week", "reads", "words", "numbers", "reason", "since", "row_a", "agree_use"),
    *("experiment.frame", "programme", "words__namely"),
)


@pytest.mark.parametrize("operator", [operator for operator in OPERATORS if OPERATORS[operator].compares != "lists"])
def test_a_count_of_one_answer_is_an_error_at_its_line(tmp_path: Path, operator: str) -> None:
    found = review(tmp_path, [f"count({name}) {operator} 1" for name in ONE_ANSWER])
    errors = [[problem.code for problem in found[line] if problem.severity == "error"] for line in range(len(ONE_ANSWER))]
    assert errors == [["condition-type"]] * len(ONE_ANSWER)


def test_without_the_conditions_there_is_no_error_but_the_wrong_parts(tmp_path: Path) -> None:
    problems = [problem for found in review(tmp_path, ["level == 2"]).values() for problem in found]
    assert {problem.code for problem in problems if problem.severity == "error"} == {"derived-type"}

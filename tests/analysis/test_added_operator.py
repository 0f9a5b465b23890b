"""A new record in OPERATORS is enough for an operator: it is parsed, checked and proved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.writing import HEAD, MAIN

ADDED = """
import sys
from survey_engine.model.conditions import OPERATORS, Operator

def divides(left, right):
    return isinstance(left, int) and isinstance(right, int) and left % right == 0

OPERATORS[sys.argv[1]] = Operator(sys.argv[1], divides, "numbers")
from survey_engine.cli import main
main(sys.argv[2:])
"""
"""The command line with one more operator, which does not split ranges of numbers."""
QUESTIONS = """\
      - {number: books, text: Books?, from: 0, to: 100}
      - {number: pages, text: Pages?, from: 1, to: 100000}
      - {mark: week, text: Week?}
      - {multiple: needs, text: Needs?, options: {a: Rest, b: Food, c: Help}}
  - page: second
"""
SPELLINGS = ("~", "dividedby", "<=>", "not dividedby", "in steps of")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "q" / "example"


def run(command: str, folder: Path, operator: str, when: str, question: str = "more") -> str:
    """Return the output of the command for a questionnaire with this condition."""
    folder.mkdir(parents=True)
    page = f"    when: {when.replace('OP', operator)}\n    questions:\n      - {{yes_no: {question}, text: More?}}\n"
    (folder / "questionnaire.yaml").write_text(HEAD.replace("background:", "background:\n  seats: {text: S, from: 0, to: 9000}"))
    (folder / "main.yaml").write_text(MAIN + QUESTIONS + page)
    (folder / "north.yaml").write_text("institution: north\nname: North\n")
    words = [sys.executable, "-c", ADDED, operator, command, str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("operator", SPELLINGS)
def test_both_spellings_are_parsed(folder: Path, operator: str) -> None:
    assert "0 errors" in run("check", folder, operator, "week OP 2")


@pytest.mark.parametrize(
    "when", ["books OP 7 and books > 50", "count(needs) OP 2", "pages OP 7 and pages > 50", "seats OP 7 and seats > 50"]
)
def test_a_condition_that_can_hold_is_never_called_never_true(folder: Path, when: str) -> None:
    said = run("check", folder, "dividedby", when)
    assert "0 errors" in said and "[never-true]" not in said


@pytest.mark.parametrize("when", ["week OP 11", "count(needs) OP 4"])
def test_where_every_value_can_be_tried_it_is_found_that_none_fits(folder: Path, when: str) -> None:
    assert "[never-true]" in run("check", folder, "dividedby", when)


def test_its_words_are_reserved(folder: Path) -> None:
    assert "reserved" in run("check", folder, "dividedby", "week == 2", "dividedby")


@pytest.mark.parametrize("when", ["path OP 2", "week OP 'a'", "week OP [2]", "needs OP 2"])
def test_it_is_refused_where_there_is_no_number(folder: Path, when: str) -> None:
    assert "[condition-type]" in run("check", folder, "~", when)


def test_the_solver_tries_every_value_or_says_that_it_cannot(folder: Path) -> None:
    assert "pages has too many values to be compared by `~`" in run("prove", folder, "~", "pages ~ 7 and books ~ 7")

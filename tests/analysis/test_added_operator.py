"""A new record in OPERATORS is enough for an operator: it is parsed, checked and proved."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from subprocess import PIPE
from typing import TypeAlias

import pytest

from tests import ROOT
from tests.writing import HEAD, MAIN

ADDED = """
import json
import sys
from survey_engine.model.conditions import OPERATORS, Operator

def divides(left, right):
    return isinstance(left, int) and isinstance(right, int) and left % right == 0

OPERATORS[sys.argv[1]] = Operator(sys.argv[1], divides, "numbers")
from click.testing import CliRunner
from survey_engine.cli import main
for line in sys.stdin:
    print(json.dumps(CliRunner(catch_exceptions=False).invoke(main, json.loads(line)).output), flush=True)
"""
"""The command line with one more operator, which does not split ranges of numbers; reads commands, writes what they print."""
QUESTIONS = """\
      - {number: books, text: Books?, from: 0, to: 100}
      - {number: pages, text: Pages?, from: 1, to: 100000}
      - {mark: week, text: Week?}
      - {multiple: needs, text: Needs?, options: {a: Rest, b: Food, c: Help}}
  - page: second
"""
Run: TypeAlias = Callable[..., str]
SPELLINGS = ("~", "dividedby", "<=>", "not dividedby", "in steps of")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "q" / "example"


@pytest.fixture(scope="module")
def start_program() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts the command line with an operator, once for each."""
    with ExitStack() as running:

        @cache
        def start(operator: str) -> subprocess.Popen[str]:
            words = [sys.executable, "-c", ADDED, operator]
            return running.enter_context(subprocess.Popen(words, stdin=PIPE, stdout=PIPE, text=True, cwd=ROOT))

        yield start


@pytest.fixture
def run(folder: Path, start_program: Callable[[str], subprocess.Popen[str]]) -> Run:
    """Returns the output of the command for a questionnaire with this condition."""

    def run_one(command: str, operator: str, when: str, question: str = "more") -> str:
        folder.mkdir(parents=True)
        page = f"    when: {when.replace('OP', operator)}\n    questions:\n      - {{yes_no: {question}, text: More?}}\n"
        head = HEAD.replace("background:", "background:\n  seats: {text: S, from: 0, to: 9000}")
        (folder / "questionnaire.yaml").write_text(head)
        (folder / "main.yaml").write_text(MAIN + QUESTIONS + page)
        (folder / "north.yaml").write_text("institution: north\nname: North\n")
        program = start_program(operator)
        assert program.stdin and program.stdout
        print(json.dumps([command, str(folder)]), file=program.stdin, flush=True)
        return str(json.loads(program.stdout.readline()))

    return run_one


@pytest.mark.parametrize("operator", SPELLINGS)
def test_both_spellings_are_parsed(run: Run, operator: str) -> None:
    assert "0 errors" in run("check", operator, "week OP 2")


@pytest.mark.parametrize(
    "when", ["books OP 7 and books > 50", "count(needs) OP 2", "pages OP 7 and pages > 50", "seats OP 7 and seats > 50"]
)
def test_a_condition_that_can_hold_is_never_called_never_true(run: Run, when: str) -> None:
    said = run("check", "dividedby", when)
    assert "0 errors" in said and "[never-true]" not in said


@pytest.mark.parametrize("when", ["week OP 11", "answered(needs) and count(needs) OP 4"])
def test_where_every_value_can_be_tried_it_is_found_that_none_fits(run: Run, when: str) -> None:
    assert "[never-true]" in run("check", "dividedby", when)


def test_its_words_are_reserved(run: Run) -> None:
    assert "reserved" in run("check", "dividedby", "week == 2", "dividedby")


@pytest.mark.parametrize("when", ["path OP 2", "week OP 'a'", "week OP [2]", "needs OP 2"])
def test_it_is_refused_where_there_is_no_number(run: Run, when: str) -> None:
    assert "[condition-type]" in run("check", "~", when)


def test_the_solver_tries_every_value_or_says_that_it_cannot(run: Run) -> None:
    assert "pages has too many values to be compared by `~`" in run("prove", "~", "pages ~ 7 and books ~ 7")

"""`python -m tests.mutants`: plants mistakes into the modules that decide, store and export, and prints those that no test detects.

mutmut plants the mistakes and stores the outcomes in `mutants/`: a run with the same seed continues an earlier one, and tries undetected
mistakes again. Delete that folder after large changes of tests. The exit code is 1 if less than 95 % are detected.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections import defaultdict
from itertools import accumulate
from math import inf
from pathlib import Path

import click

from tests import ROOT

GOAL = 0.95
NOTICED = {"killed", "segfault"}
"""Outcomes that count as detected. A test that runs for a minute fails. mutmut's `timeout` only means a busy machine: try again."""
SMALL = "survey_engine.datasets.formats.zsav.*"
"""A module with few mistakes, for the first run of mutmut, which plants all mistakes and finds out which tests reach each of them."""
SENTENCE = re.compile(r"[\"'][^\"']*( [^\"']*){3}[\"']")
HARMLESS = {
    r"strict=(None|False)|zip\(.*, \)": "sequences of one length",
    r"pl\.DataFrame\(.*, \)|orient=None": "polars finds out that these are rows",
    r"[\"'](UTF-8|ISO-)": "a name of an encoding in capitals",
    r"sink_parquet|constant_memory": "size and speed of a file",
    r"json\.dumps\(.*(, \)|indent=)": "spaces and escapes of JSON",
    r"float\(\"NAN\"\)": "capitals of a number",
    r"alias\(\"(XX)?[A-Za-z]+ (XX)?\"\)": "a column that exists for a moment",
}
"""Pattern of the changed line → why no test can or should detect the change."""
STATS, ALL_TESTS = ROOT / "mutants" / "mutmut-stats.json", ROOT / "mutants" / "all-tests.json"
FIRST_SECONDS = 5.0
"""Seconds of the tests that are tried first. Only mistakes that these do not detect are tried with all tests."""
MUTMUT = str(Path(sys.executable).parent / "mutmut")


def read_outcomes() -> dict[str, str]:
    """Return mistake → outcome; `not checked` for a mistake that was not tried yet."""
    printed = subprocess.run([MUTMUT, "results", "--all", "true"], capture_output=True, text=True, check=True).stdout
    parts = (line.strip().partition(": ") for line in printed.splitlines())
    return {name: outcome for name, _, outcome in parts if outcome}


def group_by_module(names: list[str]) -> dict[str, list[str]]:
    grouped = defaultdict(list)
    for name in sorted(names):
        grouped[name.rpartition(".")[0]].append(name)
    return dict(sorted(grouped.items()))


def draw_sample(names: list[str], each: int, seed: int) -> list[str]:
    """Return at most `each` random mistakes of every module; the same seed gives the same mistakes."""
    drawn = []
    for module, own in group_by_module(names).items():
        drawn += random.Random(f"{seed} {module}").sample(own, min(each, len(own)))
    return drawn


class Tests:
    """The tests that reach each function, in mutmut's file. `choose` keeps some of them, because all take minutes per mistake."""

    def __init__(self) -> None:
        self._stats = json.loads(STATS.read_text())
        kept = json.loads(ALL_TESTS.read_text()) if ALL_TESTS.exists() else {}
        found = self._stats["tests_by_mangled_function_name"]
        self._all = {function: sorted({*found.get(function, ()), *kept.get(function, ())}) for function in {*found, *kept}}
        ALL_TESTS.write_text(json.dumps(self._all))

    def choose(self, seconds: float) -> None:
        """Keep for each function only tests of its package (if any) that take up to `seconds`: those of its module, then the fastest."""
        chosen = {function: self._list_near(function, seconds) for function in self._all}
        STATS.write_text(json.dumps({**self._stats, "tests_by_mangled_function_name": chosen}))

    def _list_near(self, function: str, seconds: float) -> list[str]:
        parts = function.split(".")
        package, module = parts[1], parts[-2]
        times = self._stats["duration_by_test"]
        known = [test for test in self._all[function] if test in times]
        near = [test for test in known if test.startswith(f"tests/{package}/")] or known
        near.sort(key=lambda test: (f"/test_{module}.py" not in test, times[test]))
        sums = accumulate(times[test] for test in near)
        return [test for test, total in zip(near, sums, strict=True) if total <= seconds] or near[:1]


def run_mutmut(*names: str) -> None:
    """Try these mistakes. Property tests use the same examples for each mistake."""
    subprocess.run([MUTMUT, "run", "--max-children", "2", *names], check=True, env={**os.environ, "CI": "1"})


def find_reason(name: str) -> str:
    """Return why tests need not detect a mistake; empty if they should."""
    lines = subprocess.run([MUTMUT, "show", name], capture_output=True, text=True, check=True).stdout.splitlines()
    removed, added = (next((line for line in lines if line.startswith(sign)), "") for sign in ("-  ", "+  "))
    if removed[1:].casefold() == re.sub("XX(.*?)XX", r"\1", added[1:]).casefold() and SENTENCE.search(removed):
        return "words of a sentence"
    return next((reason for pattern, reason in HARMLESS.items() if re.search(pattern, added)), "")


def report(tried: list[str], outcomes: dict[str, str]) -> float:
    """Print the undetected mistakes, and the share of detected ones: per module, and for all mistakes, estimated from those tried."""
    sizes = {module: len(names) for module, names in group_by_module(list(outcomes)).items()}
    expected = total = 0.0
    for module, names in group_by_module(tried).items():
        missed = {name: find_reason(name) for name in names if outcomes[name] not in NOTICED}
        for name, reason in missed.items():
            click.echo(f"{outcomes[name]}: {name}    ({reason or f'mutmut show {name}'})")
        counted = [name for name in names if not missed.get(name)]
        noticed = len(names) - len(missed)
        share = noticed / len(counted) if counted else 1.0
        harmless = len(names) - len(counted)
        click.echo(f"{share:7.1%}  {noticed:4} of {len(names):4} tried of {sizes[module]:4}, {harmless} harmless  {module}")
        expected, total = expected + share * sizes[module], total + sizes[module]
    click.echo(
        f"{expected / total:7.1%}  of the planted mistakes are noticed, weighted by module; {len(tried)} were tried; the goal is {GOAL:.0%}"
    )
    return expected / total


@click.command()
@click.option("--each", default=6, help="How many mistakes of each module are tried.")
@click.option("--seed", type=int, help="Which of them; drawn and printed otherwise.")
@click.option("--all", "everything", is_flag=True, help="Try all: this takes hours.")
def main(each: int, seed: int | None, everything: bool) -> None:
    seed = random.SystemRandom().randrange(10_000) if seed is None else seed
    click.echo("all" if everything else f"{each} of each module, --seed {seed}")
    run_mutmut(SMALL)
    tests, outcomes = Tests(), read_outcomes()
    chosen = list(outcomes) if everything else draw_sample(list(outcomes), each, seed)
    for seconds in (FIRST_SECONDS, inf):
        tests.choose(seconds)
        if unnoticed := [name for name in chosen if outcomes[name] not in NOTICED]:
            run_mutmut(*unnoticed)
        outcomes = read_outcomes()
    sys.exit(report(chosen, outcomes) < GOAL)


if __name__ == "__main__":
    main()

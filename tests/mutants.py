"""`python -m tests.mutants`: plants mistakes into the modules that decide, store and export, and prints those that no test notices.

mutmut plants them and keeps outcomes in `mutants/`: a run with the same seed continues an earlier one, and tries again what no test
noticed. Delete that folder after tests have changed much. Exit code 1 below 95 %.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import click

GOAL = 0.95
NOTICED = {"killed", "timeout", "segfault"}
SMALL = "survey_engine.datasets.formats.zsav.*"
"""A module with few mistakes: at the start of its first run mutmut plants all mistakes and finds out which tests reach each of them."""
MUTMUT = str(Path(sys.executable).parent / "mutmut")


def read_outcomes() -> dict[str, str]:
    """The outcome of each planted mistake; `not checked` before it is tried."""
    printed = subprocess.run([MUTMUT, "results", "--all", "true"], capture_output=True, text=True, check=True).stdout
    parts = (line.strip().partition(": ") for line in printed.splitlines())
    return {name: outcome for name, _, outcome in parts if outcome}


def group_by_module(names: list[str]) -> dict[str, list[str]]:
    grouped = defaultdict(list)
    for name in sorted(names):
        grouped[name.rpartition(".")[0]].append(name)
    return dict(sorted(grouped.items()))


def draw_sample(names: list[str], each: int, seed: int) -> list[str]:
    """At most `each` mistakes of every module; the same seed draws the same."""
    drawn = []
    for module, own in group_by_module(names).items():
        drawn += random.Random(f"{seed} {module}").sample(own, min(each, len(own)))
    return drawn


def run_mutmut(*names: str) -> None:
    subprocess.run([MUTMUT, "run", "--max-children", "2", *names], check=True)


def report(tried: list[str], outcomes: dict[str, str]) -> float:
    """Print what was not noticed, and the share that was: of each module, and of all mistakes as estimated from these."""
    sizes = {module: len(names) for module, names in group_by_module(list(outcomes)).items()}
    expected = total = 0.0
    for module, names in group_by_module(tried).items():
        missed = [name for name in names if outcomes[name] not in NOTICED]
        for name in missed:
            click.echo(f"{outcomes[name]}: {name}    (mutmut show {name})")
        share = 1 - len(missed) / len(names)
        click.echo(f"{share:7.1%}  {len(names) - len(missed):4} of {len(names):4} tried of {sizes[module]:4}  {module}")
        expected, total = expected + share * sizes[module], total + sizes[module]
    click.echo(
        f"{expected / total:7.1%}  of the planted mistakes are noticed, weighted by module; {len(tried)} were tried; the goal is {GOAL:.0%}"
    )
    return expected / total


@click.command()
@click.option("--each", default=10, help="How many mistakes of each module are tried.")
@click.option("--seed", type=int, help="Which of them; drawn and printed otherwise.")
@click.option("--all", "everything", is_flag=True, help="Try all: this takes hours.")
def main(each: int, seed: int | None, everything: bool) -> None:
    seed = random.SystemRandom().randrange(10_000) if seed is None else seed
    click.echo("all" if everything else f"{each} of each module, --seed {seed}")
    run_mutmut(SMALL)
    outcomes = read_outcomes()
    chosen = list(outcomes) if everything else draw_sample(list(outcomes), each, seed)
    if untried := [name for name in chosen if outcomes[name] not in NOTICED]:
        run_mutmut(*untried)
    sys.exit(report(chosen, read_outcomes()) < GOAL)


if __name__ == "__main__":
    main()

"""`python -m tests.mutants`: the share of mutmut's planted mistakes that tests notice, for each module, and those that they do not.

A mistake that no run has tried counts as not noticed. Exit code 1 below 95 % in all.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import click

GOAL = 0.95
NOTICED = {"killed", "timeout", "segfault", "caught by type check"}


def main() -> int:
    command = [str(Path(sys.executable).parent / "mutmut"), "results", "--all", "true"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    outcomes = [(name, outcome) for name, _, outcome in (line.strip().partition(": ") for line in lines) if outcome]
    found: dict[str, Counter[bool]] = defaultdict(Counter)
    for name, outcome in outcomes:
        noticed = outcome in NOTICED
        found[name.rpartition(".")[0]][noticed] += 1
        if not noticed:
            click.echo(f"{outcome}: {name}    (mutmut show {name})")
    for module, counts in sorted(found.items()):
        click.echo(f"{counts[True] / counts.total():7.1%}  {counts[True]:5} of {counts.total():5}  {module}")
    share = sum(counts[True] for counts in found.values()) / max(1, len(outcomes))
    click.echo(f"{share:7.1%}  of {len(outcomes)} planted mistakes are noticed; the goal is {GOAL:.0%}")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.faults`: run the scenarios and print their table."""

from __future__ import annotations

import argparse
import signal
import sys
import time

import click

from tests.faults.scenarios import SCENARIOS
from tests.faults.stage import Stage

HEAD = "| scenario | goal | reached | control | what the control reports | s |\n|---|---|---|---|---|---|"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--full", action="store_true", help="the figures of the README; half an hour")
    size.add_argument("--short", action="store_true", help="as in CI; a minute and a half")
    parser.add_argument("words", nargs="*", help="only scenarios whose names hold one of these")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped, whoever ends this
    stage, small = Stage(full=given.full), Stage(full=False)  # a control need not be large to fail
    offered = [scenario for scenario in SCENARIOS if given.full or given.words or scenario.short]
    wanted = [scenario for scenario in offered if not given.words or any(word in scenario.name for word in given.words)]
    good = True
    click.echo(HEAD)
    try:
        for scenario in wanted:
            began = time.monotonic()
            trial, control = scenario.run(stage), scenario.control(small)
            good = good and trial.held and not control.held
            reached = trial.figures if trial.held else f"**NOT REACHED** {trial.figures}"
            seen = control.figures if not control.held else f"**BLIND** {control.figures}"
            cells = scenario.name, scenario.goal, reached, scenario.careless, seen, f"{time.monotonic() - began:.0f}"
            click.echo(f"| {' | '.join(cells)} |")
    finally:
        stage.close()
        small.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.faults`: run the scenarios and print their table as Markdown; progress goes to standard error."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence

import click

from tests.faults.scenarios import SCENARIOS
from tests.faults.stage import Scenario, Stage

HEAD = "| scenario | goal | reached | control | what the control reports | s |\n|---|---|---|---|---|---|"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--full", action="store_true", help="the figures of tests/README.md; 40 minutes")
    size.add_argument("--short", action="store_true", help="as in CI; a minute and a half")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="scenarios whose names contain this")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # exit normally, so that servers are stopped
    stage, small = Stage(full=given.full), Stage(full=False)  # a small control is enough to fail
    wanted = choose_scenarios(given.only, full=given.full)
    if not wanted:
        parser.error(f"no scenario has such a name; there are: {', '.join(scenario.name for scenario in SCENARIOS)}")
    good = True
    click.echo(HEAD)
    try:
        for number, scenario in enumerate(wanted, 1):
            click.echo(f"{time.strftime('%H:%M:%S')} {number} of {len(wanted)}: {scenario.name} …", err=True)
            row, held = try_out(scenario, stage, small)
            good = good and held
            click.echo(row)
    finally:
        stage.close()
        small.close()
    return 0 if good else 1


def choose_scenarios(names: Sequence[str], *, full: bool) -> list[Scenario]:
    """List the scenarios whose names contain one of these; without names, all of the full or short form."""
    if names:
        return [scenario for scenario in SCENARIOS if any(name in scenario.name for name in names)]
    return [scenario for scenario in SCENARIOS if full or scenario.short]


def try_out(scenario: Scenario, stage: Stage, small: Stage) -> tuple[str, bool]:
    """Run a scenario; return its row, and whether the scenario reached its goal and its control did not. An error gives a row, too."""
    began = time.monotonic()
    try:
        trial, control = scenario.run(stage), scenario.control(small)
    except Exception as error:  # noqa: BLE001 - an error must not stop the other scenarios, which may have run for an hour
        cells = (
            scenario.name,
            scenario.goal,
            f"**STOPPED** {type(error).__name__}: {error}".splitlines()[0],
            scenario.careless,
            "",
        )
        return f"| {' | '.join(cells)} | {time.monotonic() - began:.0f} |", False
    reached = trial.figures if trial.held else f"**NOT REACHED** {trial.figures}"
    seen = control.figures if not control.held else f"**BLIND** {control.figures}"
    cells = scenario.name, scenario.goal, reached, scenario.careless, seen
    return f"| {' | '.join(cells)} | {time.monotonic() - began:.0f} |", trial.held and not control.held


if __name__ == "__main__":
    sys.exit(main())

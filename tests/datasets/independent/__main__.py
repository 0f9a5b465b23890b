"""Compares every cell of many exported responses: `python -m tests.datasets.independent 50000 [questionnaire …]`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import click

from tests import SHIPPED
from tests.datasets.independent.comparing import Compared, Comparison
from tests.datasets.independent.made import write_made

BATCH = 2500
"""Responses per export."""
QUESTIONNAIRES = ("job-2026", "nse-2026", "belonging-2024", "made")


def main(count: int, *names: str) -> int:
    """Compare `count` responses to each questionnaire; return the number of cells or texts that differ."""
    totals: list[Compared] = []
    for name in names or QUESTIONNAIRES:
        started = time.perf_counter()
        found = compare(name, count)
        totals.append(found)
        kinds = ", ".join(f"{kind}: {number:,}" for kind, number in sorted(found.kinds.items()))
        took = time.perf_counter() - started
        click.echo(f"{name}: {found.responses:,} responses, {found.cells:,} cells ({kinds}), {found.texts:,} open answers;")
        click.echo(f"  {found.kept:,} with answers before a switch; {len(found.differences)} cells or texts differ; {took:.0f} s")
        for difference in found.differences[:5]:
            click.echo(f"  {difference[:300]}")
    responses, cells = sum(found.responses for found in totals), sum(found.cells for found in totals)
    differences = sum(len(found.differences) for found in totals)
    click.echo(f"in all: {responses:,} responses, {cells:,} cells, {differences} differ")
    return differences


def compare(name: str, count: int) -> Compared:
    found = Compared()
    with tempfile.TemporaryDirectory() as folder:
        folders = write_made(Path(folder)) if name == "made" else [SHIPPED / name]
        comparison = Comparison(*folders)
        for seed, first in enumerate(range(0, count, BATCH)):
            comparison.compare(min(BATCH, count - first), seed, found)
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]) > 0)

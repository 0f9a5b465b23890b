"""`survey-engine benchmark`: per institution, figures of all others, from a delivery in Parquet."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from survey_engine.cli.scores import check_columns, open_delivery
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.group_sizes import choose_sizes
from survey_engine.model.messages import join_names, suggest_name

EXAMPLES = """\b
Examples:
  survey-engine benchmark delivery --out benchmarks
  survey-engine benchmark delivery --out benchmarks --institution noorderlicht --by path
"""


@click.command(epilog=EXAMPLES)
@click.argument("delivery", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option("--institution", "wanted", multiple=True, metavar="CODE", help="Only for this institution; may be repeated.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Measure satisfaction per value of this column; may be repeated.")
@click.option("--generalise", multiple=True, metavar="COLUMN", help="Leave this column of --by empty for small groups.")
@click.option(
    "--least-group",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show figures from N responses on (default: SURVEY_LEAST_PUBLIC, 20).",
)
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def benchmark(
    *,
    delivery: Path,
    out: Path,
    wanted: tuple[str, ...],
    by: tuple[str, ...],
    generalise: tuple[str, ...],
    least_group: int | None,
    force: bool,
) -> None:
    """Compute what an institution can compare itself with, from DELIVERY, which was exported with --format parquet.

    Per institution the folder contains CODE-satisfaction.csv and CODE-shares.csv: figures of all other institutions together.
    Figures of few responses, or of fewer than three institutions, are withheld.
    """
    measures = import_module("survey_engine.datasets.benchmark")
    data = open_delivery(delivery)
    check_columns(data, (*by, *generalise))
    if not set(generalise) <= set(by):
        raise click.UsageError("--generalise names columns of --by.")
    known = measures.list_institutions(data)
    for code in wanted:
        if code not in known:
            raise click.UsageError(f"There is no institution '{code}'{suggest_name(code, known)}. Known: {join_names(known)}.")
    grouping = measures.Grouping(by, generalise, choose_sizes(least_group), public=True)
    with fill_folder(out, force=force) as folder:
        for code in wanted or known:
            try:
                satisfaction = measures.measure_benchmark(data, code, grouping)
                shares = measures.measure_shares(data, code, grouping)
            except ValueError as error:
                raise click.UsageError(str(error)) from None
            satisfaction.write_csv(folder / f"{code}-satisfaction.csv", float_precision=4)
            shares.write_csv(folder / f"{code}-shares.csv", float_precision=4)
    click.echo(f"Benchmarks of {len(wanted or known)} institutions in {out}.")

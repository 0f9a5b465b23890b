"""`survey-engine benchmark`: compute figures of all institutions together, from a delivery in Parquet."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from survey_engine.cli.scores import check_score_columns, open_delivery
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.group_sizes import choose_sizes, record_tables

EXAMPLES = """\b
Examples:
  survey-engine benchmark delivery --out benchmark
  survey-engine benchmark delivery --out benchmark --by path
"""


@click.command(epilog=EXAMPLES)
@click.argument("delivery", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Measure satisfaction per value of this column; may be repeated.")
@click.option(
    "--generalise",
    multiple=True,
    metavar="COLUMN",
    help="Leave this column of --by empty for small groups, so that they count together; may be repeated.",
)
@click.option(
    "--least-group",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show figures of at least N responses (default: SURVEY_LEAST_PUBLIC, 20).",
)
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def benchmark(
    *,
    delivery: Path,
    out: Path,
    by: tuple[str, ...],
    generalise: tuple[str, ...],
    least_group: int | None,
    force: bool,
) -> None:
    """Compute figures for institutions to compare themselves with, from DELIVERY, which was exported with --format parquet.

    The folder contains satisfaction.csv and shares.csv, with figures of all institutions together. All institutions get the same
    files: a table without one institution would reveal the figures of that institution. All responses are counted. Figures of few
    responses, or of fewer than four institutions, are withheld.
    """
    measures, shown = (import_module(f"survey_engine.datasets.{name}") for name in ("benchmark", "shown_groups"))
    data = open_delivery(delivery)
    check_score_columns(data, (*by, *generalise))
    if not set(generalise) <= set(by):
        raise click.UsageError("--generalise accepts only columns of --by.")
    grouping = measures.Grouping(by, generalise, choose_sizes(least_group), public=True)
    try:
        tables = {
            "satisfaction": measures.measure_benchmark(data, grouping),
            "shares": measures.measure_shares(data, grouping),
        }
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with fill_folder(out, force=force) as folder:
        for name, table in tables.items():
            table.write_csv(folder / f"{name}.csv", float_precision=4)
        groups = shown.ReleasedGroups(codes=True)
        shown.add_satisfaction(groups, data, grouping, tables["satisfaction"])
        shown.add_shares(groups, data, grouping, tables["shares"])
        record_tables(folder, (path.name for path in folder.iterdir()), data, grouping.sizes, groups, public=True)
    institutions = data.frame[data.find_fixed("institution")].n_unique()
    click.echo(f"Benchmark of {institutions} institutions in {out}.")

"""`survey-engine weights`: weight the responses of a delivery in Parquet to known margins."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from survey_engine.cli.scores import open_delivery
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.input_files import InputFile

EXAMPLES = """\b
Example:
  survey-engine weights delivery --margins margins.csv --out weights
\b
margins.csv has a line per value of each column to weight by:
  variable,value,size
  path,bol,310200
  path,bbl,125400
"""


@click.command(epilog=EXAMPLES)
@click.argument("delivery", type=click.Path(path_type=Path))
@click.option(
    "--margins",
    type=InputFile(),
    required=True,
    help="CSV file with the columns variable, value and size.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option("--least-weight", type=float, default=0.2, show_default=True, help="Smaller weights are raised to this value.")
@click.option("--most-weight", type=float, default=5.0, show_default=True, help="Larger weights are cut to this value.")
@click.option("--least-cell", type=click.IntRange(min=1), default=5, show_default=True, help="Merge values with fewer responses.")
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def weights(
    *, delivery: Path, margins: Path, out: Path, least_weight: float, most_weight: float, least_cell: int, force: bool
) -> None:
    """Weight the responses in DELIVERY, a folder that was exported with --format parquet, to known margins.

    The folder contains weights.csv (one row per response, mean 1) and recipe.json, with the parameters and diagnostics of the
    weights. The same recipe and responses give the same weights.
    """
    raking = import_module("survey_engine.datasets.weights")
    data = open_delivery(delivery)
    try:
        found = raking.rake(data, raking.Recipe(raking.read_margins(margins, data), least_weight, most_weight, least_cell))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with fill_folder(out, force=force) as folder:
        data.select_respondents().with_columns(found.weights).write_csv(folder / "weights.csv", float_precision=8)
        (folder / "recipe.json").write_text(json.dumps(found.describe(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    shown = found.diagnostics
    click.echo(
        f"{shown.n} weights from {shown.least:.2f} to {shown.most:.2f}: design effect {shown.design_effect:.2f}, "
        f"as precise as {shown.effective:.0f} unweighted responses."
    )
    if not shown.converged:
        click.secho(
            f"Warning: a weighted share differs by {shown.largest_difference:.1%} from its margin. Allow a wider range of weights, "
            "or weight by fewer columns.",
            fg="yellow",
            err=True,
        )
    for merged in shown.merged:
        click.secho(
            f"These values were merged, because fewer than {least_cell} responses have them: {merged}.", fg="yellow", err=True
        )
    if shown.unknown:
        click.secho(f"{shown.unknown} responses have a value without a margin: their weight is 1.", fg="yellow", err=True)

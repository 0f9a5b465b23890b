"""`survey-engine scores`: compute scores of clusters, their reliability and satisfaction, from a delivery in Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.group_sizes import group_size_options, record_tables
from survey_engine.cli.support.input_files import InputFile
from survey_engine.datasets import read
from survey_engine.model.messages import join_names, suggest_name

if TYPE_CHECKING:
    from polars import DataFrame

    from survey_engine.datasets.reading import Responses
    from survey_engine.settings import GroupSizes

EXAMPLES = """\b
Examples:
  survey-engine export nse-2026 --out delivery --format parquet
  survey-engine scores delivery --out scores --by institution
  survey-engine scores delivery-2027 --out scores-2027 --before scores-2026/clusters.csv
"""

_NO_FIGURES = (
    "Some items of these clusters have no figures in clusters.csv: {names}. Too few responses answered all items of their set; or so few "
    "answered another set that its figures could be computed from those of this set (--least-group)."
)
_NO_ALPHA = (
    "Some sets of these clusters have no alpha in clusters.csv: {names}. All responses have the same answer to an item or the same sum, "
    "or the set has hardly more responses than items."
)
_ALONE = (
    "Warning: satisfaction.csv withholds totals that a table with fewer columns in --by shows. Release only one of these tables."
)


@click.command(epilog=EXAMPLES)
@click.argument("delivery", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Measure satisfaction per value of this column; may be repeated.")
@click.option(
    "--weights",
    type=InputFile(),
    help="A weights.csv of `survey-engine weights`, to weight the measures of satisfaction.",
)
@click.option(
    "--least-share",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.5,
    show_default=True,
    metavar="SHARE",
    help="Smallest share of valid answers that a score needs, among the items of the cluster that were asked.",
)
@click.option(
    "--before",
    type=InputFile(),
    help="The clusters.csv of an earlier edition: write cluster_changes.csv and cluster_changes.html, which compare both editions.",
)
@group_size_options
@click.option(
    "--generalise",
    multiple=True,
    metavar="COLUMN",
    help="Leave this column of --by empty for small groups, so that they count together; may be repeated.",
)
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def scores(
    *,
    delivery: Path,
    out: Path,
    by: tuple[str, ...],
    weights: Path | None,
    least_share: float,
    before: Path | None,
    sizes: GroupSizes,
    public: bool,
    generalise: tuple[str, ...],
    force: bool,
) -> None:
    """Compute scores of clusters from DELIVERY, a folder that was exported with --format parquet.

    A cluster consists of the items with the same indicator; reversed items are recoded. The folder contains scores.csv (one row
    per response), clusters.csv (alpha, omega and loadings, per set of items that were asked together) and satisfaction.csv (the
    measures side by side, each with its n). With --before, cluster_changes.csv and cluster_changes.html show whether the clusters
    of an earlier edition still hold. Measures of small groups are withheld (--least-group); with --public also measures that would
    reveal a code that few respondents chose.
    """
    modules = ("scores", "shown_groups", "cluster_changes")
    measures, shown, comparing = (import_module(f"survey_engine.datasets.{name}") for name in modules)
    data = open_delivery(delivery)
    check_score_columns(data, (*by, *generalise))
    if not set(generalise) <= set(by):
        raise click.UsageError("--generalise accepts only columns of --by.")
    try:
        weighting = measures.read_weights(data, weights) if weights else None
        earlier = comparing.read_clusters(before) if before else None
        grouping = measures.Grouping(by, generalise, sizes, public)
        satisfaction = measures.measure_satisfaction(data, grouping, weighting)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with fill_folder(out, force=force) as folder:
        measures.compute_scores(data, least_share).write_csv(folder / "scores.csv", float_precision=4)
        clusters = measures.summarise_clusters(data, grouping)
        clusters.write_csv(folder / "clusters.csv", float_precision=4)
        satisfaction.write_csv(folder / "satisfaction.csv", float_precision=4)
        groups = shown.ReleasedGroups(codes=public)
        shown.add_satisfaction(groups, data, grouping, satisfaction)
        shown.add_clusters(groups, grouping, clusters)
        changes = comparing.compare_clusters(earlier, clusters) if before else []
        if before:
            comparing.tabulate_changes(changes).write_csv(folder / "cluster_changes.csv", float_precision=4)
            comparing.build_changes_page(changes, data.title, before.parent.name).write(folder / "cluster_changes.html")
        tables = ("clusters.csv", "satisfaction.csv", "cluster_changes.csv", "cluster_changes.html")
        record_tables(folder, tables, data, sizes, groups, public=public)
    click.echo(f"{len(measures.list_clusters(data))} clusters of {data.frame.height} responses in {out}.")
    if before:
        verdicts = Counter(change.verdict for change in changes)
        click.echo(f"Clusters compared with {before}: {', '.join(f'{count} {verdict}' for verdict, count in verdicts.items())}.")
    print_withheld(clusters, satisfaction)


def print_withheld(clusters: DataFrame, satisfaction: DataFrame) -> None:
    """Print which figures clusters.csv and satisfaction.csv withhold or show only in parts."""
    if several := clusters.filter(clusters["set"] > 1)["cluster"].n_unique():
        click.echo(
            f"{several} clusters have respondents who were asked only some of their items: clusters.csv has the reliability of each set "
            "of items that were asked together."
        )
    has_set = clusters["set"].is_not_null()
    for rows, text in (
        (clusters.filter(~has_set), _NO_FIGURES),
        (clusters.filter(has_set, clusters["alpha"].is_null()), _NO_ALPHA),
    ):
        if names := ", ".join(rows["cluster"].unique(maintain_order=True)):
            click.echo(text.format(names=names))
    withheld = satisfaction.filter("withheld").height if satisfaction.height else 0
    if withheld:
        click.echo(
            f"{withheld} of {satisfaction.height} rows in satisfaction.csv lack figures that would reveal a small count "
            "(--least-group)."
        )
    if withheld and satisfaction["alone"].any():
        click.secho(_ALONE, fg="yellow", err=True)


def open_delivery(folder: Path) -> Responses:
    try:
        return read(folder)
    except (FileNotFoundError, ValueError) as error:
        raise click.UsageError(str(error)) from None


def check_score_columns(data: Responses, names: Iterable[str]) -> None:
    for name in names:
        if name not in data.variables:
            known = list(data.variables)
            raise click.UsageError(f"There is no column '{name}'{suggest_name(name, known)}. Known: {join_names(known)}.")

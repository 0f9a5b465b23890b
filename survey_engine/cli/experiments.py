"""`survey-engine experiments`: compute effects of split ballots, from a delivery in Parquet."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from survey_engine.cli.scores import open_delivery
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.group_sizes import group_size_options, record_tables
from survey_engine.settings import GroupSizes

EXAMPLES = """\b
Example:
  survey-engine experiments delivery --out experiments
"""


@click.command(epilog=EXAMPLES)
@click.argument("delivery", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@group_size_options
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def experiments(*, delivery: Path, out: Path, sizes: GroupSizes, public: bool, force: bool) -> None:
    """Compare the arms of experiments, and responses with and without progress bar, in DELIVERY, exported with --format parquet.

    The folder contains effects.csv (per arm: completion, breakoff, median seconds, skipped items, straightlining), items.csv (means
    of five-point items), and effects.html with the differences from the first arm and their margins of error. Figures of few
    responses are withheld.
    """
    names = ("experiments", "experiment_page", "shown_groups", "table_suppression")
    measures, pages, shown, tables = (import_module(f"survey_engine.datasets.{name}") for name in names)
    data = open_delivery(delivery)
    found = measures.list_experiments(data)
    if not found:
        raise click.ClickException(
            "This delivery has no split ballot: no experiment, and the progress bar was shown in all responses or in none "
            "(SURVEY_PROGRESS_SHARE)."
        )
    grouping = tables.Grouping(sizes=sizes, public=public)
    effects = {name: measures.measure_effects(data, name, grouping.find_least()) for name in found}
    items = {name: measures.measure_items(data, name, grouping) for name in found}
    groups = shown.ReleasedGroups(codes=public)
    for name, (table, _) in items.items():
        shown.add_arms(groups, data, name, effects[name], grouping.find_least())
        shown.add_satisfaction(groups, data, tables.Grouping((name,), (), sizes, public), table)
    means = {name: several for name, (_, several) in items.items()}
    with fill_folder(out, force=force) as folder:
        measures.tabulate_effects(effects).write_csv(folder / "effects.csv", float_precision=4)
        measures.tabulate_effects(means).rename({"measure": "item", "value": "mean"}).write_csv(
            folder / "items.csv", float_precision=4
        )
        pages.build_effects_page(data, effects, means).write(folder / "effects.html")
        record_tables(folder, (path.name for path in folder.iterdir()), data, sizes, groups, public=public)
    beyond = [sum(each.is_beyond for several in table.values() for each in several) for table in (effects, means)]
    click.echo(
        f"{len(found)} split ballots of {data.frame.height} responses in {out}. {beyond[0]} differences of measures and {beyond[1]} "
        f"of items exceed their margin of error."
    )

"""`survey-engine usage`: count the use of modules, arms, languages and channels in a delivery in Parquet."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from survey_engine.cli.scores import check_score_columns, open_delivery
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.group_sizes import group_size_options, record_tables
from survey_engine.settings import GroupSizes

EXAMPLES = """\b
Example:
  survey-engine usage delivery --out usage --by institution
"""


@click.command(epilog=EXAMPLES)
@click.argument("delivery", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option(
    "--by", multiple=True, metavar="COLUMN", help="Count languages and channels per value of this column; may be repeated."
)
@group_size_options
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def usage(*, delivery: Path, out: Path, by: tuple[str, ...], sizes: GroupSizes, public: bool, force: bool) -> None:
    """Count the use of modules, arms of experiments, languages and channels in DELIVERY, which was exported with --format parquet.

    The folder contains modules.csv (per module: institutions and responses for which the council or the institution chose it, or
    for which it was assigned at random), arms.csv (per experiment and arm: institutions and responses), languages.csv (responses
    per group and last used language) and channels.csv (responses per group and channel of the first link). Small numbers are
    withheld.
    """
    counting, shown = (import_module(f"survey_engine.datasets.{name}") for name in ("usage", "shown_groups"))
    data = open_delivery(delivery)
    check_score_columns(data, by)
    least, least_by = (sizes.find_least(public=public, sensitive=each) for each in (False, data.is_sensitive(*by)))
    try:
        values = {
            name: counting.count_values(data, name.removesuffix("s"), by, least_by)
            for name in ("languages", "channels")
            if data.find_fixed(name.removesuffix("s"))
        }
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with fill_folder(out, force=force) as folder:
        modules, arms = counting.count_modules(data, least), counting.count_arms(data, least)
        for name, table in {"modules": modules, "arms": arms, **values}.items():
            table.write_csv(folder / f"{name}.csv")
        groups = shown.ReleasedGroups()
        shown.add_modules_and_arms(groups, data, (modules, arms), least)
        for table in values.values():
            shown.add_values(groups, data, table, least_by)
        record_tables(folder, (path.name for path in folder.iterdir()), data, sizes, groups, public=public)
    click.echo(f"Modules, languages and channels of {data.frame.height} responses in {out}.")

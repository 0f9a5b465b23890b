"""How many responses a group needs: the options of commands that show figures of groups, and the record beside their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey_engine.datasets.least_groups import LeastGroup, find_close, write_record
from survey_engine.settings import GroupSizes, SettingsError, read_group_sizes

if TYPE_CHECKING:
    from survey_engine.datasets.reading import Responses
    from survey_engine.datasets.released_groups import ReleasedGroups


def group_size_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --least-group and --public. The command gets `sizes` and `public`."""

    @click.option(
        "--least-group",
        type=click.IntRange(min=1),
        metavar="N",
        help="Show a group from N responses on (default: SURVEY_LEAST_GROUP, or SURVEY_LEAST_PUBLIC with --public).",
    )
    @click.option("--public", is_flag=True, help="Everybody may see the result: groups need more responses.")
    @wraps(command)
    def run(*, least_group: int | None, public: bool, **others: Any) -> None:
        command(sizes=choose_sizes(least_group), public=public, **others)

    return run


def choose_sizes(least_group: int | None) -> GroupSizes:
    """Return the sizes of the installation, or those with another least number for all groups that are not sensitive."""
    try:
        sizes = read_group_sizes()
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    return sizes if least_group is None else replace(sizes, least_group=least_group, least_public=least_group)


def record_tables(
    folder: Path, names: Iterable[str], data: Responses, sizes: GroupSizes, groups: ReleasedGroups, *, public: bool
) -> None:
    """Record the least group behind the tables with these names, the responses and the groups, for `survey-engine deliver`."""
    command = click.get_current_context().info_name or ""
    least, institution = sizes.find_least(public=public), data.find_only_institution()
    made = LeastGroup(data.questionnaire, data.frame.height, least, sizes.sensitive_factor, institution)
    rows = import_module("survey_engine.datasets.released_rows")
    write_record(folder, command, names, made, rows.describe_counted(data.folder, groups) if data.folder else None)
    warn_about_close(folder)


def warn_about_close(folder: Path) -> None:
    """Print the folders beside `folder` whose tables tell about few persons when they are subtracted from these."""
    for path in find_close(folder):
        click.secho(
            f"Warning: {path.name} has tables of a few responses more or fewer. Subtracted, they tell about few persons: release only "
            "one of them.",
            fg="yellow",
            err=True,
        )

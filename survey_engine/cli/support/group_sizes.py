"""Smallest groups whose figures are shown: the options of commands, and the records next to their tables."""

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
    """Add --least-group and --public to a command. It gets the arguments `sizes` and `public`."""

    @click.option(
        "--least-group",
        type=click.IntRange(min=1),
        metavar="N",
        help="Show groups of at least N responses (default: SURVEY_LEAST_GROUP, or SURVEY_LEAST_PUBLIC with --public).",
    )
    @click.option("--public", is_flag=True, help="The result is for everybody, so groups need more responses.")
    @wraps(command)
    def run(*, least_group: int | None, public: bool, **others: Any) -> None:
        command(sizes=choose_sizes(least_group), public=public, **others)

    return run


def choose_sizes(least_group: int | None) -> GroupSizes:
    """Return the group sizes of the installation, with `least_group` instead for groups that are not sensitive, if given."""
    try:
        sizes = read_group_sizes()
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    return sizes if least_group is None else replace(sizes, least_group=least_group, least_public=least_group)


def record_tables(
    folder: Path, names: Iterable[str], data: Responses, sizes: GroupSizes, groups: ReleasedGroups, *, public: bool
) -> None:
    """Record for `survey-engine deliver` the smallest group, the responses and the groups of the tables with these names."""
    command = click.get_current_context().info_name or ""
    least, institution = sizes.find_least(public=public), data.find_only_institution()
    made = LeastGroup(data.questionnaire, data.frame.height, least, sizes.sensitive_factor, institution)
    rows = import_module("survey_engine.datasets.released_rows")
    write_record(folder, command, names, made, rows.describe_counted(data.folder, groups) if data.folder else None)
    warn_about_close(folder)


def warn_about_close(folder: Path) -> None:
    """Warn of folders next to `folder` whose tables, subtracted from its tables, would reveal few persons."""
    for path in find_close(folder):
        click.secho(
            f"Warning: {path.name} has tables that differ by few responses. Their differences reveal few persons: release only "
            "one of the two folders.",
            fg="yellow",
            err=True,
        )

"""`survey-engine init`: create an installation."""

from __future__ import annotations

import click

from survey_engine.cli.support.installation import create_settings, create_stores, explain_unfinished
from survey_engine.cli.support.marked_folders import warn_marked

EXAMPLES = """\b
Examples:
  survey-engine init
  SURVEY_DATA=/srv/survey survey-engine init
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--accept-keys",
    is_flag=True,
    help="Accept keys that differ from those of the stores: links of the earlier keys begin new responses.",
)
@click.option("--accept-missing", is_flag=True, help="Create an empty answers or identity store although the other store exists.")
def init(*, accept_keys: bool, accept_missing: bool) -> None:
    """Create the data folder, files for keys without a setting, and the tables of both databases.

    Existing folders, keys and tables are kept; tables of an earlier release are migrated. `survey-engine run` does the same. All
    other commands need an installation and do not create one.
    """
    settings = create_settings(accept_keys=accept_keys)
    if settings.restore_mark.is_file():
        raise click.ClickException(explain_unfinished(settings))
    warn_marked(settings.data, "init")
    create_stores(settings, accept_keys=accept_keys, accept_missing=accept_missing)
    click.echo(f"The installation in {settings.data.absolute()} is complete. Check it with: survey-engine doctor")

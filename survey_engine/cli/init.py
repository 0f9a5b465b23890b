"""`survey-engine init`: create an installation."""

from __future__ import annotations

import click

from survey_engine.cli.support.installation import create_settings, create_stores, explain_unfinished

EXAMPLES = """\b
Examples:
  survey-engine init
  SURVEY_DATA=/srv/survey survey-engine init
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--accept-keys", is_flag=True, help="Go on with other keys than those of the stores: links made with those start anew."
)
@click.option("--accept-missing", is_flag=True, help="Make an empty store of answers or identity beside the other one.")
def init(*, accept_keys: bool, accept_missing: bool) -> None:
    """Create the folder of data, keys that are in no setting, and the tables of both databases.

    What exists stays as it is; tables of an earlier release are migrated. `survey-engine run` does the same. All other commands
    need an installation and create none.
    """
    settings = create_settings(accept_keys=accept_keys)
    if settings.restore_mark.is_file():
        raise click.ClickException(explain_unfinished(settings))
    create_stores(settings, accept_keys=accept_keys, accept_missing=accept_missing)
    click.echo(f"The installation in {settings.data.absolute()} is complete. Check it with: survey-engine doctor")

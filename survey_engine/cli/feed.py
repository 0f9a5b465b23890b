"""`survey-engine feed`: personal links for a learning environment without LTI."""

from __future__ import annotations

from pathlib import Path

import click

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.installation import find_questionnaire, find_settings
from survey_engine.cli.support.roster_faults import explain_roster
from survey_engine.fieldwork.invitations.link_feed import write_feeds
from survey_engine.fieldwork.invitations.link_lists import read_link_list

EXAMPLES = """\b
Examples:
  survey-engine feed nse-2026 letters/links.csv --key student_number --out feeds
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("links", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, metavar="COLUMN", help="The column of LINKS with the student number.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make.")
@click.option("--force", is_flag=True, help="Write into a folder with files.")
def feed(questionnaire: str, links: Path, *, key: str, out: Path, force: bool) -> None:
    """Write, for each institution, the personal links of LINKS by hashed student number.

    LINKS is a links.csv of `survey-engine links`. Each institution gets a folder with feed.csv, feed.json and its signature
    (HMAC-SHA256 of the file), secret.txt, and card.html, a card without script whose {{link}} the environment fills in. The
    environment finds a student by HMAC-SHA256 of the student number with the secret. Send the secret apart from the feed.
    """
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    with explain_roster("No feed was written."), fill_folder(out, force=force) as folder:
        written = write_feeds(folder, read_link_list(links), found, settings.pseudonym_key, key)
    for institution, number in sorted(written.items()):
        click.echo(f"{institution}: {number} links in {out / institution}")

"""`survey-engine feed`: write personal links for a learning environment without LTI."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.input_files import InputFile
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.cli.support.link_states import STATE_LABELS, show_invalid
from survey_engine.cli.support.roster_errors import explain_roster
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure_list import read_replaced_links
from survey_engine.fieldwork.invitations.link_feed import STATES_LEFT_OUT, write_feeds
from survey_engine.fieldwork.invitations.link_lists import read_link_list
from survey_engine.fieldwork.invitations.reminders import Reminders

EXAMPLES = """\b
Examples:
  survey-engine feed nse-2026 letters/links.csv --key student_number --out feeds
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("links", nargs=-1, required=True, type=InputFile())
@click.option("--key", required=True, metavar="COLUMN", help="The column of LINKS with the student number.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make.")
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def feed(questionnaire: str, links: tuple[Path, ...], *, key: str, out: Path, force: bool) -> None:
    """Write, for each institution, the personal links of LINKS by hashed student number.

    LINKS is a links.csv of `survey-engine links`; give files of `links --reissue` after it. Each institution gets a folder with
    feed.csv, feed.json, its signature (HMAC-SHA256 of feed.json), secret.txt and card.html, a card without scripts in which the
    environment replaces {{link}}. The environment finds a student by HMAC-SHA256 of the student number with the secret. Send
    the secret apart from the feed.

    A file in which links were moved to other rows is refused, as by `survey-engine remind`. Withdrawn, replaced and erased links,
    and links of excluded persons, are left out.
    """
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    with (
        explain_roster("No feed was written."),
        closing(open_store(settings, "answers", replica=True)) as answers,
        closing(open_store(settings, "identity", migrate=True)) as identity,
        fill_folder(out, force=force) as folder,
    ):
        keys, replaced = ContactKeys(settings.contact_keys), read_replaced_links(settings.erasures, found.code)
        reminders = Reminders(answers, identity, settings.pseudonym_key, keys, found, replaced=replaced)
        written, states = write_feeds(folder, [read_link_list(path) for path in links], reminders, settings.pseudonym_key, key)
    show_invalid(reminders)
    for institution, number in sorted(written.items()):
        click.echo(f"{institution}: {number} links in {out / institution}")
    for state in sorted(STATES_LEFT_OUT & states.keys()):
        click.echo(f"Left out: {states[state]} {STATE_LABELS[state]}")

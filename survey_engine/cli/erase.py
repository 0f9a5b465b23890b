"""`survey-engine erase`: take back what somebody answered, for good, also when an older backup is restored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.fieldwork.erasure import BrokenList, Stores, carry_out_again
from survey_engine.fieldwork.erasure import erase as erase_seat
from survey_engine.fieldwork.invitations.links import find_by_link, read_token
from survey_engine.settings import Settings
from survey_engine.storage.identity import Seat

EXAMPLES = """\b
Examples:
  survey-engine erase job-2026 https://survey.example.org/l/dGhpcyBpcyBub3QgYQ
  survey-engine erase --again
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire", required=False)
@click.argument("link", required=False)
@click.option("--again", is_flag=True, help="After every restore: carry out once more all that was erased or withdrawn.")
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
def erase(*, questionnaire: str | None, link: str | None, again: bool, yes: bool) -> None:
    """Erase what was answered to QUESTIONNAIRE by a personal LINK, and the link itself.

    LINK is the whole address, as it stands in links.csv. Backups still hold both, so the erasure is also noted in a list of its own
    (SURVEY_ERASURES): after a restore, --again erases once more, and sees to it that no new response gets the number of one
    that was lost. Keep the list apart from the backups, and copy it.
    Open links lead to nobody: what came by them cannot be told apart.
    """
    if again == bool(questionnaire and link):
        raise click.UsageError("Give a questionnaire and a link, or --again.")
    settings = find_settings()
    with open_stores(settings) as stores:
        if again:
            click.echo(erase_again(settings, stores))
            return
        seat = find_seat(settings, stores, questionnaire or "", link or "")
        if not yes:
            click.confirm("Erase all answers that came by this link, and the link? There is no way back", abort=True)
        erase_seat(stores, settings.erasures, seat)
    click.echo("Erased. Backups still hold it: after restoring one, run `survey-engine erase --again`.")


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    with (
        closing(open_store(settings.database_url, "answers")) as answers,
        closing(open_store(settings.identity_url, "identity")) as identity,
    ):
        answers.migrate()  # a backup may be older than what this version needs
        yield Stores(answers, identity, settings.pseudonym_key)


def find_seat(settings: Settings, stores: Stores, questionnaire: str, link: str) -> Seat:
    code = find_questionnaire(questionnaire, settings).code
    seat = find_by_link(stores.identity, read_token(link))
    if seat is None or seat.questionnaire != code:
        raise click.ClickException(f"There is no such link to {code}. Copy it from links.csv, whole.")
    return seat


def erase_again(settings: Settings, stores: Stores) -> str:
    """Carry out the whole list; says how much had come back."""
    try:
        listed, back = carry_out_again(stores, settings.erasures)
    except BrokenList as error:
        raise click.ClickException(str(error)) from None
    return f"{listed} erasures and withdrawals on the list; {back} had come back, and are carried out once more."

"""`survey-engine erase`: erase the answers of a respondent, and again after an older backup was restored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.fieldwork.erasure import ERASED, BrokenListError, ErasureEntry, Stores, apply_list, find_by_private_key
from survey_engine.fieldwork.erasure import erase as erase_answers
from survey_engine.fieldwork.invitations.links import find_by_link, read_token
from survey_engine.settings import Settings

EXAMPLES = """\b
Examples:
  survey-engine erase job-2026 https://survey.example.org/l/dGhpcyBpcyBub3QgYQ
  survey-engine erase job-2026 --key ABCD-EFGH
  survey-engine erase --again
"""
LEFT = {
    "sqlite": "Something was reading the store, so its write-ahead log still holds copies. Run `survey-engine maintain --rewrite`.",
    "postgresql": "Free space of tables and the write-ahead log may still hold copies: run `survey-engine maintain --rewrite` when no "
    "fieldwork is going on.",
}
"""Engine → message about bytes that may be left in its files."""
ANSWERED = "Erased. Backups still hold it:"
UNANSWERED = (
    "The link is erased; nothing was answered by this link. If the identity store was restored from a backup, let `survey-engine doctor` "
    "count the responses whose seat was lost. Backups still hold the link:"
)


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire", required=False)
@click.argument("link", required=False)
@click.option("--key", help="The private key that the respondent kept, instead of a link.")
@click.option("--again", is_flag=True, help="After every restore: carry out once more all that was erased or withdrawn.")
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
def erase(*, questionnaire: str | None, link: str | None, key: str | None, again: bool, yes: bool) -> None:
    """Erase the answers to QUESTIONNAIRE of a personal LINK or a private key, and the link itself.

    LINK is the whole address in links.csv. The last page shows the private key to every respondent, also by an open link.
    Backups still have the answers, so the erasure is also appended to a list (SURVEY_ERASURES): after a restore, or a
    failover to a replica that lagged behind, run --again. Keep the list apart from the backups, and copy it. An address that
    has joined a panel stays there: ask the panel to remove it.
    """
    if again == bool(questionnaire) or bool(link) + bool(key) != (not again):
        raise click.UsageError("Give a questionnaire and a link or --key, or --again.")
    settings = find_settings()
    with open_stores(settings) as stores:
        if again:
            click.echo(erase_again(settings, stores))
            return
        entry = find_entry(settings, stores, questionnaire or "", link, key)
        if not yes:
            click.confirm("Erase all these answers, and the personal link if there is one? There is no way back", abort=True)
        erased = erase_answers(stores, settings.erasures, entry)
    click.echo(f"{ANSWERED if erased.answered else UNANSWERED} after restoring one, run `survey-engine erase --again`.")
    if not erased.cleared:
        click.echo(LEFT["sqlite" if stores.answers.is_sqlite and stores.identity.is_sqlite else "postgresql"])


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    with (
        closing(open_store(settings.database_url, "answers")) as answers,
        closing(open_store(settings.identity_url, "identity")) as identity,
    ):
        answers.migrate()  # a backup may be older than what this version needs
        yield Stores(answers, identity, settings.pseudonym_key)


def find_entry(settings: Settings, stores: Stores, questionnaire: str, link: str | None, key: str | None) -> ErasureEntry:
    """Find the entry of a link or private key."""
    code = find_questionnaire(questionnaire, settings).code
    if link is None:
        entry = find_by_private_key(stores, code, key or "")
        if entry is None:
            raise click.ClickException(f"No response to {code} has this private key. It has eight letters and digits.")
        return entry
    seat = find_by_link(stores.identity, read_token(link))
    if seat is None or seat.questionnaire != code:
        raise click.ClickException(f"There is no such link to {code}. Copy it from links.csv, whole.")
    return ErasureEntry(ERASED, code, seat.id)


def erase_again(settings: Settings, stores: Stores) -> str:
    """Apply the whole list; return a summary."""
    try:
        listed, back = apply_list(stores, settings.erasures)
    except BrokenListError as error:
        raise click.ClickException(str(error)) from None
    return f"{listed} erasures and withdrawals on the list; {back} had come back, and are carried out once more."

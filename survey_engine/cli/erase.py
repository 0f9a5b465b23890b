"""`survey-engine erase`: erase a respondent's answers, and repeat erasures after a restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from survey_engine.cli.support.installation import check_restored, find_questionnaire, find_settings, open_store
from survey_engine.cli.support.interruptions import make_stores, report_incomplete
from survey_engine.cli.support.labels import report_labels
from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.erasure import (
    MOVE_AGAIN,
    Stores,
    apply_list,
    count_responses_without_seat,
    find_by_private_key,
    list_moved_back,
)
from survey_engine.fieldwork.erasure import erase as erase_answers
from survey_engine.fieldwork.erasure_list import ERASED, BrokenListError, ErasureEntry, read_list
from survey_engine.fieldwork.invitations.links import find_by_any_link, read_token
from survey_engine.fieldwork.list_owners import MissingListError
from survey_engine.fieldwork.panel import Panels
from survey_engine.operations.retention import list_undone
from survey_engine.settings import Settings
from survey_engine.storage.identity import find_seat_by_number
from survey_engine.storage.lms import withdraw_approvals
from survey_engine.storage.roster_seats import map_all_institutions

EXAMPLES = """\b
Examples:
  survey-engine erase job-2026 https://survey.example.org/l/dGhpcyBpcyBub3QgYQ
  survey-engine erase job-2026 --key ABCD-EFGH
  survey-engine erase --again
"""
_ANSWERED = "Erased. Backups still contain the answers:"
_NO_ANSWERS_ERASED = "The link is erased; it had no answers.{lost} Backups still contain the link:"
LOST = (
    " But {lost} responses by personal links have no seat, as after a restore of an older identity store: these answers may be among them. "
    "`survey-engine doctor` says what to do."
)

_APPROVE = "Approve each one that may still launch: survey-engine lti list, survey-engine lti approve NUMBER. Open invitations have ended."


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire", required=False)
@click.argument("link", required=False)
@click.option("--key", help="The private key of the respondent, instead of a link.")
@click.option("--again", is_flag=True, help="Repeat all erasures and withdrawals; needed after every restore.")
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
def erase(*, questionnaire: str | None, link: str | None, key: str | None, again: bool, yes: bool) -> None:
    """Erase the answers to QUESTIONNAIRE of a personal LINK or a private key, and the link itself.

    LINK is the whole address from links.csv. All respondents find their private key on the proof of completion, also those of an
    open link. Backups still contain erased answers, so each erasure is also written to a list (SURVEY_ERASURES). --again repeats
    the erasures on the list: run it after each restore, also an interrupted one, and after a failover to a replica that lagged
    behind. Store the list apart from the backups, and copy it. An address that has joined a panel is not erased: the
    organisation that runs the panel removes it.
    """
    if again == bool(questionnaire) or bool(link) + bool(key) != (not again):
        raise click.UsageError("Give a questionnaire with a link or with --key; or give --again alone.")
    settings = find_settings(finishes_restore=again)
    check_restored(settings)
    with open_stores(settings) as stores:
        if again:
            click.echo(erase_again(settings, stores))
            return
        entry = find_entry(settings, stores, questionnaire or "", link, key)
        seat = find_seat_by_number(stores.identity, entry.number) if entry.kind == ERASED else None
        if not yes:
            click.confirm("Erase these answers, and the personal link if there is one? This cannot be undone", abort=True)
        with report_incomplete(settings.erasures):
            erased = erase_answers(stores, settings.erasures, entry)
            if seat:
                report_labels(settings, stores, seat.questionnaire, [seat.institution])
        said = _ANSWERED if erased.answered else describe_unanswered(stores)
    click.echo(f"{said} after restoring one, run `survey-engine erase --again`.")
    for note in erased.copies:
        click.echo(note)


def describe_unanswered(stores: Stores) -> str:
    lost, _ = count_responses_without_seat(stores)
    return _NO_ANSWERS_ERASED.format(lost=LOST.format(lost=lost) if lost else "")


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    with (
        closing(open_store(settings, "answers")) as answers,
        closing(open_store(settings, "identity")) as identity,
    ):
        answers.migrate()  # a restored backup may have an older schema
        yield make_stores(settings, answers, identity)


def find_entry(settings: Settings, stores: Stores, questionnaire: str, link: str | None, key: str | None) -> ErasureEntry:
    """Return the requested erasure.

    Raises:
        click.ClickException: the link or the private key does not exist.
    """
    code = find_questionnaire(questionnaire, settings).code
    if link is None:
        entry = find_by_private_key(stores, code, key or "")
        if entry is None:
            raise click.ClickException(f"No response to {code} has this private key. It has eight letters and digits.")
        return entry
    seat = find_by_any_link(stores.identity, stores.key, read_token(link))
    if seat is None or seat.questionnaire != code:
        raise click.ClickException(
            f"There is no such link to {code}. Copy the whole link from links.csv. "
            "If an earlier erasure with this link failed, run: survey-engine erase --again"
        )
    return ErasureEntry(ERASED, code, seat.id)


def erase_again(settings: Settings, stores: Stores) -> str:
    """Repeat all erasures and withdrawals on the list; return a summary."""
    if read_list(settings.erasures).is_torn:
        click.secho(
            "The last line of the list is incomplete and was ignored: the command that wrote it failed.", fg="yellow", err=True
        )
    try:
        listed, back = apply_list(stores, settings.erasures)
    except MissingListError as error:
        raise click.ClickException(str(error)) from None
    except BrokenListError as error:
        raise click.ClickException(f"All other lines were applied.\n{error}") from None
    for questionnaire, institutions in map_all_institutions(stores.identity).items():
        report_labels(settings, stores, questionnaire, institutions)
    joined = f"{finish_restore(settings, stores)}{remove_joined(settings, stores)}"
    joined += "".join(f"\n{undone}" for undone in list_undone(stores.answers, stores.identity, settings.erasures))
    if not settings.erasures.is_file():
        return f"There is no list of erasures at {settings.erasures} (SURVEY_ERASURES): nothing to repeat.{joined}"
    undone = list_moved_back(stores, read_list(settings.erasures).notes)
    moved = f" {len(undone)} persons have an earlier institution or key again. {MOVE_AGAIN}" if undone else ""
    return f"{listed} erasures and withdrawals on the list; {back} were not in effect in the stores, and were repeated.{joined}{moved}"


def finish_restore(settings: Settings, stores: Stores) -> str:
    """End a restore after its erasures were repeated; return a summary. Servers become ready. Learning environments need a new approval."""
    if not settings.restore_mark.is_file():
        return ""
    restored = settings.restore_mark.read_text(encoding="utf-8").split()
    withdrawn = withdraw_approvals(stores.identity) if "identity" in restored else 0
    settings.restore_mark.unlink()
    return f" {withdrawn} learning environments could launch at the time of the backup. {_APPROVE}" if withdrawn else ""


def remove_joined(settings: Settings, stores: Stores) -> str:
    """Remove waiting addresses that a restore brought back although they are in the panel; return a summary."""
    panels = Panels(stores.answers, stores.identity, ContactKeys(settings.contact_keys), stores.key, settings.erasures)
    try:
        removed = panels.remove_joined()
    except LostContactKeyError as error:
        raise click.ClickException(f"The whole list was applied.\n{error}") from None
    return f" {removed} waiting addresses were already in their panel, and were removed." if removed else ""

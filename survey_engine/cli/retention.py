"""`survey-engine retention`: list the stored data of questionnaires, and delete data of closed ones."""

from __future__ import annotations

import click

from survey_engine.cli.maintain import open_installation
from survey_engine.cli.support.installation import find_settings
from survey_engine.operations.retention import (
    EFFECTS,
    KeptData,
    RetentionError,
    count_kinds,
    find_certificates,
    format_closing,
    list_kept,
    list_undone,
)
from survey_engine.operations.retention import delete as delete_data
from survey_engine.settings import KEPT_KINDS

EXAMPLES = """\b
Examples:
  survey-engine retention
  survey-engine retention job-2026 --delete contacts
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire", required=False)
@click.option(
    "--delete", "kind", type=click.Choice(KEPT_KINDS), help="Delete this kind of data now. The questionnaire must have closed."
)
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
def retention(*, questionnaire: str | None, kind: str | None, yes: bool) -> None:
    """List the data of all questionnaires, with the day on which SURVEY_KEEP_DAYS deletes it; or delete data of QUESTIONNAIRE.

    There are three kinds of data. contacts: addresses, names, birth dates, labels, exclusions, and identifiers in learning
    environments. Without them links still work, but `roster response` counts excluded persons again: export it first. links: the
    personal links, with the pseudonyms and private keys of the responses; without them, no response can be joined with a person.
    answers: the responses.

    Each deletion appends a certificate to deletions.jsonl, next to the list of erasures. Backups are not changed: after a restore,
    delete again.
    """
    if bool(questionnaire) != bool(kind):
        raise click.UsageError("Give a questionnaire and --delete, or neither.")
    settings = find_settings()
    with open_installation(settings) as installation:
        if questionnaire is None or kind is None:
            kept = list_kept(installation, settings.keep_days)
            click.echo("\n".join(map(describe, kept)) if kept else "No questionnaire has data.")
            for undone in list_undone(installation.answers, installation.identity, settings.erasures):
                click.secho(undone, fg="red", err=True)
            return
        count = count_kinds(installation, questionnaire)[kind]
        if not count:
            raise click.ClickException(f"{questionnaire} has no {kind}.")
        if not yes:
            if kind in EFFECTS:
                click.echo(EFFECTS[kind])
            click.confirm(f"Delete {kind} of {questionnaire} ({count})? This cannot be undone", abort=True)
        try:
            certificate = delete_data(installation, questionnaire, kind)
        except RetentionError as error:
            raise click.ClickException(str(error)) from None
    click.echo(
        f"{certificate.describe()}\nWhat remains: {certificate.remains}\nThe certificate is in {find_certificates(settings.erasures)}."
    )


def describe(kept: KeptData) -> str:
    """Return the line of the list for one kind of data."""
    closed = f"closes on {format_closing(kept.closed)}" if kept.closed else "no closing date"
    due = f"deleted after {kept.due:%Y-%m-%d}" if kept.due else "kept until `--delete`"
    return f"{kept.questionnaire:16} {kept.kind:10} {kept.number:9,}  {closed:23} {due}"

"""`survey-engine requests`: record requests about personal data, with their deadlines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import click

from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.operations.doctor.contents import TERM
from survey_engine.storage.data_requests import add_request, close_request, list_requests
from survey_engine.storage.database import Database, read_now

_OUTCOMES = ("shown", "changed", "erased", "stopped", "refused", "withdrawn")
_REQUEST_KINDS = ("access", "correction", "erasure", "objection")
EXAMPLES = """\b
Examples:
  survey-engine requests add job-2026 erasure --received 2026-11-20 --reference 2026-14
  survey-engine requests list
  survey-engine requests close 3 erased
"""
DAY = click.DateTime(["%Y-%m-%d"])


@click.group(epilog=EXAMPLES)
def requests() -> None:
    """Record requests of persons about their own data, and when they were answered. The deadline is four weeks.

    The register contains no names. Respondents with a private key need no request: the address below the key erases their answers.
    """


@requests.command(epilog="Example: survey-engine requests add job-2026 access --reference 2026-14")
@click.argument("questionnaire")
@click.argument("kind", type=click.Choice(_REQUEST_KINDS))
@click.option("--received", type=DAY, help="The day on which the request came, such as 2026-11-20. Default: today.")
@click.option("--reference", default="", help="The number of the request in your own files. Never a name or an address.")
def add(*, questionnaire: str, kind: str, received: datetime | None, reference: str) -> None:
    """Record a request about QUESTIONNAIRE, and show its number and deadline."""
    settings = find_settings()
    code = find_questionnaire(questionnaire, settings).code
    if not re.fullmatch(r"[\w./-]{0,40}", reference) or (reference and not re.search("[0-9]", reference)):
        raise click.UsageError("--reference must be a number in your own files, such as 2026-14: no name, no address.")
    with open_identity() as identity:
        today = read_now(identity).date()
        day = received.date() if received else today
        if day > today:
            raise click.UsageError("--received is in the future.")
        number = add_request(identity, code, kind, reference, day)
    click.echo(f"Request {number}: {kind}, {code}, to be answered by {day + timedelta(days=TERM)}.")


@requests.command("list", epilog="Example: survey-engine requests list --all")
@click.option("--all", "everything", is_flag=True, help="Show answered requests too.")
def show(*, everything: bool) -> None:
    """List open requests, the oldest first, with the day by which they must be answered."""
    with open_identity() as identity:
        today = read_now(identity).date()
        found = [request for request in list_requests(identity) if everything or request.closed is None]
    for request in found:
        due = request.received + timedelta(days=TERM)
        late = due < (request.closed or today)
        state = f"answered {request.closed}: {request.outcome}" if request.closed else f"answer by {due}"
        line = (
            f"{request.id:4} {request.received} {request.kind:10} {request.questionnaire:16} {state}{' (late)' if late else ''}"
        )
        click.secho(f"{line}  {request.reference}".rstrip(), fg="red" if late else None)
    if not found:
        click.echo("No request is open." if not everything else "There are no requests.")


@requests.command(epilog="Example: survey-engine requests close 3 erased")
@click.argument("number", type=int)
@click.argument("outcome", type=click.Choice(_OUTCOMES))
def close(*, number: int, outcome: str) -> None:
    """Record that request NUMBER was answered today, with its outcome."""
    with open_identity() as identity:
        if not close_request(identity, number, read_now(identity).date(), outcome):
            raise click.ClickException(f"No request {number} is open. See: survey-engine requests list --all")
    click.echo(f"Request {number} was answered: {outcome}.")


@contextmanager
def open_identity() -> Iterator[Database]:
    with closing(open_store(find_settings(), "identity", migrate=True)) as identity:
        yield identity

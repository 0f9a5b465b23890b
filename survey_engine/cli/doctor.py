"""`survey-engine doctor`: check an installation and report problems with their remedies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain

import click

from survey_engine.operations.doctor.examination import iter_findings
from survey_engine.operations.doctor.finding import Finding
from survey_engine.operations.doctor.surroundings import send_test_mail
from survey_engine.settings import Settings, SettingsError, read_settings

EXAMPLES = """\b
Examples:
  SURVEY_BASE_URL=https://survey.example.org survey-engine doctor
  survey-engine doctor --mail me@example.org
"""


@click.command(epilog=EXAMPLES)
@click.option("--mail", "address", metavar="ADDRESS", help="Also send a test message to this address.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=8000,
    show_default=True,
    help="The port of the server, whether it runs or not.",
)
def doctor(address: str | None, port: int) -> None:
    """Check this installation and report problems with their remedies.

    Reads the same environment as `survey-engine run`, changes nothing, and exits with 1 if there is a problem.
    """
    try:
        settings = read_settings(create=False)
    except SettingsError as error:
        click.secho(f"✗ settings: {error}", fg="red")
        sys.exit(1)
    count = failed = 0
    for finding in chain(iter_findings(settings, os.environ, port), _send(settings, address)):
        sign, colour = ("✗", "red") if finding.remedy else ("✓", "green")
        click.secho(f"{sign} {finding.what}: {finding.found}", fg=colour)
        if finding.remedy:
            click.echo(f"    {finding.remedy}")
        count, failed = count + 1, failed + bool(finding.remedy)
    click.echo(f"\n{count} checks, {failed} failed.")
    sys.exit(1 if failed else 0)


def _send(settings: Settings, address: str | None) -> Iterator[Finding]:
    if address is not None:
        yield send_test_mail(settings, address)

"""`survey-engine class-link`: the link of a teacher's page, with the QR code for a class."""

from __future__ import annotations

from contextlib import closing

import click

from survey_engine.cli import make_printable
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.group_totals import EVERYBODY, LEAST_PERSONS, Group, Totals, name_group
from survey_engine.fieldwork.key_checks import record_keys
from survey_engine.fieldwork.rosters.label_checks import normalise_label
from survey_engine.fieldwork.signing import ClassLink, Signatures
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.group_totals import add_group, remove_group

EXAMPLES = """\b
Examples:
  survey-engine class-link job-2026 zuidwester
  survey-engine class-link job-2026 zuidwester --label class=3B
  survey-engine class-link job-2026 zuidwester --label class=3B --withdraw
"""


def read_label(context: click.Context, parameter: click.Parameter, written: str | None) -> Group:
    code, _, label = (written or "").partition("=")
    group = code.strip(), " ".join(label.split())
    if written is not None and not all(group):
        raise click.BadParameter("write the code of the label and its value: class=3B", context, parameter)
    return group


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("institution")
@click.option("--label", metavar="CODE=VALUE", callback=read_label, help="A class or team, by a label that its persons have.")
@click.option("--withdraw", is_flag=True, help="The link must no longer work.")
def class_link(questionnaire: str, institution: str, *, label: Group, withdraw: bool) -> None:
    """Show the link of a teacher's page of QUESTIONNAIRE at INSTITUTION.

    The page has a QR code for the class, what to say before the start, how many have started and completed, and a timer. It
    shows no person, its numbers rise in steps of 5, and nobody can change anything by it. It works while the questionnaire is
    open. The same command shows the same link again.
    """
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    if institution not in found.institutions:
        raise click.ClickException(f"There is no institution {institution}. There are: {join_names(sorted(found.institutions))}.")
    name = name_group(settings.pseudonym_key, found.code, institution, *label)
    with (
        closing(open_store(settings, "answers", migrate=True)) as answers,
        closing(open_store(settings, "identity", migrate=True)) as identity,
    ):
        record_keys(settings, answers, identity)
        if withdraw:
            if not remove_group(identity, name):
                raise click.ClickException("There is no such link.")
            click.echo("Withdrawn: the page can no longer be opened.")
            return
        totals = Totals(answers, identity, ContactKeys(settings.contact_keys), settings.pseudonym_key)
        link = ClassLink(found.code, institution, *label)
        if label != EVERYBODY:
            check_label(totals, link)
        add_group(identity, name, found.code, institution)
        totals.refresh()
    token = Signatures(settings.secret_keys, settings.resume_days).sign_class_link(link)
    click.echo(f"{settings.base_url}/class/{token}")
    warn_of_gaps(found, institution)


def check_label(totals: Totals, link: ClassLink) -> None:
    """Raises ClickException when too few persons have the label to show a number of them."""
    count = totals.count_institution(link.questionnaire, link.institution)
    if link.code not in count.codes:
        known = f" It has: {join_names(sorted(count.codes))}." if count.codes else ""
        raise click.ClickException(make_printable(f"{link.institution} has no label {link.code}.{known}"))
    if count.count_groups()[link.code, normalise_label(link.label)] < LEAST_PERSONS:
        raise click.ClickException(
            make_printable(
                f"Too few persons of {link.institution} have {link.code}={link.label} to show numbers of them: {LEAST_PERSONS} are "
                "needed. Is it written as on the list? Or leave out --label."
            )
        )


def warn_of_gaps(questionnaire: Questionnaire, institution: str) -> None:
    if not questionnaire.institutions[institution].has_start_page:
        click.secho(
            f"{institution} has no open link and no login: the page has no QR code, and says that everybody opens their own link.",
            fg="yellow",
            err=True,
        )

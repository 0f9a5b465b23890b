"""`survey-engine class-link`: show the link of a teacher's page, with the QR code for a class."""

from __future__ import annotations

import click

from survey_engine.cli import make_printable
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_both_stores
from survey_engine.cli.support.link_command import warn
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.group_totals import (
    ALL_PERSONS,
    BY_OPEN_LINK,
    LEAST_PERSONS,
    OPEN_LINK,
    Group,
    InstitutionCount,
    Totals,
    choose_entrance,
    name_group,
)
from survey_engine.fieldwork.rosters.label_checks import normalise_label
from survey_engine.fieldwork.signing import ClassLink, Signatures
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Institution
from survey_engine.storage.group_totals import add_group, remove_group

EXAMPLES = """\b
Examples:
  survey-engine class-link job-2026 zuidwester
  survey-engine class-link job-2026 zuidwester --label class=3B
  survey-engine class-link job-2026 zuidwester --label class=3B --withdraw
  survey-engine class-link job-2026 zuidwester --open
"""


def parse_label(context: click.Context, parameter: click.Parameter, written: str | None) -> Group:
    code, _, label = (written or "").partition("=")
    group = code.strip(), " ".join(label.split())
    if written is not None and not all(group):
        raise click.BadParameter("write the code of the label and its value: class=3B", context, parameter)
    return group


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("institution")
@click.option(
    "--label", metavar="CODE=VALUE", callback=parse_label, help="Count only persons with this label, such as a class or team."
)
@click.option(
    "--open", "by_open_link", is_flag=True, help="Show the QR code of the open link on the page, for persons who are on no list."
)
@click.option("--withdraw", is_flag=True, help="Withdraw the link: its page can no longer be opened.")
def class_link(questionnaire: str, institution: str, *, label: Group, by_open_link: bool, withdraw: bool) -> None:
    """Show the link of a teacher's page of QUESTIONNAIRE at INSTITUTION.

    The page has a QR code for the class, an introduction to read out, the numbers of persons who have started and completed, and
    a timer. It shows no persons, its numbers rise in steps of 5, and nothing can be changed on it. It works while the
    questionnaire is open. The same command shows the same link again.

    With --label, and at institutions with a list, the QR code leads to the login by name; without such a login, the page asks
    persons to open their personal link. With --open, the QR code is that of the open link, and its responses are counted.
    """
    if by_open_link and label != ALL_PERSONS:
        raise click.UsageError("Responses by the open link have no label: give --label or --open, not both.")
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    if institution not in found.institutions:
        raise click.ClickException(f"There is no institution {institution}. There are: {join_names(sorted(found.institutions))}.")
    if by_open_link and not found.institutions[institution].has_open_link:
        raise click.ClickException(f"{institution} has no open link.")
    group = OPEN_LINK if by_open_link else label
    name = name_group(settings.pseudonym_key, found.code, institution, *group)
    with open_both_stores(settings) as (answers, identity):
        if withdraw:
            if not remove_group(identity, name):
                raise click.ClickException("There is no such link.")
            click.echo("Withdrawn: the page of this link can no longer be opened.")
            return
        totals = Totals(answers, identity, ContactKeys(settings.contact_keys), settings.pseudonym_key)
        link = ClassLink(found.code, institution, *group)
        count = totals.count_institution(found.code, institution)
        if label != ALL_PERSONS:
            check_label(count, link)
        add_group(identity, name, found.code, institution)
        totals.refresh()
    token = Signatures(settings.secret_keys, settings.resume_days).sign_class_link(link)
    click.echo(f"{settings.base_url}/class/{token}")
    explain_entrance(found.institutions[institution], group, len(count.persons))


def check_label(count: InstitutionCount, link: ClassLink) -> None:
    """Raises ClickException when no persons, or too few to show numbers, have the label."""
    if link.code not in count.codes:
        known = f" It has: {join_names(sorted(count.codes))}." if count.codes else ""
        raise click.ClickException(make_printable(f"{link.institution} has no label {link.code}.{known}"))
    if count.count_groups()[link.code, normalise_label(link.label)] < LEAST_PERSONS:
        raise click.ClickException(
            make_printable(
                f"Too few persons of {link.institution} have {link.code}={link.label} to show numbers of them: {LEAST_PERSONS} are "
                "needed. Check its spelling on the list, or leave out --label."
            )
        )


def explain_entrance(institution: Institution, group: Group, persons: int) -> None:
    """Args: persons: number of persons on the list of the institution."""
    entrance = choose_entrance(institution, group, persons)
    if entrance == BY_OPEN_LINK and persons:
        warn(
            f"{institution.code} has {persons} persons with personal links. Responses by the open link do not count for them: "
            "`remind` still lists these persons, and they can answer again."
        )
    if not entrance:
        warn("The page has no QR code. It asks persons to open their personal link.")
    if entrance != BY_OPEN_LINK and institution.has_open_link:
        click.echo(
            "The page does not show the open link, with which persons on the list could answer twice. --open shows it.",
            err=True,
        )

"""`survey-engine own`: check an institution's local questions."""

from __future__ import annotations

import sys

import click

from survey_engine.analysis.local_questions import iter_local_items, list_local_budgets, list_local_references
from survey_engine.authoring.preview.audiences import list_requirements
from survey_engine.cli.support.installation import find_questionnaire
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.rendering.condition_sentences import make_condition_writer
from survey_engine.rendering.page_plan import Wording
from survey_engine.settings import read_folders

EXAMPLE = "Example:\n\n  survey-engine own job-2026 noorderlicht --sentences nl"


@click.command(epilog=EXAMPLE)
@click.argument("questionnaire")
@click.argument("institution")
@click.option("--sentences", type=click.Choice(["en", "nl"]), default="en", show_default=True, help="The language of the sheet.")
def own(questionnaire: str, institution: str, sentences: str) -> None:
    """Check the local questions of INSTITUTION in QUESTIONNAIRE and report the audience of each.

    Local questions may not change the routing of the core or the assignment of modules, nor exceed the time budget.
    Exits with 1 if they do.
    """
    home = find_questionnaire(questionnaire, read_folders())
    if institution not in home.institutions:
        known = home.institutions
        hint = f"{suggest_name(institution, known)}. Known: {join_names(known)}."
        raise click.ClickException(f"There is no institution '{institution}'{hint}")
    place = home.institutions[institution]
    show_items(home, place, sentences)
    failures = show_references(home, place) + show_time_budget(home, place)
    sys.exit(1 if failures else 0)


def show_items(questionnaire: Questionnaire, institution: Institution, sentences: str) -> None:
    writer = make_condition_writer(questionnaire, sentences)
    wording = Wording(questionnaire, questionnaire.languages[writer.wording.language], institution)
    count = 0
    for entry in iter_local_items(institution):
        count += 1
        origin = "bank, " + ("tested" if any(i.about.tested for i in entry.question.items) else "not tested")
        click.secho(f"{entry.question.code}  ", bold=True, nl=False)
        click.echo(f"({entry.question.type}, {entry.question.seconds:.0f} s{', ' + origin if entry.question.bank else ''})")
        click.echo(f"    {' '.join(wording.line(entry.question.text).split())}")
        conditions = [*list_requirements(questionnaire, entry.section), *entry.guard]
        click.echo(f"    {writer.describe_audience([*conditions])}")
        for item in entry.question.items:
            if item.when:
                click.echo(f"    {item.code}: {writer.describe_audience([*conditions, item.when])}")
    click.echo(f"{institution.name}: {count} local questions.\n")


def show_references(questionnaire: Questionnaire, institution: Institution) -> int:
    references = list_local_references(questionnaire, institution)
    for reference in references:
        condition = reference.condition
        click.secho(
            f"✗ {condition.place}: this condition uses the local question '{reference.name}': {condition.source}", fg="red"
        )
    if not references:
        click.secho(
            "✓ No condition of the core, a module or a block uses a local question, so the routing is unchanged.", fg="green"
        )
    return len(references)


def show_time_budget(questionnaire: Questionnaire, institution: Institution) -> int:
    over = 0
    for room in list_local_budgets(questionnaire, institution):
        line = f"{room.language}: a path takes at most {room.without:.1f} minutes without local questions, {room.with_own:.1f} with them"
        if room.left is None:
            click.echo(f"  {line}; there is no budget.")
        elif room.left < 0:
            over += 1
            click.secho(f"✗ {line}: {-room.left:.1f} minutes over the budget of {room.budget:.0f}", fg="red")
        else:
            click.secho(f"✓ {line}; {room.left:.1f} minutes are left", fg="green")
    return over

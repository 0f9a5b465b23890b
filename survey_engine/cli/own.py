"""`survey-engine own`: an institution's own questions in a sandbox."""

from __future__ import annotations

import sys

import click

from survey_engine.analysis.local_questions import iter_local_items, list_local_budgets, list_local_references
from survey_engine.authoring.preview.audiences import find_circumstances
from survey_engine.authoring.preview.sentences import make_speaker
from survey_engine.cli.support.installation import find_questionnaire
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.settings import read_folders

EXAMPLE = "Example:\n\n  survey-engine own job-2026 noorderlicht --sentences nl"


@click.command(epilog=EXAMPLE)
@click.argument("questionnaire")
@click.argument("institution")
@click.option("--sentences", type=click.Choice(["en", "nl"]), default="en", show_default=True, help="The language of the sheet.")
def own(questionnaire: str, institution: str, sentences: str) -> None:
    """Check the own questions of INSTITUTION in QUESTIONNAIRE, and say exactly who will get each.

    They may not change what the core asks, whom a module goes to, or take more time than the institution still has.
    Exits with 1 when they do.
    """
    home = find_questionnaire(questionnaire, read_folders())
    if institution not in home.institutions:
        known = home.institutions
        hint = f"{suggest_name(institution, known)}. Known: {join_names(known)}."
        raise click.ClickException(f"There is no institution '{institution}'{hint}")
    place = home.institutions[institution]
    show_items(home, place, sentences)
    bad = show_touches(home, place) + show_room(home, place)
    sys.exit(1 if bad else 0)


def show_items(questionnaire: Questionnaire, institution: Institution, sentences: str) -> None:
    speaker = make_speaker(questionnaire, sentences)
    wording = Wording(questionnaire, questionnaire.languages[speaker.wording.language], institution)
    count = 0
    for entry in iter_local_items(institution):
        count += 1
        origin = "bank, " + ("tested" if any(i.about.tested for i in entry.question.items) else "not tested")
        click.secho(f"{entry.question.code}  ", bold=True, nl=False)
        click.echo(f"({entry.question.type}, {entry.question.seconds:.0f} s{', ' + origin if entry.question.bank else ''})")
        click.echo(f"    {' '.join(wording.line(entry.question.text).split())}")
        way = [*find_circumstances(questionnaire, entry.section), *entry.guard]
        click.echo(f"    {speaker.audience([*way])}")
        for item in entry.question.items:
            if item.when:
                click.echo(f"    {item.code}: {speaker.audience([*way, item.when])}")
    click.echo(f"{institution.name}: {count} own questions.\n")


def show_touches(questionnaire: Questionnaire, institution: Institution) -> int:
    touches = list_local_references(questionnaire, institution)
    for touch in touches:
        click.secho(f"✗ {touch.condition.place}: what is not theirs looks at '{touch.name}': {touch.condition.source}", fg="red")
    if not touches:
        click.secho(
            "✓ No condition of the core, a module or a block looks at an own question: their routes stay as they are.", fg="green"
        )
    return len(touches)


def show_room(questionnaire: Questionnaire, institution: Institution) -> int:
    over = 0
    for room in list_local_budgets(questionnaire, institution):
        line = f"{room.language}: longest way {room.without:.1f} minutes without, {room.with_own:.1f} with own questions"
        if room.left is None:
            click.echo(f"  {line}; no budget is set.")
        elif room.left < 0:
            over += 1
            click.secho(f"✗ {line}: {-room.left:.1f} minutes over the budget of {room.budget:.0f}", fg="red")
        else:
            click.secho(f"✓ {line}; {room.left:.1f} minutes are left", fg="green")
    return over

"""`survey-engine bank`: list the question bank of a questionnaire."""

from __future__ import annotations

import click

from survey_engine.analysis.question_bank import BankEntry, list_bank
from survey_engine.cli.support.installation import find_questionnaire
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.settings import read_folders


@click.command(epilog="Example:\n\n  survey-engine bank job-2026 --tested")
@click.argument("questionnaire")
@click.option("--tested", is_flag=True, help="Only questions that were tested with students.")
@click.option("--language", help="Only questions that are fully translated into this language variant.")
def bank(questionnaire: str, tested: bool, language: str | None) -> None:
    """List the question bank of QUESTIONNAIRE: code, wording, whether tested, languages, and where each question is asked.

    An institution adds a question, unchanged, with `- bank: <code>` in its own questions.
    """
    settings = read_folders()
    home = find_questionnaire(questionnaire, settings)
    folders = sorted(path.parent for path in settings.questionnaires.glob("*/questionnaire.yaml"))
    others: list[Questionnaire] = []
    for folder in folders:
        if folder.name != home.code:
            try:
                others.append(find_questionnaire(folder.name, settings))
            except (click.ClickException, BrokenQuestionnaireError):
                click.echo(f"{folder.name} has errors, so it is not searched for uses of these questions.", err=True)
    shown = 0
    for entry in list_bank(home, others):
        if (tested and not entry.tested) or (language and language not in entry.languages):
            continue
        shown += 1
        show_entry(entry, home)
    click.echo(f"{shown} of {len(home.bank)} questions.")


def show_entry(entry: BankEntry, questionnaire: Questionnaire) -> None:
    question = entry.question
    wording = Wording(questionnaire, questionnaire.languages[questionnaire.source_language], None)
    tested = {True: "tested", False: "not tested", None: "tests unknown"}[entry.tested]
    click.secho(f"{question.code}  ", bold=True, nl=False)
    click.echo(f"({question.type}, {question.seconds:.0f} s, {tested})  {wording.line(question.text)}")
    for item in question.items:
        if item.text:
            click.echo(f"    {item.code:<24} {wording.line(item.text)}")
    click.echo(f"    languages: {', '.join(entry.languages)}")
    for line in entry.history:
        click.echo(f"    asked in {line}")

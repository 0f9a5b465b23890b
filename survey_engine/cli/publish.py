"""`survey-engine publish`: publish a version of a questionnaire for new respondents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import click

from survey_engine.analysis.checks.trends import check_trends
from survey_engine.analysis.edition_diff import compare_questionnaires
from survey_engine.analysis.edition_report import format_changes
from survey_engine.analysis.new_labels import NewLabels
from survey_engine.analysis.rewordings import Rewording
from survey_engine.analysis.withdrawn_languages import WithdrawnLanguage
from survey_engine.cli.support.installation import find_settings, open_store
from survey_engine.cli.support.marked_folders import warn_marked
from survey_engine.cli.support.questionnaires import find_folder, report_withheld, translations_option
from survey_engine.model.messages import BrokenQuestionnaireError, Problem
from survey_engine.model.missing_values import choose_missing
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.acceptance import Inspection, inspect_folder
from survey_engine.publication.versions import Doubt, OvertakenError, ReusedCodesError, RewordedTextsError, StoredVersionError
from survey_engine.publication.versions import publish as publish_version


@click.command(epilog="Example: survey-engine publish questionnaires/job-2026")
@click.argument("questionnaire")
@translations_option
@click.option(
    "--same-meaning",
    is_flag=True,
    help="What has other words or settings means the same as before, and languages may go: do not ask.",
)
def publish(questionnaire: str, translations: Path | None, same_meaning: bool) -> None:
    """Publish QUESTIONNAIRE, an id or a folder, for new respondents. A response that has started keeps its version.

    Prints the changes since the previous version: items that were added, removed, moved, reworded. Servers load the new version
    within five seconds. Later edits in its folder have no effect until it is published again. To revert, publish an earlier
    state of the folder.

    Publishing fails if `survey-engine check` finds errors, also against the previous edition, or if stored answers would mix: a code
    with another type, unit, moved range or `reverse`, or with the text or label of another code in any language; a label with another
    code; a derived value computed otherwise; or a consent with another text under its version number, than in a version that
    was published or answered. Raise that number for a corrected typing error too. New warnings
    about the previous edition are repeated: a code that gets another meaning there breaks a trend, but loses no answer.

    If there are answers, texts with other words are shown, in every language, and ranges, points of scales, types, arms and what
    they read, names and codes of institutions and texts above questions that differ; options added under the label of another; and
    labels and units in a new language beside those of the first. You are asked whether they mean the same: answers from before and
    after the change get one column. Give another meaning another code. You are also asked before a language disappears that new
    respondents can choose now.
    """
    settings = find_settings()
    folder = find_folder(questionnaire, settings.questionnaires)
    warn_marked(settings.data, "publish")
    try:
        with closing(open_store(settings, "answers", migrate=True)) as answers:
            old, new = publish_version(folder, translations, answers, partial(confirm_meanings, same_meaning=same_meaning))
    except ReusedCodesError as error:
        raise click.ClickException(f"{folder} is not published: some codes have another meaning than before.\n{error}") from None
    except RewordedTextsError:
        raise click.ClickException(
            f"{folder} is not published. Give another code to each that means something else now. "
            "If all mean the same, and the languages that are named may go, publish with --same-meaning."
        ) from None
    except BrokenQuestionnaireError as error:
        raise click.ClickException(f"{folder} has errors. Fix them first.\n{error}") from error
    except (OvertakenError, StoredVersionError) as error:
        raise click.ClickException(str(error)) from None
    report_withheld(new)
    if old and old.version != new.version:
        click.echo(format_changes(compare_questionnaires(old, new)))
        before, now = choose_missing([old]), choose_missing([old, new])
        if now != before:
            message = f"Missing values in exports change from {before.describe()} to {now.describe()}."
            click.secho(message, fg="yellow", err=True)
    for problem in list_new_warnings(inspect_folder(folder, translations), old):
        click.secho(str(problem), fg="yellow", err=True)
    for line in describe_dates(old, new, datetime.now(UTC).date()):
        click.secho(line, fg="yellow", err=True)
    click.echo(f"{new.code}: new respondents get version {new.version}, within five seconds.")


def confirm_meanings(doubts: Sequence[Doubt], *, same_meaning: bool) -> bool:
    """Show texts with other words or a new language, and languages that disappear, and ask; without an answer it is a no."""
    new_labels = [doubt for doubt in doubts if isinstance(doubt, NewLabels)]
    withdrawn = [doubt for doubt in doubts if isinstance(doubt, WithdrawnLanguage)]
    reworded = [doubt for doubt in doubts if isinstance(doubt, Rewording)]
    for heading, shown in (
        ("There are answers to these, which have other words or settings now:", reworded),
        ("There are answers to these in other languages; the labels of a new language stand beside them:", new_labels),
        ("Languages disappear:", withdrawn),
    ):
        if shown:
            click.secho(heading, fg="yellow", err=True)
        for doubt in shown:
            click.echo("  " + str(doubt).replace("\n", "\n  "), err=True)
    questions = ["Does each of them mean the same?"] * bool(reworded or new_labels) + ["May they disappear?"] * bool(withdrawn)
    try:
        return same_meaning or all(click.confirm(question, err=True) for question in questions)
    except click.Abort:
        click.echo(err=True)
        return False


def list_new_warnings(inspection: Inspection, old: Questionnaire | None) -> list[Problem]:
    """List the warnings of a folder about its previous edition, without those that the version before had."""
    earlier = check_trends(old, inspection.previous) if old and inspection.previous else ()
    shown = {(problem.code, problem.wrong) for problem in earlier}
    return [each for each in inspection.added if each.severity == "warning" and (each.code, each.wrong) not in shown]


def describe_period(opens: date | None, closes: date | None) -> str:
    """The first and the last day, as the predicate of a sentence.

    >>> describe_period(None, date(2026, 12, 18)), describe_period(None, None)
    ('has no first day and closes after 2026-12-18', 'has no first day and no last day')
    """
    first = f"opens on {opens}" if opens else "has no first day"
    last = f"closes after {closes}" if closes else "has no last day" if opens else "no last day"
    return f"{first} and {last}"


def describe_dates(old: Questionnaire | None, new: Questionnaire, today: date) -> Iterator[str]:
    """Iterate over what a person should know about the first and last days: changes, and a last day that has passed."""
    for name, institution in [("", None), *new.institutions.items()]:
        where = f"At {name} it" if name else "It"
        before = old.find_period(old.institutions.get(name) if name else None) if old else None
        opens, closes = new.find_period(institution)
        if institution and not (institution.opens or institution.closes):
            continue
        if before and before != (opens, closes):
            yield f"{where} {describe_period(opens, closes)}. Before, it {describe_period(*before)}."
        if closes and closes < today:
            yield f"{where} closed on {closes}: nobody can begin or go on. Is that right? SURVEY_KEEP_DAYS counts from there."

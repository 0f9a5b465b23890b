"""`survey-engine new-edition`: start the next edition of a questionnaire."""

from __future__ import annotations

import re
from pathlib import Path

import click

from survey_engine.analysis.checks.new_meanings import iter_moving_bounds
from survey_engine.analysis.edition_diff import compare_questionnaires
from survey_engine.analysis.edition_report import format_comparison
from survey_engine.authoring.new_edition import list_mentions, write_edition
from survey_engine.cli.support.questionnaires import compile_for_authors, find_folder, translations_option
from survey_engine.language.definition_fields import NAME_PATTERN
from survey_engine.model.messages import group_families
from survey_engine.publication.compiler import inspect_questionnaire
from survey_engine.publication.withholding import withhold_variants
from survey_engine.settings import read_folders


@click.command("new-edition", epilog="Example: survey-engine new-edition job-2026 job-2027")
@click.argument("old")
@click.argument("new")
@translations_option
def new_edition(old: str, new: str, translations: Path | None) -> None:
    """Copy the questionnaire OLD to its next edition, with the id NEW, in the folder next to it.

    The copy gets the new id, year and title. Catalogues are copied too: translations of unchanged texts stay current. First and last
    days are removed. Afterwards the differences are printed, as by `survey-engine diff`: sections that rest or return in NEW.
    """
    folder = find_folder(old, read_folders().questionnaires)
    folder = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    if not re.fullmatch(NAME_PATTERN, new):
        raise click.UsageError(f"'{new}' cannot be an id. Use lower-case letters, digits and -, at most 40 characters.")
    before = compile_for_authors(folder, translations)
    try:
        edition = write_edition(folder, before, new, translations)
    except FileExistsError:
        raise click.UsageError(f"{folder.parent / new} exists. Choose another id, or remove that folder.") from None
    inspected = inspect_questionnaire(edition.folder, translations)
    now = withhold_variants(inspected.questionnaire, inspected.gaps.by_language) if inspected.questionnaire else before
    click.echo(format_comparison(compare_questionnaires(before, now)))
    click.echo(f"\nWrote {edition.folder} and {len(edition.catalogues)} catalogues.")
    for path in edition.without_days:
        click.echo(f"{path}: the first and last day are removed. Write the new days, such as: opens: year-month-day")
    for place in list_mentions(now, edition.year):
        click.echo(f"{place}: this text mentions {edition.year}.")
    for bound in iter_moving_bounds(now):
        if before.edition == bound.year != now.edition:
            click.echo(f"{bound.place}: `{bound.key}` of '{bound.code}' is {bound.value}.")
    for problem in group_families(inspected.errors):
        click.secho(str(problem), fg="yellow")
    click.echo(f"Edit the new edition, then: survey-engine check {edition.folder}; survey-engine diff {folder} {edition.folder}")

"""`survey-engine diff`: compare two editions of a questionnaire."""

from __future__ import annotations

import json
from pathlib import Path

import click

from survey_engine.analysis.edition_diff import compare_questionnaires
from survey_engine.analysis.edition_report import format_comparison, serialize_comparison
from survey_engine.cli.support.questionnaires import QuestionnaireFolder, compile_for_authors, translations_option


@click.command(epilog="Example: survey-engine diff questionnaires/job-2026 questionnaires/job-2027")
@click.argument("old", type=QuestionnaireFolder())
@click.argument("new", type=QuestionnaireFolder())
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output format."
)
@translations_option
def diff(old: Path, new: Path, format_: str, translations: Path | None) -> None:
    """Compare two editions of a questionnaire, item by item.

    Lists items that were added, removed, moved, reworded or rescaled, or whose audience changed (with an example respondent);
    broken trends; and the duration of both editions in minutes. Items are matched by their codes.
    """
    comparison = compare_questionnaires(*(compile_for_authors(folder, translations) for folder in (old, new)))
    click.echo(
        format_comparison(comparison)
        if format_ == "text"
        else json.dumps(serialize_comparison(comparison), indent=2, ensure_ascii=False)
    )

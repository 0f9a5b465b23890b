"""`survey-engine prove`: prove properties of a questionnaire for all respondents, or show counterexamples."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.progress import show_progress
from survey_engine.cli.support.questionnaires import QuestionnaireFolder, translations_option
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import inspect_questionnaire
from survey_engine.publication.withholding import INCOMPLETE, withhold_variants

try:
    from survey_engine.analysis.proof.covering import find_covering
    from survey_engine.analysis.proof.replay import SolverDiffersError
    from survey_engine.authoring.covering_walks import write_walks
    from survey_engine.authoring.proof_report import format_sheet_html, format_sheet_text
    from survey_engine.authoring.proof_sheet import prove_questionnaire
except ModuleNotFoundError as missing:
    if missing.name != "z3":
        raise
    raise click.ClickException("Proving needs a solver, z3. Install it with: pip install 'survey-engine[proof]'") from None

ROUTING_UNAFFECTED = frozenset(
    {
        *(
            *INCOMPLETE,
            "placeholders-differ",
            "unknown-locale",
            "bad-catalogue",
            "duplicate-entry",
            "lone-percent",
            "plural-forms",
        ),
        *("bad-logo", "bad-colour", "low-contrast", "own-type", "linked-sections"),
        *("reserved-name", "name-too-long", "name-clash"),
        *("frozen-gone", "frozen-changed", "code-retyped", "too-many-choices", "too-many-blocks", "block-too-long"),
        *("empty-pool", "never-true", "nobody-sees", "twice-in-order"),
    }
)
"""Codes of errors that do not affect the routing: despite them, a proof is valid."""
_COLOURS = {"proved": "green", "failed": "red", "undecided": "yellow", "place": "cyan"}


@click.command(epilog="Example: survey-engine prove questionnaires/job-2026 --html proof.html")
@click.argument("folder", type=QuestionnaireFolder())
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write the sheet as an HTML page.")
@click.option(
    "--covering",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write respondents who together cover all items and options.",
)
@click.option("--force", is_flag=True, help="With --covering: overwrite existing files.")
@translations_option
def prove(folder: Path, html: Path | None, covering: Path | None, force: bool, translations: Path | None) -> None:
    """Prove properties of a questionnaire for all respondents, institutions, variants with all wordings, and modules.

    Each item is asked to at least one respondent, and each option can be chosen; each path ends within the time budget; own
    questions do not change the core. Each failure has a file and line, or a counterexample that the engine replayed. Exits with 1
    if a property fails or is undecided, and with 2 if solver and engine disagree.
    """
    questionnaire = _read(folder, translations)
    try:
        sheet = prove_questionnaire(questionnaire, show_progress)
        click.echo(format_sheet_text(sheet, _paint))
        if html:
            html.write_text(format_sheet_html(sheet), encoding="utf-8")
        if covering:
            visits = find_covering(sheet.proof)
            with fill_folder(covering, force=force) as out:
                write_walks(questionnaire, visits, out)
            click.echo(f"{len(visits)} covering respondents in {covering}")
    except SolverDiffersError as difference:
        click.echo(click.style(f"Error: {difference}", fg="red"), err=True)
        sys.exit(2)
    sys.exit(0 if sheet.proved else 1)


def _read(folder: Path, translations: Path | None) -> Questionnaire:
    compilation = inspect_questionnaire(folder, translations)
    serious = [problem for problem in compilation.errors if problem.code not in ROUTING_UNAFFECTED]
    if serious or compilation.questionnaire is None:
        shown = "\n".join(map(str, serious))
        raise click.ClickException(f"{folder} has errors that affect its routing. Fix them first.\n{shown}")
    if compilation.errors:
        click.echo(
            f"{len(compilation.errors)} errors do not affect the routing and are ignored. See: survey-engine check {folder}",
            err=True,
        )
    return withhold_variants(compilation.questionnaire, compilation.gaps.by_language)


def _paint(text: str, role: str) -> str:
    if role == "quiet":
        return click.style(text, dim=True)
    return click.style(text, fg=_COLOURS[role], bold=role != "place")

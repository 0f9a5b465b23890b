"""`survey-engine check`: every mistake in a questionnaire at once, with its line, the reason and the remedy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from survey_engine.authoring.report_formats import REPORTS, SEVERITIES, Inspected, ReadLine, report_text
from survey_engine.authoring.review import review_questionnaire
from survey_engine.cli.support.questionnaires import find_folder, find_questionnaires, translations_option
from survey_engine.model.questionnaire import Place
from survey_engine.publication.folders import find_unread_reason
from survey_engine.settings import read_folders

_COLOURS = {"error": "red", "warning": "yellow", "hint": "cyan"}


@click.command(epilog="Example: survey-engine check questionnaires/job-2026 --format github")
@click.argument("named", metavar="[QUESTIONNAIRE]...", nargs=-1)
@click.option(
    "--format", "format_", type=click.Choice(list(REPORTS)), default="text", show_default=True, help="How it is written."
)
@translations_option
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="Exit with 1 when there is this, or worse.",
)
@click.option("--errors-only", is_flag=True, help="Leave out warnings and hints.")
def check(named: tuple[str, ...], format_: str, translations: Path | None, fail_on: str, errors_only: bool) -> None:
    """Name every mistake in a questionnaire, with file and line.

    QUESTIONNAIRE is its folder, a file in it, its id, or a folder of questionnaires; without any, all are checked.

    Errors keep a questionnaire from being asked; warnings are almost certainly mistakes; hints are worth a thought.
    `survey-engine explain CODE` says more about each. Minutes are typical (shortest to longest) per language variant; readability
    needs the extra `authoring`.
    """
    folders = list(dict.fromkeys(folder for path in _list_paths(named) for folder in find_questionnaires(path)))
    found = [_inspect(folder, translations, errors_only) for folder in folders]
    read_line = make_reader([Path(), *(folder.parent for folder in folders), *(f.parent.parent for f in folders)])
    report = partial(report_text, paint=_paint) if format_ == "text" else REPORTS[format_]
    click.echo(report(found, read_line))
    serious = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    sys.exit(any(problem.severity in serious for inspected in found for problem in inspected.problems))


def _list_paths(named: Sequence[str]) -> list[Path]:
    home = read_folders().questionnaires
    home = home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home
    try:
        return [Path(name) if Path(name).exists() else find_folder(name, home) for name in named] or [home]
    except click.ClickException as error:
        raise click.UsageError(error.message) from None


def _inspect(folder: Path, translations: Path | None, errors_only: bool) -> Inspected:
    review = review_questionnaire(folder, translations)
    if errors_only:
        return Inspected(folder.as_posix(), [problem for problem in review.problems if problem.severity == "error"])
    if review.questionnaire is None or find_spec("textstat") is None:
        return Inspected(folder.as_posix(), review.problems, review.minutes, previous_edition=review.previous_edition)
    readability = import_module("survey_engine.analysis.readability")
    figures = readability.measure_readability(review.questionnaire)
    hard = readability.check_variants(review.questionnaire, figures)
    return Inspected(folder.as_posix(), [*review.problems, *hard], review.minutes, figures, review.previous_edition)


def make_reader(roots: Sequence[Path]) -> ReadLine:
    """A reader of single lines; files named in problems stand under one of the roots.

    A control character, which could steer the terminal, is read as one sign that says so: columns stay right.
    """
    files: dict[str, list[str]] = {}

    def read_line(place: Place) -> str:
        if place.file not in files:
            path = next((root / place.file for root in roots if (root / place.file).is_file()), None)
            readable = path is not None and not find_unread_reason(path, path.parent)
            files[place.file] = path.read_text("utf-8", "replace").splitlines() if path and readable else []
        lines = files[place.file]
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        return "".join(sign if sign.isprintable() or sign == "\t" else "\ufffd" for sign in line)

    return read_line


def _paint(text: str, role: str) -> str:
    if role == "quiet":
        return click.style(text, dim=True)
    return click.style(text, fg=_COLOURS.get(role), bold=True)

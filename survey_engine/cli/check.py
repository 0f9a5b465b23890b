"""`survey-engine check`: report all problems of a questionnaire at once, with line, reason and remedy."""

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
from survey_engine.publication.folders import find_unread_reason, is_questionnaire
from survey_engine.settings import read_folders

_COLOURS = {"error": "red", "warning": "yellow", "hint": "cyan"}


@click.command(epilog="Example: survey-engine check questionnaires/job-2026 --format github")
@click.argument("named", metavar="[QUESTIONNAIRE]...", nargs=-1)
@click.option("--format", "format_", type=click.Choice(list(REPORTS)), default="text", show_default=True, help="Output format.")
@translations_option
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="Exit with 1 if a problem has this severity or a higher one.",
)
@click.option("--errors-only", is_flag=True, help="Omit warnings and hints.")
def check(named: tuple[str, ...], format_: str, translations: Path | None, fail_on: str, errors_only: bool) -> None:
    """List all problems of a questionnaire, with file and line.

    QUESTIONNAIRE is a folder, a file in it, an id, or a folder of questionnaires. Without it, all questionnaires are checked.

    A questionnaire with errors cannot be served; warnings are almost certainly mistakes; hints are suggestions.
    `survey-engine explain CODE` explains a problem. Durations are in minutes per language variant: typical (shortest to longest).
    Readability needs the extra `authoring`.
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
        paths = ((Path(name), name) for name in named)
        return [path if path.exists() and not is_questionnaire(path) else find_folder(name, home) for path, name in paths] or [
            home
        ]
    except click.ClickException as error:
        raise click.UsageError(error.message) from None


def _inspect(folder: Path, translations: Path | None, errors_only: bool) -> Inspected:
    review = review_questionnaire(folder, translations)
    problems, figures = review.problems, {}
    if review.questionnaire and find_spec("textstat"):
        readability = import_module("survey_engine.analysis.readability")
        figures = readability.measure_readability(review.questionnaire)
        problems = [*problems, *readability.check_variants(review.questionnaire, figures)]
    if errors_only:
        errors = [problem for problem in problems if problem.severity == "error"]
        return Inspected(folder.as_posix(), errors, omitted=[each for each in problems if each.severity != "error"])
    return Inspected(folder.as_posix(), problems, review.minutes, figures, review.previous_edition)


def make_reader(roots: Sequence[Path]) -> ReadLine:
    """Return a function that reads the source line of a place, whose path is relative to one of the roots.

    It replaces each control character with U+FFFD: the line could control the terminal, and columns must stay aligned.
    """
    files: dict[str, list[str]] = {}

    def read_line(place: Place) -> str:
        if place.file not in files:
            path = next((root / place.file for root in roots if (root / place.file).is_file()), None)
            readable = path is not None and not find_unread_reason(path, path.parent)
            files[place.file] = path.read_text("utf-8", "replace").splitlines() if path and readable else []
        lines = files[place.file]
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        return "".join(character if character.isprintable() or character == "\t" else "\ufffd" for character in line)

    return read_line


def _paint(text: str, role: str) -> str:
    if role == "quiet":
        return click.style(text, dim=True)
    return click.style(text, fg=_COLOURS.get(role), bold=True)

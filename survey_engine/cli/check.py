"""`survey-engine check`: every mistake in a questionnaire at once, with its line, the reason and the remedy."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from survey_engine.authoring.report_formats import REPORTS, SEVERITIES, Inspected, ReadLine, report_text
from survey_engine.authoring.review import review_questionnaire
from survey_engine.model.questionnaire import Place
from survey_engine.publication.folders import is_questionnaire, list_folders

_COLOURS = {"error": "red", "warning": "yellow", "hint": "cyan"}


@click.command(epilog="Example: survey-engine check questionnaires/job-2026 --format github")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(list(REPORTS)), default="text", show_default=True, help="How it is written."
)
@click.option("--translations", type=click.Path(file_okay=False, path_type=Path), help="The catalogues' folder.")
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="Exit with 1 when there is this, or worse.",
)
@click.option("--errors-only", is_flag=True, help="Leave out warnings and hints.")
def check(paths: tuple[Path, ...], format_: str, translations: Path | None, fail_on: str, errors_only: bool) -> None:
    """Name every mistake in a questionnaire, with file and line.

    PATH is the folder of a questionnaire, a file in it, or a folder of questionnaires. Errors keep a questionnaire from
    being asked; warnings are almost certainly mistakes; hints are worth a thought. `survey-engine explain CODE` says more
    about each. Minutes are typical (shortest to longest) per language variant; readability needs the extra `authoring`.
    """
    folders = list(dict.fromkeys(folder for path in paths for folder in find_questionnaires(path)))
    found = [_inspect(folder, translations, errors_only) for folder in folders]
    read_line = make_reader([Path(), *(folder.parent for folder in folders), *(f.parent.parent for f in folders)])
    report = partial(report_text, paint=_paint) if format_ == "text" else REPORTS[format_]
    click.echo(report(found, read_line))
    serious = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    sys.exit(any(problem.severity in serious for inspected in found for problem in inspected.problems))


def _inspect(folder: Path, translations: Path | None, errors_only: bool) -> Inspected:
    review = review_questionnaire(folder, translations)
    if errors_only:
        return Inspected(folder.as_posix(), [problem for problem in review.problems if problem.severity == "error"])
    if review.questionnaire is None or find_spec("textstat") is None:
        return Inspected(folder.as_posix(), review.problems, review.minutes, before=review.before)
    readability = import_module("survey_engine.analysis.readability")
    figures = readability.measure_readability(review.questionnaire)
    hard = readability.check_variants(review.questionnaire, figures)
    return Inspected(folder.as_posix(), [*review.problems, *hard], review.minutes, figures, review.before)


def find_questionnaires(path: Path) -> Iterator[Path]:
    """The folders of the questionnaires that a path means; a folder without any stands for itself, so that it is reported."""
    if is_questionnaire(path):
        yield path
        return
    above = next((folder for folder in path.resolve().parents if is_questionnaire(folder)), None)
    if above:
        yield above.relative_to(Path.cwd()) if above.is_relative_to(Path.cwd()) else above
        return
    home = path if path.is_dir() else path.parent
    yield from list_folders(home) or [home]


def make_reader(roots: Sequence[Path]) -> ReadLine:
    """A reader of single lines; files named in problems stand under one of the roots."""
    files: dict[str, list[str]] = {}

    def read_line(place: Place) -> str:
        if place.file not in files:
            path = next((root / place.file for root in roots if (root / place.file).is_file()), None)
            files[place.file] = path.read_text("utf-8", "replace").splitlines() if path else []
        lines = files[place.file]
        return lines[place.line - 1] if place.line <= len(lines) else ""

    return read_line


def _paint(text: str, role: str) -> str:
    if role == "quiet":
        return click.style(text, dim=True)
    return click.style(text, fg=_COLOURS.get(role), bold=True)

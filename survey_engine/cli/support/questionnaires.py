"""Lookup of questionnaires and catalogues for commands.

A questionnaire is given by its folder, or by its id in the first existing folder of: SURVEY_QUESTIONNAIRES, `questionnaires` in the
current folder, the shipped questionnaires. A folder with the name of an id precedes it. Catalogues come from the first of: --translations
or SURVEY_TRANSLATIONS, `translations` next to the folder of questionnaires, the shipped catalogues.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from survey_engine.model.messages import BrokenQuestionnaireError, join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import compile_draft
from survey_engine.publication.folders import is_questionnaire, list_folders
from survey_engine.settings import make_absolute, read_folders

translations_option = click.option(
    "--translations",
    envvar="SURVEY_TRANSLATIONS",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of catalogues (default: SURVEY_TRANSLATIONS, or `translations` next to the questionnaires).",
)


def find_folder(name: str, home: Path) -> Path:
    """Return the folder of a questionnaire.

    Args:
        name: the path of the folder, or an id.
        home: the folder of questionnaires, searched for the id.

    Raises:
        click.ClickException: the questionnaire does not exist.
    """
    here = Path(name)
    if is_questionnaire(here) or ("/" in name and here.is_dir()):
        if "/" not in name and is_questionnaire(home / name) and not here.samefile(home / name):
            click.secho(f"{name}: the folder {here.absolute()} is used, not {(home / name).absolute()}.", fg="yellow", err=True)
        return here
    if "/" not in name and (home / name).is_dir():
        return home / name
    known = [folder.name for folder in list_folders(home)]
    where = f"Known in {home}: {join_names(known)}; set SURVEY_QUESTIONNAIRES for another folder."
    raise click.ClickException(f"There is no questionnaire '{name}'{suggest_name(name, known)}. {where}")


class QuestionnaireFolder(click.ParamType[Path]):
    """Type of arguments that are a questionnaire's folder or id. A folder of several questionnaires is passed on to the command."""

    name = "folder or id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        folder = Path(value)
        return (
            folder if folder.is_dir() and not is_questionnaire(folder) else find_folder(str(value), read_folders().questionnaires)
        )


def compile_for_authors(folder: Path, translations: Path | None = None) -> Questionnaire:
    """Compile a questionnaire. Variants that lack wordings are left out, and named in a message.

    Raises:
        click.ClickException: the questionnaire has other errors.
    """
    try:
        questionnaire = compile_draft(folder, translations)
    except BrokenQuestionnaireError as error:
        raise click.ClickException(f"{folder} has errors. Fix them first.\n{error}") from None
    report_withheld(questionnaire)
    return questionnaire


def report_withheld(questionnaire: Questionnaire) -> None:
    if questionnaire.withheld:
        names = ", ".join(questionnaire.withheld)
        click.secho(
            f"{names} left out, because of missing wordings. See: survey-engine check {questionnaire.code}", fg="yellow", err=True
        )


def find_questionnaires(path: Path) -> Iterator[Path]:
    """Iterate over the folders of questionnaires at, above or below a path. Without any, yield the path, so that it is reported."""
    if is_questionnaire(path):
        yield path
        return
    here = make_absolute(path)
    above = next((folder for folder in here.parents if is_questionnaire(folder)), None)
    if above:
        yield above.relative_to(Path.cwd()) if above.is_relative_to(Path.cwd()) else above
        return
    home = path if path.is_dir() else path.parent
    yield from list_folders(home) or [home]

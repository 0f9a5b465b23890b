"""Which questionnaires and catalogues a command is about: one rule for all commands.

A questionnaire is named by its folder, or by its id in the folder of questionnaires: SURVEY_QUESTIONNAIRES, or `questionnaires` in
the current folder, or those that come with the engine. A catalogue is looked for in --translations or SURVEY_TRANSLATIONS, then in
`translations` beside the folder of questionnaires, then among those that come with the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from survey_engine.model.messages import join_names, suggest_name
from survey_engine.publication.folders import is_questionnaire, list_folders
from survey_engine.settings import make_absolute

translations_option = click.option(
    "--translations",
    envvar="SURVEY_TRANSLATIONS",
    type=click.Path(file_okay=False, path_type=Path),
    help="The catalogues' folder, before `translations` beside the questionnaires (or SURVEY_TRANSLATIONS).",
)


def find_folder(name: str, home: Path) -> Path:
    """The folder of the questionnaire that somebody names: a path, or its id in the folder `home`.

    Raises:
        click.ClickException: when there is none.
    """
    here = Path(name)
    if is_questionnaire(here) or ("/" in name and here.is_dir()):
        return here
    if "/" not in name and (home / name).is_dir():
        return home / name
    known = [folder.name for folder in list_folders(home)]
    where = f"Known in {home}: {join_names(known)}; SURVEY_QUESTIONNAIRES names another folder."
    raise click.ClickException(f"There is no questionnaire '{name}'{suggest_name(name, known)}. {where}")


def find_questionnaires(path: Path) -> Iterator[Path]:
    """The folders of the questionnaires that a path means; a folder without any stands for itself, so that it is reported."""
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

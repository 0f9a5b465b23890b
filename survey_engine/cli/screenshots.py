"""`survey-engine screenshots`: take screenshots of every page in every language on a phone."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
from flask import Flask

from survey_engine.authoring.preview.app import create_preview
from survey_engine.authoring.preview.screenshots import (
    FLAGS,
    NoBrowserError,
    Shot,
    add_outer_pages,
    draw_sheets,
    find_browser,
    list_shots,
    serve_preview,
    take_shots,
)
from survey_engine.authoring.preview.views import list_views
from survey_engine.authoring.walks import UnreadableWalkError, Walk, read_walk, read_walks
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.questionnaires import QuestionnaireFolder, compile_for_authors, translations_option
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import list_catalogue_folders

EXAMPLES = """\b
Examples:
  survey-engine screenshots questionnaires/job-2026 --institution noorderlicht --out pictures
  survey-engine prove questionnaires/job-2026 --covering respondents
  survey-engine screenshots questionnaires/job-2026 --respondents respondents --out pictures
"""


@click.command(epilog=EXAMPLES)
@click.argument("path", type=QuestionnaireFolder())
@click.option("--institution", help="The institution of the pages (default: the first one).")
@click.option(
    "--respondents",
    type=click.Path(exists=True, path_type=Path),
    help="Show the pages as these respondents see them: a file of `prove --covering`, or the folder of such files.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to create.")
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
@translations_option
def screenshots(
    *, path: Path, institution: str | None, respondents: Path | None, out: Path, force: bool, translations: Path | None
) -> None:
    """Take screenshots of every page of the questionnaire in PATH, in every language, on a screen of 360 × 740.

    The first row is the start page, and the last one the page after the last answer. Each page shows all its items. With
    --respondents, a page shows the items that a respondent sees, and is repeated for each different set of items. Covering
    respondents together see all items.

    Writes an image per page and language, and contact sheets of a few pages each, with a row per page and a column per language.
    index.html shows all rows. Needs Chromium, and Playwright for Python.
    """
    if institution and respondents:
        raise click.UsageError("Choose one: --institution or --respondents.")
    questionnaire = compile_for_authors(path, translations)
    try:
        browser_path = find_browser()
    except NoBrowserError as error:
        raise click.ClickException(str(error)) from None
    if find_spec("playwright") is None:
        raise click.ClickException("Playwright is not installed. Install it: pip install playwright")
    walks = _read_respondents(respondents, questionnaire) if respondents else []
    place = walks[0].institution if walks else _choose_institution(institution, questionnaire)
    shots = list_views(questionnaire, walks) if walks else list_shots(questionnaire, place)
    shots = add_outer_pages(shots, questionnaire, place)
    with fill_folder(out, force=force) as folder:
        app = create_preview(path, translations or list_catalogue_folders(path, None)[0], walks)
        names = {code: language.name for code, language in questionnaire.languages.items()}
        sheets = _picture(app, shots, names, folder, browser_path)
    click.echo(f"{len(shots)} images and {', '.join(str(out / sheet) for sheet in sheets)}")


def _choose_institution(name: str | None, questionnaire: Questionnaire) -> str:
    known = questionnaire.institutions
    code = name or next(iter(known), "")
    if code not in known:
        raise click.ClickException(f"There is no institution '{code}'{suggest_name(code, known)}. Known: {join_names(known)}.")
    return code


def _read_respondents(path: Path, questionnaire: Questionnaire) -> list[Walk]:
    try:
        walks = read_walks(path) if path.is_dir() else [read_walk(path)]
    except UnreadableWalkError as error:
        raise click.ClickException(str(error)) from None
    others = [walk for walk in walks if walk.questionnaire != questionnaire.code]
    if others or not walks:
        content = f"contains respondents of {others[0].questionnaire}" if others else "contains no respondents"
        advice = f"Write them with: survey-engine prove questionnaires/{questionnaire.code} --covering FOLDER"
        raise click.ClickException(f"{path} {content}. {advice}")
    for walk in walks:
        _choose_institution(walk.institution, questionnaire)
    return walks


def _picture(app: Flask, shots: list[Shot], names: Mapping[str, str], folder: Path, browser_path: str) -> list[str]:
    playwright = import_module("playwright.sync_api")
    with serve_preview(app) as base, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=FLAGS)
        taken = take_shots(browser, base, shots, folder)
        with click.progressbar(taken, len(shots), "Pages", file=sys.stderr) as bar:
            for _ in bar:
                pass
        sheets = draw_sheets(browser, shots, names, folder)
        browser.close()
    return sheets

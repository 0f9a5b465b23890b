"""`survey-engine screenshots`: every page in every language on a phone, in one picture."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from survey_engine.cli.folders import fill_folder
from survey_engine.compiler import compile_questionnaire
from survey_engine.preview.app import create_preview
from survey_engine.preview.screenshots import (
    FLAGS,
    NoBrowserError,
    Shot,
    draw_sheet,
    find_browser,
    list_shots,
    serve,
    take_shots,
)
from survey_engine.problems import BrokenQuestionnaireError, listing, meant
from survey_engine.settings import ROOT

EXAMPLE = "Example:\n\n  survey-engine screenshots questionnaires/job-2026 --institution noorderlicht --out pictures"


@click.command(epilog=EXAMPLE)
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--institution", help="Whose students' pages; the first one when left out.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make.")
@click.option("--force", is_flag=True, help="Write into a folder that holds files already.")
def screenshots(path: Path, institution: str | None, out: Path, force: bool) -> None:
    """Picture every page of the questionnaire in PATH, in every language, on a screen of 360 × 740.

    Writes a picture for each page and language, and contact-sheet.png with all of them side by side. Needs Chromium, and
    Playwright for Python.
    """
    try:
        questionnaire = compile_questionnaire(path)
        browser_path = find_browser()
    except (BrokenQuestionnaireError, NoBrowserError) as error:
        raise click.ClickException(str(error)) from None
    if find_spec("playwright") is None:
        raise click.ClickException("Playwright is not installed. Install it: pip install playwright")
    known = questionnaire.institutions
    code = institution or next(iter(known), "")
    if code not in known:
        raise click.ClickException(f"There is no institution '{code}'{meant(code, known)}. Known: {listing(known)}.")
    shots = list_shots(questionnaire, code)
    with fill_folder(out, force=force) as folder:
        _picture(path, code, shots, folder, browser_path)
    click.echo(f"{len(shots)} pictures and {out / 'contact-sheet.png'}")


def _picture(path: Path, institution: str, shots: list[Shot], folder: Path, browser_path: str) -> None:
    playwright = import_module("playwright.sync_api")
    app = create_preview(path, ROOT / "translations")
    with serve(app) as base, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=FLAGS)
        taken = take_shots(browser, base, institution, shots, folder)
        with click.progressbar(taken, len(shots), "Pages", file=sys.stderr) as bar:
            for _ in bar:
                pass
        draw_sheet(browser, shots, folder, folder / "contact-sheet.png")
        browser.close()

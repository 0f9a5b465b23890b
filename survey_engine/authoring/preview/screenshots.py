"""A contact sheet: every page in every language on a phone-sized screen, in one picture. Needs Chromium and Playwright."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from survey_engine.authoring.preview.outer_pages import OUTER_PAGES
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.file_templates import open_template

_WIDTH, _HEIGHT = 360, 740
PAGES_PER_SHEET = 8
"""Rows of screenshots per sheet: image viewers cannot show tens of thousands of pixels at a legible size."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class NoBrowserError(Exception):
    """Chromium or Playwright is not installed. The message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One page in one language, of which a screenshot is taken."""

    row: str
    """Name of its row on the sheet."""
    language: str
    address: str
    """Its path in the preview's URL."""

    @property
    def name(self) -> str:
        return f"{self.row}.{self.language}.png"


def list_shots(questionnaire: Questionnaire, institution: str) -> list[Shot]:
    """Return a shot of every page that the institution's students may get, in each of its languages."""
    place = questionnaire.institutions[institution]
    foreign = {
        page.slug
        for code, other in questionnaire.institutions.items()
        if code != institution
        for section in other.own_sections
        for page in section.pages
    }
    return [
        Shot(page.code, language, f"/frame/{slug}/{language}/{institution}?state=unfolded")
        for slug, (_, page) in questionnaire.placed_pages.items()
        if slug not in foreign
        for language in place.languages
    ]


def add_outer_pages(shots: Sequence[Shot], questionnaire: Questionnaire, institution: str) -> list[Shot]:
    """Return the shots between those of the institution's start page and those of its page after the last answer."""
    before, after = (
        [
            Shot(f"{name}-page", language, f"/frame/{name}/{language}/{institution}")
            for language in questionnaire.institutions[institution].languages
        ]
        for name in OUTER_PAGES
    )
    return [*before, *shots, *after]


def find_browser() -> str:
    """Return the path of the browser's program.

    Raises:
        NoBrowserError: if there is none.
    """
    for name in _BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise NoBrowserError("There is no Chromium here. Install it: apt-get install chromium")


class QuietHandler(WSGIRequestHandler):
    """Request handler without a log."""

    def log(self, type: str, message: str, *values: object) -> None:
        if type == "error":
            super().log(type, message, *values)


@contextmanager
def serve_preview(app: Flask) -> Iterator[str]:
    """Context manager: serve the preview on a free local port; the value is its base URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def take_shots(browser: Any, base: str, shots: list[Shot], folder: Path) -> Iterator[Shot]:
    """Write one screenshot per shot to `folder`; yield each shot when its screenshot is written."""
    page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
    for shot in shots:
        page.goto(base + shot.address)
        page.screenshot(path=folder / shot.name, full_page=True)
        yield shot
    page.close()


def draw_sheets(browser: Any, shots: list[Shot], names: Mapping[str, str], folder: Path) -> list[str]:
    """Draw sheets with a row for each view of a page and a column for each language; index.html has all rows.

    Args:
        names: language code → its name.

    Returns:
        The file names of the sheets.
    """
    languages = [code for code in names if any(shot.language == code for shot in shots)]
    rows = list(dict.fromkeys(shot.row for shot in shots))
    taken = {(shot.row, shot.language): shot.name for shot in shots}
    template = open_template("preview/contact_sheet.html")
    index, drawn = folder / "index.html", []
    page = browser.new_page(viewport={"width": 40 + 264 * len(languages), "height": 900})
    for number, start in enumerate(range(0, len(rows), PAGES_PER_SHEET), 1):
        part = rows[start : start + PAGES_PER_SHEET]
        index.write_text(template.render(rows=part, languages=languages, names=names, taken=taken), encoding="utf-8")
        page.goto(index.resolve().as_uri())
        drawn.append("contact-sheet.png" if number == 1 else f"contact-sheet-{number}.png")
        page.screenshot(path=folder / drawn[-1], full_page=True)
    page.close()
    index.write_text(template.render(rows=rows, languages=languages, names=names, taken=taken), encoding="utf-8")
    return drawn

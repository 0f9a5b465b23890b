"""A contact sheet: every page in every language on a phone-sized screen, in one picture. Needs Chromium and Playwright."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from survey_engine.model.questionnaire import Questionnaire

WIDTH, HEIGHT = 360, 740
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class NoBrowserError(Exception):
    """Chromium or Playwright is not installed. The message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One page in one language, for a screenshot."""

    row: str
    """Row on the sheet."""
    language: str
    address: str
    """Address in the preview."""

    @property
    def name(self) -> str:
        return f"{self.row}.{self.language}.png"


def list_shots(questionnaire: Questionnaire, institution: str) -> list[Shot]:
    """List every page that the institution's students may get, in each of its languages."""
    place = questionnaire.institutions[institution]
    foreign = {
        page.slug
        for code, other in questionnaire.institutions.items()
        if code != institution
        for section in other.own_sections
        for page in section.pages
    }
    return [
        Shot(page.code, language, f"/frame/{slug}/{language}/{institution}")
        for slug, (_, page) in questionnaire.placed_pages.items()
        if slug not in foreign
        for language in place.languages
    ]


def find_browser() -> str:
    """Find the browser.

    Raises:
        NoBrowserError: if there is none.
    """
    for name in BROWSERS:
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
    """Serve the preview on a free local port until the end of the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def take_shots(browser: Any, base: str, shots: list[Shot], folder: Path) -> Iterator[Shot]:
    """Write one picture per shot into `folder`; yield each shot after its picture."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    for shot in shots:
        page.goto(base + shot.address)
        page.screenshot(path=folder / shot.name, full_page=True)
        yield shot
    page.close()


def draw_sheet(browser: Any, shots: list[Shot], folder: Path, out: Path) -> None:
    """Draw all pictures on one sheet: a row for each variant of a page, a column for each language."""
    languages = list(dict.fromkeys(shot.language for shot in shots))
    rows = []
    for row in dict.fromkeys(shot.row for shot in shots):
        taken = {shot.language: shot.name for shot in shots if shot.row == row}
        pictures = (f'<img src="{escape(taken[code])}" width="240">' if code in taken else "" for code in languages)
        rows.append(f"<tr><th>{escape(row)}</th>{''.join(f'<td>{picture}</td>' for picture in pictures)}</tr>")
    head = "".join(f"<th>{escape(language)}</th>" for language in languages)
    style = "body{font:13px sans-serif}td,th{vertical-align:top;padding:6px;border-top:1px solid #ccc;text-align:left}"
    html = f'<meta charset="utf-8"><style>{style}</style><table><tr><th></th>{head}</tr>{"".join(rows)}</table>'
    (folder / "index.html").write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 200 + 260 * len(languages), "height": 900})
    page.goto((folder / "index.html").resolve().as_uri())
    page.screenshot(path=out, full_page=True)
    page.close()

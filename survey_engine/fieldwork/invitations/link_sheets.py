"""Sheets of links as QR codes, to print and cut: one card per student, or one per institution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from survey_engine.settings import ROOT


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed beside one QR code."""

    heading: str
    lines: tuple[str, ...]
    link: str
    html_lang: str = "en"

    @property
    def picture(self) -> Markup:
        """The QR code as SVG: 15 % of it may be dirty or torn (error correction level M)."""
        code = segno.make(self.link, error="m", micro=False)
        return Markup(code.svg_inline(border=4, omitsize=True))  # noqa: S704 - drawn by the library from our own link


def write_sheet(path: Path, title: str, cards: Iterable[Card], *, large: bool = False) -> None:
    """Write one HTML file, card by card; `large` gives every card a page of its own."""
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined)
    sheet = environment.get_template("fieldwork/link_sheet.html").stream(title=title, cards=cards, large=large)
    with path.open("wb") as file:
        sheet.dump(file, encoding="utf-8")

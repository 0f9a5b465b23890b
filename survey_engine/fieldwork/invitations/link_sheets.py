"""Printable sheets of cards with QR codes, one card per student or institution."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from survey_engine.fieldwork.start_form import add_channel
from survey_engine.rendering.file_templates import open_template
from survey_engine.rendering.qr_codes import draw_svg

MOST_WAITING = 10_000
"""Cards in memory before they are written to their files."""
SHEET = 2_000
"""Cards per file; browsers print larger files slowly."""


@dataclass(frozen=True, slots=True)
class LinkCard:
    """The text beside one QR code."""

    heading: str
    lines: tuple[str, ...]
    link: str
    html_lang: str = "en"

    @property
    def address(self) -> str:
        """The address in the QR code: a link without a channel gets that of paper."""
        return self.link if "?" in self.link else add_channel(self.link, "print")


class SheetWriter:
    """Writes cards into HTML files, one or more per group. Groups may be mixed. `large` prints one card per page."""

    def __init__(self, folder: Path, title: str, *, name: str = "cards", large: bool = False) -> None:
        self._template: Any = open_template("fieldwork/link_sheet.html").module
        self._folder, self._title, self._name, self._large = folder, title, name, large
        self._held: dict[Path, list[str]] = {}
        self._counts: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._taken = set[str]()
        self._headings: dict[Path, str] = {}
        self._waiting = 0
        self._begun: dict[Path, None] = {}

    @property
    def paths(self) -> list[Path]:
        """The files in the order of their creation."""
        return list(self._begun)

    def add(self, group: str, card: LinkCard, heading: str = "", folder: str = "") -> None:
        """Add a card.

        Args:
            heading: printed above the cards of the group; the heading of its first card is used.
            folder: an existing folder in that of the writer.
        """
        number = self._counts.get(group, 0) // SHEET
        self._counts[group] = self._counts.get(group, 0) + 1
        path = self._folder / folder / f"{self._name_file(group)}{f'.{number + 1}' if number else ''}.html"
        self._headings.setdefault(path, heading)
        self._held.setdefault(path, []).append(str(self._template.card(card, draw_svg(card.address))))
        self._waiting += 1
        if self._waiting == MOST_WAITING:
            self._flush()

    def _name_file(self, group: str) -> str:
        """A file name for a group, unique on file systems that ignore case too."""
        if group not in self._names:
            plain = re.sub(r"\W+", "-", group).strip("-")[:60]
            name = wanted = f"{self._name}-{plain}" if plain else self._name
            for number in count(2):
                if name.casefold() not in self._taken:
                    break
                name = f"{wanted}-{number}"
            self._names[group] = name
            self._taken.add(name.casefold())
        return self._names[group]

    def _flush(self) -> None:
        for path, cards in self._held.items():
            with path.open("a", encoding="utf-8") as file:
                if path not in self._begun:
                    file.write(str(self._template.head(self._title, self._large, self._headings[path])))
                file.writelines(cards)
            self._begun[path] = None
        self._held.clear()
        self._waiting = 0

    def __enter__(self) -> SheetWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self._flush()
            for path in self._begun:
                with path.open("a", encoding="utf-8") as file:
                    file.write(str(self._template.foot()))

"""Reports for researchers as one HTML page without external files: tables with small pictures in their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from survey_engine.datasets.pictures import HEIGHT, WIDTH, Bar
from survey_engine.rendering.file_templates import open_template

_WITHHELD = "–"


@dataclass(frozen=True, slots=True)
class Dot:
    """A dot, with a line to both sides or without one, in the units of a picture."""

    x: float
    hollow: bool = False
    margin: float = 0.0
    """Half the length of the line."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture in a cell. The text beside it says the same."""

    text: str
    bars: Sequence[Bar] = ()
    marks: Sequence[Dot] = ()
    zero: float | None = None
    """Horizontal position of a vertical line."""


@dataclass(frozen=True, slots=True)
class ReportSection:
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | Picture]]
    notes: Sequence[str] = ()
    numbers: int = 99
    """Position of the first column of numbers."""


@dataclass(frozen=True, slots=True)
class ReportPage:
    title: str
    subtitle: str
    notes: Sequence[str]
    sections: Sequence[ReportSection] = field(default_factory=list)

    def write(self, path: Path) -> None:
        page = open_template("datasets/report.html").render(page=self, size=(WIDTH, HEIGHT))
        path.write_text(page, encoding="utf-8")


def format_figure(number: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Write a number; a dash for a withheld or unknown one.

    >>> format_figure(0.5, signed=True), format_figure(-0.5), format_figure(-0.001, signed=True), format_figure(None)
    ('+0.50', '−0.50', '0.00', '–')
    """
    if number is None:
        return _WITHHELD
    rounded = round(number, digits) or 0.0
    return f"{rounded:{'+' if signed and rounded else ''},.{digits}f}".replace("-", "−")


def draw_parts(parts: Sequence[tuple[str, int, float]]) -> list[Bar]:
    """Draw parts of a whole as one bar from left to right, each with its name, number and opacity."""
    total, x, bars = sum(number for _, number, _ in parts), 0.0, []
    for name, number, opacity in parts:
        width = number / total * WIDTH if total else 0.0
        if width:
            title = f"{name}: {number:,} ({number / total:.1%})"
            bars.append(Bar(round(x, 1), round(width, 1), HEIGHT, opacity, title))
        x += width
    return bars

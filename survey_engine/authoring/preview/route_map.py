"""The route map: sections and pages in order, lines from questions to the pages that depend on them, and one path in colour.

Each page with such questions has one line, which runs down in a separate lane and branches off to each dependent page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from survey_engine.authoring.preview.audiences import name_section
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import NEVER
from survey_engine.model.exposure import find_page_exposure
from survey_engine.model.questionnaire import Condition, Page, Questionnaire, Section
from survey_engine.rendering.page_plan import Wording

ROW, _SECTION_ROW, MARGIN, _PAGE_WIDTH = 30, 40, 24, 720
_LANE, _LABEL = 9, 150
"""Width of a lane, and of the labels between the lanes and the pages."""
_LABEL_LENGTH, _TITLE_LENGTH, _ROW_LENGTH = 24, 60, 84
"""Maximum number of characters of a label, of a page's title, and of a title with its condition."""
_OUT, IN = 9, 15
"""Pixels from the top of a page to the line that leaves it, and to those that arrive."""
_COLOURS = 6
"""Number of line colours; successive lines have different colours."""


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Position of a page in the picture."""

    page: Page
    section: Section
    y: int


def draw_route(questionnaire: Questionnaire, wording: Wording, on_path: frozenset[str], link: str) -> str:
    """Draw all sections and pages that a respondent may get, as SVG.

    Args:
        on_path: slugs of the pages of the selected respondent, drawn in colour.
        link: address of a page with the placeholder {slug}.
    """
    positions, shapes, y = [], [], 10
    for section in questionnaire.all_sections:
        shapes.append(_draw_section(section, name_section(questionnaire, section, wording), y))
        y += _SECTION_ROW
        for page in section.pages:
            positions.append(PagePosition(page, section, y))
            y += ROW
    lines = _list_lines(questionnaire, positions)
    lanes = _assign_lanes(lines)
    arcs = [_draw_line(line, lane, number) for number, (line, lane) in enumerate(zip(lines, lanes, strict=True))]
    labels = [_draw_label(line.source.y + _OUT - 3, line.names, number) for number, line in enumerate(lines)] + _draw_ends(lines)
    pages = [_draw_page(position, wording, position.page.slug in on_path, link) for position in positions]
    beside = MARGIN + (_LABEL + _LANE * (max(lanes) + 1) if lanes else 0)
    width, height = beside + _PAGE_WIDTH + MARGIN, y + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-beside} 0 {width} {height}" width="{width}" height="{height}" '
        f'role="group" aria-label="Route map">{"".join(shapes + arcs + labels + pages)}</svg>'
    )


def _draw_section(section: Section, title: str, y: int) -> str:
    condition = f" ◂ {escape(section.when.source)}" if section.when else ""
    condition += " · pages in random order" if section.random_order else ""
    return f'<text class="section" y="{y + 28}">{escape(title)}<tspan class="condition">{condition}</tspan></text>'


def _draw_page(position: PagePosition, wording: Wording, chosen: bool, link: str) -> str:
    page, y = position.page, position.y
    marks = f"{' · fixed' if page.fixed else ''}{' · questions in random order' if page.random_order else ''}"
    title = (wording.line(page.title) or page.code) + marks
    exposure = find_page_exposure(page)
    parts = [page.when, exposure] if exposure != NEVER else [NEVER]
    asked = " · ".join(dict.fromkeys(part.source for part in parts if part))
    items = sum(len(question.items) for question in page.questions)
    title, condition = _shorten(title, _TITLE_LENGTH), f" ◂ {asked}" if asked else ""
    shown = _shorten(condition, _ROW_LENGTH - len(title))
    about = f"<title>{escape(title + condition)}</title>" if condition else ""
    return (
        f'<a href="{escape(link.format(slug=page.slug))}"><g class="page{" chosen" if chosen else ""}">'
        f'{about}<rect y="{y}" width="{_PAGE_WIDTH}" height="{ROW - 6}" rx="5"/>'
        f'<text x="10" y="{y + 16}">{escape(title)}<tspan class="condition">{escape(shown)}</tspan></text>'
        f'<text class="count" x="{_PAGE_WIDTH - 10}" y="{y + 16}" text-anchor="end">'
        f"{items} item{'' if items == 1 else 's'} · {page.seconds:.0f} s</text>"
        "</g></a>"
    )


@dataclass(frozen=True, slots=True)
class DecidingLine:
    """The line from a page to the pages that depend on its questions."""

    source: PagePosition
    targets: Mapping[int, tuple[PagePosition, Sequence[str]]]
    """Vertical position → (dependent page, codes that it depends on)."""

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for _, names in self.targets.values() for name in names))

    @property
    def end(self) -> int:
        return max(self.targets)


def _list_lines(questionnaire: Questionnaire, positions: list[PagePosition]) -> list[DecidingLine]:
    """Return a line for each page on which later pages depend, in reading order."""
    asked = {
        v.code: position for position in positions for q in position.page.questions for v in QUESTION_TYPES[q.type].variables(q)
    }
    found: dict[int, dict[int, tuple[PagePosition, list[str]]]] = {}
    for position in positions:
        names = {name for condition in _list_conditions(position) for name in condition.names if name in asked}
        for name in sorted(names):
            source = asked[name].y
            if source < position.y:
                found.setdefault(source, {}).setdefault(position.y, (position, []))[1].append(name)
    by_y = {position.y: position for position in positions}
    return [DecidingLine(by_y[y], found[y]) for y in sorted(found)]


def _assign_lanes(lines: Sequence[DecidingLine]) -> list[int]:
    """Return the lane of each line: the first one that is free over its whole length."""
    ends: list[int] = []
    lanes = []
    for line in lines:
        lane = next((number for number, end in enumerate(ends) if end < line.source.y), len(ends))
        ends[lane : lane + 1] = [line.end]
        lanes.append(lane)
    return lanes


def _draw_line(line: DecidingLine, lane: int, number: int) -> str:
    x, top = -_LABEL - _LANE * (lane + 1), line.source.y + _OUT
    turns = "".join(f"M{x} {y + IN}H-6" for y in sorted(line.targets))
    heads = "".join(f'<path class="head" d="M-1 {y + IN}l-7 -4v8z"/>' for y in sorted(line.targets))
    about = f"{', '.join(line.names)}: {line.source.page.code} → {', '.join(each.page.code for each, _ in line.targets.values())}"
    return (
        f'<g class="line colour{number % _COLOURS}"><title>{escape(about)}</title>'
        f'<path class="arc" d="M0 {top}H{x}V{line.end + IN}{turns}"/>{heads}</g>'
    )


def _draw_ends(lines: Sequence[DecidingLine]) -> list[str]:
    """At each page where lines end, draw one label with their codes."""
    names: dict[int, list[str]] = {}
    for line in lines:
        for y, (_, codes) in line.targets.items():
            names.setdefault(y, []).extend(codes)
    return [_draw_label(y + IN + 10, codes) for y, codes in names.items()]


def _draw_label(y: int, names: Sequence[str], number: int = 0) -> str:
    """Draw a label with codes on top of the lines, in the colour of line `number`."""
    label = _shorten(", ".join(names), _LABEL_LENGTH)
    return f'<text class="label colour{number % _COLOURS}" x="-12" y="{y}" text-anchor="end">{escape(label)}</text>'


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _list_conditions(position: PagePosition) -> list[Condition]:
    found = [position.section.when, position.page.when]
    for question in position.page.questions:
        found += [question.when, *(item.when for item in question.items), *(option.when for option in question.options)]
    return [condition for condition in found if condition]

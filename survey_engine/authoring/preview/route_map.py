"""A picture of the route: sections and pages in order, arcs from questions to the pages they decide, and one path in colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from survey_engine.authoring.preview.audiences import name_section
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import all_of
from survey_engine.model.exposure import find_page_exposure
from survey_engine.model.questionnaire import Condition, Page, Questionnaire, Section
from survey_engine.rendering.page_plan import Wording

ROW, SECTION_ROW, MARGIN, PAGE_WIDTH = 30, 40, 24, 720
ARC_STEP, MOST_ARCS = 12, 13


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
        y += SECTION_ROW
        for page in section.pages:
            positions.append(PagePosition(page, section, y))
            y += ROW
    arcs = list(_draw_arcs(questionnaire, positions))
    pages = [_draw_page(position, wording, position.page.slug in on_path, link) for position in positions]
    beside = MARGIN + ARC_STEP * min(len(arcs), MOST_ARCS)
    width, height = beside + PAGE_WIDTH + MARGIN, y + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-beside} 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="Route map">{"".join(shapes + arcs + pages)}</svg>'
    )


def _draw_section(section: Section, title: str, y: int) -> str:
    condition = f" ◂ {escape(section.when.source)}" if section.when else ""
    condition += " · pages in random order" if section.random_order else ""
    return f'<text class="section" y="{y + 28}">{escape(title)}<tspan class="condition">{condition}</tspan></text>'


def _draw_page(position: PagePosition, wording: Wording, chosen: bool, link: str) -> str:
    page, y = position.page, position.y
    marks = f"{' · fixed' if page.fixed else ''}{' · questions in random order' if page.random_order else ''}"
    title = escape(wording.line(page.title) or page.code) + marks
    asked = all_of([page.when, find_page_exposure(page)])
    condition = f'<tspan class="condition"> ◂ {escape(asked.source)}</tspan>' if asked else ""
    items = sum(len(question.items) for question in page.questions)
    return (
        f'<a href="{escape(link.format(slug=page.slug))}"><g class="page{" chosen" if chosen else ""}">'
        f'<rect y="{y}" width="{PAGE_WIDTH}" height="{ROW - 6}" rx="5"/>'
        f'<text x="10" y="{y + 16}">{title}{condition}</text>'
        f'<text class="count" x="{PAGE_WIDTH - 10}" y="{y + 16}" text-anchor="end">'
        f"{items} item{'' if items == 1 else 's'} · {page.seconds:.0f} s</text>"
        "</g></a>"
    )


def _draw_arcs(questionnaire: Questionnaire, positions: list[PagePosition]) -> Iterable[str]:
    """Draw one arc from each question's page to each page that depends on the question."""
    asked = {
        v.code: position for position in positions for q in position.page.questions for v in QUESTION_TYPES[q.type].variables(q)
    }
    pairs = {
        (asked[name].y, position.y): (asked[name], position, name)
        for position in positions
        for condition in _list_conditions(position)
        for name in condition.names
        if name in asked and asked[name].y < position.y
    }
    for number, (_, (source, target, name)) in enumerate(sorted(pairs.items())):
        x = -20 - ARC_STEP * (number % MOST_ARCS)
        top, bottom = source.y + 12, target.y + 12
        yield (
            f'<path class="arc" d="M0 {top} C{x} {top} {x} {bottom} 0 {bottom}">'
            f"<title>{escape(name)}: {escape(source.page.code)} → {escape(target.page.code)}</title></path>"
        )


def _list_conditions(position: PagePosition) -> list[Condition]:
    found = [position.section.when, position.page.when]
    for question in position.page.questions:
        found += [question.when, *(item.when for item in question.items), *(option.when for option in question.options)]
    return [condition for condition in found if condition]

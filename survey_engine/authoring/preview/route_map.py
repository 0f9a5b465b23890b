"""The route as a picture: sections and pages in order, arcs from what is asked to what it decides, a chosen path in colour."""

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
class Spot:
    """Where a page stands in the picture."""

    page: Page
    section: Section
    y: int


def draw_route(questionnaire: Questionnaire, wording: Wording, on_path: frozenset[str], link: str) -> str:
    """An SVG of all sections and pages that some respondent may get.

    Args:
        on_path: slugs of the pages of a chosen respondent; they are drawn in colour.
        link: a page's address, with {slug} in it.
    """
    spots, shapes, y = [], [], 10
    for section in questionnaire.all_sections:
        shapes.append(_draw_section(section, name_section(questionnaire, section, wording), y))
        y += SECTION_ROW
        for page in section.pages:
            spots.append(Spot(page, section, y))
            y += ROW
    arcs = list(_draw_arcs(questionnaire, spots))
    pages = [_draw_page(spot, wording, spot.page.slug in on_path, link) for spot in spots]
    beside = MARGIN + ARC_STEP * min(len(arcs), MOST_ARCS)
    width, height = beside + PAGE_WIDTH + MARGIN, y + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-beside} 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="Route map">{"".join(shapes + arcs + pages)}</svg>'
    )


def _draw_section(section: Section, title: str, y: int) -> str:
    condition = f" ◂ {escape(section.when.source)}" if section.when else ""
    return f'<text class="section" y="{y + 28}">{escape(title)}<tspan class="condition">{condition}</tspan></text>'


def _draw_page(spot: Spot, wording: Wording, chosen: bool, link: str) -> str:
    page, y = spot.page, spot.y
    title = escape(wording.line(page.title) or page.code)
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


def _draw_arcs(questionnaire: Questionnaire, spots: list[Spot]) -> Iterable[str]:
    """One arc from each page that asks something to each page that it decides on."""
    asked = {v.code: spot for spot in spots for q in spot.page.questions for v in QUESTION_TYPES[q.type].variables(q)}
    pairs = {
        (asked[name].y, spot.y): (asked[name], spot, name)
        for spot in spots
        for condition in _list_conditions(spot)
        for name in condition.names
        if name in asked and asked[name].y < spot.y
    }
    for number, (_, (source, target, name)) in enumerate(sorted(pairs.items())):
        x = -20 - ARC_STEP * (number % MOST_ARCS)
        top, bottom = source.y + 12, target.y + 12
        yield (
            f'<path class="arc" d="M0 {top} C{x} {top} {x} {bottom} 0 {bottom}">'
            f"<title>{escape(name)}: {escape(source.page.code)} → {escape(target.page.code)}</title></path>"
        )


def _list_conditions(spot: Spot) -> list[Condition]:
    found = [spot.section.when, spot.page.when]
    for question in spot.page.questions:
        found += [question.when, *(item.when for item in question.items), *(option.when for option in question.options)]
    return [condition for condition in found if condition]

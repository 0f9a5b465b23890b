"""The flow of many simulated respondents: how many reached and left each page, and durations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median

from survey_engine.authoring.preview.audiences import name_section
from survey_engine.model.questionnaire import Page, Questionnaire
from survey_engine.operations.simulation.walking import RobotWalk
from survey_engine.rendering.file_templates import open_template
from survey_engine.rendering.page_plan import Wording

_BAR = 32
"""Length of the longest bar in a terminal, in characters."""


@dataclass(slots=True)
class PageFlow:
    """Figures of one page."""

    page: str
    section: str
    reached: int = 0
    left: int = 0
    seconds: float = 0.0
    """Median time that respondents of this profile would spend on it."""
    milliseconds: float = 0.0
    """Median response time of the site."""


@dataclass(slots=True)
class Flow:
    robots: int
    completed: int
    minutes: float
    """Median duration of a completed questionnaire."""
    pages: list[PageFlow] = field(default_factory=list)
    profiles: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Profile → number of respondents, and of those who completed."""


def measure_flow(questionnaire: Questionnaire, walks: Sequence[RobotWalk]) -> Flow:
    """Compute the flow from walks. Pages without visits are left out."""
    finished = [walk for walk in walks if walk.completed]
    minutes = median(sum(stop.seconds for stop in walk.stops) / 60 for walk in finished) if finished else 0.0
    profiles = {
        name: (count, sum(walk.completed for walk in walks if walk.profile == name))
        for name, count in Counter(walk.profile for walk in walks).items()
    }
    return Flow(len(walks), len(finished), minutes, _measure_pages(questionnaire, walks), profiles)


def _measure_pages(questionnaire: Questionnaire, walks: Iterable[RobotWalk]) -> list[PageFlow]:
    places = {page.code: PageFlow(page.code, section.code) for section, page in questionnaire.placed_pages.values()}
    seconds: dict[str, list[float]] = defaultdict(list)
    waited: dict[str, list[float]] = defaultdict(list)
    for walk in walks:
        for code in {stop.page for stop in walk.stops}:
            places[code].reached += 1
        if walk.left_at:
            places[walk.left_at].left += 1
        for stop in walk.stops:
            seconds[stop.page].append(stop.seconds)
            waited[stop.page].append(1000 * stop.waited)
    for code, place in places.items():
        if place.reached:
            place.seconds, place.milliseconds = median(seconds[code]), median(waited[code])
    return [place for place in places.values() if place.reached]


def format_bars(flow: Flow) -> str:
    """Draw the flow for a terminal: a bar for each page, with respondents who reached it, who left, and seconds."""
    longest = max((len(place.page) for place in flow.pages), default=0)
    most = max((place.reached for place in flow.pages), default=1)
    lines, section = [], ""
    for place in flow.pages:
        if place.section != section:
            section = place.section
            lines.append(section)
        bar = "█" * max(1, round(_BAR * place.reached / most))
        left = f"−{place.left}" if place.left else ""
        times = f"{place.seconds:>6.1f} s {place.milliseconds:>6.0f} ms"
        lines.append(f"  {place.page:<{longest}} {bar:<{_BAR}} {place.reached:>6} {left:>6} {times}")
    return "\n".join(lines)


def render_flow_page(flow: Flow, questionnaire: Questionnaire, seed: str) -> str:
    """Render the figures and bars as one HTML page without external files, in the source language."""
    wording = Wording(questionnaire, questionnaire.languages[questionnaire.source_language], None)
    placed = {page.code: (section, page) for section, page in questionnaire.placed_pages.values()}
    sections = [
        (name_section(questionnaire, placed[rows[0].page][0], wording), rows)
        for rows in (list(group) for _, group in groupby(flow.pages, key=lambda place: place.section))
    ]
    return open_template("operations/flow.html").render(
        flow=flow,
        sections=sections,
        names={place.page: _name_page(placed[place.page][1], wording) for place in flow.pages},
        most=max((place.reached for place in flow.pages), default=1),
        title=wording.line(questionnaire.title),
        language=wording.language,
        version=questionnaire.version,
        seed=seed,
    )


def _name_page(page: Page, wording: Wording) -> str:
    """Return the title of a page; without one, the text of its first question."""
    texts = (page.title, *(question.text for question in page.questions))
    return next((found for found in map(wording.line, texts) if found), page.code)

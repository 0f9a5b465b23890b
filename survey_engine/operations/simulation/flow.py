"""The flow of many simulated respondents: how many reached and left each page, and durations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from statistics import median

from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.simulation.walking import RobotWalk
from survey_engine.rendering.file_templates import open_template

BAR = 32
"""Length of the longest bar in a terminal, in characters."""
TOP, ROW, HEADING, LINE = 30, 42, 30, 18
"""Pixels of the picture: space above the first row, a page with its name above its bar, a section's heading, a name."""
WIDTH = 45
"""Longest bar, in per cent of the picture's width: it leaves room for the figures on a screen of 320 px."""
ENDS = (("reached", 112), ("left", 68), ("seconds", 0))
"""Figures beside a bar, with the pixels between their end and that of the picture, so that they fit a phone too."""


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


def draw_bars(flow: Flow) -> str:
    """Draw the flow for a terminal: a bar for each page, with respondents who reached it, who left, and seconds."""
    longest = max((len(place.page) for place in flow.pages), default=0)
    most = max((place.reached for place in flow.pages), default=1)
    lines, section = [], ""
    for place in flow.pages:
        if place.section != section:
            section = place.section
            lines.append(section)
        bar = "█" * max(1, round(BAR * place.reached / most))
        left = f"−{place.left}" if place.left else ""
        times = f"{place.seconds:>6.1f} s {place.milliseconds:>6.0f} ms"
        lines.append(f"  {place.page:<{longest}} {bar:<{BAR}} {place.reached:>6} {left:>6} {times}")
    return "\n".join(lines)


def draw_picture(flow: Flow) -> str:
    """Draw the flow as SVG as wide as the screen: a bar of respondents per page, with those who left in another colour."""
    most = max((place.reached for place in flow.pages), default=1)
    top, section, parts = TOP, "", []
    for place in flow.pages:
        if place.section != section:
            section, top = place.section, top + HEADING
            parts.append(f'<text class="section" x="0" y="{top - 8}">{escape(section)}</text>')
        parts.append(_draw_row(place, top, WIDTH / most))
        top += ROW
    heads = "".join(f'<text class="head" x="100%" dx="-{end}" y="{TOP - 10}">{name}</text>' for name, end in ENDS)
    return f'<svg height="{top + 10}" role="img" aria-label="How many reached each page">{heads}{"".join(parts)}</svg>'


def _draw_row(place: PageFlow, top: int, scale: float) -> str:
    """Draw one page. Args: scale: per cent of the longest bar for each respondent."""
    whole, left = place.reached * scale, place.left * scale
    numbers = (f"{place.reached}", f"−{place.left}" if place.left else "", f"{place.seconds:.1f}")
    about = (
        f"{place.page}: {place.reached} reached it, {place.left} left here, {place.seconds:.1f} s, {place.milliseconds:.0f} ms"
    )
    return (
        f"<g><title>{escape(about)}</title>"
        f'<text x="0" y="{top + LINE - 4}">{escape(place.page)}</text>'
        f'<rect class="reached" y="{top + LINE}" width="{whole - left:.1f}%" height="{LINE - 2}"/>'
        f'<rect class="left" x="{whole - left:.1f}%" y="{top + LINE}" width="{left:.1f}%" height="{LINE - 2}"/>'
        + "".join(
            f'<text class="number" x="100%" dx="-{end}" y="{top + 2 * LINE - 4}">{text}</text>'
            for text, (_, end) in zip(numbers, ENDS, strict=True)
        )
        + "</g>"
    )


def draw_page(flow: Flow, questionnaire: Questionnaire, seed: str) -> str:
    """Render the picture and the figures as one HTML page without external files."""
    return open_template("operations/flow.html").render(
        flow=flow,
        picture=draw_picture(flow),
        title=questionnaire.title.wording[questionnaire.source_language],
        version=questionnaire.version,
        seed=seed,
    )

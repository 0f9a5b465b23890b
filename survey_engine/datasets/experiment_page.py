"""The effects of split ballots as a page with pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from survey_engine.datasets.experiments import OUTCOME_MEASURES, Effect
from survey_engine.datasets.pictures import WIDTH
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.report_page import Dot, Picture, ReportPage, ReportSection, format_figure

_HEADINGS = ("Arm", "Difference and margin", "Difference", "Margin", "Value", "First arm", "n", "n of first", "Beyond")


def build_effects_page(
    data: Responses, effects: Mapping[str, Sequence[Effect]], items: Mapping[str, Sequence[Effect]]
) -> ReportPage:
    """Return the page: for each experiment a table of measures, and a table of item means."""
    notes = (
        "Each response counts in the arm that it was assigned. Differences are from the first arm; margins of error are 95 %.",
        "In the pictures, the dot is the difference, the line through it the margin, and the thin line in the middle means no difference. "
        "Each measure has its own scale; all items share one scale.",
        "“Beyond” says whether a difference is larger than its margin. By chance alone, this is so for about five of a hundred items.",
    )
    sections = []
    for experiment, found in effects.items():
        title, first = experiment.removeprefix("experiment_"), found[0].arm
        meaning = data.code_labels(experiment).get(first, first)
        told = (f"The first arm is {first}{f' (“{meaning}”)' if meaning != first else ''}.",)
        sections.append(ReportSection(title, ("Measure", *_HEADINGS), list(_iter_measures(found)), told, numbers=3))
        if items[experiment]:
            rows = list(_iter_rows(items[experiment], {}, 2))
            sections.append(ReportSection(f"{title}: means of items", ("Item", *_HEADINGS), rows, told, numbers=3))
    return ReportPage("Effects of split ballots", data.title, notes, sections)


def _iter_measures(effects: Sequence[Effect]) -> Iterator[Sequence[str | Picture]]:
    for name, measure in OUTCOME_MEASURES.items():
        several = [each for each in effects if each.measure == name]
        yield from _iter_rows(several, {name: measure.label}, measure.digits)


def _iter_rows(effects: Sequence[Effect], labels: Mapping[str, str], digits: int) -> Iterator[Sequence[str | Picture]]:
    """Yield a row per arm except the first, with pictures on one scale. `labels`: measure → label; items show their code."""
    reach = max((abs(each.difference) + (each.margin or 0) for each in effects if each.difference is not None), default=0) or 1
    scale, first, former = WIDTH / 2 / reach * 0.95, effects[0], ""
    for each in effects:
        if each.arm == first.arm:
            first = each
            continue
        difference, margin = format_figure(each.difference, digits, signed=True), format_figure(each.margin, digits)
        marks = (
            [Dot(WIDTH / 2 + each.difference * scale, margin=(each.margin or 0) * scale)] if each.difference is not None else []
        )
        picture = Picture(f"{difference} ± {margin}", marks=marks, zero=WIDTH / 2)
        values = (
            format_figure(each.value, digits),
            format_figure(first.value, digits),
            format_figure(each.n, 0),
            format_figure(first.n, 0),
        )
        name = labels.get(each.measure, each.measure) if each.measure != former else ""
        yield (name, each.arm, picture, difference, margin, *values, "yes" if each.is_beyond else "")
        former = each.measure

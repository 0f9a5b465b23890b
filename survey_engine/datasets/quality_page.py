"""Page with the responses that each quality rule would exclude."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from survey_engine.datasets.reading import Responses
from survey_engine.datasets.report_page import Picture, ReportPage, ReportSection, draw_parts, format_figure

MEASURE_MEANINGS: Mapping[str, str] = {
    "longest_run": "Equal answers in a row, over all items with an order.",
    "variability": "Standard deviation of one respondent's answers.",
    "identical_grids": "Share of grids with the same answer to all items. Such answers can be valid.",
    "contradicting_grids": "Share of grids with items of both directions that have the same answer, not the middle, to all items.",
    "outside_scale": "Share of answers outside the scale, where they are offered.",
    "distance": "Distance from usual combinations of answers; about 1 is usual.",
    "words_per_second": "Words read per visible second.",
}
"""Measure → its explanation."""


def build_quality_page(data: Responses, report: pl.DataFrame, by: Sequence[str]) -> ReportPage:
    """Return the page of `report_rules`: a table per rule, with a bar per group."""
    notes = (
        "No response is deleted. Rules are proposals: a person approves each in rules.csv, or changes its limit.",
        "A bar shows all responses of a group: in full colour those that only this rule flags, paler those that other rules flag too, and "
        "palest the rest. A dash is a withheld number: it, or a number that could be computed from it, is small.",
    )
    sections = [
        ReportSection(
            str(rule),
            (*by, "Shares", "Responses", "Flagged", "Share flagged", "Only this rule"),
            list(_iter_rows(data, rows, by)),
            _explain(str(rule)),
            numbers=len(by) + 1,
        )
        for (rule,), rows in report.group_by("rule", maintain_order=True)
    ]
    return ReportPage("What the rules would exclude", data.title, notes, sections)


def _explain(rule: str) -> tuple[str, ...]:
    return (MEASURE_MEANINGS[rule.partition(" ")[0]],)


def _iter_rows(data: Responses, rows: pl.DataFrame, by: Sequence[str]) -> Iterator[Sequence[str | Picture]]:
    labels = {name: {str(code): label for code, label in data.code_labels(name).items()} for name in by}
    for row in rows.iter_rows(named=True):
        responses, flagged, alone = row["responses"], row["flagged"], row["only this rule"]
        groups = [labels[name].get(str(row[name]), str(row[name] or "–")) for name in by]
        share = f"{flagged / responses:.1%}" if responses and flagged is not None else "–"
        parts: list[tuple[str, int, float]] = []
        if responses and flagged is not None:
            known = [("only this rule", alone, 1.0), ("other rules, too", flagged - (alone or 0), 0.55)]
            told = [("flagged", flagged, 0.55)] if alone is None else known
            parts = [*told, ("not flagged", responses - flagged, 0.15)]
        numbers = (format_figure(responses, 0), format_figure(flagged, 0), share, format_figure(alone, 0))
        yield (*groups, Picture(f"{share} flagged", bars=draw_parts(parts)), *numbers)

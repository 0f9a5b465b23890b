"""Effects of split ballots: differences between the responses of each arm and of the first arm. Needs the extra `data`.

A response counts in its assigned arm even if it never reached the pages that differ. A new measure is a function and a line
in OUTCOME_MEASURES.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np
import polars as pl

from survey_engine.datasets.disclosure import choose_small
from survey_engine.datasets.frequencies import UNANSWERED
from survey_engine.datasets.quality import Answers, share_identical
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.satisfaction import Z95
from survey_engine.datasets.scores import measure_satisfaction
from survey_engine.datasets.table_suppression import Grouping
from survey_engine.datasets.usage import list_arm_columns
from survey_engine.language.question_types.consent import VERSION_SUFFIX

_COMPLETE, BROKEN_OFF = "complete", "broken_off"
FEW = 6
"""Minimum number of responses for the margin of a median."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One measure of the responses of one arm."""

    measure: str
    arm: str
    n: int | None
    """Number of responses with the measure; None if it is withheld."""
    value: float | None
    difference: float | None = None
    """Value minus that of the first arm; None for the first arm itself."""
    margin: float | None = None
    """Margin of error (95 %) of the difference."""

    @property
    def is_beyond(self) -> bool:
        """Whether the difference is larger than its margin."""
        return self.difference is not None and self.margin is not None and abs(self.difference) > self.margin


def list_experiments(data: Responses) -> list[str]:
    """List the columns with an arm that was drawn: experiments, and whether pages showed the progress bar."""
    bar = data.find_fixed("progress_bar")
    return [*list_arm_columns(data), *([bar] if bar and len(list_arms(data, bar)) > 1 else [])]


def list_arms(data: Responses, experiment: str) -> list[str]:
    """List the arms with responses, in the order of the questionnaire."""
    found = set(data.frame[experiment].drop_nulls())
    return [str(code) for code in data.code_labels(experiment) if code in found]


def measure_completion(data: Responses) -> pl.Series:
    """Return 1 for each complete response, and 0 for the others."""
    return (data.frame[data.find_fixed("status")] == _COMPLETE).cast(pl.Float64)


def find_broken_off(data: Responses) -> pl.Series:
    """Return 1 for each response that was broken off, and 0 for the others; withdrawn links are none of both."""
    return (data.frame[data.find_fixed("status")] == BROKEN_OFF).cast(pl.Float64)


def find_seconds(data: Responses) -> pl.Series:
    """Return the visible seconds of complete responses; null without that column, as in the file of an institution."""
    name = data.find_fixed("duration_seconds")
    if not name:
        return pl.Series([None] * data.frame.height, dtype=pl.Float64)
    seconds = data.valid(name)[name].cast(pl.Float64)
    return seconds.set(measure_completion(data) == 0, None)


def share_skipped(data: Responses) -> pl.Series:
    """Return the share of items skipped, of those that were asked on finished pages. A question with several answers is one item."""
    skipped, answered = (defaultdict[str, np.ndarray](partial(np.zeros, data.frame.height, bool)) for _ in range(2))
    for name, variable in data.variables.items():
        if variable.page and "skipped" in variable.missing:
            column = data.frame[name].cast(pl.String)
            reasons = {reason: str(code) for reason, code in variable.missing.items()}
            without = [reasons[why] for why in ("not_asked", "not_assigned", *UNANSWERED) if why in reasons]
            item = variable.question if variable.kind == "0/1" else name.removesuffix(VERSION_SUFFIX)
            skipped[item] |= (column == reasons["skipped"]).fill_null(value=False).to_numpy()
            answered[item] |= (~column.is_in(without) & (column != "")).fill_null(value=False).to_numpy()
    left = sum((skipped[item] & ~answered[item] for item in skipped), np.zeros(data.frame.height))
    asked = sum((skipped[item] | answered[item] for item in skipped), np.zeros(data.frame.height))
    return pl.Series(np.where(asked > 0, left / np.maximum(asked, 1), np.nan)).fill_nan(None)


def share_straight(data: Responses) -> pl.Series:
    """Return the share of answered grids with one answer to all items (`share_identical`)."""
    return pl.Series(share_identical(Answers(data))).fill_nan(None)


@dataclass(frozen=True, slots=True)
class OutcomeMeasure:
    label: str
    compute: Callable[[Responses], pl.Series]
    digits: int = 3
    is_median: bool = False


OUTCOME_MEASURES: Mapping[str, OutcomeMeasure] = {
    "completion": OutcomeMeasure("Share of responses that are complete", measure_completion),
    "breakoff": OutcomeMeasure("Share of responses that were broken off", find_broken_off),
    "median_seconds": OutcomeMeasure("Median of visible seconds, complete responses", find_seconds, 0, is_median=True),
    "missing": OutcomeMeasure("Share of asked items that were skipped, mean of responses", share_skipped),
    "straightlining": OutcomeMeasure("Share of grids with one answer to all items, mean of responses", share_straight),
}


def measure_effects(data: Responses, experiment: str, least: int) -> list[Effect]:
    """Return every measure of each arm. Arms with few responses are withheld, and so is an arm from which they could be computed."""
    arms = list_arms(data, experiment)
    found: list[Effect] = []
    for name, measure in OUTCOME_MEASURES.items():
        values = measure.compute(data)
        parts = {arm: values.filter(data.frame[experiment] == arm).drop_nulls().to_numpy() for arm in arms}
        small = choose_small({arm: len(part) for arm, part in parts.items()}, least)
        summarise = summarise_median if measure.is_median else summarise_mean
        figures = {arm: (len(part), *summarise(part)) if arm not in small else (None, None, None) for arm, part in parts.items()}
        found += _compare(name, figures)
    return found


def _compare(name: str, figures: Mapping[str, tuple[int | None, float | None, float | None]]) -> Iterator[Effect]:
    """Yield the value of each arm and its difference from the first. Variances add up, because the arms are independent."""
    first, *_ = figures
    for arm, (n, value, error) in figures.items():
        _, base, base_error = figures[first]
        if arm == first or value is None or base is None:
            yield Effect(name, arm, n, value)
        else:
            margin = None if error is None or base_error is None else Z95 * sqrt(error**2 + base_error**2)
            yield Effect(name, arm, n, value, value - base, margin)


def summarise_mean(values: np.ndarray) -> tuple[float | None, float | None]:
    """Return the mean and its standard error s / √n; a share is the mean of 0 and 1.

    The margin of a difference is z · √(s₁² / n₁ + s₂² / n₂), for samples with unequal variances (Welch 1938, large samples).
    """
    if not len(values):
        return None, None
    return float(values.mean()), float(values.std(ddof=1) / sqrt(len(values))) if len(values) > 1 else None


def summarise_median(values: np.ndarray) -> tuple[float | None, float | None]:
    """Return the median and its standard error, without an assumption about the distribution.

    The error is (y₍ₙ₋c₊₁₎ − y₍c₎) / 2z, with c = (n + 1) / 2 − √n and z = (n − 2c + 1) / √n (McKean and Schrader 1984; c as in
    Price and Bonett 2001; z is the normal approximation of the sign test).
    """
    n = len(values)
    if not n:
        return None, None
    if n < FEW:
        return float(np.median(values)), None
    c = max(1, round((n + 1) / 2 - sqrt(n)))
    ordered = np.sort(values)
    return float(np.median(values)), float((ordered[n - c] - ordered[c - 1]) / 2 / ((n - 2 * c + 1) / sqrt(n)))


def measure_items(data: Responses, experiment: str, grouping: Grouping) -> tuple[pl.DataFrame, list[Effect]]:
    """Return the measures of satisfaction of each arm, and the mean of each five-point item as an effect."""
    table = measure_satisfaction(data, Grouping((experiment,), (), grouping.sizes, grouping.public))
    rows = {(row["item"], row[experiment]): row for row in table.to_dicts()} if table.height else {}
    found: list[Effect] = []
    for item in dict.fromkeys(item for item, _ in rows):
        figures = {}
        for arm in list_arms(data, experiment):
            row = rows.get((item, arm), {"n": 0, "mean": None, "margin_of_mean": None})
            margin = row["margin_of_mean"]
            figures[arm] = (row["n"], row["mean"], None if margin is None else margin / Z95)
        found += _compare(item, figures)
    return table, found


def tabulate_effects(effects: Mapping[str, Sequence[Effect]]) -> pl.DataFrame:
    """Return a row per experiment, measure or item, and arm."""
    rows = [
        (experiment, each.measure, each.arm, each.n, each.value, each.difference, each.margin, each.n is None)
        for experiment, several in effects.items()
        for each in several
    ]
    names = {**dict.fromkeys(("experiment", "measure", "arm"), pl.String), "n": pl.Int64}
    numbers = dict.fromkeys(("value", "difference", "margin"), pl.Float64)
    return pl.DataFrame(rows, {**names, **numbers, "withheld": pl.Boolean}, orient="row")

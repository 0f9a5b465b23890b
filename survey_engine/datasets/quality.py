"""Measures of the quality of responses, and rules that flag them. Nothing is deleted: a person approves each rule.

Needs the extra `data`. A new measure is a function and a line in QUALITY_MEASURES; a new rule is a line in FLAG_RULES.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from survey_engine.datasets.csv_files import read_number, read_rows
from survey_engine.datasets.disclosure import GroupValues, choose_small
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.reading_speed import measure_reading_speed
from survey_engine.datasets.table_suppression import choose_withheld, count_groups

LEAST_ITEMS = 3
"""Minimum number of answered items for a grid to count as identical."""
UNFLAGGED, FLAGGED_BY_OTHERS, FLAGGED_ALONE = _OUTCOMES = (0, 1, 2)
"""What a rule does with a response."""
LEAST_ASKED = 0.5
"""Minimum share of responses with a valid answer to an item, for the item to count in the Mahalanobis distance."""


@dataclass(frozen=True)
class Answers:
    """The valid answers to all statements and questions on an ordered scale, in the order of asking; missing answers are NaN."""

    data: Responses

    @cached_property
    def items(self) -> list[str]:
        known = self.data.variables.items()
        return [name for name, each in known if each.is_ordered]

    @cached_property
    def matrix(self) -> np.ndarray:
        columns = [self.data.valid(name)[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in self.items]
        return np.column_stack(columns) if columns else np.empty((self.data.frame.height, 0))

    @cached_property
    def grids(self) -> list[list[int]]:
        """For each question with at least LEAST_ITEMS items: the positions of its items."""
        found: dict[str, list[int]] = {}
        for position, name in enumerate(self.items):
            found.setdefault(self.data.variables[name].question, []).append(position)
        return [grid for grid in found.values() if len(grid) >= LEAST_ITEMS]


QualityMeasure = Callable[[Answers], np.ndarray]


def find_longest_run(answers: Answers) -> np.ndarray:
    """Return the largest number of equal answers in a row (Johnson 2005). Unanswered items are skipped."""
    rows = len(answers.matrix)
    last, run, longest = np.full(rows, np.nan), np.zeros(rows), np.zeros(rows)
    for column in answers.matrix.T:
        given = ~np.isnan(column)
        run = np.where(given, np.where(column == last, run + 1, 1), run)
        last = np.where(given, column, last)
        longest = np.maximum(longest, run)
    return longest


def measure_variability(answers: Answers) -> np.ndarray:
    """Return the standard deviation of one respondent's answers (intra-individual response variability, Dunn 2018)."""
    given = ~np.isnan(answers.matrix)
    n = given.sum(axis=1)
    values = np.where(given, answers.matrix, 0.0)
    mean = values.sum(axis=1) / np.maximum(n, 1)
    squares = (np.where(given, answers.matrix - mean[:, None], 0.0) ** 2).sum(axis=1)
    return np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)


def share_identical(answers: Answers) -> np.ndarray:
    """Return the share of answered grids with the same answer to all items. Such answers can be valid."""
    return _share_grids(answers, contradicting=False)


def share_contradicting(answers: Answers) -> np.ndarray:
    """Return the share of answered grids with items of both directions that have the same answer, not the middle, to all items.

    Such answers contradict each other, unlike those of a grid in one direction.
    """
    return _share_grids(answers, contradicting=True)


def _share_grids(answers: Answers, *, contradicting: bool) -> np.ndarray:
    rows = len(answers.matrix)
    answered, found = np.zeros(rows), np.zeros(rows)
    for grid in answers.grids:
        variables = [answers.data.variables[answers.items[position]] for position in grid]
        if contradicting and len({variable.reverse for variable in variables}) == 1:
            continue
        block = answers.matrix[:, grid]
        given = ~np.isnan(block)
        least = np.where(given, block, np.inf).min(axis=1)
        alike = least == np.where(given, block, -np.inf).max(axis=1)
        if contradicting:
            turned = np.array([variable.reverse for variable in variables])
            both = given[:, turned].any(axis=1) & given[:, ~turned].any(axis=1)
            middle = (min(variables[0].points) + max(variables[0].points)) / 2
            enough = (given.sum(axis=1) >= LEAST_ITEMS) & both
            alike &= least != middle
        else:
            enough = given.sum(axis=1) >= LEAST_ITEMS
        answered += enough
        found += enough & alike
    return np.where(answered > 0, found / np.maximum(answered, 1), np.nan)


def share_outside(answers: Answers) -> np.ndarray:
    """Return the share of answers outside the scale in the answers to items that offer one."""
    frame, outside, valid = answers.data.frame, np.zeros(len(answers.matrix)), np.zeros(len(answers.matrix))
    for position, name in enumerate(answers.items):
        codes = answers.data.variables[name].outside
        if codes:
            outside += frame[name].is_in(codes).to_numpy()
            valid += ~np.isnan(answers.matrix[:, position])
    return np.where(outside + valid > 0, outside / np.maximum(outside + valid, 1), np.nan)


def measure_distance(answers: Answers) -> np.ndarray:
    """Return the squared Mahalanobis distance per answered item: about 1 for usual answers (Mahalanobis 1936).

    Items count if at least LEAST_ASKED of the responses answered them; for each response, only the items that it answered.
    """
    given = ~np.isnan(answers.matrix)
    matrix = answers.matrix[:, given.mean(axis=0) >= LEAST_ASKED] if len(given) else answers.matrix
    given = ~np.isnan(matrix)
    distance = np.full(len(matrix), np.nan)
    if len(matrix) <= matrix.shape[1] or not matrix.shape[1]:
        return distance
    mean = np.nanmean(matrix, axis=0)
    centred = np.where(given, matrix - mean, 0.0)
    pairs = given.T.astype(float) @ given
    covariance = centred.T @ centred / np.maximum(pairs - 1, 1)
    patterns, which = np.unique(given, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        if pattern.any():
            rows = np.flatnonzero(which.ravel() == number)
            block = centred[np.ix_(rows, np.flatnonzero(pattern))]
            inverse = np.linalg.pinv(covariance[np.ix_(pattern, pattern)], hermitian=True)
            distance[rows] = np.einsum("ij,jk,ik->i", block, inverse, block) / pattern.sum()
    return distance


def measure_words_per_second(answers: Answers) -> np.ndarray:
    """Return the words read per visible second. Above 3.3, which is less than 300 ms per word, is speeding (Zhang and Conrad 2014)."""
    return measure_reading_speed(answers.data)


QUALITY_MEASURES: dict[str, QualityMeasure] = {
    "longest_run": find_longest_run,
    "variability": measure_variability,
    "identical_grids": share_identical,
    "contradicting_grids": share_contradicting,
    "outside_scale": share_outside,
    "distance": measure_distance,
    "words_per_second": measure_words_per_second,
}
"""Measure → the function that computes it, one number per response."""


@dataclass(frozen=True, slots=True)
class FlagRule:
    """Flags a response whose measure is at least, or at most, a limit."""

    measure: str
    limit: float
    at_most: bool = False

    @property
    def name(self) -> str:
        return f"{self.measure} {'<=' if self.at_most else '>='} {self.limit:g}"

    def flag(self, measured: pl.DataFrame) -> pl.Series:
        """Return whether each response is flagged. A response without the measure is not."""
        column = measured[self.measure].fill_nan(None)
        return ((column <= self.limit) if self.at_most else (column >= self.limit)).fill_null(value=False).alias(self.name)


FLAG_RULES = (
    FlagRule("longest_run", 20),
    FlagRule("variability", 0.25, at_most=True),
    FlagRule("contradicting_grids", 0.5),
    FlagRule("outside_scale", 0.8),
    FlagRule("distance", 3),
    FlagRule("words_per_second", 3.3),
)
"""Proposed rules. The field has no agreed limits, so each edition decides on its own."""


def measure_quality(data: Responses) -> pl.DataFrame:
    """Return the respondent number and every measure, one row per response."""
    answers = Answers(data)
    columns = [pl.Series(name, measure(answers)).fill_nan(None) for name, measure in QUALITY_MEASURES.items()]
    return data.select_respondents().with_columns(columns)


def flag_responses(measured: pl.DataFrame, rules: Iterable[FlagRule] = FLAG_RULES) -> pl.DataFrame:
    """Return the respondent number and the flag of every rule."""
    return measured.select("respondent").with_columns([rule.flag(measured) for rule in rules])


def list_excluded(flags: pl.DataFrame) -> pl.DataFrame:
    """Return the respondent numbers that any rule flags."""
    rules = [name for name in flags.columns if name != "respondent"]
    return flags.filter(pl.any_horizontal(pl.col(rules)) if rules else pl.lit(value=False)).select("respondent")


def report_rules(data: Responses, flags: pl.DataFrame, by: Sequence[str] = (), least: int = 5) -> pl.DataFrame:
    """Return what each rule would exclude: rule, group, and the numbers of responses, of flagged ones, and of those no other rule flags.

    Numbers smaller than `least` are null, and so are the numbers from which they could be computed.
    """
    sizes = count_groups(data.frame, by)
    shown = sizes.keys() - choose_withheld(sizes, least).groups
    rows: list[tuple[object, ...]] = []
    for rule, counts in count_outcomes(data, flags, by):
        withheld = choose_withheld(counts, least)
        for group in sizes:
            numbers = {each: counts.get((*group, each), 0) for each in _OUTCOMES}
            hidden = {each for each in _OUTCOMES if withheld.totals or (*group, each) in withheld.groups}
            rows.append((rule, *group, *(_sum_outcomes(numbers, hidden) if group in shown else (None, None, None))))
    names: dict[str, Any] = {"rule": pl.String, **{name: data.frame.schema[name] for name in by}}
    return pl.DataFrame(rows, {**names, **dict.fromkeys(("responses", "flagged", "only this rule"), pl.Int64)}, orient="row")


def count_outcomes(data: Responses, flags: pl.DataFrame, by: Sequence[str]) -> Iterator[tuple[str, dict[GroupValues, int]]]:
    """Yield each rule with the number of responses per group and outcome."""
    rules = [name for name in flags.columns if name != "respondent"]
    frame = pl.concat([data.frame.select(pl.col(by).name.prefix("by ")), flags], how="horizontal")
    others = pl.sum_horizontal(pl.col(rules)) - 1 if rules else pl.lit(0)
    for rule in rules:
        outcome = pl.when(~pl.col(rule)).then(UNFLAGGED).when(others > 0).then(FLAGGED_BY_OTHERS).otherwise(FLAGGED_ALONE)
        yield rule, count_groups(frame.with_columns(outcome.alias("outcome ")), [*(f"by {name}" for name in by), "outcome "])


def _sum_outcomes(numbers: Mapping[int, int], hidden: Collection[int]) -> tuple[int | None, int | None, int | None]:
    """Return the numbers of responses, of flagged ones and of those that one rule alone flags; None for a withheld number."""
    responses, flagged = sum(numbers.values()), numbers[FLAGGED_BY_OTHERS] + numbers[FLAGGED_ALONE]
    is_known = UNFLAGGED not in hidden or not {FLAGGED_BY_OTHERS, FLAGGED_ALONE} & {*hidden}
    return responses, flagged if is_known else None, None if FLAGGED_ALONE in hidden else numbers[FLAGGED_ALONE]


def write_proposals(path: Path, flags: pl.DataFrame, rules: Iterable[FlagRule] = FLAG_RULES, least: int = 5) -> None:
    """Write the table for the approval of rules: `approved_by` is empty, and so is `flagged` if it would reveal a small number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("measure", "at_most", "limit", "flagged", "approved_by", "reason"))
        for rule in rules:
            flagged = int(flags[rule.name].sum())
            shown = "" if choose_small({"flagged": flagged, "others": flags.height - flagged}, least) else flagged
            writer.writerow((rule.measure, "yes" if rule.at_most else "", f"{rule.limit:g}", shown, "", ""))


def read_approved(path: Path) -> list[FlagRule]:
    """Read the rules that have a name in `approved_by`.

    Raises:
        ValueError: a measure or limit is unknown.
    """
    rows = list(read_rows(path))
    unknown = {row["measure"] for _, row in rows} - set(QUALITY_MEASURES)
    if unknown:
        raise ValueError(f"There is no measure {', '.join(sorted(unknown))}. Known: {', '.join(QUALITY_MEASURES)}.")
    return [_read_rule(line, row) for line, row in rows if row["approved_by"].strip()]


def _read_rule(line: int, row: Mapping[str, str]) -> FlagRule:
    try:
        return FlagRule(row["measure"], read_number(row["limit"]), bool(row["at_most"]))
    except ValueError as error:
        raise ValueError(f"line {line}: {error}") from None

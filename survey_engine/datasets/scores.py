"""Scores of clusters of items, and their reliability. A cluster is the set of items with the same indicator in the questionnaire.

Needs the extra `data`. `satisfaction.py` has the formulas of the other measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from survey_engine.datasets.csv_files import read_number, read_rows
from survey_engine.datasets.disclosure import choose_small
from survey_engine.datasets.item_counts import POINTS, choose_hidden
from survey_engine.datasets.reading import Responses, VariableInfo
from survey_engine.datasets.satisfaction import SATISFACTION_MEASURES, Distribution
from survey_engine.datasets.table_suppression import Grouping

_LEAST_SHARE = 0.5
"""Minimum share of the asked items with a valid answer, for a score (the half rule of Fairclough and Cella 1996)."""
_UNASKED = ("not_asked", "not_assigned")
"""Reasons of missing values that are no gap in the answers of a response."""
_IMPROPER = "loading above 1: improper solution (Heywood case)"
_ROUNDS, _PRECISION = 10_000, 1e-10


@dataclass(frozen=True, slots=True)
class Cluster:
    """Items with the same scale that measure the same construct."""

    code: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reliability:
    """Reliability of one set of items, from the responses that answered exactly these items of the cluster.

    Because of conditions, respondents are asked different sets of a cluster's items, such as the wordings for their level. Each
    set has its own alpha and omega, as each form of a test has.
    """

    items: tuple[str, ...]
    n: int
    alpha: float | None = None
    omega: float | None = None
    loadings: tuple[float, ...] = ()
    """Standardised loadings on the single factor, in the order of the items."""


def list_clusters(data: Responses) -> list[Cluster]:
    """List the indicators that at least two items on an ordered scale share, in the order of the questionnaire."""
    found: dict[str, list[str]] = {}
    for name, variable in data.variables.items():
        if variable.is_ordered:
            for indicator in variable.indicators:
                found.setdefault(indicator, []).append(name)
    return [Cluster(code, tuple(items)) for code, items in found.items() if len(items) > 1]


def align_items(data: Responses, cluster: Cluster) -> pl.DataFrame:
    """Return the valid answers to the items of a cluster, with reverse-coded items recoded: 5 becomes 1."""
    columns = []
    for name in cluster.items:
        points = data.variables[name].points
        turned = pl.lit(min(points) + max(points), pl.Int32) - pl.col(name)
        columns.append((turned if data.variables[name].reverse else pl.col(name)).alias(name))
    return data.valid(*cluster.items).select(columns)


def find_unasked(data: Responses, cluster: Cluster) -> pl.DataFrame:
    """Return a boolean column per item of a cluster: true for each response that was not asked the item."""
    missing = {name: data.variables[name].missing for name in cluster.items}
    return data.frame.select(
        pl.col(name).is_in([codes[reason] for reason in _UNASKED if reason in codes]) for name, codes in missing.items()
    )


def compute_score(data: Responses, cluster: Cluster, least_share: float = _LEAST_SHARE) -> pl.Series:
    """Return the mean of the valid answers of each response: Σ answers / number of answers.

    The score is null if less than `least_share` of the items that the response was asked have a valid answer. Items that were skipped,
    answered outside the scale or not reached because of a breakoff count as asked.
    """
    items = align_items(data, cluster)
    valid = items.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    asked = find_unasked(data, cluster).select(pl.sum_horizontal(~pl.all())).to_series()
    mean = items.select(pl.mean_horizontal(pl.all())).to_series()
    kept = pl.select(pl.when(valid >= least_share * asked).then(mean)).to_series()
    return kept.alias(f"score_{cluster.code}")


def compute_scores(data: Responses, least_share: float = _LEAST_SHARE) -> pl.DataFrame:
    """Return the respondent number and the score of every cluster, one row per response."""
    scores = [compute_score(data, cluster, least_share) for cluster in list_clusters(data)]
    return data.select_respondents().with_columns(scores)


def measure_reliability(data: Responses, cluster: Cluster) -> list[Reliability]:
    """Return alpha and omega of each set of two or more items that were asked together. The set with most responses comes first."""
    answers, unasked = align_items(data, cluster), find_unasked(data, cluster)
    valid = answers.select(pl.all().is_not_null())
    complete = valid.select(pl.all_horizontal(pl.col(name) | unasked[name] for name in cluster.items)).to_series()
    sets = pl.struct(valid.filter(complete).iter_columns(), eager=True).alias("set ")
    found = []
    for _, group in answers.filter(complete).group_by(sets, maintain_order=True):
        items = tuple(name for name in cluster.items if group[name].null_count() == 0)
        if len(items) > 1:
            found.append(_measure_set(items, group.select(items).to_numpy().astype(float)))
    return sorted(found, key=lambda one: -one.n)


def _measure_set(items: tuple[str, ...], matrix: np.ndarray) -> Reliability:
    varies = matrix.std(axis=0).all() and matrix.sum(axis=1).std()
    if len(matrix) < len(items) + 2 or not varies:
        return Reliability(items, len(matrix))
    loadings = fit_one_factor(np.corrcoef(matrix, rowvar=False))
    alpha = compute_alpha(np.cov(matrix, rowvar=False))
    return Reliability(items, len(matrix), alpha, compute_omega(loadings), tuple(map(float, loadings)))


def summarise_clusters(data: Responses, grouping: Grouping | None = None) -> pl.DataFrame:
    """Return a row per set of items that were asked together and per item, with n, alpha and omega of the set.

    A set of too few responses is not shown, nor one from which it could be computed; a cluster with a sensitive item needs as many as
    that item. An item without a set has one row without figures. `remark` names an improper solution (a Heywood case).
    """
    rows: list[tuple[object, ...]] = []
    for cluster in list_clusters(data):
        sets = {one.items: one for one in measure_reliability(data, cluster)}
        least = (grouping or Grouping()).find_least(sensitive=any(data.variables[item].sensitive for item in cluster.items))
        small = choose_small({items: one.n for items, one in sets.items()}, least)
        shown = [one for items, one in sets.items() if items not in small]
        for number, one in enumerate(shown, 1):
            for item, loading in zip_longest(one.items, one.loadings):
                remark = _IMPROPER if loading is not None and round(abs(loading), 4) > 1 else ""
                figures = (one.n, one.alpha, one.omega, loading, remark)
                rows.append((cluster.code, number, item, data.variables[item].reverse, *figures))
        alone = set(cluster.items).difference(*(one.items for one in shown))
        rows += [
            (cluster.code, None, item, data.variables[item].reverse, *[None] * 4, "") for item in cluster.items if item in alone
        ]
    names = {"cluster": pl.String, "set": pl.Int64, "item": pl.String, "reverse": pl.Boolean, "n": pl.Int64}
    numbers = dict.fromkeys(("alpha", "omega", "loading"), pl.Float64)
    return pl.DataFrame(rows, {**names, **numbers, "remark": pl.String}, orient="row")


def compute_alpha(covariance: np.ndarray) -> float:
    """Return Cronbach's alpha: k / (k − 1) · (1 − Σ variances / variance of the sum) (Cronbach 1951)."""
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def fit_one_factor(correlation: np.ndarray) -> np.ndarray:
    """Return the loadings of one factor by iterated principal axes (Harman 1976, chapter 8), with a positive sum.

    The start value of an item's communality is its largest correlation; communalities are at most 1.
    """
    apart = correlation - np.diag(np.diag(correlation))
    communality = np.abs(apart).max(axis=1)
    loadings: np.ndarray = np.sqrt(communality)
    for _ in range(_ROUNDS):
        values, vectors = np.linalg.eigh(apart + np.diag(communality))
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
        former, communality = communality, np.minimum(loadings**2, 1.0)
        if np.abs(communality - former).max() < _PRECISION:
            break
    return loadings if loadings.sum() >= 0 else -loadings


def compute_omega(loadings: np.ndarray) -> float:
    """Return McDonald's omega total of one factor: (Σλ)² / ((Σλ)² + Σ(1 − λ²)), standardised (McDonald 1999)."""
    common = loadings.sum() ** 2
    return float(common / (common + (1 - loadings**2).sum()))


def read_weights(data: Responses, path: Path) -> pl.Series:
    """Read the weights of the responses in a delivery from a file with the columns `respondent` and `weight`.

    Raises:
        ValueError: a response has no weight, a weight is not a number, or the file lacks a column.
    """
    weights: dict[str, float] = {}
    for line, row in read_rows(path):
        if not {"respondent", "weight"} <= row.keys():
            raise ValueError(f"{path} needs the columns respondent and weight.")
        try:
            weights[row["respondent"]] = read_number(row["weight"])
        except ValueError as error:
            raise ValueError(f"{path.name}, line {line}: {error}") from None
    found = pl.Series("weight", [weights.get(respondent) for respondent in data.select_respondents()["respondent"]], pl.Float64)
    if found.null_count():
        raise ValueError(f"{found.null_count()} responses have no weight in {path}: the file belongs to another delivery.")
    return found


def list_scales(data: Responses) -> list[str]:
    """List the items with an ordered scale of five points."""
    return [name for name, each in data.variables.items() if each.is_ordered and set(each.points) == {*POINTS}]


def measure_satisfaction(
    data: Responses,
    grouping: Grouping | None = None,
    weights: pl.Series | None = None,
    populations: dict[tuple[object, ...], float] | None = None,
    institution: str = "",
) -> pl.DataFrame:
    """Return a row per five-point item and group, with n and the measures of `Distribution`.

    `item_counts.py` decides what is withheld: small groups, groups from which these could be computed, and measures that would
    reveal a small count of a code. `alone` is true for an item if a table with fewer columns would reveal a withheld group.

    Args:
        grouping: the groups, and the minimum numbers of their answers; one group if None.
        weights: one weight per response.
        populations: group (tuple of the values of its columns) → size of its population.
        institution: the column of the institution, if a figure needs enough other institutions beside each one; else empty.
    """
    grouping = grouping or Grouping()
    by = grouping.by
    grouping = replace(grouping, sensitive=data.is_sensitive(*by))
    frame = data.frame.with_columns((weights if weights is not None else pl.lit(1.0)).alias("weight "))
    frame = grouping.generalise(frame)
    rows: list[dict[str, object]] = []
    for name in list_scales(data):
        variable = data.variables[name]
        groups = {tuple(group[column] for column in by): group for group in _count_answers(frame, name, variable, by)}
        hidden = choose_hidden(frame, name, variable, grouping, institution)
        for key, group in groups.items():
            counts = tuple(group[f"sum {code}"] for code in POINTS)
            effective = sum(counts) ** 2 / group["squares "] if group["squares "] else 0.0
            measured = Distribution(counts, effective, group["sum outside"], (populations or {}).get(key))
            blank = {measure for measure in SATISFACTION_MEASURES if hidden.hides(key, measure)}
            row: dict[str, object] = {"item": name, **dict(zip(by, key, strict=True))}
            row["n"] = None if key in hidden.groups else group["n "]
            row |= {measure: None if measure in blank else getattr(measured, measure) for measure in SATISFACTION_MEASURES}
            rows.append({**row, "withheld": bool(blank), "alone": hidden.totals})
    return pl.DataFrame(rows, infer_schema_length=None)


def _count_answers(frame: pl.DataFrame, name: str, variable: VariableInfo, by: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield for each group the sums of weights per code, and the number of answers on the scale."""
    answer, weight = pl.col(name), pl.col("weight ")
    is_valid, is_outside = answer.is_between(1, 5), answer.is_in(variable.outside)
    sums = [weight.filter(answer == code).sum().alias(f"sum {code}") for code in POINTS]
    sums += [weight.filter(is_outside).sum().alias("sum outside"), (weight**2).filter(is_valid).sum().alias("squares ")]
    sums += [is_valid.sum().alias("n ")]
    found = frame.group_by(*by, maintain_order=True).agg(*sums).sort(by) if by else frame.select(*sums)
    yield from found.iter_rows(named=True)

"""Weights that make the sample agree with known population margins: raking, trimming, and diagnostics. Needs the extra `data`.

The same recipe and responses always give the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from survey_engine.datasets.csv_files import read_number, read_rows
from survey_engine.datasets.reading import Responses
from survey_engine.model.messages import join_names

_HALVINGS = 100
Margins = Mapping[str, Mapping[str, float]]
"""Column → value → size in the population. Columns with another total than the first one are scaled to its total."""


@dataclass(frozen=True)
class Recipe:
    """How weights are made."""

    margins: Margins
    least_weight: float = 0.2
    most_weight: float = 5.0
    """Bounds to which weights are trimmed in each round."""
    least_cell: int = 5
    """Minimum number of responses of a value; values with fewer are merged with the smallest other value of their column."""
    precision: float = 1e-6
    """Largest difference between a weighted share and its margin at which raking ends."""
    rounds: int = 200


@dataclass(frozen=True)
class Diagnostics:
    """Figures by which a reader judges the weights before using them."""

    n: int
    converged: bool
    rounds: int
    largest_difference: float
    """Largest difference between a weighted share and its margin."""
    design_effect: float
    """Kish's 1 + CV² = n Σw² / (Σw)²."""
    effective: float
    """n / design effect."""
    least: float
    most: float
    trimmed: int
    """Number of responses at a bound."""
    merged: tuple[str, ...] = ()
    """Descriptions of values that were merged, or that no response has."""
    unknown: int = 0
    """Number of responses with a value that is in no margin; their weight is 1."""


@dataclass(frozen=True)
class Weights:
    """The weights of one delivery."""

    recipe: Recipe
    weights: pl.Series
    """One weight per response, with mean 1 over the responses whose values are in the margins."""
    diagnostics: Diagnostics = field(repr=False)

    def describe(self) -> dict[str, Any]:
        """Return recipe and diagnostics as plain data, to store beside the weights."""
        return {"recipe": asdict(self.recipe), "diagnostics": asdict(self.diagnostics)}


def rake(data: Responses, recipe: Recipe) -> Weights:
    """Compute weights by iterative proportional fitting to the margins (Deming and Stephan 1940).

    Raises:
        ValueError: a column is not in the data, a margin has no size or matches nobody, or the bounds exclude 1.
    """
    if not 0 < recipe.least_weight <= 1 <= recipe.most_weight:
        raise ValueError("Weights have mean 1, so their bounds must include it.")
    merged: list[str] = []
    known = np.ones(data.frame.height, dtype=bool)
    groups, targets = [], []
    for column, sizes in recipe.margins.items():
        _check_column(data, column)
        if not sizes or min(sizes.values()) < 0 or sum(sizes.values()) <= 0:
            raise ValueError(f"The margin of {column} has no size.")
        cells = data.frame[column].cast(pl.String).fill_null("").to_list()
        if cells and not sizes.keys() & set(cells):
            raise ValueError(f"No response has a value of {column} that the margins have. Write codes, not labels.")
        known &= np.array([cell in sizes for cell in cells], dtype=bool)
        merged_to = _merge_small(column, sizes, cells, recipe.least_cell, merged)
        codes = sorted(set(merged_to.values()))
        groups.append(np.array([codes.index(merged_to[cell]) if cell in sizes else -1 for cell in cells]))
        total = sum(sizes.values())
        targets.append(
            np.array([sum(size for value, size in sizes.items() if merged_to[value] == code) / total for code in codes])
        )
    return _fit(recipe, [group[known] for group in groups], targets, known, tuple(merged))


def _merge_small(column: str, sizes: Mapping[str, float], cells: list[str], least: int, merged: list[str]) -> dict[str, str]:
    """Return value → name of its group; descriptions of merged values are added to `merged`."""
    counts = {value: cells.count(value) for value in sizes}
    groups = {value: [value] for value in sizes}
    size = dict(counts)
    while len(groups) > 1 and min(size.values()) < least:
        small = min(groups, key=lambda name: (size[name], name))
        other = min((name for name in groups if name != small), key=lambda name: (size[name], name))
        merged.append(f"{column}: {small} ({size[small]}) with {other}")
        groups[other] += groups.pop(small)
        size[other] += size.pop(small)
    return {value: name for name, values in groups.items() for value in values}


def _fit(
    recipe: Recipe, groups: list[np.ndarray], targets: list[np.ndarray], known: np.ndarray, merged: tuple[str, ...]
) -> Weights:
    n = int(known.sum())
    weights, difference, rounds = np.ones(n), 0.0, 0
    while n and rounds < recipe.rounds:
        rounds += 1
        for group, target in zip(groups, targets, strict=True):
            sums = np.bincount(group, weights, len(target))
            weights = weights * np.divide(target * n, sums, out=np.ones_like(target), where=sums > 0)[group]
        weights = _trim(weights, recipe)
        shares = [np.bincount(group, weights, len(target)) / max(n, 1) for group, target in zip(groups, targets, strict=True)]
        difference = max(
            (float(np.abs(share - target).max()) for share, target in zip(shares, targets, strict=True)), default=0.0
        )
        if difference <= recipe.precision:
            break
    effect = float(n * (weights**2).sum() / weights.sum() ** 2) if n else 1.0
    bounds = (weights <= recipe.least_weight * (1 + 1e-9)) | (weights >= recipe.most_weight * (1 - 1e-9))
    every = np.ones(len(known))
    every[known] = weights
    found = Diagnostics(
        n=n,
        converged=difference <= recipe.precision,
        rounds=rounds,
        largest_difference=difference,
        design_effect=effect,
        effective=n / effect,
        least=float(weights.min(initial=1.0)),
        most=float(weights.max(initial=1.0)),
        trimmed=int(bounds.sum()),
        merged=merged,
        unknown=int((~known).sum()),
    )
    return Weights(recipe, pl.Series("weight", every), found)


def _trim(weights: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Scale weights to mean 1 and trim them to both bounds; bisection finds the factor."""
    low, high = 0.0, recipe.most_weight / max(float(weights.min(initial=1.0)), 1e-12)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if np.clip(weights * middle, recipe.least_weight, recipe.most_weight).mean() < 1:
            low = middle
        else:
            high = middle
    return np.clip(weights * high, recipe.least_weight, recipe.most_weight)


def read_margins(path: Path, data: Responses | None = None) -> dict[str, dict[str, float]]:
    """Read margins from a CSV file with the columns `variable`, `value` and `size`.

    Args: data: the responses to weight, to check columns and values; None for no check.

    Raises:
        ValueError: a column is missing, a size is not a number, a value occurs twice, or `data` lack a column or value.
    """
    found: dict[str, dict[str, float]] = {}
    for line, row in read_rows(path):
        if not {"variable", "value", "size"} <= row.keys():
            raise ValueError("The file of margins needs the columns variable, value and size.")
        variable, value = row["variable"], row["value"]
        sizes = found.setdefault(variable, {})
        try:
            if value in sizes:
                raise ValueError(f"{variable} has the value {value} twice.")
            if data:
                _check_value(data, variable, value)
            sizes[value] = read_number(row["size"])
        except ValueError as error:
            raise ValueError(f"{path.name}, line {line}: {error}") from None
    return found


def _check_value(data: Responses, variable: str, value: str) -> None:
    """Raise ValueError for a value of a column with codes that is none of its codes and that no response has."""
    _check_column(data, variable)
    info = data.variables.get(variable)
    codes = [str(code["code"]) for code in info.codes] if info else []
    known = {*codes, *data.frame[variable].cast(pl.String).fill_null("")}
    if codes and value not in known:
        raise ValueError(f"{variable} has no value '{value}'. Known: {join_names(sorted(known))}.")


def _check_column(data: Responses, column: str) -> None:
    if column not in data.frame.columns:
        raise ValueError(f"There is no column {column} to weight by.")

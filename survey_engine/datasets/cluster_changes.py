"""Comparison of the clusters of two editions: do the items of a cluster still belong together? Needs the extra `data`.

Input are two files `clusters.csv` of `survey-engine scores`, which show no small groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import polars as pl

from survey_engine.datasets.pictures import WIDTH
from survey_engine.datasets.report_page import Dot, Picture, ReportPage, ReportSection, format_figure

COLUMN_TYPES: Mapping[str, type[pl.DataType]] = {
    **{"cluster": pl.String, "set": pl.Int64, "item": pl.String, "reverse": pl.Boolean, "n": pl.Int64},
    **dict.fromkeys(("alpha", "omega", "loading"), pl.Float64),
}
"""Columns of a clusters.csv, without the remark, which those of an older release do not have."""
_EQUAL, _SIMILAR = 0.95, 0.85
"""Minimum congruence of equal factors, and of fairly similar ones (Lorenzo-Seva and ten Berge 2006)."""
_MOVED_LOADING = 0.2
"""Difference in the loading of an item from which it is reported (our proposal): congruence hides a change of one item."""
_FEW_ITEMS = 3
"""Number of common items that a congruence needs."""


@dataclass(frozen=True, slots=True)
class ItemSet:
    """Items that were asked together, in one edition."""

    cluster: str
    loadings: Mapping[str, float | None]
    """Item → loading; None if the set has no figures."""
    reverse: Mapping[str, bool]
    n: int | None
    alpha: float | None
    omega: float | None


@dataclass(frozen=True, slots=True)
class SetChange:
    """A set and the earlier set with the most items in common; one of the two can be missing."""

    before: ItemSet | None
    now: ItemSet | None

    @property
    def cluster(self) -> str:
        return (self.now or self.before or _NOTHING).cluster

    @property
    def congruence(self) -> float | None:
        """Tucker's congruence of the loadings of common items: Σxy / √(Σx² · Σy²) (Tucker 1951)."""
        before, now = (each.loadings if each else {} for each in (self.before, self.now))
        pairs = [(x, y) for item in now if (x := before.get(item)) is not None and (y := now[item]) is not None]
        squares = sum(x * x for x, _ in pairs) * sum(y * y for _, y in pairs)
        return sum(x * y for x, y in pairs) / sqrt(squares) if len(pairs) >= _FEW_ITEMS and squares else None

    @property
    def verdict(self) -> str:
        if self.before is None or self.now is None:
            return "only in this edition" if self.now else "only in the earlier edition"
        if self.congruence is None:
            return "too few items in common, or figures that are withheld"
        return "holds" if self.congruence >= _EQUAL else "fairly similar" if self.congruence >= _SIMILAR else "differs"

    def list_items(self) -> list[str]:
        """List the items of this edition, then those that only the earlier one had."""
        return list(dict.fromkeys([*(self.now.loadings if self.now else ()), *(self.before.loadings if self.before else ())]))

    def describe_item(self, item: str) -> str:
        """Return what changed about an item; empty if nothing changed."""
        if self.before is None or self.now is None:
            return ""
        if item not in self.before.loadings:
            return "added"
        if item not in self.now.loadings:
            return "removed"
        if self.before.reverse[item] != self.now.reverse[item]:
            return "turned"
        moved = _subtract(self.now.loadings[item], self.before.loadings[item]) or 0.0
        return "" if abs(moved) < _MOVED_LOADING else "loads more" if moved > 0 else "loads less"


_NOTHING = ItemSet("", {}, {}, None, None, None)


def read_clusters(path: Path) -> pl.DataFrame:
    """Read a clusters.csv.

    Raises:
        ValueError: it is another file.
    """
    try:
        found = pl.read_csv(path, schema_overrides=COLUMN_TYPES)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        found = pl.DataFrame()
    if found.columns not in (list(COLUMN_TYPES), [*COLUMN_TYPES, "remark"]):
        raise ValueError(f"{path} is not a clusters.csv of `survey-engine scores`.")
    return found


def compare_clusters(before: pl.DataFrame, now: pl.DataFrame) -> list[SetChange]:
    """Compare the sets of each cluster, in the order of this edition. Sets that only the earlier edition has come last."""
    earlier, changes = list(_iter_sets(before)), []
    for each in _iter_sets(now):
        known = [other for other in earlier if other.cluster == each.cluster and other.loadings.keys() & each.loadings.keys()]
        nearest = max(known, key=lambda other: (len(other.loadings.keys() & each.loadings.keys()), other.n or 0), default=None)
        changes.append(SetChange(nearest, each))
    matched = {id(change.before) for change in changes}
    return [*changes, *(SetChange(other, None) for other in earlier if id(other) not in matched)]


def _iter_sets(clusters: pl.DataFrame) -> Iterator[ItemSet]:
    for (cluster, _), rows in clusters.group_by("cluster", "set", maintain_order=True):
        n, alpha, omega = rows.select("n", "alpha", "omega").row(0)
        reverse = dict(rows.select("item", "reverse").iter_rows())
        yield ItemSet(str(cluster), dict(rows.select("item", "loading").iter_rows()), reverse, n, alpha, omega)


def tabulate_changes(changes: Sequence[SetChange]) -> pl.DataFrame:
    """Return a row per set and item, with the figures of both editions side by side, and their differences."""
    rows: list[dict[str, object]] = []
    for number, change in enumerate(changes, 1):
        before, now = change.before or _NOTHING, change.now or _NOTHING
        figures = {"n": (before.n, now.n), "alpha": (before.alpha, now.alpha), "omega": (before.omega, now.omega)}
        for item in change.list_items():
            row: dict[str, object] = {
                "cluster": change.cluster,
                "set": number,
                "item": item,
                "change": change.describe_item(item),
            }
            for name, (old, new) in {**figures, "loading": (before.loadings.get(item), now.loadings.get(item))}.items():
                difference = {} if name == "n" else {f"{name}_difference": _subtract(new, old)}
                row |= {f"{name}_before": old, name: new, **difference}
            rows.append({**row, "congruence": change.congruence, "verdict": change.verdict})
    return pl.DataFrame(rows, infer_schema_length=None)


def _subtract(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else new - old


def build_changes_page(changes: Sequence[SetChange], title: str, earlier: str) -> ReportPage:
    """Return the page: a table per set, with a picture of the loadings of each item."""
    notes = (
        f"The earlier edition is “{earlier}”. A cluster is the items that share an indicator; a set is those that were asked together.",
        f"Congruence (Tucker) compares the loadings of the common items: from {_EQUAL} on the cluster holds, from {_SIMILAR} on it is "
        "fairly similar, below that it differs. It needs three common items. Reversed items are turned.",
        "In pictures, the circle is the earlier loading and the dot is this one, from 0 to 1. A dash is a figure that is withheld, or that "
        "an edition does not have.",
    )
    return ReportPage("Do the clusters still hold?", title, notes, [_draw_set(change) for change in changes])


def _draw_set(change: SetChange) -> ReportSection:
    before, now = change.before or _NOTHING, change.now or _NOTHING
    figures = ", ".join(
        f"{name} {format_figure(old, digits)} → {format_figure(new, digits)}"
        for name, old, new, digits in (
            ("n", before.n, now.n, 0),
            ("alpha", before.alpha, now.alpha, 2),
            ("omega", before.omega, now.omega, 2),
        )
    )
    notes = (f"{change.verdict.capitalize()}. Congruence {format_figure(change.congruence)}; {figures}.",)
    rows = []
    for item in change.list_items():
        old, new = before.loadings.get(item), now.loadings.get(item)
        marks = [Dot(_place(each), hollow) for each, hollow in ((old, True), (new, False)) if each is not None]
        text = f"{item}: {format_figure(old)} before, {format_figure(new)} now"
        numbers = (format_figure(old), format_figure(new), format_figure(_subtract(new, old), signed=True))
        rows.append((item, Picture(text, marks=marks), *numbers, change.describe_item(item)))
    return ReportSection(change.cluster, ("Item", "Loading", "Before", "Now", "Difference", "Change"), rows, notes, numbers=2)


def _place(loading: float) -> float:
    return min(max(loading, 0.0), 1.0) * WIDTH

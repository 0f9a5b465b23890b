"""Counts of modules, arms, languages and channels. Small counts are withheld. Needs the extra `data`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from survey_engine.datasets.codebook import MODULE_REASONS
from survey_engine.datasets.disclosure import GroupValues, choose_small
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.table_suppression import choose_withheld, count_groups


def list_module_columns(data: Responses) -> list[str]:
    """List the columns with the reason why a response has a module."""
    reasons = set(MODULE_REASONS)
    return [name for name, each in data.variables.items() if not each.page and {code["code"] for code in each.codes} == reasons]


def list_arm_columns(data: Responses) -> list[str]:
    """List the columns with the arm of an experiment."""
    return [name for name, each in data.variables.items() if name.startswith("experiment_") and not each.page and each.codes]


def count_modules(data: Responses, least: int = 5) -> pl.DataFrame:
    """Return per module and reason the number of responses, and the number of institutions with such responses.

    The modules of one draw are one table with known totals: each response gets a known number of them.
    """
    names = list_module_columns(data)
    withheld: set[GroupValues] = set()
    for draw in dict.fromkeys(data.variables[name].draw for name in names):
        drawn = [name for name in names if data.variables[name].draw == draw]
        counts: dict[GroupValues, int] = {
            (name, code): n for name in drawn for (code,), n in count_groups(data.frame, [name]).items()
        }
        withheld |= choose_withheld(counts, least).groups
    return _count_codes(data, dict.fromkeys(names, MODULE_REASONS), ("module", "reason"), withheld)


def count_arms(data: Responses, least: int = 5) -> pl.DataFrame:
    """Return per arm of each experiment the number of responses, and the number of institutions with such responses."""
    arms = {
        name: {str(code["code"]): str(code["code"]) for code in data.variables[name].codes} for name in list_arm_columns(data)
    }
    withheld = {(name, *code) for name in arms for code in choose_small(count_groups(data.frame, [name]), least)}
    return _count_codes(data, arms, ("experiment", "arm"), withheld)


def _count_codes(
    data: Responses,
    codes_by_column: Mapping[str, Mapping[str, str]],
    headings: tuple[str, str],
    withheld: Collection[GroupValues],
) -> pl.DataFrame:
    """Count institutions and responses of each code; `headings` are those of the label of a column and of its codes."""
    institution = data.find_fixed("institution")
    rows: list[tuple[object, ...]] = []
    for name, codes in codes_by_column.items():
        counts = count_groups(data.frame, [name])
        found = data.frame.group_by(name).agg(pl.col(institution).n_unique().alias("institutions "))
        institutions = dict(found.iter_rows())
        for code, label in codes.items():
            hidden = (name, code) in withheld
            numbers = (None, None) if hidden else (institutions.get(code, 0), counts.get((code,), 0))
            rows.append((name, data.label(name), label, *numbers, hidden))
    names = {"column": pl.String, **dict.fromkeys(headings, pl.String), "institutions": pl.Int64, "responses": pl.Int64}
    return pl.DataFrame(rows, {**names, "withheld": pl.Boolean}, orient="row")


def count_values(data: Responses, column: str, by: Sequence[str] = (), least: int = 5) -> pl.DataFrame:
    """Return the number of responses per value of a fixed column, such as `language` or `channel`, in each group."""
    column = data.find_fixed(column)
    counts = count_groups(data.frame.select(*by, column), [*by, column])
    withheld = choose_withheld(counts, least).groups
    rows = [(*group, None if group in withheld else count, group in withheld) for group, count in counts.items()]
    schema = {name: data.frame.schema[name] for name in (*by, column)}
    return pl.DataFrame(rows, {**schema, "responses": pl.Int64, "withheld": pl.Boolean}, orient="row")

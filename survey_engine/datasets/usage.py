"""How often modules were chosen and drawn, arms drawn, languages and channels used. Small numbers are withheld. Needs `data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from survey_engine.datasets.benchmark import find_institution_column
from survey_engine.datasets.codebook import MODULE_REASONS
from survey_engine.datasets.disclosure import choose_small
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.table_suppression import choose_withheld, count_groups


def list_module_columns(data: Responses) -> list[str]:
    """List the columns with the reason why a response has a module."""
    reasons = set(MODULE_REASONS)
    return [name for name, each in data.variables.items() if not each.page and {code["code"] for code in each.codes} == reasons]


def count_modules(data: Responses, least: int = 5) -> pl.DataFrame:
    """Return per module and reason the number of institutions with such responses, and of responses."""
    return _count_codes(data, dict.fromkeys(list_module_columns(data), MODULE_REASONS), ("module", "reason"), least)


def count_arms(data: Responses, least: int = 5) -> pl.DataFrame:
    """Return per arm of each experiment the number of institutions with such responses, and of responses."""
    found = {name: each for name, each in data.variables.items() if name.startswith("experiment_") and not each.page}
    arms = {name: {str(code["code"]): str(code["code"]) for code in each.codes} for name, each in found.items() if each.codes}
    return _count_codes(data, arms, ("experiment", "arm"), least)


def _count_codes(
    data: Responses, codes_by_column: Mapping[str, Mapping[str, str]], headings: tuple[str, str], least: int
) -> pl.DataFrame:
    """Count institutions and responses of each code; `headings` are those of the label of a column and of its codes."""
    institution = find_institution_column(data)
    rows: list[tuple[object, ...]] = []
    for name, codes in codes_by_column.items():
        counts = count_groups(data.frame, [name])
        withheld = choose_small(counts, least)
        found = data.frame.group_by(name).agg(pl.col(institution).n_unique().alias("institutions "))
        institutions = dict(found.iter_rows())
        for code, label in codes.items():
            hidden = (code,) in withheld
            numbers = (None, None) if hidden else (institutions.get(code, 0), counts.get((code,), 0))
            rows.append((name, data.label(name), label, *numbers, hidden))
    names = {"column": pl.String, **dict.fromkeys(headings, pl.String), "institutions": pl.Int64, "responses": pl.Int64}
    return pl.DataFrame(rows, {**names, "withheld": pl.Boolean}, orient="row")


def count_values(data: Responses, column: str, by: Sequence[str] = (), least: int = 5) -> pl.DataFrame:
    """Return the number of responses per value of a fixed column, such as `language` or `channel`, in each group."""
    column = next(name for name in (f"{column}_", column) if name in data.variables)
    counts = count_groups(data.frame.select(*by, column), [*by, column])
    withheld = choose_withheld(counts, least).groups
    rows = [(*group, None if group in withheld else count, group in withheld) for group, count in counts.items()]
    schema = {name: data.frame.schema[name] for name in (*by, column)}
    return pl.DataFrame(rows, {**schema, "responses": pl.Int64, "withheld": pl.Boolean}, orient="row")

"""Figures of all other institutions together, to compare one with; only large groups. Needs the extra `data`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from survey_engine.datasets.disclosure import choose_small
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.scores import measure_satisfaction
from survey_engine.datasets.table_suppression import Grouping

LEAST_INSTITUTIONS = 3
"""Other institutions that a group needs: each of two could compute the other's figures."""


class FewInstitutionsError(ValueError):
    """A benchmark would be about one or two institutions."""

    def __init__(self, institution: str, others: int) -> None:
        super().__init__(
            f"Beside {institution} there are {others} institutions with responses; a benchmark needs {LEAST_INSTITUTIONS}."
        )


def find_institution_column(data: Responses) -> str:
    """Return the column of the institution; a question of the same name has taken `institution` if there is `institution_`."""
    return next(name for name in ("institution_", "institution") if name in data.variables)


def list_institutions(data: Responses) -> list[str]:
    return data.frame[find_institution_column(data)].unique().sort().to_list()


def keep_others(data: Responses, institution: str, by: Sequence[str] = ()) -> Responses:
    """Return the responses of all other institutions, in the groups and of the questions with enough institutions.

    So local questions are left out.

    Raises:
        FewInstitutionsError: there are too few other institutions.
    """
    column = find_institution_column(data)
    frame = data.frame.filter(pl.col(column) != institution)
    others = frame[column].n_unique()
    if others < LEAST_INSTITUTIONS:
        raise FewInstitutionsError(institution, others)
    kept = frame.filter(pl.col(column).n_unique().over(by) >= LEAST_INSTITUTIONS) if by else frame
    questions = [name for name, variable in data.variables.items() if variable.page]
    valid = replace(data, frame=kept).valid(*questions).with_columns(kept[column].alias("institution "))
    asking = valid.select(pl.col("institution ").filter(pl.col(name).is_not_null()).n_unique().alias(name) for name in questions)
    few = {name for name, count in asking.row(0, named=True).items() if count < LEAST_INSTITUTIONS}
    return replace(data, frame=kept, variables={name: each for name, each in data.variables.items() if name not in few})


def measure_benchmark(data: Responses, institution: str, grouping: Grouping) -> pl.DataFrame:
    """Return the measures of satisfaction of all other institutions together, per item and group."""
    return measure_satisfaction(keep_others(data, institution, grouping.by), grouping)


def measure_shares(data: Responses, institution: str, grouping: Grouping) -> pl.DataFrame:
    """Return the share of each code in the valid answers of all other institutions, for questions with codes.

    A row has no share if fewer than the least number gave this answer, or if it would reveal another share.
    """
    others = keep_others(data, institution)
    rows: list[tuple[object, ...]] = []
    for name, variable in others.variables.items():
        if not variable.codes or not variable.page:
            continue
        counts = dict(others.valid(name)[name].drop_nulls().cast(pl.String).value_counts().iter_rows())
        n = sum(counts.values())
        least = grouping.find_least(sensitive=bool(variable.sensitive))
        withheld = {*counts} if n < least else choose_small(counts, least)
        for code, label in others.code_labels(name).items():
            if code not in variable.missing.values():
                count = counts.get(str(code), 0)
                is_shown = n >= least and str(code) not in withheld
                rows.append((name, str(code), label, n if n >= least else None, count / n if is_shown else None, not is_shown))
    names = {"column": pl.String, "code": pl.String, "label": pl.String, "n": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(rows, {**names, "withheld": pl.Boolean}, orient="row")

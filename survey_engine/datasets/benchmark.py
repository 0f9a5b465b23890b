"""Figures of all institutions together, one table for all of them; only large groups. Needs the extra `data`.

A table per institution, of all others, would reveal an institution to readers of two tables: each is the total minus one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from survey_engine.datasets.disclosure import LEAST_INSTITUTIONS, Group, choose_small, count_seen, is_small
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.satisfaction import MEASURES
from survey_engine.datasets.scores import list_scales, measure_satisfaction
from survey_engine.datasets.table_suppression import Grouping, choose_withheld
from survey_engine.language.question_types.consent import VERSION

OUTSIDE = 0
"""Code of "does not apply" where codes are withheld."""
SHARES = {"share_4_5": {4, 5}, "share_3": {3}, "share_1_2": {1, 2}}
"""Measure that is the share of some codes → these codes."""


class FewInstitutionsError(ValueError):
    """A benchmark would be about too few institutions."""

    def __init__(self, counted: int, least: int) -> None:
        super().__init__(f"{counted} institutions have at least {least} responses; a benchmark needs {LEAST_INSTITUTIONS}.")


def find_institution_column(data: Responses) -> str:
    """Return the column of the institution; a question of the same name has taken `institution` if there is `institution_`."""
    return next(name for name in ("institution_", "institution") if name in data.variables)


def list_counted(data: Responses, grouping: Grouping) -> pl.DataFrame:
    """Return institution, whether its responses are counted, and the reason why not; no numbers of responses."""
    least = grouping.find_least()
    sizes = data.frame.group_by(pl.col(find_institution_column(data)).alias("institution")).len().sort("institution")
    counted = pl.col("len") >= least
    reason = pl.when(~counted).then(pl.lit(f"fewer than {least} responses")).otherwise(pl.lit(""))
    return sizes.select("institution", counted.alias("counted"), reason.alias("reason"))


def keep_counted(data: Responses, grouping: Grouping) -> Responses:
    """Return the responses of large institutions, and the questions that enough of them answered.

    An institution with fewer than the least number of answers to a question has null there.

    Raises:
        FewInstitutionsError: there are too few institutions.
    """
    column = find_institution_column(data)
    counted = list_counted(data, grouping).filter("counted")["institution"]
    if len(counted) < LEAST_INSTITUTIONS:
        raise FewInstitutionsError(len(counted), grouping.find_least())
    frame = data.frame.filter(pl.col(column).is_in(counted.implode()))
    questions = [name for name, each in data.variables.items() if each.page and not name.endswith(VERSION)]
    valid = replace(data, frame=frame).valid(*questions).with_columns(frame[column].alias("institution "))
    large = valid.select(
        pl.col(name).count().over("institution ") >= grouping.find_least(sensitive=bool(data.variables[name].sensitive))
        for name in questions
    )
    asking = large.select(pl.lit(frame[column]).filter(pl.col(name)).n_unique().alias(name) for name in questions)
    enough = {name for name, count in asking.row(0, named=True).items() if count >= LEAST_INSTITUTIONS} if questions else set()
    kept = frame.with_columns(pl.when(large[name]).then(pl.col(name)).alias(name) for name in questions if name in enough)
    variables = {name: each for name, each in data.variables.items() if not each.page or name in enough}
    return replace(data, frame=kept, variables=variables)


def measure_benchmark(data: Responses, grouping: Grouping) -> pl.DataFrame:
    """Return the measures of satisfaction of all institutions together, per item and group.

    Mean, its margin and the shares of five codes determine each other: of a group in which a code is withheld, here or in
    `measure_shares`, only the shares are shown that have all withheld codes, or none. It is then marked as withheld.
    """
    counted = keep_counted(data, grouping)
    grouping = replace(grouping, sensitive=data.is_sensitive(*grouping.by))
    measured = measure_satisfaction(counted, grouping, institution=find_institution_column(data))
    frame = grouping.generalise(counted.frame)
    hidden = {name: _find_hidden(counted, frame, name, grouping) for name in list_scales(counted)}
    rows = []
    for row in measured.iter_rows(named=True):
        codes = hidden[row["item"]].get(tuple(row[name] for name in grouping.by), set())
        blank = [] if row["withheld"] else [name for name in MEASURES if _is_revealing(name, codes)]
        rows.append({**row, **dict.fromkeys(blank), "withheld": row["withheld"] or bool(blank)})
    return pl.DataFrame(rows, measured.schema)


def _is_revealing(measure: str, hidden: Collection[int]) -> bool:
    """Whether a measure, with those that are shown, would reveal the share of a withheld code; 0 is "does not apply"."""
    scale = {*hidden} - {OUTSIDE}
    if measure == "share_not_applicable":
        return OUTSIDE in hidden
    if measure in SHARES:
        return bool(scale & SHARES[measure]) and not scale <= SHARES[measure]
    return measure != "margin_of_share" and bool(scale)


def _find_hidden(counted: Responses, frame: pl.DataFrame, name: str, grouping: Grouping) -> dict[Group, set[int]]:
    """Return group → codes of an item that are withheld there, those of all groups together among them."""
    place, variable = find_institution_column(counted), counted.variables[name]
    least = grouping.find_least(sensitive=bool(variable.sensitive))
    is_outside = pl.col(name) == variable.missing.get("does_not_apply", OUTSIDE)
    code = pl.when(is_outside).then(OUTSIDE).otherwise(pl.col(name)).alias("code ")
    answers = frame.select(*grouping.by, pl.col(place).alias("place "), code).filter(pl.col("code ").is_between(OUTSIDE, 5))
    total = _count_seen(answers, ["code "])
    cells = _count_seen(answers, [*grouping.by, "code "])
    scale = {cell: count for cell, count in cells.items() if cell[-1] != OUTSIDE}
    withheld = choose_withheld(scale, least)
    always = choose_small({cell: count for cell, count in total.items() if cell[-1] != OUTSIDE}, least)
    hidden: dict[Group, set[int]] = {}
    for *group, number in cells:
        codes = hidden.setdefault(tuple(group), {cell[0] for cell in always})
        if withheld.totals or (*group, number) in withheld.groups or is_small(cells[*group, number], least):
            codes.add(number)
    return hidden


def _count_seen(answers: pl.DataFrame, by: Sequence[str]) -> dict[tuple[Any, ...], int]:
    """Return the values of the columns → the number of answers that an institution sees at least of all others."""
    counts: dict[tuple[Any, ...], list[int]] = {}
    for *cell, _, count in answers.group_by(*by, "place ").len().iter_rows():
        counts.setdefault(tuple(cell), []).append(count)
    return {cell: count_seen(found) for cell, found in sorted(counts.items(), key=str)}


def measure_shares(data: Responses, grouping: Grouping) -> pl.DataFrame:
    """Return the share of each code in the valid answers of all institutions together, for questions with codes.

    A row has no share if few answers, or few institutions, would be left for one who knows those of an institution, or if it
    would reveal another share.
    """
    counted = keep_counted(data, grouping)
    place = find_institution_column(data)
    rows: list[tuple[object, ...]] = []
    for name, variable in counted.variables.items():
        if not variable.codes or not variable.page:
            continue
        answers = counted.valid(name).select(pl.col(name).cast(pl.String).alias("code "), counted.frame[place].alias("place "))
        found: dict[str, list[int]] = {}
        for code, _, count in answers.drop_nulls().group_by("code ", "place ").len().iter_rows():
            found.setdefault(code, []).append(count)
        n = sum(map(sum, found.values()))
        least = grouping.find_least(sensitive=bool(variable.sensitive))
        withheld = choose_small({code: count_seen(counts) for code, counts in found.items()}, least)
        for code, label in counted.code_labels(name).items():
            if code not in variable.missing.values():
                is_shown = str(code) not in withheld
                rows.append((name, str(code), label, n, sum(found.get(str(code), ())) / n if is_shown else None, not is_shown))
    names = {"column": pl.String, "code": pl.String, "label": pl.String, "n": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(rows, {**names, "withheld": pl.Boolean}, orient="row")

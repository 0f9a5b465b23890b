"""Figures of all institutions together, in one table that all institutions get. Only large groups have figures. Needs the extra `data`.

A table of all other institutions for each institution would reveal institutions: two such tables differ by two institutions only.
Responses of small institutions are counted too: otherwise the codebook minus the benchmark would be their answers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import polars as pl

from survey_engine.datasets.disclosure import LEAST_INSTITUTIONS, choose_counts, choose_small, count_seen
from survey_engine.datasets.frequencies import UNANSWERED
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.scores import measure_satisfaction
from survey_engine.datasets.table_suppression import Grouping
from survey_engine.language.question_types.consent import VERSION_SUFFIX


class FewInstitutionsError(ValueError):
    """A benchmark would be about too few institutions."""

    def __init__(self, large: int, least: int) -> None:
        super().__init__(f"{large} institutions have at least {least} responses; a benchmark needs {LEAST_INSTITUTIONS}.")


def keep_comparable(data: Responses, grouping: Grouping) -> Responses:
    """Return the responses with only those questions that have the least number of answers at LEAST_INSTITUTIONS institutions.

    Raises:
        FewInstitutionsError: too few institutions have the least number of responses.
    """
    column, least = data.find_fixed("institution"), grouping.find_least()
    large = int((data.frame[column].value_counts()["count"] >= least).sum())
    if large < LEAST_INSTITUTIONS:
        raise FewInstitutionsError(large, least)
    questions = [name for name, each in data.variables.items() if each.page and not name.endswith(VERSION_SUFFIX)]
    answered = data.valid(*questions).group_by(data.frame[column].alias("institution ")).agg(pl.col(questions).count())
    needed = {name: grouping.find_least(sensitive=bool(data.variables[name].sensitive)) for name in questions}
    enough = {name for name in questions if (answered[name] >= needed[name]).sum() >= LEAST_INSTITUTIONS}
    return replace(data, variables={name: each for name, each in data.variables.items() if not each.page or name in enough})


def measure_benchmark(data: Responses, grouping: Grouping) -> pl.DataFrame:
    """Return the measures of satisfaction of all institutions together, per item and group."""
    return measure_satisfaction(keep_comparable(data, grouping), grouping, institution=data.find_fixed("institution"))


def measure_shares(data: Responses, grouping: Grouping) -> pl.DataFrame:
    """Return the share of each code in the valid answers of all institutions together, for questions with codes.

    A share is withheld if an institution could subtract its own answers and see those of few others or of few institutions, or if
    the share would reveal another withheld one. Counts that the codebook withholds are withheld here, too.
    """
    comparable = keep_comparable(data, grouping)
    place = pl.col(data.find_fixed("institution")).alias("place ")
    rows: list[tuple[object, ...]] = []
    for name, variable in comparable.variables.items():
        if not variable.codes or not variable.page:
            continue
        found = data.frame.select(pl.col(name).cast(pl.String).alias("code "), place).drop_nulls()
        numbers: dict[str, list[int]] = {}
        for code, _, count in found.group_by("code ", "place ").len().iter_rows():
            numbers.setdefault(code, []).append(count)
        reasons = {str(code): reason for reason, code in variable.missing.items()}
        missing = Counter({code: sum(numbers.pop(code)) for code in reasons if code in numbers})
        answered = {code: sum(counts) for code, counts in numbers.items()}
        least = grouping.find_least(sensitive=bool(variable.sensitive))
        chosen = choose_counts(answered, missing, [code for code, why in reasons.items() if why in UNANSWERED], least)
        withheld = chosen.withheld | choose_small({code: count_seen(counts) for code, counts in numbers.items()}, least)
        n = None if chosen.hides_valid else sum(answered.values())
        for code, label in comparable.code_labels(name).items():
            if str(code) not in reasons:
                is_shown = n is not None and str(code) not in withheld
                share = answered.get(str(code), 0) / n if n and is_shown else None
                rows.append((name, str(code), label, n, share, not is_shown))
    names = {"column": pl.String, "code": pl.String, "label": pl.String, "n": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(rows, {**names, "withheld": pl.Boolean}, orient="row")

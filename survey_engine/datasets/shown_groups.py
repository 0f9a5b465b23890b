"""Counts of the groups that tables show, for the comparison with other releases. Needs the extra `data`.

A new table needs a function here that adds its groups to `ReleasedGroups`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from survey_engine.datasets.disclosure import GroupValues
from survey_engine.datasets.experiments import Effect
from survey_engine.datasets.quality import count_outcomes
from survey_engine.datasets.reading import Responses
from survey_engine.datasets.released_groups import OUTSIDE_CODES, Counts, ReleasedGroups
from survey_engine.datasets.table_suppression import Grouping, count_groups
from survey_engine.datasets.usage import list_arm_columns, list_module_columns


def add_satisfaction(groups: ReleasedGroups, data: Responses, grouping: Grouping, table: pl.DataFrame) -> None:
    """Add the answers to the items of `measure_satisfaction`. In its table, a withheld group has no `n`."""
    grouping = replace(grouping, sensitive=data.is_sensitive(*grouping.by))
    frame = grouping.generalise(data.frame)
    for (name,), rows in table.group_by("item") if table.height else ():
        item = str(name)
        least = grouping.find_least(sensitive=bool(data.variables[item].sensitive))
        withheld = [tuple(row[column] for column in grouping.by) for row in rows.iter_rows(named=True) if row["n"] is None]
        groups.add(item, _name_columns(data, grouping.by), _count_answers(data, frame, item, grouping.by), least, withheld)


def add_shares(groups: ReleasedGroups, data: Responses, grouping: Grouping, table: pl.DataFrame) -> None:
    """Add the answers to the questions of `measure_shares`."""
    for name in table.filter(pl.col("n").is_not_null())["column"].unique():
        least = grouping.find_least(sensitive=bool(data.variables[name].sensitive))
        groups.add(name, (), _count_answers(data, data.frame, name, ()), least)


def add_clusters(groups: ReleasedGroups, grouping: Grouping, table: pl.DataFrame) -> None:
    """Add the number of responses of each set of items in `summarise_clusters`."""
    shown = table.drop_nulls("n").group_by("cluster", "set").agg("item", pl.col("n").first())
    for cluster, _, items, n in shown.iter_rows():
        groups.add(f"{cluster} ({', '.join(items)})", (), {(): {"n": n}}, grouping.find_least())


def group_outcomes(data: Responses, flags: pl.DataFrame, by: Sequence[str], table: pl.DataFrame, least: int) -> ReleasedGroups:
    """Return the groups of `report_rules`: counts of responses by outcome of each rule. The table protects each outcome."""
    groups = ReleasedGroups(codes=True)
    withheld = set(table.filter(pl.col("responses").is_null()).select("rule", *by).iter_rows())
    for rule, counts in count_outcomes(data, flags, by):
        numbers: dict[GroupValues, Counter[str]] = {}
        for (*group, outcome), count in counts.items():
            numbers.setdefault(tuple(group), Counter())[str(outcome)] = count
        groups.add(rule, _name_columns(data, by), numbers, least, [group for group in numbers if (rule, *group) in withheld])
    return groups


def add_modules_and_arms(groups: ReleasedGroups, data: Responses, tables: Iterable[pl.DataFrame], least: int) -> None:
    """Add the responses with each module and each arm."""
    withheld = {name for table in tables for name in table.filter("withheld")["column"]}
    for name in (*list_module_columns(data), *list_arm_columns(data)):
        if name not in withheld:
            groups.add("", (name,), _count_rows(data.frame, (name,)), least)


def add_arms(groups: ReleasedGroups, data: Responses, experiment: str, effects: Iterable[Effect], least: int) -> None:
    """Add the responses of each arm of `measure_effects`."""
    withheld = {(each.arm,) for each in effects if each.n is None}
    groups.add("", (experiment,), _count_rows(data.frame.drop_nulls(experiment), (experiment,)), least, withheld)


def add_values(groups: ReleasedGroups, data: Responses, table: pl.DataFrame, least: int) -> None:
    """Add the responses in each group of `count_values`."""
    columns = table.columns[:-2]
    withheld = set(table.filter("withheld").select(columns).iter_rows())
    groups.add("", _name_columns(data, columns), _count_rows(data.frame, columns), least, withheld)


def _name_columns(data: Responses, columns: Iterable[str]) -> list[str]:
    """Return the columns with one name for that of the institution."""
    institution = data.find_fixed("institution")
    return ["institution" if name == institution else name for name in columns]


def _count_rows(frame: pl.DataFrame, columns: Sequence[str]) -> Mapping[GroupValues, Counts]:
    return {group: {"n": count} for group, count in count_groups(frame.select(columns), list(columns)).items()}


def _count_answers(data: Responses, frame: pl.DataFrame, name: str, by: Sequence[str]) -> Mapping[GroupValues, Counts]:
    """Return group → number of its answers by code."""
    variable = data.variables[name]
    missing, outside = set(map(str, variable.missing.values())), set(map(str, variable.outside))
    counts: dict[GroupValues, Counter[str]] = {}
    for *group, code, count in frame.group_by(*by, pl.col(name).cast(pl.String).alias("code ")).len().iter_rows():
        if code in outside:
            counts.setdefault(tuple(group), Counter())[OUTSIDE_CODES] += count
        elif code and code not in missing:
            counts.setdefault(tuple(group), Counter())[code] = count
    return counts

"""Compares the counts of a file with those of last year's file: what only the institution can know is made visible."""

from __future__ import annotations

from collections import Counter

from survey_engine.fieldwork.rosters.examination import Examination

_FEWEST = 20
"""Smallest number of rows, in one of the years, for which a change is reported."""
_MOST_VALUES = 200
"""Largest number of different values of a column that is compared."""


def compare_years(examination: Examination, previous: Examination) -> None:
    """Add a finding for each number of rows that changed by `jump` percent or more: of institutions, and of values as a share of all."""
    columns = {name: (counts, previous.values[name]) for name, counts in examination.values.items() if name in previous.values}
    place = next(iter(examination.definition.iter_kind("institution")), "institution")
    _compare(examination, place, examination.institutions, previous.institutions, 1.0)
    growth = examination.rows / previous.rows if previous.rows else 1.0
    for name, (now, before) in columns.items():
        if len(now | before) <= _MOST_VALUES:
            _compare(examination, name, now, before, growth)


def _compare(examination: Examination, name: str, now: Counter[str], before: Counter[str], growth: float) -> None:
    """Args: growth: factor by which all rows together grew, which is no jump of one value."""
    limit = examination.definition.jump / 100
    for value in sorted(now.keys() | before.keys()):
        expected = before[value] * growth
        if max(now[value], before[value]) >= _FEWEST and abs(now[value] - expected) >= limit * max(expected, 1):
            shown = f"'{value}'" if value else "empty"
            text = f"{shown}: {now[value]} rows, {before[value]} last year. See whether this is right."
            examination.findings.add(0, "jump", name, value, text)

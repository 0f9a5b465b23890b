"""Ranges and units of the answers to a question, and how versions of the questionnaire differ in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from survey_engine.datasets.columns import Column
from survey_engine.datasets.labels import Labels, read_labels
from survey_engine.model.questionnaire import Questionnaire

Range: TypeAlias = tuple[int | str | None, int | str | None]
"""Lowest and highest value: numbers, or dates in ISO format; None for values without an order."""
NO_UNIT, _MINUS = "(no unit)", "\N{MINUS SIGN}"


def format_range(low: int | str | None, high: int | str | None) -> str:
    """Return a range in words, empty if there is none. Minus signs are no hyphens, which a spreadsheet takes for a formula.

    >>> format_range(-5, 60), format_range("2026-01-09", "2026-12-31"), format_range(None, None)
    ('−5 to 60', '2026-01-09 to 2026-12-31', '')
    """
    return "" if low is None or high is None else " to ".join(re.sub("^-", _MINUS, str(bound)) for bound in (low, high))


def iter_ranges(column: Column) -> Iterator[tuple[Questionnaire, Range]]:
    """Iterate over the range in each version, newest first."""
    if column.variable.kind == "date":
        yield from ((each.questionnaire, (each.question.earliest, each.question.latest)) for each in column.locations)
    else:
        yield from ((questionnaire, (variable.low, variable.high)) for questionnaire, variable in column.variants)


def describe_ranges(ranges: Iterable[tuple[Questionnaire, Range]]) -> tuple[str, ...]:
    """Describe the range of each version, newest version first; empty if all versions have the same range."""
    found: dict[str, dict[str, None]] = {}
    for questionnaire, (low, high) in ranges:
        if written := format_range(low, high):
            found.setdefault(written, {})[questionnaire.version] = None
    return tuple(f"version {' '.join(known)}: {written}" for written, known in found.items()) if len(found) > 1 else ()


def list_unit_texts(column: Column) -> list[tuple[Questionnaire, Labels]]:
    """List the unit in each version, newest first; empty if no version has a unit. In a version without one, the unit is NO_UNIT."""
    units = [(each.questionnaire, read_labels(each.question.unit)) for each in column.locations]
    if not any(unit for _, unit in units):
        return []
    return [(version, unit or dict.fromkeys(version.languages, NO_UNIT)) for version, unit in units]


def choose_unit(units: Sequence[tuple[Questionnaire, Labels]]) -> Labels:
    """Return the newest unit in each language, without languages in which the newest version has no unit."""
    newest = {language: wording for _, labels in reversed(units) for language, wording in labels.items()}
    return {language: wording for language, wording in newest.items() if wording != NO_UNIT}

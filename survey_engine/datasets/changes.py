"""Changes between the columns of two deliveries, such as those of two editions or two dates. Needs the extra `data`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from survey_engine.datasets.reading import Responses, VariableInfo
from survey_engine.datasets.value_ranges import format_range

_FACTS = ("kind", "level", "reverse", "page", "question", "indicators")


def list_changes(old: Responses, new: Responses, language: str = "") -> pl.DataFrame:
    """Return a row per change: column, what changed, before, after. A column without a row can be compared with the old one.

    Args: language: language of the labels; the language of the new delivery if empty.
    """
    language = language or new.language
    rows = [(name, "removed", old.label(name, language), "") for name in old.variables if name not in new.variables]
    for name, variable in new.variables.items():
        former = old.variables.get(name)
        if former is None:
            rows.append((name, "added", "", new.label(name, language)))
            continue
        changed = list(_compare(former, variable))
        changed += _compare_texts("label", old.label(name, language), new.label(name, language))
        if former.unit is not None and variable.unit is not None:
            changed += _compare_texts("unit", old.unit(name, language), new.unit(name, language))
        if former.range and variable.range:
            changed += _compare_texts("range", format_range(*former.range), format_range(*variable.range))
        changed += _compare_codes(old.code_labels(name, language), new.code_labels(name, language))
        changed += _compare_numbers(old.code_numbers(name), new.code_numbers(name))
        rows += [(name, *change) for change in changed]
    return pl.DataFrame(rows, dict.fromkeys(("column", "change", "before", "after"), pl.String), orient="row")


def _compare(old: VariableInfo, new: VariableInfo) -> Iterator[tuple[str, str, str]]:
    for fact in _FACTS:
        before, after = getattr(old, fact), getattr(new, fact)
        if before != after:
            yield fact, _write(before), _write(after)
    for reason in dict.fromkeys((*old.missing, *new.missing)):
        if old.missing.get(reason) != new.missing.get(reason):
            yield f"missing: {reason}", str(old.missing.get(reason, "")), str(new.missing.get(reason, ""))


def _compare_texts(what: str, before: str, after: str) -> Iterator[tuple[str, str, str]]:
    if before != after:
        yield what, before, after


def _compare_codes(old: Mapping[str | int, str], new: Mapping[str | int, str]) -> Iterator[tuple[str, str, str]]:
    before, after = ({str(code): label for code, label in labels.items()} for labels in (old, new))
    for code in dict.fromkeys((*before, *after)):
        yield from _compare_texts(f"code {code}", before.get(code, ""), after.get(code, ""))


def _compare_numbers(old: dict[str, str], new: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the codes of both deliveries whose numbers in SPSS and Stata differ."""
    for code, number in new.items():
        if old.get(code, number) != number:
            yield f"number of {code}", old[code], number


def _write(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)

"""Changes between editions of what a code stands for: derived values, background variables, and names of institutions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import Code, Place, Questionnaire, Variable

_FIRST_YEAR = 1900
"""Ranges from here on are years, which move with the edition."""


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    code: str
    was: str
    now: str
    place: Place


def iter_definition_changes(old: Questionnaire, new: Questionnaire) -> Iterator[DefinitionChange]:
    """Yield derived values computed otherwise, background with other ranges or codes, and institutions with another's name."""
    for code, derived in new.derived.items():
        before = old.derived.get(code)
        if before and _list_computation(before) != _list_computation(derived):
            yield DefinitionChange(code, describe_derived(before), describe_derived(derived), new.place)
    for code, variable in new.background.items():
        earlier = old.background.get(code)
        if earlier and not variable.options and is_shifted((earlier.low, earlier.high), (variable.low, variable.high)):
            was, now = (describe_range(each.low, each.high) for each in (earlier, variable))
            yield DefinitionChange(code, was, now, variable.place)
        elif earlier:
            for old_code, new_code, label in _iter_recoded(earlier, variable, new.source_language):
                yield DefinitionChange(code, f"{old_code} for “{label}”", f"{new_code} for it", variable.place)
    owners = {institution.name: code for code, institution in old.institutions.items()}
    for code, institution in new.institutions.items():
        known = old.institutions.get(code)
        if known and known.name != institution.name and owners.get(institution.name, code) != code:
            yield DefinitionChange(code, f"“{known.name}”", f"“{institution.name}”", institution.place)


def _iter_recoded(old: Variable, new: Variable, language: str) -> Iterator[tuple[Code, Code, str]]:
    """Yield labels whose code was replaced by a new one: the data of both editions are no longer of one category."""
    codes = [{option.code for option in each.options} for each in (old, new)]
    labels = {option.text.wording.get(language, ""): option.code for option in new.options if option.code not in codes[0]}
    for option in old.options:
        label = option.text.wording.get(language, "")
        if option.code not in codes[1] and label in labels:
            yield option.code, labels[label], label


def _list_computation(derived: Derived) -> tuple[object, ...]:
    """Return what determines the value; the order counts only for a difference of dates."""
    return derived.kind, derived.parts if derived.kind == "years" else sorted(derived.parts)


def describe_derived(derived: Derived) -> str:
    return f"{derived.kind} of {', '.join(derived.parts)}"


def describe_range(low: int | None, high: int | None) -> str:
    return f"from {low} to {high}"


def is_year(number: int | None) -> bool:
    return number is not None and number >= _FIRST_YEAR


def is_shifted(old: tuple[int | None, int | None], new: tuple[int | None, int | None]) -> bool:
    """Whether a range of numbers moved, so that each number may mean another one; a wider or narrower range keeps its numbers.

    >>> is_shifted((1, 5), (0, 4)), is_shifted((1, 5), (1, 6)), is_shifted((1990, 2010), (1991, 2011))
    (True, False, False)
    """
    (low, high), (new_low, new_high) = old, new
    if low is None or high is None or new_low is None or new_high is None:
        return False
    return low < _FIRST_YEAR and new_low - low == new_high - high != 0

"""Rules that an imported translation must follow. To add a rule, add a function and a line in RULES."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from unicodedata import category

from survey_engine.analysis.checks.length import count_longest
from survey_engine.language.interface_catalogues import compare_fields, has_lone_percent
from survey_engine.language.markup import count_markup, iter_unsupported_markup
from survey_engine.language.wordings import PLACEHOLDER, find_case
from survey_engine.model.messages import join_names

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufffe\uffff]")
_NO_TEXT = re.compile(r"#+[A-Z0-9/]*[!?]?|[?\-\u2013\u2014_.…]+|todo\W?|tbd|xx+|n/a|\?+[A-Z]*", re.IGNORECASE)
"""Error values of spreadsheets and marks for texts that are not yet translated."""
_GROWTH, _ROOM = 3, 30
"""Limits of growth: a translation of a single word may be three times as long as its source, one of a long text a third longer
(W3C, "Text size in translation", after IBM's guidelines). A longer translation probably belongs to another text.
"""

WordingProblem = tuple[str, str]
"""(What is wrong, remedy)."""


def check_translation_placeholders(source: str, wording: str, has_codes: bool) -> Iterator[WordingProblem]:
    remedy = "Keep the placeholders exactly as they are in the source."
    if has_codes:
        expected, found = frozenset(PLACEHOLDER.findall(source)), frozenset(PLACEHOLDER.findall(wording))
        lost, new = ([f"{{{name}}}" for name in sorted(names)] for names in (expected - found, found - expected))
        term, case = find_case(found - expected, expected - {"institution"})
        if case:
            remedy += f" For a case of {{{term}}}, ask the author for a second term {{{case}}} in the source."
    else:
        lost, new = map(sorted, compare_fields(source, wording))
    if lost or new:
        wrong = [f"the placeholder {join_names(lost)} is lost"] * bool(lost) + [
            f"the placeholder {join_names(new)} is new"
        ] * bool(new)
        yield " and ".join(wrong), remedy


def check_percent(source: str, wording: str, has_codes: bool) -> Iterator[WordingProblem]:
    if not has_codes and has_lone_percent(source, wording):
        yield "a per cent sign is not escaped", "Write %% for a per cent sign."


def check_translation_markup(source: str, wording: str, has_codes: bool) -> Iterator[WordingProblem]:
    expected, found = (count_markup(text) if has_codes else Counter[str]() for text in (source, wording))
    for what in sorted(expected.keys() | found.keys()):
        if expected[what] != found[what]:
            kind = f"{what} occurs {found[what]} times, in the source {expected[what]} times"
            yield kind, "Use *emphasis* and [links](address) as often as the source, with the same addresses."


def check_foreign_markup(source: str, wording: str, has_codes: bool) -> Iterator[WordingProblem]:
    known = {what for what, _, _ in iter_unsupported_markup(source)}
    for what, found, advice in iter_unsupported_markup(wording):
        if what not in known:
            yield f"it contains {what}, which the page shows literally: “{found}”", f"{advice}."


def check_translation_lines(source: str, wording: str, has_codes: bool) -> Iterator[WordingProblem]:
    if "\n" in wording and "\n" not in source:
        yield "it has more than one line, its source has one", "Write it on one line."


def count_growth(source: str) -> int:
    """Return the number of characters above which a translation probably belongs to another text."""
    return _GROWTH * len(source) + _ROOM


def check_room(wording: str, room: int | None) -> Iterator[WordingProblem]:
    """Report a wording with more characters than the workbook's note allows."""
    count = count_longest(wording)
    if room and count > room:
        yield f"it has {count} characters, and there is room for {room}", "Shorten it."


def check_translation_length(source: str, wording: str, has_codes: bool) -> Iterator[WordingProblem]:
    limit = count_growth(source)
    if len(wording) > limit:
        yield (
            f"it has {len(wording)} characters, its source {len(source)}",
            f"Keep it under {limit}, or check for a mixed-up text.",
        )


def check_characters(source: str, wording: str, has_codes: bool) -> Iterator[WordingProblem]:
    found = _CONTROL.search(wording)
    if found:
        yield f"the character U+{ord(found[0]):04X} cannot be shown", "Type the text again."


def check_filled(source: str, wording: str, has_codes: bool) -> Iterator[WordingProblem]:
    if wording and all(category(character)[0] in "CZ" for character in wording):
        yield "it has no visible character", "Write the translation, or empty the cell."
    if _NO_TEXT.fullmatch(wording.strip()) and any(map(str.isalpha, source)):
        yield f"“{wording.strip()}” is no translation", "Write the translation, or leave the cell as it was."


WordingRule = Callable[[str, str, bool], Iterator[WordingProblem]]
TRANSLATION_RULES: tuple[WordingRule, ...] = (
    check_translation_placeholders,
    check_percent,
    check_translation_markup,
    check_foreign_markup,
    check_translation_lines,
    check_translation_length,
    check_characters,
    check_filled,
)


def list_wording_problems(source: str, wording: str, has_codes: bool) -> list[WordingProblem]:
    """Return all problems of one wording. `has_codes`: whether the text belongs to a questionnaire instead of the interface."""
    return [problem for rule in TRANSLATION_RULES for problem in rule(source, wording, has_codes)]

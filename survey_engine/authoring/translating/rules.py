"""What a translation that comes in must keep of its source. A new rule is a function here and a line in RULES."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from survey_engine.language.interface_catalogues import compare_fields, has_lone_percent
from survey_engine.language.markup import count_markup
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.messages import join_names

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufffe\uffff]")
_GROWTH, _ROOM = 3, 30
"""A translation of one word may well be three times as long, a long text hardly a third longer (W3C, "Text size in
translation", after IBM's guidelines); what is longer than this is another text, pasted by mistake."""

WordingFault = tuple[str, str]
"""What is wrong, and what to do."""


def keeps_placeholders(source: str, wording: str, has_codes: bool) -> Iterator[WordingFault]:
    if has_codes:
        expected, found = frozenset(PLACEHOLDER.findall(source)), frozenset(PLACEHOLDER.findall(wording))
        lost, new = ([f"{{{name}}}" for name in sorted(names)] for names in (expected - found, found - expected))
    else:
        lost, new = map(sorted, compare_fields(source, wording))
    if lost or new:
        wrong = [f"the placeholder {join_names(lost)} is lost"] * bool(lost) + [
            f"the placeholder {join_names(new)} is new"
        ] * bool(new)
        yield " and ".join(wrong), "Keep the placeholders exactly as they are in the source."


def check_percent(source: str, wording: str, has_codes: bool) -> Iterator[WordingFault]:
    if not has_codes and has_lone_percent(source, wording):
        yield "a per cent sign stands alone", "Write %% for a per cent sign."


def check_markup(source: str, wording: str, has_codes: bool) -> Iterator[WordingFault]:
    expected, found = (count_markup(text) if has_codes else Counter[str]() for text in (source, wording))
    for what in sorted(expected.keys() | found.keys()):
        if expected[what] != found[what]:
            kind = f"{what} stands {found[what]} times, in the source {expected[what]} times"
            yield kind, "Use *emphasis* and [links](address) as often as the source does, with the same addresses."


def check_lines(source: str, wording: str, has_codes: bool) -> Iterator[WordingFault]:
    if "\n" in wording and "\n" not in source:
        yield "it has more than one line, its source has one", "Write it on one line."


def check_length(source: str, wording: str, has_codes: bool) -> Iterator[WordingFault]:
    limit = _GROWTH * len(source) + _ROOM
    if len(wording) > limit:
        yield f"it has {len(wording)} characters, its source {len(source)}", f"Keep it under {limit}, or look for another text."


def check_characters(source: str, wording: str, has_codes: bool) -> Iterator[WordingFault]:
    found = _CONTROL.search(wording)
    if found:
        yield f"the character U+{ord(found[0]):04X} cannot be shown", "Type the text anew."


WordingRule = Callable[[str, str, bool], Iterator[WordingFault]]
RULES: tuple[WordingRule, ...] = (
    keeps_placeholders,
    check_percent,
    check_markup,
    check_lines,
    check_length,
    check_characters,
)


def list_wording_faults(source: str, wording: str, has_codes: bool) -> list[WordingFault]:
    """Every fault of one wording; `has_codes` tells a questionnaire's texts from the interface's."""
    return [fault for rule in RULES for fault in rule(source, wording, has_codes)]

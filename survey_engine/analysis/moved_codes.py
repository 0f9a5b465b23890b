"""What codes may stand for otherwise, although no text of theirs changed: ranges, points, labels of numbers, arms, and types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from survey_engine.analysis.arm_texts import map_sources
from survey_engine.analysis.definition_changes import describe_range
from survey_engine.analysis.editions import AskedItem, have_years, index_asked_items
from survey_engine.analysis.reachability import iter_asked_questions, list_all_sections
from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.model.questionnaire import Place, Question, Questionnaire, ResponseOption

_Range = tuple[int | None, int | None]
_NARROWER = 4
"""A range that is this many times narrower may hold other numbers, or a typing error."""


class _Numbered(Protocol):
    """A question or a background variable."""

    @property
    def options(self) -> tuple[ResponseOption, ...]: ...

    @property
    def low(self) -> int | None: ...


class MovedCode(NamedTuple):
    code: str
    part: str
    was: str
    now: str
    place: Place


def iter_moved_codes(old: Questionnaire, new: Questionnaire) -> Iterator[MovedCode]:
    """Yield what differs in items and background variables that both versions have, and the names of institutions."""
    before, languages = index_asked_items(old), [language for language in new.languages if language in old.languages]
    shared = [experiment.variable for code, experiment in new.experiments.items() if code in old.experiments]
    for code, asked in index_asked_items(new).items():
        if code in before:
            place, earlier = asked.item.place, before[code]
            for part, was, now in (
                *_iter_questions(earlier.question, asked.question, languages),
                *_iter_arms(earlier, asked, shared),
            ):
                yield MovedCode(code, part, was, now, place)
    for code, variable in new.background.items():
        if (known := old.background.get(code)) and variable.kind == known.kind == "number":
            ranges = () if variable.options else _iter_ranges((known.low, known.high), (variable.low, variable.high))
            for part, was, now in (*ranges, *_iter_labelled(known, variable, languages)):
                yield MovedCode(code, part, was, now, variable.place)
    for code, institution in new.institutions.items():
        if code in old.institutions and old.institutions[code].name != institution.name:
            yield MovedCode(code, "name", old.institutions[code].name, institution.name, institution.place)
    yield from _iter_moved_rio_codes(old, new)
    yield from _iter_moved_names(old, new)
    types = [{each.question.code: each.question for each in iter_asked_questions(list_all_sections(q))} for q in (old, new)]
    for code, question in types[1].items():  # a panel has no item
        if code in types[0] and bool(question.items) != bool(types[0][code].items):
            yield MovedCode(code, "type", types[0][code].type, question.type, question.place)


def _iter_moved_rio_codes(old: Questionnaire, new: Questionnaire) -> Iterator[MovedCode]:
    """Yield institutions with another code, with none of their RIO codes of before, or with one of another: lists name them by these."""
    owners = {rio: each for each in old.institutions.values() for rio in each.rio_codes}
    named = {each.name: each for each in old.institutions.values()}
    for code, institution in new.institutions.items():
        known, now = old.institutions.get(code), institution.rio_codes
        was = known.rio_codes if known else ()
        same = named.get(institution.name) or next((owners[rio] for rio in now if rio in owners), None)
        if known is None and same and same.code not in new.institutions:
            yield MovedCode(code, "code", f"{same.name} ({same.code})", f"{institution.name} ({code})", institution.place)
        elif any(owners[rio].code != code for rio in now if rio in owners) or (was and now and {*was}.isdisjoint(now)):
            yield MovedCode(code, "RIO codes", ", ".join(was), ", ".join(now), institution.place)


def _iter_moved_names(old: Questionnaire, new: Questionnaire) -> Iterator[MovedCode]:
    """Yield each name in texts, as `{season}`, that stood for a term and stands for a background variable, or the reverse."""
    used = frozenset[str]().union(*(shown.text.names for shown in iter_shown_texts(new)))
    for code in sorted(used):
        if code in old.terms and code in new.background and code not in new.terms:
            was = " · ".join(dict.fromkeys(old.terms[code].wording.values()))
            yield MovedCode(code, "name", was, "background variable", new.background[code].place)
        elif code in old.background and code in new.terms and code not in old.terms:
            now = " · ".join(dict.fromkeys(new.terms[code].wording.values()))
            yield MovedCode(code, "name", "background variable", now, new.terms[code].place)


def _iter_questions(old: Question, new: Question, languages: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    ranges = [(each.low, each.high) for each in (old, new)]
    numbers = {"number", "mark"}
    if {old.type, new.type} <= numbers and "number" in (old.type, new.type):
        yield from _iter_ranges(*ranges, other_type=old.type != new.type)
    yield from _iter_labelled(old, new, languages)
    known = {option.code: option for option in old.options}
    points = [[str(option.code) for option in each.options if not option.outside_scale] for each in (old, new)]
    if old.on_scale and new.on_scale and {*points[0]} != {*points[1]}:
        yield "points", ", ".join(points[0]), ", ".join(points[1])
    for option in new.options:
        if option.code in known and option.namely != known[option.code].namely:
            was, now = ("with a text" if each.namely else "without a text" for each in (known[option.code], option))
            yield f"option {option.code}", was, now


def _iter_ranges(old: _Range, new: _Range, *, other_type: bool = False) -> Iterator[tuple[str, str, str]]:
    """Yield a range that moved or became much narrower; that of another type, if it differs at all."""
    if is_moved(old, new) or is_narrower(old, new) or (other_type and old != new):
        yield "range", describe_range(*old), describe_range(*new)


def _iter_labelled(old: _Numbered, new: _Numbered, languages: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the labels of numbers that had none, in all languages, unless a label is the number."""
    if old.options or old.low is None:
        return
    for option in new.options:
        labels = dict.fromkeys(option.text.wording.get(language, "").strip() for language in languages)
        if isinstance(option.code, int) and labels.keys() - {"", str(option.code)}:
            yield f"option {option.code}", str(option.code), " · ".join(filter(None, labels))


def _iter_arms(old: AskedItem, new: AskedItem, variables: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield conditions on arms that differ, of an item and of its options."""
    known = {option.code: option for option in old.question.options}
    for variable in variables:
        conditions = [("arms", _map_conditions(old, variable), _map_conditions(new, variable))]
        for option in new.question.options:
            if earlier := known.get(option.code):
                before, after = (map_sources([each.when] if each.when else [], variable) for each in (earlier, option))
                conditions.append((f"arms of option {option.code}", before, after))
        for part, before, after in conditions:
            if before.keys() != after.keys():
                was, now = (" · ".join(each.values()) or "everybody" for each in (before, after))
                yield part, was, now if now != was else f"{now}, as defined now"


def _map_conditions(asked: AskedItem, variable: str) -> Mapping[str, str]:
    """Return what decides → its source, for the conditions of an item on the arm of an experiment."""
    return map_sources((condition for guard in asked.guards for condition in guard), variable)


def is_moved(old: _Range, new: _Range) -> bool:
    """Whether both ends of a range of numbers moved up, or both down; years may move.

    >>> is_moved((0, 90), (100, 9000)), is_moved((0, 90), (0, 9000)), is_moved((1, 9), (2, 8)), is_moved((1980, 2026), (1, 10))
    (True, False, False, True)
    """
    (low, high), (new_low, new_high) = old, new
    if low is None or high is None or new_low is None or new_high is None or have_years(*old, *new):
        return False
    return (new_low > low and new_high > high) or (new_low < low and new_high < high)


def is_narrower(old: _Range, new: _Range) -> bool:
    """Whether a range of numbers, not of years, became many times narrower.

    >>> is_narrower((0, 5000), (0, 5)), is_narrower((0, 60), (0, 40))
    (True, False)
    """
    (low, high), (new_low, new_high) = old, new
    if low is None or high is None or new_low is None or new_high is None or have_years(*old, *new):
        return False
    return (new_high - new_low) * _NARROWER < high - low

"""Changes of meaning that leave a code the same: units in texts, narrower ranges, bounds of the previous year, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from survey_engine.analysis.definition_changes import describe_range, is_shifted
from survey_engine.analysis.editions import AskedItem, has_same_words, is_year, list_option_changes
from survey_engine.analysis.moved_codes import is_moved, is_narrower
from survey_engine.analysis.units import are_other_units, find_named_units, name_same_unit
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, Place, Questionnaire

_LEAST_LETTERS = 4
"""Least number of letters of a word that identifies an institution in its name."""


@dataclass(frozen=True, slots=True)
class MovingBound:
    """A bound of a date, or of a number that is a year."""

    code: str
    key: str
    value: str
    place: Place

    @property
    def year(self) -> int:
        return int(self.value[:4])


def check_new_meanings(old: AskedItem, new: AskedItem, language: str, before: str) -> Iterator[Problem]:
    """Report an item with another unit or period, a number with a moved or much narrower range, and changed `exclusive` or `required`."""
    facts = {"code": new.code, "before": before}
    for option in list_option_changes(old.question, new.question, "exclusive"):
        words = f"with `exclusive` at '{option}'", "without it"
        was, now = words if any(each.exclusive and each.code == option for each in old.question.options) else words[::-1]
        yield Problem("definition-changed", new.question.place, {**facts, "was": was, "now": now})
    if old.item.required != new.item.required and old.question.version == new.question.version:
        was, now = ("required" if each.item.required else "not required" for each in (old, new))
        yield Problem("definition-changed", new.item.place, {**facts, "was": was, "now": now})
    yield from check_units(old, new, language, before)
    units = [asked.question.unit.wording.get(language, "") if asked.question.unit else "" for asked in (old, new)]
    if all(units) and not (are_other_units(*units) or has_same_words(*units) or name_same_unit(*units)):  # possibly another unit
        yield Problem("definition-changed", new.item.place, {**facts, "was": f"in “{units[0]}”", "now": f"in “{units[1]}”"})
    if old.question.type == new.question.type == "number":
        ranges = [(asked.question.low or 0, asked.question.high or 0) for asked in (old, new)]
        moved = is_moved(*ranges) and not is_shifted(*ranges)  # a shifted range has its own message
        if moved or is_narrower(*ranges):
            was, now = (describe_range(*bounds) for bounds in ranges)
            yield Problem("definition-changed", new.item.place, {**facts, "was": was, "now": now})


def check_units(old: AskedItem, new: AskedItem, language: str, before: str) -> Iterator[Problem]:
    """Report an item whose text or labels name another unit or period than before."""
    texts = [_join_texts(each, other, language) for each, other in ((old, new), (new, old))]
    if texts[0] == texts[1]:
        return
    found = [find_named_units(text) for text in texts]
    gone, come = (one.keys() - other.keys() for one, other in (found, found[::-1]))
    if len(gone) == len(come) == 1:
        was, now = (f"in “{units[left.pop()]}”" for units, left in zip(found, (gone, come), strict=True))
        yield Problem("definition-changed", new.item.place, {"code": new.code, "before": before, "was": was, "now": now})


def _join_texts(asked: AskedItem, other: AskedItem, language: str) -> str:
    """Return the text of an item with the labels of its shared options, those that the other edition has too."""
    labels = [label.get(language, "") for code, label in asked.labels.items() if code in other.labels]
    return "\n".join([asked.wording.get(language, ""), *labels])


def iter_moving_bounds(questionnaire: Questionnaire) -> Iterator[MovingBound]:
    """Yield the bounds of background variables, numbers and dates that contain a year."""
    for variable in questionnaire.background.values():
        for key, number in (("from", variable.low), ("to", variable.high)):
            if not variable.options and is_year(number):
                yield MovingBound(variable.code, key, str(number), variable.place)
    for section in questionnaire.all_sections:
        for question in section.iter_questions():
            for key, number, day in (("from", question.low, question.earliest), ("to", question.high, question.latest)):
                if day or (question.type == "number" and is_year(number)):
                    yield MovingBound(question.code, key, day or str(number), question.place)


def check_moving_bounds(questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    """Report bounds that still have the value, and the year, of the previous edition."""
    known = {(each.code, each.key): each.value for each in iter_moving_bounds(before)}
    for bound in iter_moving_bounds(questionnaire):
        left = before.edition == bound.year and known.get((bound.code, bound.key)) == bound.value
        if left and questionnaire.edition != before.edition:
            facts = {"code": bound.code, "key": bound.key, "value": bound.value, "edition": before.edition}
            yield Problem("earlier-bound", bound.place, facts)


def check_renamed(questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    """Report renamed institutions whose new name no longer has a word of their code. Exchanged names: `definition_changes`."""
    names = {institution.name for institution in before.institutions.values()}
    for code, institution in questionnaire.institutions.items():
        old = before.institutions.get(code)
        if old and institution.name not in names and _has_own_name(old) and not _has_own_name(institution):
            facts = {"code": code, "old": old.name, "name": institution.name, "before": before.code}
            yield Problem("institution-renamed", institution.place_of("name"), facts)


def _has_own_name(institution: Institution) -> bool:
    words = [word for word in re.split(r"[-_]", institution.code) if len(word) >= _LEAST_LETTERS]
    return any(word in institution.name.casefold() for word in words)

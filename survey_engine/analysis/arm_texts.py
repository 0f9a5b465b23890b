"""Information and titles that other arms of an experiment show than before: under one code, an arm is then another treatment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from survey_engine.analysis.reachability import iter_asked_questions, join_guard, list_all_sections
from survey_engine.analysis.texts_above import are_same_texts, asks
from survey_engine.model.questionnaire import Condition, Experiment, Place, Questionnaire, Text


class _ArmText(NamedTuple):
    text: Text
    conditions: Mapping[str, str]
    """What decides → its source, for its conditions on the arm."""


class MovedText(NamedTuple):
    variable: str
    """Of the experiment."""
    code: str
    language: str
    """Empty if only the arms differ."""
    was: str
    now: str
    place: Place


def iter_arm_texts(old: Questionnaire, new: Questionnaire) -> Iterator[MovedText]:
    """Yield information, titles and panels for other arms, and those for an arm that only one version has, per language."""
    for code, experiment in new.experiments.items():
        if code in old.experiments:
            yield from _iter_moved(old, new, experiment)


def _iter_moved(old: Questionnaire, new: Questionnaire, experiment: Experiment) -> Iterator[MovedText]:
    variable, languages = experiment.variable, [language for language in new.languages if language in old.languages]
    before, now = (_index_texts(each, variable) for each in (old, new))
    for code, shown in now.items():
        same = (key for key, each in before.items() if key not in now and are_same_texts(each.text, shown.text, languages))
        earlier = before.pop(code if code in before else next(same, ""), None)
        if earlier and earlier.conditions.keys() != shown.conditions.keys():
            was, arms = (" · ".join(each.conditions.values()) or "everybody" for each in (earlier, shown))
            yield MovedText(variable, code, "", was, arms if arms != was else f"{arms}, as defined now", shown.text.place)
        elif not earlier:
            for language, written in _iter_written(shown, languages):
                yield MovedText(variable, code, language, "", written, shown.text.place_in(language))
    for code, gone in before.items():
        for language, written in _iter_written(gone, languages):
            yield MovedText(variable, code, language, written, "", experiment.place)


def map_sources(conditions: Iterable[Condition], variable: str) -> Mapping[str, str]:
    """Return what decides → its source, for the conditions that use a variable."""
    return {repr(each.tree): each.source for each in conditions if variable in each.names}


def _index_texts(questionnaire: Questionnaire, variable: str) -> dict[str, _ArmText]:
    """Return code → a text that stands by itself: information, panels, and the titles of pages and sections that ask nothing."""
    found = dict[str, _ArmText]()

    def add(code: str, text: Text | None, guard: Iterable[Condition]) -> None:
        if text:
            known = found[code].conditions if code in found else {}
            found[code] = _ArmText(text, {**known, **map_sources(guard, variable)})

    for section, page, question, guard in (
        (each.section, each.page, each.question, each.guard) for each in iter_asked_questions(list_all_sections(questionnaire))
    ):
        if not question.items:
            add(question.code, question.text, guard)
        if not asks(page):
            add(f"page {page.code}", page.title, join_guard((), section.when, page.when))
        if not any(map(asks, section.pages)):
            add(f"section {section.code}", section.title, join_guard((), section.when))
    return found


def _iter_written(shown: _ArmText, languages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield language → the arms of a text and its words, if it is not for everybody."""
    if shown.conditions:
        arms = " · ".join(shown.conditions.values())
        yield from ((each, f"{arms}: {shown.text.wording[each]}") for each in languages if shown.text.wording.get(each))

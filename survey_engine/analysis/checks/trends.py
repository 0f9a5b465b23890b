"""What an edition may not change of the one before: frozen items, and what a code means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_engine.analysis.editions import Asked, are_alike, compare_items, list_asked, list_resting, list_shared
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def check_trends(questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    """Problems of an edition that only show beside the edition before it."""
    now = {**list_resting(questionnaire), **list_asked(questionnaire)}
    for code, old in {**list_resting(before), **list_asked(before)}.items():
        new = now.get(code)
        if _is_frozen(old, questionnaire):
            yield from _check_frozen(old, new, questionnaire, before)
        elif new:
            yield from _check_meaning(old, new, questionnaire.source_language, before)


def _is_frozen(old: Asked, questionnaire: Questionnaire) -> bool:
    until, edition = old.item.about.frozen_until, questionnaire.edition
    return until is not None and edition is not None and edition <= until


def _check_frozen(old: Asked, new: Asked | None, questionnaire: Questionnaire, before: Questionnaire) -> Iterator[Problem]:
    facts: dict[str, object] = {"code": old.code, "until": old.item.about.frozen_until, "before": before.code}
    if new is None:
        yield Problem("frozen-gone", questionnaire.place, facts)
        return
    changes = list(compare_items(old, new, list_shared(before, questionnaire)))
    if changes:
        yield Problem("frozen-changed", new.item.place, {**facts, "changes": ", ".join(changes)})


def _check_meaning(old: Asked, new: Asked, language: str, before: Questionnaire) -> Iterator[Problem]:
    facts: dict[str, object] = {"code": old.code, "before": before.code}
    if _kind(old) != _kind(new):
        yield Problem("code-retyped", new.item.place, {**facts, "old": old.question.type, "new": new.question.type})
        return
    if not _alike(old.statement, new.statement, language):
        yield Problem("code-reused", new.item.place, {**facts, "old": old.statement.get(language, "")})
    for option, label in old.labels.items():
        if option in new.labels and not _alike(label, new.labels[option], language):
            yield Problem("option-reused", new.question.place, {**facts, "option": option, "old": label.get(language, "")})


def _kind(asked: Asked) -> str:
    """The kind of data that an item gives: a choice may become a row of a grid, a number may not become a text."""
    found = (v for v in QUESTION_TYPES[asked.question.type].variables(asked.question) if v.code == asked.code)
    return next((variable.kind for variable in found), "")


def _alike(old: Mapping[str, str], new: Mapping[str, str], language: str) -> bool:
    return language not in old or language not in new or are_alike(old[language], new[language])

"""Questions and statements that ask a respondent the same twice, and modules that differ only in their codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, combinations

from survey_engine.analysis.editions import AskedItem
from survey_engine.analysis.reachability import Reachability, find_reachability, join_guard
from survey_engine.analysis.tried_values import TooManyCasesError
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Question, Questionnaire, Section

_MIN_WORDS = 5
"""Least number of words of a reported text: short questions, such as "Did you report this?", may follow several others."""
_REPEATABLE = frozenset({"open", "information", "consent", "panel"})
"""Question types whose text may occur several times, such as an invitation to explain."""


def check_duplicates(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    same = dict(_iter_same_modules(questionnaire))
    for code, other in same.items():
        yield Problem("same-module", questionnaire.modules[code].place, {"code": code, "other": other})
    first: dict[str, list[AskedItem]] = {}
    for asked in _iter_items(reach, questionnaire):
        section = asked.section.code if asked.section else ""
        before = first.setdefault(_normalize(asked.wording.get(questionnaire.source_language, "")), [])
        repeated = next((other for other in before if _is_asked_with(other, asked, questionnaire, reach)), None)
        if repeated and section not in same:
            yield Problem("repeated-question", asked.item.place, {"code": asked.code, "other": repeated.code})
        before.append(asked)
    yield from _check_bank(questionnaire, {asked.code for asked in chain.from_iterable(first.values())})
    for asked_question in reach.asked_questions:
        yield from _check_statements(asked_question.question)


def check_local_repeats(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report local questions, including open ones, whose wording equals that of a core or module question in any language."""
    sections = (*questionnaire.sections.values(), *questionnaire.modules.values())
    core = [question for section in sections for question in section.iter_questions() if _is_single(question)]
    wordings: dict[tuple[str, str], str] = {}
    for question in core:
        for language, wording in question.text.wording.items():
            wordings.setdefault((language, _normalize(wording)), question.code)
    for institution in questionnaire.institutions.values():
        for question in filter(_is_single, (each for section in institution.own_sections for each in section.iter_questions())):
            for language, wording in question.text.wording.items():
                other = wordings.get((language, _normalize(wording)))
                if other and len(wording.split()) >= _MIN_WORDS:
                    yield Problem("repeated-question", question.text.place_in(language), {"code": question.code, "other": other})
                    break


def _is_single(question: Question) -> bool:
    return not (question.comments_on or question.bank or QUESTION_TYPES[question.type].statements)


def _iter_items(reach: Reachability, questionnaire: Questionnaire) -> Iterator[AskedItem]:
    """Yield single questions and statements with enough words, once per place."""
    for asked in reach.asked_questions:
        if asked.question.type not in _REPEATABLE:
            for item in asked.question.items:
                found = AskedItem(item, asked.question, asked.section, asked.page, (join_guard(asked.guard, item.when),))
                if len(found.statement.get(questionnaire.source_language, "").split()) >= _MIN_WORDS:
                    yield found


def _is_asked_with(one: AskedItem, other: AskedItem, questionnaire: Questionnaire, reach: Reachability) -> bool:
    """Whether a respondent may be asked both items, and their options are equal. Statements of one grid: `_check_statements`."""
    if one.question is other.question or one.code == other.code or list(one.labels) != list(other.labels):
        return False
    owners = [_find_owner(asked.section, questionnaire) for asked in (one, other)]
    if all(owners) and owners[0] != owners[1]:
        return False
    with suppress(TooManyCasesError):
        return reach.find_case([*one.guards[0], *other.guards[0]]) is not None
    return False


def _check_bank(questionnaire: Questionnaire, asked: set[str]) -> Iterator[Problem]:
    """Report bank questions with equal text and options, if at least one of them is not asked."""
    first: dict[tuple[object, ...], str] = {}
    for code, question in questionnaire.bank.items():
        wording = question.text.wording.get(questionnaire.source_language, "")
        labels = tuple((option.code, tuple(option.text.wording.items())) for option in question.options)
        if question.type in _REPEATABLE or QUESTION_TYPES[question.type].statements or len(wording.split()) < _MIN_WORDS:
            continue
        other = first.setdefault((question.type, _normalize(wording), labels), code)
        if other != code and not {code, other} <= asked:
            yield Problem("repeated-question", question.place, {"code": code, "other": other})


def _find_owner(section: Section | None, questionnaire: Questionnaire) -> str:
    """Return the institution to which a section with local questions belongs; empty for other sections."""
    owners = (i.code for i in questionnaire.institutions.values() if any(section is own for own in i.own_sections))
    return next(owners, "")


def _normalize(wording: str) -> str:
    return " ".join(wording.casefold().rstrip(" .?!").split())


def _check_statements(question: Question) -> Iterator[Problem]:
    """Report equal statements of a grid or parts of a consent, in any language. Under different conditions they may be equal."""
    if not (QUESTION_TYPES[question.type].statements or question.type == "consent"):
        return
    for one, other in combinations(question.items, 2):
        if not (one.text and other.text) or one.when or other.when or one.institutions or other.institutions:
            continue
        for language, wording in other.text.wording.items():
            if _normalize(one.text.wording.get(language, "")) == _normalize(wording) and wording:
                facts = {"code": other.code, "other": one.code, "language": language}
                yield Problem("same-statement", other.text.place_in(language), facts)
                break


def _iter_same_modules(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """Yield (module, earlier module with the same texts)."""
    first: dict[tuple[str, ...], str] = {}
    for code, module in questionnaire.modules.items():
        language = questionnaire.source_language
        texts = tuple(text.wording.get(language, "") for question in module.iter_questions() for text in question.iter_texts())
        other = first.setdefault(texts, code)
        if other != code:
            yield code, other

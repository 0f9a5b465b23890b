"""Codes with another meaning than in stored versions of a questionnaire, which would mix incompatible answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from survey_engine.analysis.checks.new_meanings import check_units
from survey_engine.analysis.checks.trends import (
    check_consent_texts,
    check_definitions,
    check_meaning,
    check_numbers,
    check_reverse,
    check_variable,
    find_exchanged_texts,
    is_another,
    join_options,
    put_source_first,
    read_texts,
)
from survey_engine.analysis.editions import index_asked_items
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire, Variable

_MIXED = frozenset({"code-retyped", "option-recoded", "consent-version", "definition-changed", "reverse-changed"})
"""Problems that would give one code answers with different meanings, or one meaning answers with different codes."""


def check_codes(questionnaire: Questionnaire, earlier: Iterable[Questionnaire]) -> Iterator[Problem]:
    """Report codes with another meaning than in earlier versions, which would mix incompatible answers.

    Texts with other words are left to `list_rewordings`, except those of other codes: nobody exchanges two texts and keeps their meaning.

    Args:
        earlier: newest first; each question and option is compared with the newest version that has it.
    """
    now, found = index_asked_items(questionnaire), list[Problem]()
    seen, unchanged, newest = set[tuple[str, object]](), set[tuple[str, object]](), set[tuple[str, object]]()
    for version in earlier:
        called = f"version {version.version}"
        before = index_asked_items(version)
        languages = put_source_first(questionnaire, (each for each in version.languages if each in questionnaire.languages))
        exchanged = find_exchanged_texts(read_texts(version, before, languages), read_texts(questionnaire, now, languages))
        problems = [*check_consent_texts(questionnaire, version, called), *check_definitions(questionnaire, version, called)]
        for code, variable in version.background.items():
            if code in questionnaire.background:
                problems += _check_kind(variable, questionnaire.background[code], called)
                problems += check_variable(variable, questionnaire.background[code], languages, called, exchanged.get(code))
        for code, old in before.items():
            if code in now:
                meaning = [*check_meaning(old, now[code], languages, called, exchanged.get(code))]
                problems += meaning
                if is_another(each for each in meaning if each.code in _MIXED or code in exchanged):
                    continue
                problems += check_numbers(old, now[code], languages[0], called)
                problems += check_units(old, now[code], languages[0], called)
                problems += check_reverse(old, now[code], called)
        for problem in problems:
            if problem.facts.get("taken") or (problem.code == "code-reused" and problem.facts["code"] in exchanged):
                ended = unchanged  # two publications must not do what one may not
            elif problem.code == "option-recoded" and (problem.facts["code"], problem.facts["option"]) in newest:
                ended = set()  # both codes had the label for a while
            elif problem.code in _MIXED:
                ended = seen
            else:
                continue
            if ended.isdisjoint(_list_compared(problem)):
                found.append(problem)
        newest = newest or {*_iter_codes(version)}
        unchanged.update(_iter_unchanged(version, questionnaire, languages))
        seen.update(_iter_codes(version))
    yield from join_options(found)


def _iter_codes(questionnaire: Questionnaire) -> Iterator[tuple[str, object]]:
    """Yield every code of a question or definition, every option (with its owner), unit, and version of each part of a consent."""
    yield from ((code, None) for code in (*questionnaire.derived, *questionnaire.institutions))
    for code, variable in questionnaire.background.items():
        yield from ((code, option) for option in (None, *variable.codes))
    for code, asked in index_asked_items(questionnaire).items():
        yield code, None
        yield code, ("version", asked.question.version)
        if asked.question.unit:
            yield code, ("unit",)
        yield from ((code, option) for option in asked.labels)


def _iter_unchanged(old: Questionnaire, new: Questionnaire, languages: Sequence[str]) -> Iterator[tuple[str, object]]:
    """Yield the codes and options, as in `_iter_codes`, that have the same words in both."""
    texts = []
    for questionnaire in (old, new):
        found: dict[tuple[str, object], Mapping[str, str]] = {}
        for code, asked in index_asked_items(questionnaire).items():
            found[code, None] = asked.statement
            found.update({(code, option): label for option, label in asked.labels.items()})
        for code, variable in questionnaire.background.items():
            found[code, None] = variable.text.wording if variable.text else {}
            found.update({(code, option.code): option.text.wording for option in variable.options})
        texts.append(found)
    before, now = texts
    yield from (key for key in before if key in now and all(before[key].get(each) == now[key].get(each) for each in languages))


def _list_compared(problem: Problem) -> list[tuple[object, object]]:
    """Return what a problem of an earlier version is about, as in `_iter_codes`."""
    facts = problem.facts
    if problem.code == "consent-version":
        return [(facts["code"], ("version", facts["version"]))]
    if facts.get("unit"):  # versions without a unit hide none of an earlier one
        return [(facts["code"], ("unit",))]
    if problem.code == "definition-changed":
        return [(facts["code"], None)]
    return [(facts["code"], facts[key]) for key in ("option", "now") if key in facts] or [(facts["code"], None)]


def _check_kind(old: Variable, new: Variable, before: str) -> Iterator[Problem]:
    if new.kind != old.kind:
        yield Problem("code-retyped", new.place, {"code": new.code, "before": before, "old": old.kind, "new": new.kind})

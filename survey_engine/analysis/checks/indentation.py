"""Keys of a question that are indented too deeply, so that they are read as a statement or an option."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Question, Questionnaire

_PLAIN_KEYS = frozenset({"when", "seconds", "help", "comment", "since", "tested", "fixed"})
"""Keys without `_` that are unlikely codes of a statement or option; `source` and `unit` would be likely ones."""


def check_indentation(questionnaire: Questionnaire) -> Iterator[Problem]:
    for _, question in iter_questions(questionnaire):
        fields = QUESTION_TYPES[question.type].definition.model_fields
        keys = {name for name in fields if "_" in name or name in _PLAIN_KEYS}
        for code, what, place in _iter_codes(question):
            if code in keys:
                yield Problem("key-as-code", place, {"key": code, "what": what, "code": question.code})


def _iter_codes(question: Question) -> Iterator[tuple[object, str, Place]]:
    yield from ((item.code, "a statement", item.place) for item in question.items if item.text and item.institutions is None)
    yield from ((option.code, "an option", option.text.place) for option in question.options if option.institutions is None)

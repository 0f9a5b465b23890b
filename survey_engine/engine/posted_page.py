"""Validates a posted page against its stored answers. Pure.

An invalid variable keeps its stored value. So does a variable that is not asked or offered now, or that the page no longer
has. An empty field is stored as no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import lru_cache
from typing import Any, NamedTuple

from survey_engine.engine.routing import filter_counted_answers, find_shape, list_question_variables
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import Form, InputError, Reading
from survey_engine.model.questionnaire import NAMELY, Code, Page, Question, Values
from survey_engine.model.variables import find_owner, is_offered


def read_page(page: Page, form: Form) -> Reading:
    """Read the values and input errors of all questions of a page, without conditions."""
    reading = Reading()
    for question in page.questions:
        found = QUESTION_TYPES[question.type].read(question, form)
        reading.values.update(found.values)
        reading.errors.update(found.errors)
    return reading


class ValidatedPage(NamedTuple):
    """A validated page of one respondent."""

    live: dict[str, Any]
    """The answers that count: valid, asked and offered."""
    answers: dict[str, Any]
    """The answers to store: answers that count, and earlier stored answers that are kept."""
    errors: dict[str, InputError]
    """Input errors by variable."""


class PostedPage:
    """A posted page and the stored answers of the same page."""

    def __init__(self, page: Page, form: Form, before: Values, unshown: Set[str] = frozenset()) -> None:
        """Read the form. Its follow-ups did not show the `unshown` variables, which keep their stored values."""
        self.page, self.before = page, before
        self.reading = read_page(page, form)
        self.reading.values.update((name, before[name]) for name in unshown if name in before)
        self.values = self._restore()
        """The posted values; for invalid ones the stored values."""

    def _restore(self) -> dict[str, Any]:
        values, errors, before = self.reading.values, self.reading.errors, self.before
        if not errors:
            return values
        valid = {name: value for name, value in values.items() if not _is_invalid(name, errors)}
        return {**valid, **{name: value for name, value in before.items() if _is_invalid(name, errors)}}

    def contradicts_stored(self) -> bool:
        """Whether a posted value differs from the stored one; the stored one may be older or newer."""
        return any(name in self.before and self.before[name] != value for name, value in self.reading.values.items())

    def keep_stored(self, changed: Set[str] | None = None) -> None:
        """Replace posted values by stored ones: the form was rendered before the previous writer's last save.

        Args:
            changed: the variables that the respondent changed in the form, whose posted values remain; None for all with a value.
        """
        posted, before = self.reading.values, self.before
        if changed is not None:
            posted = {name: value for name, value in posted.items() if name in changed}
            before = {name: value for name, value in before.items() if name not in changed}
        self.reading.values = {**before, **posted}
        self.values = self._restore()

    def reject_unoffered(self, known: Values) -> bool:
        """Add an input error for each posted option that is neither offered nor stored; return whether there are any.

        Args:
            known: variables known before the page.
        """
        unoffered = [
            name
            for question in _list_limited(self.page)
            for name in list_question_variables(question)
            if name == find_owner(name)
            and set(_list_unoffered(question, self.values.get(name), known)).difference(_list_codes(self.before.get(name)))
        ]
        if unoffered:
            self.reading.errors.update({name: InputError("option") for name in unoffered})
            self.values = self._restore()
        return bool(unoffered)

    def validate(self, known: Values, asked: Set[str], passed: Set[str]) -> ValidatedPage:
        """Validate the page for a respondent.

        Args:
            known: variables known before the page.
            asked: codes of the questions and items that are asked.
            passed: variables whose optional input errors are ignored.
        """
        live: dict[str, Any] = {}
        for question in self.page.questions:
            if question.code in asked:
                live.update(filter_counted_answers(question, self.values, known, known["institution"]))
        if not self.before and not self.reading.errors:
            return ValidatedPage(live, live, {})
        variables = _map_variables(self.page)
        errors = {
            name: error
            for name, error in self.reading.errors.items()
            if _has_field(name, variables.get(name), known, asked) and not (error.optional and name in passed)
        }
        answers = dict(live)
        for name, value in self.before.items():
            if name in live and live[name] == value:  # the usual case: a background save has stored it
                continue
            owner = variables.get(name)
            if owner is None or _is_invalid(name, errors) or not _has_field(name, owner, known, asked):
                answers[name] = value
            elif name == find_owner(name) and (unoffered := _list_unoffered(owner, value, known)):
                answers[name] = _merge_choices(owner, live.get(name), unoffered)
        return ValidatedPage(live, answers, errors)


def _is_invalid(name: str, errors: Mapping[str, InputError]) -> bool:
    """Whether a variable, or the answer it belongs to, is invalid."""
    return name in errors or find_owner(name) in errors


def _has_field(name: str, question: Question | None, known: Values, asked: Set[str]) -> bool:
    """Whether the page has a field for a variable. Its item must be asked; for an other text, its option must be offered too."""
    if question is None or not name.endswith(NAMELY):
        return find_owner(name) in asked
    return question.code in asked and any(o.namely and is_offered(o, known, known["institution"]) for o in question.options)


@lru_cache(maxsize=4096)
def _list_limited(page: Page) -> tuple[Question, ...]:
    """Return the questions with an option that only some respondents are offered."""
    return tuple(question for question in page.questions if find_shape(question).limited)


@lru_cache(maxsize=4096)
def _map_variables(page: Page) -> dict[str, Question]:
    """Return variable → its question on the page."""
    return {name: question for question in page.questions for name in list_question_variables(question)}


def _list_unoffered(question: Question, value: Any, known: Values) -> list[Code]:
    """Return the codes in an answer that are not options, or not offered to this respondent."""
    if not question.options:
        return []
    if not find_shape(question).limited:
        return [code for code in _list_codes(value) if question.written.get(str(code)) != code]
    offered = {option.code for option in question.options if is_offered(option, known, known["institution"])}
    return [code for code in _list_codes(value) if code not in offered]


def _list_codes(value: Any) -> list[Code]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _merge_choices(question: Question, posted: Any, unoffered: list[Code]) -> Any:
    """Add stored options that are no longer offered to an answer, unless they contradict it."""
    if not QUESTION_TYPES[question.type].several:
        return unoffered[0] if posted is None else posted
    alone = {option.code for option in question.options if option.exclusive}
    if posted and not alone.isdisjoint([*posted, *unoffered]):
        return posted
    order = {option.code: number for number, option in enumerate(question.options)}
    return sorted([*(posted or []), *unoffered], key=lambda code: order.get(code, len(order)))

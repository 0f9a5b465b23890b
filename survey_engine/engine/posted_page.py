"""A posted page beside what is stored of it: what is valid, what is faulty, and what stays stored. Pure.

Nothing that is stored is lost on the way: a faulty variable keeps its stored value, and so does all that this respondent is not
asked or offered now, or that the page does not know. What was left empty is stored as no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import lru_cache
from typing import Any, NamedTuple

from survey_engine.engine.routing import find_shape, keep_counting, list_question_variables
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import Form, InputError, Reading
from survey_engine.model.questionnaire import NAMELY, Code, Page, Question, Values
from survey_engine.model.variables import find_owner, is_offered


def read_page(page: Page, form: Form) -> Reading:
    """Every answer and fault of a posted page, whoever may see it."""
    reading = Reading()
    for question in page.questions:
        found = QUESTION_TYPES[question.type].read(question, form)
        reading.values.update(found.values)
        reading.errors.update(found.errors)
    return reading


class Settled(NamedTuple):
    """What comes of a posted page for one respondent."""

    live: dict[str, Any]
    """The answers that count."""
    answers: dict[str, Any]
    """What is to be stored: these, and what stays."""
    errors: dict[str, InputError]
    """What was typed and is not stored, by variable."""


class PostedPage:
    """One page as posted, read beside `before`: what is stored of it."""

    def __init__(self, page: Page, form: Form, before: Values) -> None:
        self.page, self.before = page, before
        self.reading = read_page(page, form)
        self.values = self._restore()
        """What was posted; of what is faulty, what is stored."""

    def _restore(self) -> dict[str, Any]:
        values, faults, before = self.reading.values, self.reading.errors, self.before
        if not faults:
            return values
        valid = {name: value for name, value in values.items() if not _is_faulty(name, faults)}
        return {**valid, **{name: value for name, value in before.items() if _is_faulty(name, faults)}}

    def contradicts_stored(self) -> bool:
        """Whether the form says something else than what is stored, which may be older or newer."""
        return any(name in self.before and self.before[name] != value for name, value in self.reading.values.items())

    def keep_stored(self) -> None:
        """Keep what is stored where the form says nothing: it was drawn before its predecessor's last save arrived."""
        self.reading.values = {**self.before, **self.reading.values}
        self.values = self._restore()

    def refuse_closed(self, known: Values) -> bool:
        """Make a fault of every option that is not offered (any more) and not stored either; whether there was any.

        Args: known: what is known before the page.
        """
        closed = [
            name
            for question in _list_limited(self.page)
            for name in list_question_variables(question)
            if name == find_owner(name)
            and set(_list_closed(question, self.values.get(name), known)).difference(_list_codes(self.before.get(name)))
        ]
        if closed:
            self.reading.errors.update({name: InputError("option") for name in closed})
            self.values = self._restore()
        return bool(closed)

    def settle(self, known: Values, asked: Set[str], passed: Set[str]) -> Settled:
        """
        Args:
            known: what is known before the page.
            asked: the codes of the questions and items that are asked.
            passed: the variables whose faults one goes on without, where a fault may be left.
        """
        live: dict[str, Any] = {}
        for question in self.page.questions:
            if question.code in asked:
                live.update(keep_counting(question, self.values, known, known["institution"]))
        if not self.before and not self.reading.errors:
            return Settled(live, live, {})
        variables = _map_variables(self.page)
        faults = {
            name: fault
            for name, fault in self.reading.errors.items()
            if _is_there(name, variables.get(name), known, asked) and not (fault.optional and name in passed)
        }
        answers = dict(live)
        for name, value in self.before.items():
            owner = variables.get(name)
            if owner is None or _is_faulty(name, faults) or not _is_there(name, owner, known, asked):
                answers[name] = value
            elif name == find_owner(name) and (closed := _list_closed(owner, value, known)):
                answers[name] = _put_together(owner, live.get(name), closed)
        return Settled(live, answers, faults)


def _is_faulty(name: str, faults: Mapping[str, InputError]) -> bool:
    """Whether a variable is faulty, or the answer that it belongs to is."""
    return name in faults or find_owner(name) in faults


def _is_there(name: str, question: Question | None, known: Values, asked: Set[str]) -> bool:
    """Whether the page has a field for a variable: its item is asked, and its option with a text of its own is offered."""
    if question is None or not name.endswith(NAMELY):
        return find_owner(name) in asked
    return question.code in asked and any(o.namely and is_offered(o, known, known["institution"]) for o in question.options)


@lru_cache(maxsize=4096)
def _list_limited(page: Page) -> tuple[Question, ...]:
    """The questions with an option that is not for everyone."""
    return tuple(question for question in page.questions if find_shape(question).limited)


@lru_cache(maxsize=4096)
def _map_variables(page: Page) -> dict[str, Question]:
    """Variable → the question of the page that it belongs to."""
    return {name: question for question in page.questions for name in list_question_variables(question)}


def _list_closed(question: Question, value: Any, known: Values) -> list[Code]:
    """The codes in an answer that are no option, or none that this respondent is offered."""
    if not question.options:
        return []
    if not find_shape(question).limited:
        return [code for code in _list_codes(value) if question.written.get(str(code)) != code]
    offered = {option.code for option in question.options if is_offered(option, known, known["institution"])}
    return [code for code in _list_codes(value) if code not in offered]


def _list_codes(value: Any) -> list[Code]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _put_together(question: Question, posted: Any, closed: list[Code]) -> Any:
    """An answer and the options of an earlier one that are not offered now; these go where they contradict it."""
    if not QUESTION_TYPES[question.type].several:
        return closed[0] if posted is None else posted
    alone = {option.code for option in question.options if option.exclusive}
    if posted and not alone.isdisjoint([*posted, *closed]):
        return posted
    order = {option.code: number for number, option in enumerate(question.options)}
    return sorted([*(posted or []), *closed], key=lambda code: order.get(code, len(order)))

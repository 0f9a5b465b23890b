"""The item that a variable belongs to, whether a respondent is asked it, and the variable's possible values.

An item is identified by its code *and* the institution, because lists of several institutions may contain the same code.
"""

from __future__ import annotations

from survey_engine.model.exposure import find_exposure
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import COMMENT, Item, Question, ResponseOption, Values, Variable

RESPONSE_COLUMNS = (
    *("respondent", "version", "edition", "institution", "language", "languages", "before_switch"),
    *("started", "completed", "status", "progress_bar"),
    *("device", "channel", "language_switches", "last_page", "breakoff_page", "duration_seconds"),
)
"""The first columns of the data. If a variable has such a name, the column gets a trailing underscore."""


def find_owner(name: str) -> str:
    """Return the code of a variable's item: `transport` for `transport__namely`. A comment is a separate item."""
    return name if name.endswith(COMMENT) else name.split("__", maxsplit=1)[0]


def list_items(question: Question, variable: str) -> tuple[Item, ...]:
    """Return the items that a variable of the question may belong to: a single item, or one for each institution's list."""
    owner = find_owner(variable)
    return tuple(item for item in question.items if item.code == owner)


def find_item(question: Question, variable: str, institution: str) -> Item | None:
    """Return the item that a variable belongs to at an institution; None if it has no such item."""
    return next((item for item in list_items(question, variable) if item.is_at(institution)), None)


def is_asked(thing: Question | Item, known: Values, institution: str) -> bool:
    """Whether a question or statement on a page of the path is asked: its condition is true, and something of it is visible."""
    if isinstance(thing, Item):
        return thing.is_at(institution) and (thing.when is None or thing.when.test(known))
    exposure = find_exposure(thing, institution)
    return exposure is None or exposure.test(known)


def is_offered(option: ResponseOption, known: Values, institution: str) -> bool:
    """Whether an option is offered to this respondent."""
    return option.is_at(institution) and (option.when is None or option.when.test(known))


def has_numbers(variable: Variable) -> bool:
    """Whether its answers are numbers. An option outside the scale may have a code that is no number."""
    return variable.kind == "number" or any(isinstance(option.code, int) for option in variable.options)


def can_have(variable: Variable, value: object) -> bool:
    """Whether the value is in the variable's domain. Every value is in the domain of a text.

    >>> can_have(Variable("degrees", "number", low=-20, high=40), -3)
    True
    """
    if variable.options:
        return value in variable.codes
    if variable.kind == "number":
        return isinstance(value, int) and (variable.low or 0) <= value <= (variable.high or 0)
    return True


def format_domain(variable: Variable) -> str:
    """Format the domain of the variable for messages."""
    return join_names(variable.codes) if variable.options else f"{variable.low} to {variable.high}"

"""Variables: the item that each belongs to, whether a respondent is asked it, and the values that it can have.

An item is found by its code *and* the institution: the lists of several institutions may hold the same entry.
"""

from __future__ import annotations

from survey_engine.model.exposure import find_exposure
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Item, Question, ResponseOption, Values, Variable

RESPONSE_COLUMNS = (
    *("respondent", "version", "edition", "institution", "language", "languages", "before_switch"),
    *("started", "completed", "status"),
)
"""What the data begin with. A name that the questionnaire uses itself gets _ behind it."""


def find_owner(name: str) -> str:
    """The item that a variable belongs to: `transport` of `transport__namely`."""
    return name.split("__", maxsplit=1)[0]


def list_items(question: Question, variable: str) -> tuple[Item, ...]:
    """Every item that a variable of the question may belong to: one, or one for each institution that lists it."""
    owner = find_owner(variable)
    return tuple(item for item in question.items if item.code == owner)


def find_item(question: Question, variable: str, institution: str) -> Item | None:
    """The item that a variable belongs to at an institution; None where the institution does not ask it."""
    return next((item for item in list_items(question, variable) if item.is_at(institution)), None)


def is_asked(thing: Question | Item, known: Values, institution: str) -> bool:
    """Whether a question or statement on a page of the path is asked; a question with nothing to show is not."""
    if isinstance(thing, Item):
        return thing.is_at(institution) and (thing.when is None or thing.when.test(known))
    exposure = find_exposure(thing, institution)
    return exposure is None or exposure.test(known)


def is_offered(option: ResponseOption, known: Values, institution: str) -> bool:
    """Whether an option may be chosen by this respondent."""
    return option.is_at(institution) and (option.when is None or option.when.test(known))


def can_have(variable: Variable, value: object) -> bool:
    """Whether the value is in the variable's domain; text may be anything.

    >>> can_have(Variable("degrees", "number", low=-20, high=40), -3)
    True
    """
    if variable.options:
        return value in variable.codes
    if variable.kind == "number":
        return isinstance(value, int) and (variable.low or 0) <= value <= (variable.high or 0)
    return True


def list_domain(variable: Variable) -> str:
    """The variable's values, for a message."""
    return join_names(variable.codes) if variable.options else f"{variable.low} to {variable.high}"

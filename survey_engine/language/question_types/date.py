"""A date between two bounds, stored as year-month-day."""

from __future__ import annotations

import datetime
import re

from pydantic import Field

from survey_engine.language.definition_fields import Code, Date, QuestionDefinition
from survey_engine.language.question_types.question_type import (
    QUESTION_SECONDS,
    Builder,
    Form,
    InputError,
    QuestionType,
    Reading,
    build_question,
)
from survey_engine.model.questionnaire import Question, Variable

EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)
_WRITTEN = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<d>\d{1,2})[-/. ](?P<m>\d{1,2})[-/. ](?P<y>\d{4})|(?P<dd>\d{2})(?P<mm>\d{2})(?P<yyyy>\d{4})"
)
"""The last alternative is for numeric keypads of phones, which have no hyphen."""


class DateDefinition(QuestionDefinition):
    """A date."""

    date: Code
    earliest: Date = Field(EARLIEST, alias="from", description="The first date that is allowed.")
    latest: Date = Field(LATEST, alias="to", description="The last date that is allowed.")


def build(definition: DateDefinition, builder: Builder) -> Question:
    if definition.earliest > definition.latest:
        builder.report(
            "bad-bounds", definition.place("from"), code=definition.date, low=definition.earliest, high=definition.latest
        )
    bounds = {"earliest": definition.earliest.isoformat(), "latest": definition.latest.isoformat()}
    return build_question("date", definition, builder, QUESTION_SECONDS, **bounds)


def parse_date(written: str) -> str | None:
    """Parse a date as year-month-day or day-month-year; return None if it is invalid.

    >>> parse_date("2026-01-09"), parse_date("9-1-2026"), parse_date("09012026"), parse_date("31-2-2026")
    ('2026-01-09', '2026-01-09', '2026-01-09', None)
    """
    found = _WRITTEN.fullmatch(written)
    if not found:
        return None
    numbers = [int(number) for number in found.groups() if number]
    year, month, day = numbers if found["year"] else numbers[::-1]
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def read(question: Question, form: Form) -> Reading:
    written = form.get(question.code, "").strip()
    if not written:
        return Reading()
    earliest, latest = question.earliest or EARLIEST.isoformat(), question.latest or LATEST.isoformat()
    date = parse_date(written)
    if date is None or not earliest <= date <= latest:
        return Reading(errors={question.code: InputError("date", {"earliest": earliest, "latest": latest})})
    return Reading({question.code: date})


def variables(question: Question) -> tuple[Variable, ...]:
    return (Variable(question.code, "date", question.text, place=question.place),)


DATE = QuestionType("date", DateDefinition, build, read, variables)

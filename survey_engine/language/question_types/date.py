"""A date between two bounds, stored as year-month-day."""

from __future__ import annotations

import datetime
import re

from pydantic import Field

from survey_engine.language.definition_fields import CodeField, Date, QuestionDefinition
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

EARLIEST, _LATEST = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)
_WRITTEN = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<d>\d{1,2})[-/. ](?P<m>\d{1,2})[-/. ](?P<y>\d{4})|(?P<dd>\d{2})(?P<mm>\d{2})(?P<yyyy>\d{4})"
)
"""The last alternative has no separators: numeric keypads of phones have no hyphen."""
_SHORT_YEAR = re.compile(r"(?P<before>\d{1,2}[-/. ]\d{1,2}[-/. ])(?P<year>\d{2})")


class DateDefinition(QuestionDefinition):
    """A date."""

    date: CodeField
    earliest: Date = Field(EARLIEST, alias="from", description="The first date that is allowed.")
    latest: Date = Field(_LATEST, alias="to", description="The last date that is allowed.")


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
    # The hint has non-breaking hyphens, which respondents may copy.
    written = form.get(question.code, "").strip().replace("\u2011", "-")
    if not written:
        return Reading()
    earliest, latest = question.earliest or EARLIEST.isoformat(), question.latest or _LATEST.isoformat()
    short = _SHORT_YEAR.fullmatch(written)
    full = [f"{short['before']}{century}{short['year']}" for century in (19, 20, 21)] if short else [written]
    dates = [date for date in map(parse_date, full) if date and earliest <= date <= latest]
    if len(dates) == 1:
        return Reading({question.code: dates[0]})
    bounds = {"earliest": earliest, "latest": latest}
    return Reading(errors={question.code: InputError("year", bounds) if dates else InputError("date", bounds)})


def variables(question: Question) -> tuple[Variable, ...]:
    return (Variable(question.code, "date", question.text, place=question.place),)


DATE = QuestionType("date", DateDefinition, build, read, variables)

"""What an export must look at for one kind of respondent: which variables, under which conditions, into which cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from survey_engine.datasets.columns import Layout, find_owner
from survey_engine.datasets.missing_values import Missing
from survey_engine.engine.routing import Respondent, sequence
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import NAMELY, Code, Condition, Question, Values, Variable

Cell: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Asked:
    """One variable on one page: when it is asked, and where its value goes."""

    code: str
    when: tuple[Condition, ...]
    """Those of its question, its options and its item."""
    limited: Mapping[Code, tuple[Condition, ...]]
    """Option that not everybody is offered → conditions of which one must hold; none for another institution's option."""
    cell: int | None = None
    ticks: Mapping[Code, int] = field(default_factory=dict)
    """Option of a question with several answers → its cell."""
    namely: frozenset[Code] = frozenset()
    """The options with a text of their own."""

    def is_offered(self, code: Code, known: Values) -> bool:
        return code not in self.limited or any(condition.test(known) for condition in self.limited[code])

    def keep_offered(self, value: Any, known: Values) -> Any:
        """The value as far as its options are offered to this respondent; None when nothing is left."""
        if not self.limited or value is None:
            return value
        if isinstance(value, list):
            return [code for code in value if self.is_offered(code, known)] or None
        return value if self.is_offered(value, known) else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What all respondents with the same institution, language and modules have in common."""

    unasked: list[Cell]
    """The answers of somebody who is asked nothing."""
    asked: tuple[tuple[Asked, ...], ...]
    """For every step of their sequence."""


def make_plan(layout: Layout, missing: Missing, respondent: Respondent) -> Plan:
    cells = {column.name: index for index, column in enumerate(layout.answers)}
    steps = sequence(layout.questionnaire, respondent)
    asked = (
        tuple(a for question in step.page.questions for a in _list_asked(question, cells, respondent.institution))
        for step in steps
    )
    return Plan(_list_unasked(layout, missing, respondent), tuple(asked))


def _list_unasked(layout: Layout, missing: Missing, respondent: Respondent) -> list[Cell]:
    """Not asked, or not assigned where a column belongs to modules that this respondent does not have."""
    blocks = layout.questionnaire.institutions[respondent.institution].blocks
    assigned = {*respondent.modules, *(block.theme for block in blocks)}
    cells: list[Cell] = []
    for column in layout.answers:
        modules = {home.module for home in column.homes}
        elsewhere = None not in modules and modules.isdisjoint(assigned)
        cells.append(missing.not_assigned if elsewhere else missing.not_asked)
    return cells


def _list_asked(question: Question, cells: Mapping[str, int], institution: str) -> Iterator[Asked]:
    """The variables of a question that this institution asks; a namely text goes with the question that it explains."""
    offer = find_offer(question, institution)
    for variable in QUESTION_TYPES[question.type].variables(question):
        item = find_owner(question, variable.code)
        foreign = item and item.institutions is not None and institution not in item.institutions
        if foreign or variable.code.endswith(NAMELY):
            continue
        several = dict.fromkeys(variable.codes) if variable.kind == "codes" else {}
        yield Asked(
            code=variable.code,
            when=tuple(condition for condition in (question.when, offer, item and item.when) if condition),
            limited=_list_limited(variable, institution),
            cell=cells.get(variable.code),
            ticks={code: cells[f"{variable.code}_{code}"] for code in several},
            namely=frozenset(option.code for option in variable.options if option.namely),
        )


def _list_limited(variable: Variable, institution: str) -> dict[Code, tuple[Condition, ...]]:
    """The options that stand under a condition, or that this institution does not offer."""
    limited: dict[Code, tuple[Condition, ...]] = {}
    for code in dict.fromkeys(variable.codes):
        here = [o for o in variable.options if o.code == code and o.is_at(institution)]
        conditions = tuple(option.when for option in here if option.when)
        if len(conditions) == len(here):
            limited[code] = conditions
    return limited

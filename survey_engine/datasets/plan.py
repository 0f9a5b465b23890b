"""What an export must look at for one kind of respondent: which variables, under which conditions, into which cells."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from survey_engine.datasets.columns import TableLayout
from survey_engine.engine.routing import Respondent, Step, list_possible_steps
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import evaluate_partially
from survey_engine.model.exposure import find_offer
from survey_engine.model.missing_values import Missing
from survey_engine.model.questionnaire import NAMELY, Code, Condition, Question, Questionnaire, Values, Variable
from survey_engine.model.variables import find_item

Cell: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class PlannedVariable:
    """One variable on one page: when it is asked, and where its value goes."""

    code: str
    when: tuple[Condition, ...]
    """Those of its question, its options and its item."""
    limited: Mapping[Code, tuple[Condition, ...]]
    """Option that not everybody is offered → conditions of which one must hold; none for another institution's option."""
    cell: int | None = None
    several: bool = False
    """Whether its question has several answers."""
    ticks: Mapping[Code, int] = field(default_factory=dict)
    """Option of a question with several answers → its cell."""
    namely: frozenset[Code] = frozenset()
    """The options with a text of their own."""
    outside: frozenset[Code] = frozenset()
    """The options outside the scale: does not apply."""
    is_text: bool = False

    def is_asked(self, known: Values) -> bool:
        return not self.when or all(condition.test(known) for condition in self.when)

    def is_offered(self, code: Code, known: Values) -> bool:
        return code not in self.limited or any(condition.test(known) for condition in self.limited[code])

    def may_be_offered(self, code: Code, known: Values, unsettled: Container[str]) -> bool:
        """Whether it may still turn out to be offered while these variables are to be answered."""
        limits = self.limited.get(code)
        return limits is None or any(evaluate_partially(condition, known, unsettled) is not False for condition in limits)

    def keep_offered(self, value: Any, known: Values) -> Any:
        """The value as far as its options are offered to this respondent; None when nothing is left."""
        if not self.limited or value is None:
            return value
        if isinstance(value, list):
            return [code for code in value if self.is_offered(code, known)] or None
        return value if self.is_offered(value, known) else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What all respondents to one version with the same institution, language and modules have in common."""

    questionnaire: Questionnaire
    unasked: list[Cell]
    """The answers of somebody who is asked nothing."""
    steps: tuple[Step, ...]
    asked: tuple[tuple[PlannedVariable, ...], ...]
    """For every step."""


def make_plan(layout: TableLayout, missing: Missing, questionnaire: Questionnaire, respondent: Respondent) -> Plan:
    cells = {column.name: index for index, column in enumerate(layout.answers) if column.is_in(questionnaire)}
    texts = {column.name for column in layout.texts if column.is_in(questionnaire)}
    steps = list_possible_steps(questionnaire, respondent)
    asked = (
        tuple(a for question in step.page.questions for a in _list_asked(question, cells, texts, respondent.institution))
        for step in steps
    )
    return Plan(questionnaire, _list_unasked(layout, missing, questionnaire, respondent), steps, tuple(asked))


def _list_unasked(layout: TableLayout, missing: Missing, questionnaire: Questionnaire, respondent: Respondent) -> list[Cell]:
    """Not asked, or not assigned where a column belongs to modules that this respondent does not have."""
    blocks = questionnaire.institutions[respondent.institution].blocks
    assigned = {*respondent.modules, *(block.theme for block in blocks)}
    cells: list[Cell] = []
    for column in layout.answers:
        modules = {home.module for home in column.homes if home.questionnaire is questionnaire}
        elsewhere = modules and None not in modules and modules.isdisjoint(assigned)
        cells.append(missing.not_assigned if elsewhere else missing.not_asked)
    return cells


def _list_asked(
    question: Question, cells: Mapping[str, int], texts: Container[str], institution: str
) -> Iterator[PlannedVariable]:
    """The variables of a question that this institution asks; a namely text goes with the question that it explains."""
    offer = find_offer(question, institution)
    for variable in QUESTION_TYPES[question.type].variables(question):
        item = find_item(question, variable.code, institution)
        if item is None or variable.code.endswith(NAMELY):
            continue
        several = variable.kind == "codes"
        explained = variable.code + NAMELY in texts
        ticks = {code: cells[name] for code in variable.codes if (name := f"{variable.code}_{code}") in cells}
        yield PlannedVariable(
            code=variable.code,
            when=tuple(condition for condition in (question.when, offer, item.when) if condition),
            limited=_list_limited(variable, institution),
            cell=None if several else cells.get(variable.code),
            several=several,
            ticks=ticks if several else {},
            namely=frozenset(option.code for option in variable.options if option.namely and explained),
            outside=frozenset(option.code for option in variable.options if option.outside_scale),
            is_text=variable.kind == "text" and variable.code in texts,
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

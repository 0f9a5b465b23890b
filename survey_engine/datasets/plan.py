"""Export plan for respondents with the same version, institution, language and modules: variables, conditions and cells."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
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

Cell: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class PlannedVariable:
    """One variable on one page: its conditions and its cells."""

    code: str
    when: tuple[Condition, ...]
    """Conditions of its question, its options and its item."""
    limited: Mapping[Code, tuple[Condition, ...]]
    """Option with a condition → its conditions, of which one must be true; no conditions for an option of other institutions."""
    cell: int | None = None
    several: bool = False
    """Whether the question accepts several answers."""
    cell_by_option: Mapping[Code, int] = field(default_factory=dict)
    """Option of a question with several answers → its cell."""
    namely: frozenset[Code] = frozenset()
    """Options with an other text."""
    outside: Mapping[Any, int] = field(default_factory=dict)
    """Options outside the scale → their missing code."""
    is_text: bool = False
    is_plain: bool = False
    """Whether the variable is one cell without other text, with options that everyone is offered."""

    def is_asked(self, known: Values) -> bool:
        return not self.when or all(condition.test(known) for condition in self.when)

    def is_offered(self, code: Code, known: Values) -> bool:
        return code not in self.limited or any(condition.test(known) for condition in self.limited[code])

    def may_be_offered(self, code: Code, known: Values, unsettled: Container[str]) -> bool:
        """Return whether the option may be offered, while the answers to the `unsettled` variables are unknown."""
        limits = self.limited.get(code)
        return limits is None or any(evaluate_partially(condition, known, unsettled) is not False for condition in limits)

    def find_outside(self, chosen: Iterable[Code], other: int) -> int:
        """Return the missing code of a chosen option outside the scale; `other` if there is none."""
        return next((self.outside[code] for code in chosen if code in self.outside), other)

    def keep_offered(self, value: Any, known: Values) -> Any:
        """Return the value without options that this respondent is not offered; None if nothing is left."""
        if not self.limited or value is None:
            return value
        if isinstance(value, list):
            return [code for code in value if self.is_offered(code, known)] or None
        return value if self.is_offered(value, known) else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Variables and cells of all respondents to one version with the same institution, language and modules."""

    questionnaire: Questionnaire
    unasked: list[Cell]
    """The cells of a respondent who is asked nothing."""
    steps: tuple[Step, ...]
    asked: tuple[tuple[PlannedVariable, ...], ...]
    """The variables of every step."""


def make_plan(layout: TableLayout, missing: Missing, questionnaire: Questionnaire, respondent: Respondent) -> Plan:
    cells = {column.name: index for index, column in enumerate(layout.answers) if column.is_in(questionnaire)}
    texts = {column.name for column in layout.texts if column.is_in(questionnaire)}
    steps = list_possible_steps(questionnaire, respondent)
    asked = (
        tuple(a for question in step.page.questions for a in _iter_asked(question, cells, texts, respondent.institution, missing))
        for step in steps
    )
    return Plan(questionnaire, _list_unasked(layout, missing, questionnaire, respondent), steps, tuple(asked))


def _list_unasked(layout: TableLayout, missing: Missing, questionnaire: Questionnaire, respondent: Respondent) -> list[Cell]:
    """Return "not assigned" for columns of modules that this respondent does not have, and "not asked" for all other columns."""
    blocks = questionnaire.institutions[respondent.institution].blocks
    assigned = {*respondent.modules, *(block.theme for block in blocks)}
    cells: list[Cell] = []
    for column in layout.answers:
        modules = {location.module for location in column.locations if location.questionnaire is questionnaire}
        elsewhere = modules and None not in modules and modules.isdisjoint(assigned)
        cells.append(missing.not_assigned if elsewhere else missing.not_asked)
    return cells


def _iter_asked(
    question: Question, cells: Mapping[str, int], texts: Container[str], institution: str, missing: Missing
) -> Iterator[PlannedVariable]:
    """Iterate over the variables of a question that this institution asks. An other text belongs to the variable that it explains."""
    offer = find_offer(question, institution)
    for variable in QUESTION_TYPES[question.type].variables(question):
        item = find_item(question, variable.code, institution)
        if item is None or variable.code.endswith(NAMELY):
            continue
        several = variable.kind == "codes"
        explained = variable.code + NAMELY in texts
        cell_by_option = {code: cells[name] for code in variable.codes if (name := f"{variable.code}_{code}") in cells}
        limited = _map_limited(variable, institution)
        namely = frozenset(option.code for option in variable.options if option.namely and explained)
        is_text = variable.kind == "text" and variable.code in texts
        yield PlannedVariable(
            code=variable.code,
            when=tuple(condition for condition in (question.when, offer, item.when) if condition),
            limited=limited,
            cell=None if several else cells.get(variable.code),
            several=several,
            cell_by_option=cell_by_option if several else {},
            namely=namely,
            outside=missing.number_outside(variable.options),
            is_text=is_text,
            is_plain=not (several or limited or namely or is_text),
        )


def _map_limited(variable: Variable, institution: str) -> dict[Code, tuple[Condition, ...]]:
    """List the options that have a condition or that this institution does not offer."""
    limited: dict[Code, tuple[Condition, ...]] = {}
    for code in dict.fromkeys(variable.codes):
        here = [o for o in variable.options if o.code == code and o.is_at(institution)]
        conditions = tuple(option.when for option in here if option.when)
        if len(conditions) == len(here):
            limited[code] = conditions
    return limited

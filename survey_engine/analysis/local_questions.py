"""The local questions of an institution: their guards, their duration, and references to them from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from survey_engine.analysis.duration import estimate_minutes
from survey_engine.analysis.offered_sections import remove_local_questions
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import Condition, Institution, Page, Question, Questionnaire, Section


@dataclass(frozen=True, slots=True)
class LocalItem:
    """A local question, its section and page, and the conditions under which it is asked."""

    section: Section
    page: Page
    question: Question
    guard: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class LocalBudget:
    """Longest minutes in one language variant, without and with local questions, and the budget (None if unlimited)."""

    language: str
    without: float
    with_own: float
    budget: float | None

    @property
    def left(self) -> float | None:
        """Remaining minutes; negative if the longest path exceeds the budget."""
        return None if self.budget is None else self.budget - self.with_own


@dataclass(frozen=True, slots=True)
class LocalReference:
    """A condition that uses a local question but does not belong to one."""

    condition: Condition
    name: str


def iter_local_items(institution: Institution) -> Iterator[LocalItem]:
    for section in institution.own_sections:
        for page in section.pages:
            for question in page.questions:
                guard = tuple(
                    condition for condition in (section.when, page.when, question.when, find_offer(question)) if condition
                )
                yield LocalItem(section, page, question, guard)


def list_local_references(questionnaire: Questionnaire, institution: Institution) -> list[LocalReference]:
    """Return the conditions of core, modules and blocks that use a local question.

    An empty list proves that local questions do not affect routing, module draws or the duration of other pages.
    """
    own = {id(section) for section in institution.own_sections}
    named = {
        variable.code
        for item in iter_local_items(institution)
        for variable in QUESTION_TYPES[item.question.type].variables(item.question)
    }
    others = [section for section in questionnaire.all_sections if id(section) not in own]
    conditions = [condition for section in others for condition in section.iter_conditions()]
    return [LocalReference(condition, name) for condition in conditions for name in sorted(condition.names & named)]


def list_local_budgets(questionnaire: Questionnaire, institution: Institution) -> list[LocalBudget]:
    """Return a budget for each language variant of the institution."""
    alone = replace(questionnaire, institutions={institution.code: institution})
    bare = estimate_minutes(remove_local_questions(alone, institution))
    full = estimate_minutes(alone)
    return [
        LocalBudget(language, bare[language].longest, full[language].longest, questionnaire.budget_minutes)
        for language in institution.languages
        if language in full and language in bare
    ]

"""An institution's own questions, held against the rest: what they take, who gets them, what they may not touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from survey_engine.analysis.duration import estimate_minutes
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import Condition, Institution, Page, Question, Questionnaire, Section


@dataclass(frozen=True, slots=True)
class LocalItem:
    """One own question where it stands, with every condition on the way to it."""

    section: Section
    page: Page
    question: Question
    way: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class LocalBudget:
    """Minutes in one language variant: without own questions, with them, and what the questionnaire allows (if it says)."""

    language: str
    without: float
    with_own: float
    budget: float | None

    @property
    def left(self) -> float | None:
        """Minutes that the institution still has; below zero when the longest way is too long."""
        return None if self.budget is None else self.budget - self.with_own


@dataclass(frozen=True, slots=True)
class LocalReference:
    """A condition outside the own questions that looks at one of them."""

    condition: Condition
    name: str


def list_local_items(institution: Institution) -> Iterator[LocalItem]:
    for section in institution.own_sections:
        for page in section.pages:
            for question in page.questions:
                way = tuple(
                    condition for condition in (section.when, page.when, question.when, find_offer(question)) if condition
                )
                yield LocalItem(section, page, question, way)


def find_references(questionnaire: Questionnaire, institution: Institution) -> list[LocalReference]:
    """Conditions of the core, of modules and of blocks that look at an own question; there should be none.

    What no condition names cannot change a route, a draw of modules or anybody's time: so an empty list is a proof.
    """
    own = {id(section) for section in institution.own_sections}
    named = {
        variable.code
        for item in list_local_items(institution)
        for variable in QUESTION_TYPES[item.question.type].variables(item.question)
    }
    others = [section for section in questionnaire.all_sections if id(section) not in own]
    conditions = [condition for section in others for condition in section.list_conditions()]
    return [LocalReference(condition, name) for condition in conditions for name in sorted(condition.names & named)]


def measure_local_budget(questionnaire: Questionnaire, institution: Institution) -> list[LocalBudget]:
    """Longest minutes per language variant that the institution offers, without and with its own questions."""
    alone = replace(questionnaire, institutions={institution.code: institution})
    bare = estimate_minutes(alone.without_own(institution))
    full = estimate_minutes(alone)
    return [
        LocalBudget(language, bare[language].longest, full[language].longest, questionnaire.budget_minutes)
        for language in institution.languages
        if language in full and language in bare
    ]

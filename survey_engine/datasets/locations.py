"""The locations of questions in a questionnaire, in the order of asking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from survey_engine.model.questionnaire import Item, LocalBlock, OrderStep, Page, Question, Questionnaire, Section
from survey_engine.model.variables import list_items


@dataclass(frozen=True, slots=True)
class QuestionLocation:
    """One location of a question: version, section and page."""

    questionnaire: Questionnaire
    """The version that asks the question."""
    group: OrderStep
    section: Section
    page: Page
    question: Question
    module: str | None = None
    """The module or theme of the section, if any."""
    institutions: tuple[str, ...] | None = None
    """The institutions that ask the question here; None if all do."""

    def list_items(self, variable: str) -> tuple[Item, ...]:
        """List the items of a variable here; several if institutions define the item differently."""
        found = list_items(self.question, variable)
        here = self.institutions
        return tuple(item for item in found if here is None or not here or any(item.is_at(code) for code in here))


def iter_locations(questionnaire: Questionnaire) -> Iterator[QuestionLocation]:
    """Iterate over every location of every question in the order of asking, themes and local questions included."""
    for group in questionnaire.order:
        for section in group.sections:
            yield from _iter_in(questionnaire, group, section)
        if group.modules:
            for code in questionnaire.find_shares(group.modules):
                yield from _iter_in(questionnaire, group, questionnaire.modules[code], code)
        if group.blocks:
            yield from _iter_in_blocks(questionnaire, group)
        if group.own_questions:
            for institution in questionnaire.institutions.values():
                if institution.own_questions:
                    yield from _iter_in(questionnaire, group, institution.own_questions, None, [institution.code])


def _iter_in(
    questionnaire: Questionnaire,
    group: OrderStep,
    section: Section,
    module: str | None = None,
    institutions: Iterable[str] | None = None,
) -> Iterator[QuestionLocation]:
    who = None if institutions is None else tuple(institutions)
    for page in section.pages:
        for question in page.questions:
            yield QuestionLocation(questionnaire, group, section, page, question, module, who)


def _iter_in_blocks(questionnaire: Questionnaire, group: OrderStep) -> Iterator[QuestionLocation]:
    """Iterate over themes first, also those without an institution. Institutions with the same condition share a location."""
    blocks = [(institution.code, block) for institution in questionnaire.institutions.values() for block in institution.blocks]
    for code, theme in questionnaire.modules.items():
        takers: dict[str, list[tuple[str, LocalBlock]]] = {}
        for institution, block in blocks:
            if block.theme == code:
                when = block.section.when
                takers.setdefault(when.source if when else "", []).append((institution, block))
        for alike in takers.values():
            yield from _iter_in(questionnaire, group, alike[0][1].section, code, (institution for institution, _ in alike))
        if not takers:
            yield from _iter_in(questionnaire, group, theme, code, ())
    for institution, block in blocks:
        if not block.theme:
            yield from _iter_in(questionnaire, group, block.section, None, [institution])

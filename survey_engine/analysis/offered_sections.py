"""The sections that the students of one institution may be asked, with their groups."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.model.questionnaire import Institution, OrderStep, Questionnaire, Section


def iter_offered_sections(questionnaire: Questionnaire, institution: Institution) -> Iterator[tuple[OrderStep, Section]]:
    """Yield every section that a student of the institution may be asked in some language variant, with its group."""
    for group in questionnaire.order:
        sections = list(group.sections)
        if group.modules:
            sections += (questionnaire.modules[code] for code in questionnaire.find_shares(group.modules))
        if group.blocks:
            sections += (block.section for block in institution.blocks)
        if group.own_questions and institution.own_questions:
            sections.append(institution.own_questions)
        yield from ((group, section) for section in sections)

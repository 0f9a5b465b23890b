"""The sections that students of one institution may be asked, and a questionnaire without its local questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from survey_engine.model.questionnaire import Institution, OrderStep, Questionnaire, Section


def iter_offered_sections(questionnaire: Questionnaire, institution: Institution) -> Iterator[tuple[OrderStep, Section]]:
    """Yield (group, section) for every section that a student of the institution may be asked in any language variant."""
    for group in questionnaire.order:
        sections = list(group.sections)
        if group.modules:
            sections += (questionnaire.modules[code] for code in questionnaire.find_shares(group.modules))
        if group.blocks:
            sections += (block.section for block in institution.blocks)
        if group.own_questions and institution.own_questions:
            sections.append(institution.own_questions)
        yield from ((group, section) for section in sections)


def remove_local_questions(questionnaire: Questionnaire, institution: Institution) -> Questionnaire:
    """Return the questionnaire without the local questions of one institution."""
    themes = tuple(block for block in institution.blocks if block.theme is not None)
    bare = replace(institution, own_questions=None, blocks=themes)
    return replace(questionnaire, institutions={**questionnaire.institutions, institution.code: bare})

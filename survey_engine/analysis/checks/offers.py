"""There is an institution; at each of them every question offers something, and none is asked twice of the same student."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.reachability import list_question_places
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Institution, Page, Question, Questionnaire, Section


def check_taking_part(questionnaire: Questionnaire) -> Iterator[Problem]:
    """For authors alone, and only where no file of an institution may have been left out."""
    if not questionnaire.institutions:
        yield Problem("no-institution", questionnaire.place)


def check_offers(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Lists that an institution lacks, unless a condition on `institution` keeps its students away."""
    for institution in questionnaire.institutions.values():
        for stop in list_question_places(list_offered_sections(questionnaire, institution)):
            if any(_is_elsewhere(condition, institution) for condition in stop.way):
                continue
            for what, offered in (("options", stop.question.options), ("statements", stop.question.items)):
                if offered and not any(one.is_at(institution.code) for one in offered):
                    facts = {"code": stop.question.code, "what": what, "institution": institution.code}
                    yield Problem("nothing-offered", stop.question.place, facts)


def _is_elsewhere(condition: Condition, institution: Institution) -> bool:
    return condition.names == {"institution"} and not condition.test({"institution": institution.code})


def check_asked_twice(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Only where no condition keeps the two apart; what conditions do is for the proof to say."""
    for institution in questionnaire.institutions.values():
        first: dict[str, Page] = {}
        for page, question in _list_unconditional(list_offered_sections(questionnaire, institution)):
            if first.setdefault(question.code, page) is not page:
                yield Problem("twice-in-order", page.place, {"kind": "question", "name": question.code})


def list_offered_sections(questionnaire: Questionnaire, institution: Institution) -> Iterator[Section]:
    """Everything that a student of the institution may be asked."""
    for group in questionnaire.order:
        yield from group.sections
        if group.modules:
            yield from questionnaire.modules.values()
        if group.blocks:
            yield from (block.section for block in institution.blocks)
        if group.own_questions and institution.own_questions:
            yield institution.own_questions


def _list_unconditional(sections: Iterator[Section]) -> Iterator[tuple[Page, Question]]:
    for section in sections:
        for page in section.pages:
            for question in page.questions:
                if not (section.when or section.languages or page.when or question.when):
                    yield page, question

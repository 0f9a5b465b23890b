"""Institutions: there is at least one; each offers something in every question; no student gets a question twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.analysis.reachability import iter_asked_questions
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Institution, Page, Question, Questionnaire, Section

_TEMPLATE_NAME = re.compile(
    r"(?:institution|school|university|college)(?:['’]s)? name|name of (?:the |your )?(?:institution|school|university|college)"
    r"|(?:instellings|school)naam|naam (?:van )?(?:de |je |het )?(?:instelling|school|universiteit|hogeschool|college)"
    r"|name der (?:hochschule|schule|universität|einrichtung)|(?:your|my|new) (?:institution|school|university|college)",
    re.IGNORECASE,
)


def check_taking_part(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a questionnaire without institutions. Only in ADVICE: elsewhere files of institutions may be omitted."""
    if not questionnaire.institutions:
        yield Problem("no-institution", questionnaire.place)


def check_offers(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report lists that an institution lacks, unless a condition on `institution` excludes its students."""
    for institution in questionnaire.institutions.values():
        for asked in iter_asked_questions(iter_offered_sections(questionnaire, institution)):
            if asked.question.comments_on or any(_is_elsewhere(condition, institution) for condition in asked.guard):
                continue
            for what, offered in (("options", asked.question.options), ("statements", asked.question.items)):
                if offered and not any(one.is_at(institution.code) for one in offered):
                    facts = {"code": asked.question.code, "what": what, "institution": institution.code}
                    yield Problem("nothing-offered", asked.question.place, facts)


def check_institution_names(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report institutions with one name or that of a template, and local questions that name another institution."""
    first: dict[str, Institution] = {}
    for institution in questionnaire.institutions.values():
        other = first.setdefault(institution.name.casefold().strip(), institution)
        if other is not institution:
            facts = {"kind": "institutions", "code": institution.code, "other": other.code, "name": institution.name}
            yield Problem("same-name", institution.place_of("name"), facts)
        if _TEMPLATE_NAME.fullmatch(institution.name.strip()):
            yield Problem("template-name", institution.place_of("name"), {"code": institution.code, "name": institution.name})
        yield from _check_other_names(institution, questionnaire)


def check_language_names(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report language variants with one name: respondents choose by it."""
    first: dict[str, str] = {}
    for code, language in questionnaire.languages.items():
        other = first.setdefault(language.name.casefold().strip(), code)
        if other != code:
            facts = {"kind": "language variants", "code": code, "other": other, "name": language.name}
            yield Problem("same-name", questionnaire.place, facts)


def _check_other_names(institution: Institution, questionnaire: Questionnaire) -> Iterator[Problem]:
    names = [each.name for each in questionnaire.institutions.values() if each.name not in institution.name]
    for section in institution.own_sections if names else ():
        for text in (text for question in section.list_questions() for text in question.list_texts()):
            for language, wording in text.wording.items():
                found = next((name for name in names if name in wording and re.search(rf"\b{re.escape(name)}\b", wording)), None)
                if found:
                    facts = {"code": text.code, "language": language, "institution": institution.code, "name": found}
                    yield Problem("other-institution", text.place_in(language), facts)


def _is_elsewhere(condition: Condition, institution: Institution) -> bool:
    return condition.names == {"institution"} and not condition.test({"institution": institution.code})


def check_asked_twice(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report items that are asked twice without conditions; the proof checks those with conditions."""
    for institution in questionnaire.institutions.values():
        first: dict[str, Page] = {}
        for page, question in _list_unconditional(iter_offered_sections(questionnaire, institution)):
            if first.setdefault(question.code, page) is not page:
                yield Problem("twice-in-order", page.place, {"kind": "question", "name": question.code})


def iter_offered_sections(questionnaire: Questionnaire, institution: Institution) -> Iterator[Section]:
    """Yield every section that a student of the institution may be asked."""
    for group in questionnaire.order:
        yield from group.sections
        if group.modules:
            yield from (questionnaire.modules[code] for code in questionnaire.find_shares(group.modules))
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

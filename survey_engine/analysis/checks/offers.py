"""Institutions: at least one takes part, each offers options in every question, and no student is asked a question twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, combinations

from survey_engine.analysis.offered_sections import iter_offered_sections
from survey_engine.analysis.reachability import AskedQuestion, Reachability, find_reachability, iter_asked_questions
from survey_engine.analysis.tried_values import TooManyCasesError
from survey_engine.engine.assignment import list_candidates, list_rules
from survey_engine.model.conditions import Compare, Constant, Name, make_condition
from survey_engine.model.messages import Problem, join_names
from survey_engine.model.questionnaire import Condition, Institution, Place, Questionnaire, ResponseOption

_LEAST_ANSWERS = 2

_TEMPLATE_NAME = re.compile(
    r"(?:institution|school|university|college)(?:['’]s)? name|name of (?:the |your )?(?:institution|school|university|college)"
    r"|(?:instellings|school)naam|naam (?:van )?(?:de |je |het )?(?:instelling|school|universiteit|hogeschool|college)"
    r"|name der (?:hochschule|schule|universität|einrichtung)|(?:your|my|new) (?:institution|school|university|college)",
    re.IGNORECASE,
)

_NAME_MARKUP = re.compile(r"\{\w*\}|[{}]|\*[^*]+\*|\[[^\[\]]*\]\([^()]*\)|</?[a-zA-Z][^<>]*>")
"""A placeholder, emphasis, a link or HTML, none of which a name may contain."""


def check_taking_part(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a questionnaire without institutions. In ADVICE, because compilation also accepts folders without institutions."""
    if not questionnaire.institutions:
        yield Problem("no-institution", questionnaire.place)


def check_offers(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report lists that an institution lacks, unless a condition on `institution` excludes its students from the question."""
    for institution in questionnaire.institutions.values():
        for asked in iter_asked_questions(section for _, section in iter_offered_sections(questionnaire, institution)):
            if asked.question.comments_on or any(_is_elsewhere(condition, institution) for condition in asked.guard):
                continue
            for what, offered in (("options", asked.question.options), ("statements", asked.question.items)):
                if offered and not any(one.is_at(institution.code) for one in offered):
                    facts = {"code": asked.question.code, "what": what, "institution": institution.code}
                    yield Problem("nothing-offered", asked.question.place, facts)
                elif what == "options" and _lacks_list(asked.question.options, institution):
                    left = join_names(str(one.code) for one in offered if one.is_at(institution.code))
                    facts = {"code": asked.question.code, "institution": institution.code, "left": left}
                    yield Problem("list-missing", asked.question.place, facts)


def _lacks_list(options: Sequence[ResponseOption], institution: Institution) -> bool:
    """Whether an institution lacks the list of a question, so that fewer than two answers remain besides "other" and "none"."""
    listed = [option for option in options if option.institutions is not None]
    common = [option for option in options if option.institutions is None]
    left = [option for option in common if not (option.namely or option.exclusive or option.outside_scale)]
    return bool(listed) and len(left) < _LEAST_ANSWERS and not any(option.is_at(institution.code) for option in listed)


def check_institution_names(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report two institutions with the same name, names left from a template, and local questions that name another institution."""
    first: dict[str, Institution] = {}
    for institution in questionnaire.institutions.values():
        other = first.setdefault(institution.name.casefold().strip(), institution)
        if other is not institution:
            facts = {"kind": "institutions", "code": institution.code, "other": other.code, "name": institution.name}
            yield Problem("same-name", institution.place_of("name"), facts)
        if _TEMPLATE_NAME.fullmatch(institution.name.strip()):
            yield Problem("template-name", institution.place_of("name"), {"code": institution.code, "name": institution.name})
        if found := _NAME_MARKUP.search(institution.name):
            yield Problem("name-markup", institution.place_of("name"), {"code": institution.code, "found": found[0]})
        yield from _check_other_names(institution, questionnaire)


def check_language_names(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report language variants with the same name, and variants whose `html_lang` is another language."""
    first: dict[str, str] = {}
    for code, language in questionnaire.languages.items():
        other = first.setdefault(language.name.casefold().strip(), code)
        if other != code:
            facts = {"kind": "language variants", "code": code, "other": other, "name": language.name}
            yield Problem("same-name", questionnaire.place, facts)
        if language.html_lang.split("-")[0].casefold() != language.spoken.casefold():
            yield Problem(
                "html-language", questionnaire.place, {"code": code, "found": language.html_lang, "spoken": language.spoken}
            )


def _check_other_names(institution: Institution, questionnaire: Questionnaire) -> Iterator[Problem]:
    names = [each.name for each in questionnaire.institutions.values() if each.name not in institution.name]
    for section in institution.own_sections if names else ():
        for text in (text for question in section.iter_questions() for text in question.iter_texts()):
            for language, wording in text.wording.items():
                found = next((name for name in names if name in wording and re.search(rf"\b{re.escape(name)}\b", wording)), None)
                if found:
                    facts = {"code": text.code, "language": language, "institution": institution.code, "name": found}
                    yield Problem("other-institution", text.place_in(language), facts)


def _is_elsewhere(condition: Condition, institution: Institution) -> bool:
    return condition.names == {"institution"} and not condition.test({"institution": institution.code})


def check_asked_twice(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report questions that a respondent is asked twice, on one page or two. Cases too large for this search are left to the proof."""
    reach = find_reachability(questionnaire)
    reported: set[tuple[Place, str]] = set()
    for institution in questionnaire.institutions.values():
        for one, other in _iter_repeated(questionnaire, institution):
            key = (other.page.place, other.question.code)
            if key not in reported and _is_same_respondent(one, other, institution, reach):
                reported.add(key)
                yield Problem("twice-in-order", other.page.place, {"kind": "question", "name": other.question.code})


def _iter_repeated(questionnaire: Questionnaire, institution: Institution) -> Iterator[tuple[AskedQuestion, AskedQuestion]]:
    """Yield pairs of places of one question that a respondent may get, judging by language variant and modules."""
    drawn = [set(list_candidates(questionnaire, institution, rule)) for rule in list_rules(questionnaire)]
    places: dict[str, list[tuple[set[str], AskedQuestion]]] = {}
    for group, section in iter_offered_sections(questionnaire, institution):
        shown = {code for code in institution.languages if questionnaire.languages[code].shows(group)}
        for asked in iter_asked_questions([section]):
            if asked.question.bank and not asked.question.comments_on:  # other duplicates are reported as duplicate codes
                here = shown if section.languages is None else shown & section.languages
                places.setdefault(asked.question.code, []).append((here, asked))
    for (shown, one), (here, other) in chain.from_iterable(combinations(each, 2) for each in places.values()):
        modules = {one.section.code, other.section.code}
        repeated = one.question is other.question  # the section is listed twice, which has its own message
        apart = len(modules) > 1 and any(modules <= pool for pool in drawn)
        if shown & here and not repeated and not apart:
            yield one, other


def _is_same_respondent(one: AskedQuestion, other: AskedQuestion, institution: Institution, reach: Reachability) -> bool:
    here = Compare("==", Name("institution"), Constant(institution.code))
    with suppress(TooManyCasesError):
        return reach.find_case([make_condition("", here, institution.place), *one.guard, *other.guard]) is not None
    return False

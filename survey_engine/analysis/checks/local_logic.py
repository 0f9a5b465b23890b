"""Conditions at one institution, checked with its students, languages, lists and local questions.

The checks of `logic` consider all institutions together; parts of an institution's file concern its own students only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from survey_engine.analysis.checks.logic import find_constant_truth, format_guard, is_open, iter_closed
from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.offered_sections import iter_offered_sections
from survey_engine.analysis.reachability import (
    AskedQuestion,
    Reachability,
    find_reachability,
    format_condition,
    iter_asked_questions,
    join_guard,
    limit_variables,
    make_reachability,
)
from survey_engine.analysis.tried_values import iter_subtrees
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import Or, make_condition
from survey_engine.model.exposure import find_offer
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, Place, Question, Questionnaire, Section


def check_local_logic(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report chosen modules, blocks and local questions that no student of the institution can reach."""
    known = set(questionnaire.variables)
    if not all(condition.names <= known for condition in iter_used_conditions(questionnaire)):
        return
    reach = find_reachability(questionnaire)
    for institution in questionnaire.institutions.values():
        here = find_local_reachability(questionnaire, institution)
        yield from _check_choices(questionnaire, institution, reach, here)
        yield from _check_own(institution, reach, here)
    yield from _check_themes(questionnaire, reach)


def find_local_reachability(questionnaire: Questionnaire, institution: Institution) -> Reachability:
    """Return the reachability for students of one institution: questions that it does not ask have no answers."""
    allowed = {"institution": {institution.code}, "language": set(institution.languages)}
    variables = {name: variable for name, variable in limit_variables(questionnaire).items() if variable.origin != "answer"}
    for name, codes in allowed.items():
        options = tuple(option for option in variables[name].options if option.code in codes)
        variables[name] = replace(variables[name], options=options)
    asked = tuple(_iter_asked(questionnaire, institution))
    for each in asked:
        for variable in QUESTION_TYPES[each.question.type].variables(each.question):
            variables.setdefault(variable.code, variable)
    return make_reachability(questionnaire, variables, asked)


def _iter_asked(questionnaire: Questionnaire, institution: Institution) -> Iterator[AskedQuestion]:
    """Yield each question with only the institution's statements and options; questions without any are omitted."""
    for asked in iter_asked_questions(section for _, section in iter_offered_sections(questionnaire, institution)):
        question = _limit(asked.question, institution)
        if (question.items or not asked.question.items) and (question.options or not asked.question.options):
            guard = join_guard((), asked.section.when, asked.page.when, question.when, find_offer(question))
            yield replace(asked, question=question, guard=guard)


def _limit(question: Question, institution: Institution) -> Question:
    return replace(
        question,
        items=tuple(item for item in question.items if item.is_at(institution.code)),
        options=tuple(option for option in question.options if option.is_at(institution.code)),
    )


def _check_choices(
    questionnaire: Questionnaire, institution: Institution, reach: Reachability, here: Reachability
) -> Iterator[Problem]:
    """Check the modules that were chosen at the institution, and the themes of its blocks."""
    places = [(code, institution.place_of(f"council.{n}")) for n, code in enumerate(institution.council)]
    places += [(code, institution.place_of(f"institution.{n}")) for n, code in enumerate(institution.chosen)]
    sections: list[tuple[Section, Place]] = [(questionnaire.modules[code], place) for code, place in places]
    sections += [(block.section, block.place) for block in institution.blocks if block.theme]
    for section, place in sections:
        guards = [join_guard((), section.when, page.when) for page in section.pages]
        if guards and not any(is_open(guard, here) for guard in guards) and all(is_open(guard, reach) for guard in guards):
            way = f"{format_guard(guards[0])} at the institution '{institution.code}'"
            yield Problem("nobody-sees", place, {"what": f"'{section.code}'", "way": way})


def _check_own(institution: Institution, reach: Reachability, here: Reachability) -> Iterator[Problem]:
    """Check the local questions and the parts of their conditions."""
    own = {id(section) for section in institution.own_sections}
    for asked in here.asked_questions:
        if id(asked.section) in own:
            for what, place, guard in iter_closed(asked, here):
                if is_open(guard, reach):
                    way = f"{format_guard(guard)} at the institution '{institution.code}'"
                    yield Problem("nobody-sees", place, {"what": what, "way": way})
    conditions = (condition for section in institution.own_sections for condition in section.iter_conditions())
    for condition in dict.fromkeys(conditions):
        parts = (part for tree in iter_subtrees(condition.tree) if isinstance(tree, Or) for part in tree.parts)
        for part in parts:
            alone = make_condition("", part, condition.place)
            if find_constant_truth(alone, here) == "never" and not find_constant_truth(alone, reach):
                facts = {"part": format_condition(part), "verdict": f"never (at the institution '{institution.code}')"}
                yield Problem("idle-part", condition.place, facts)


def _check_themes(questionnaire: Questionnaire, reach: Reachability) -> Iterator[Problem]:
    """Report parts of a theme that students in general can reach, but not the students who get the theme in a block."""
    institutions = questionnaire.institutions.values()
    blocks = {id(block.section): block for institution in institutions for block in institution.blocks if block.theme}
    anyway = {asked.question: asked for asked in reach.asked_questions if id(asked.section) not in blocks}
    given: dict[Question, list[AskedQuestion]] = {}
    for asked in reach.asked_questions:
        if id(asked.section) in blocks:
            given.setdefault(asked.question, []).append(asked)
    found: dict[str, Problem] = {}
    for question, copies in given.items():
        closed = [{what: guard for what, _, guard in iter_closed(asked, reach)} for asked in copies]
        core = {what for what, _, _ in iter_closed(anyway[question], reach)} if closed[0] else set()
        for what, guard in closed[0].items():
            when, block = copies[0].section.when, blocks[id(copies[0].section)]
            never = when and find_constant_truth(when, reach) == "never"
            if what not in core and not never and all(what in other for other in closed):
                facts = {"theme": block.theme, "what": what, "way": format_guard(guard)}
                found.setdefault(what, Problem("theme-part", block.place, facts))
    yield from found.values()

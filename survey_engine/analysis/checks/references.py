"""Conditions and placeholders: the variables that they use must exist and be asked earlier."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from survey_engine.analysis.checks.comparisons import check_comparison
from survey_engine.analysis.checks.minutes import MINUTES
from survey_engine.analysis.reachability import list_derived
from survey_engine.engine.follow_ups import list_page_variables
from survey_engine.engine.routing import list_question_variables
from survey_engine.language.derived_values import find_wanted
from survey_engine.model.conditions import And, Compare, Name, Not, Or, Tree, collect_variables
from survey_engine.model.messages import Problem, join_names, suggest_name
from survey_engine.model.questionnaire import Condition, Page, Place, Questionnaire, Section, Text, Variable
from survey_engine.model.variables import format_domain

PLACEHOLDERS = ("institution",)
"""Placeholders that need neither a term nor a variable."""


def check_conditions(questionnaire: Questionnaire) -> Iterator[Problem]:
    variables = questionnaire.variables
    before = {code for code, variable in variables.items() if variable.origin != "answer"}
    for condition in questionnaire.conditions.values():
        yield from _check_condition(condition, questionnaire)
    for group in iter_section_groups(questionnaire):
        asked: set[str] = set()
        for section in group:
            known = set(before)
            yield from _check_asked(section.when, questionnaire, known)
            for page in section.pages:
                yield from _check_page(page, questionnaire, known)
                known |= list_page_variables(page)
            asked |= known
        before |= asked


def iter_section_groups(questionnaire: Questionnaire) -> Iterator[list[Section]]:
    """Yield lists of sections that are asked in no fixed order: sections of one list cannot use each other's answers."""
    for group in questionnaire.order:
        for section in group.sections:
            yield [section]
        institutions = questionnaire.institutions.values()
        if group.modules or group.blocks:
            shares = questionnaire.find_shares(group.modules) if group.modules else questionnaire.modules
            themes = (b.section for i in institutions for b in i.blocks if group.blocks)
            yield [*(questionnaire.modules[code] for code in shares), *themes]
        if group.own_questions:
            yield [i.own_questions for i in institutions if i.own_questions]


def _check_page(page: Page, questionnaire: Questionnaire, known: set[str]) -> Iterator[Problem]:
    here = list_page_variables(page)
    yield from _check_asked(page.when, questionnaire, known, here)
    before = set(known)  # a question or statement may follow up on an earlier question of its page
    for question in page.questions:
        for condition in (question.when, *(item.when for item in question.items)):
            yield from _check_asked(condition, questionnaire, before, here)
        for option in question.options:
            yield from _check_asked(option.when, questionnaire, known, here)
        before.update(list_question_variables(question))


def _check_asked(
    condition: Condition | None, questionnaire: Questionnaire, known: set[str], here: Collection[str] = ()
) -> Iterator[Problem]:
    """Check names in a condition. `known` are the variables asked before it, `here` the variables on its own page."""
    if condition is None:
        return
    yield from _check_condition(condition, questionnaire)
    variables = questionnaire.variables
    for derived in list_derived(condition.tree):
        if not derived.names.isdisjoint(here):
            yield Problem("derived-here", condition.place, {"name": derived.code})
            return
        if any(find_wanted(derived, variables[part]) for part in derived.names & variables.keys()):
            return  # a part of the wrong type is reported where the value is defined
    for name in sorted(condition.names & set(variables) - known):
        asked = "on this page" if name in here else f"at {variables[name].place}"
        yield Problem("forward-reference", condition.place, {"name": name, "asked": asked})


def _check_condition(condition: Condition, questionnaire: Questionnaire) -> Iterator[Problem]:
    variables = questionnaire.variables
    unquoted: dict[str, str] = {}
    named = [each.tree for each in questionnaire.conditions.values() if each is not condition]
    own = [*iter_own_parts(condition.tree, named)]
    for part in own:
        if isinstance(part, Compare):
            unquoted.update(_find_unquoted(part, variables))
            for code, facts in check_comparison(part, variables):
                yield Problem(code, condition.place, facts)
    for name in sorted(set().union(*map(_list_named, own)) - set(variables)):
        other = variables.get(unquoted.get(name, ""))
        if other and name in other.codes:
            yield Problem("unquoted-value", condition.place, {"value": name, "name": other.code})
        elif other and other.codes and not suggest_name(name, variables):
            facts = {
                "value": name,
                "name": other.code,
                "meant": suggest_name(name, map(str, other.codes)),
                "known": format_domain(other),
            }
            yield Problem("condition-value", condition.place, facts)
        elif (
            not other and _suggest_variable(unquoted.get(name, ""), questionnaire) and not _suggest_variable(name, questionnaire)
        ):
            continue  # probably a value; the variable that it is compared with is misspelt
        else:
            yield _explain_unknown(name, condition.place, questionnaire)


def iter_own_parts(tree: Tree, named: Sequence[Tree]) -> Iterator[Tree]:
    """Yield the comparisons and `answered` tests, except those in named conditions, which are checked at their definition."""
    if any(tree is other for other in named):
        return
    if isinstance(tree, And | Or):
        for part in tree.parts:
            yield from iter_own_parts(part, named)
    elif isinstance(tree, Not):
        yield from iter_own_parts(tree.part, named)
    else:
        yield tree


def _list_named(part: Tree) -> set[str]:
    """Return the variables that a part names, except parts of derived values, which are checked at their definition."""
    return collect_variables(part).difference(*(derived.names for derived in list_derived(part)))


def _find_unquoted(part: Compare, variables: Mapping[str, Variable]) -> Iterator[tuple[str, str]]:
    """Yield (unknown name, variable) if the name is probably an unquoted value of the variable that it is compared with."""
    for side, other in ((part.left, part.right), (part.right, part.left)):
        if isinstance(side, Name) and isinstance(other, Name) and side.code not in variables:
            yield side.code, other.code


def _explain_unknown(name: str, place: Place, questionnaire: Questionnaire) -> Problem:
    """Return the problem of an unknown name: a question without a variable, a question that is not asked, or a misspelling."""
    asked = [q for section in questionnaire.all_sections for page in section.pages for q in page.questions]
    question = next((q for q in asked if q.code == name), None)
    if question:
        codes = [item.code for item in question.items]
        advice = f"Name one of its parts: {join_names(codes)}" if codes else "Nothing can depend on it"
        return Problem("no-answer", place, {"name": name, "type": question.type, "advice": advice})
    if name in questionnaire.bank:
        return Problem("only-in-bank", place, {"name": name})
    variables = questionnaire.variables
    meant = _suggest_variable(name, questionnaire)
    return Problem("unknown-name", place, {"kind": "variable", "name": name, "meant": meant, "known": join_names(variables)})


def _suggest_variable(name: str, questionnaire: Questionnaire) -> str:
    """Return a suggestion for an unknown name, as the end of a message; an empty string if there is none."""
    for section in questionnaire.sections.values():
        if section not in questionnaire.all_sections and any(
            name == item.code for each in section.iter_questions() for item in each.items
        ):
            return f": it is asked in section '{section.code}', which `order` lacks"
    arms = [f"'{each.variable}'" for code, each in questionnaire.experiments.items() if name in ("experiment", code)]
    return f" (did you mean {' or '.join(sorted(arms))}?)" if arms else suggest_name(name, questionnaire.variables)


def check_placeholders(questionnaire: Questionnaire) -> Iterator[Problem]:
    yield from _check_terms(questionnaire)
    always = {*PLACEHOLDERS, *questionnaire.terms, *questionnaire.background}
    derived = questionnaire.derived.values()
    yield from _check_names(questionnaire.introduction, {*always, MINUTES})
    for text in (questionnaire.title, questionnaire.contact, questionnaire.thanks):
        yield from _check_names(text, always)
    before = set(always)
    for group in iter_section_groups(questionnaire):
        asked: set[str] = set()
        for section in group:
            known = set(before)
            yield from _check_names(section.title, known)
            for page in section.pages:
                for text in iter_texts_with_placeholders(page):
                    yield from _check_names(
                        text, known.union(each.code for each in derived if each.names <= known), questionnaire
                    )
                known |= list_page_variables(page)
            asked |= known
        before |= asked


def _check_terms(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report terms that contain placeholders."""
    terms = [*questionnaire.terms.values(), *(t for i in questionnaire.institutions.values() for t in i.terms.values())]
    labels = [option.text for variable in questionnaire.background.values() for option in variable.options]
    for text in [*terms, *labels]:
        for name in sorted(text.names):
            yield Problem("nested-placeholder", text.place, {"name": name})


def iter_texts_with_placeholders(page: Page) -> Iterator[Text | None]:
    yield page.title
    for question in page.questions:
        yield from question.iter_texts()


def _check_names(text: Text | None, known: set[str], questionnaire: Questionnaire | None = None) -> Iterator[Problem]:
    """Check placeholders. If `questionnaire` is given, answers that are asked later than the text get their own message."""
    if text is None:
        return
    for name in sorted(text.names - known):
        derived = questionnaire.derived.get(name) if questionnaire else None
        if questionnaire and derived and not derived.names <= questionnaire.variables.keys():
            continue  # the part itself is reported as unknown
        asked = next(iter(sorted(derived.names - known)), "") if derived else name
        if questionnaire and asked in questionnaire.variables and questionnaire.variables[asked].origin == "answer":
            yield Problem("early-placeholder", text.place, {"name": name, "asked": questionnaire.variables[asked].place})
            continue
        yield Problem("unknown-placeholder", text.place, {"name": name, "meant": suggest_name(name, known)})

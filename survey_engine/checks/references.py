"""Conditions and placeholders name variables that exist, were asked earlier, and can have the value compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_engine.conditions import Answered, Compare, Constant, Count, Every, Name, Not, Some, Tree
from survey_engine.model import Condition, Page, Question, Questionnaire, Section, Text, Variable
from survey_engine.problems import Problem, listing, meant
from survey_engine.questions import QUESTION_TYPES

PLACEHOLDERS = ("institution",)
"""Placeholders that need neither a term nor a variable."""


def check_conditions(questionnaire: Questionnaire) -> Iterator[Problem]:
    variables = questionnaire.variables
    before = {code for code, variable in variables.items() if variable.origin != "answer"}
    for condition in questionnaire.conditions.values():
        yield from _check_condition(condition, variables)
    for group in list_groups(questionnaire):
        asked: set[str] = set()
        for section in group:
            known = set(before)
            yield from _check_asked(section.when, variables, known)
            for page in section.pages:
                yield from _check_page(page, variables, known)
                known |= name_answers(page)
            asked |= known
        before |= asked


def list_groups(questionnaire: Questionnaire) -> Iterator[list[Section]]:
    """Sections that may be asked side by side: nothing in one may look at another of the same list."""
    for group in questionnaire.order:
        for section in group.sections:
            yield [section]
        institutions = questionnaire.institutions.values()
        if group.modules or group.blocks:
            yield [*questionnaire.modules.values(), *(b.section for i in institutions for b in i.blocks)]
        if group.own_questions:
            yield [i.own_questions for i in institutions if i.own_questions]


def name_answers(page: Page) -> set[str]:
    """The variables that a page asks."""
    return {v.code for question in page.questions for v in QUESTION_TYPES[question.type].variables(question)}


def _check_page(page: Page, variables: Mapping[str, Variable], known: set[str]) -> Iterator[Problem]:
    yield from _check_asked(page.when, variables, known)
    for question in page.questions:
        for condition in list_conditions(question):
            yield from _check_asked(condition, variables, known)


def list_conditions(question: Question) -> Iterator[Condition | None]:
    yield question.when
    for item in question.items:
        yield item.when
    for option in question.options:
        yield option.when


def _check_asked(condition: Condition | None, variables: Mapping[str, Variable], known: set[str]) -> Iterator[Problem]:
    if condition is None:
        return
    yield from _check_condition(condition, variables)
    for name in sorted(condition.names & set(variables) - known):
        yield Problem("forward-reference", condition.place, {"name": name, "asked": variables[name].place})


def _check_condition(condition: Condition, variables: Mapping[str, Variable]) -> Iterator[Problem]:
    for name in sorted(condition.names - set(variables)):
        known = {"meant": meant(name, variables), "known": listing(variables)}
        yield Problem("unknown-name", condition.place, {"kind": "variable", "name": name, **known})
    for part in walk(condition.tree):
        if isinstance(part, Compare):
            for code, facts in _check_comparison(part, variables):
                yield Problem(code, condition.place, facts)


def walk(tree: Tree) -> Iterator[Tree]:
    """The tree and all its parts."""
    yield tree
    match tree:
        case Not(part):
            yield from walk(part)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from walk(part)
        case Compare() | Answered():
            return


def _check_comparison(part: Compare, variables: Mapping[str, Variable]) -> Iterator[tuple[str, dict[str, object]]]:
    left, right, operator = part.left, part.right, part.operator
    if isinstance(left, Constant) and not isinstance(right, Constant) and operator not in ("in", "not in"):
        left, right = right, left
    if operator in ("in", "not in") and isinstance(left, Constant) and isinstance(right, Name):
        variable = variables.get(right.code)
        if variable and variable.kind != "codes":
            detail = "only a question with several answers holds values"
            yield _type_fault(right.code, detail, f"Write `{right.code} == …` or `{right.code} in [ … ]`")
        elif variable:
            yield from _check_values(variable, (left.value,))
        return
    if isinstance(left, Constant):
        yield _type_fault("a value", "there is no variable in it", "Compare a variable with a value")
        return
    variable = variables.get(left.code)
    if variable is None:
        return
    if isinstance(left, Count):
        if variable.kind != "codes":
            yield _type_fault(left.code, "only several answers can be counted", f"Compare {left.code} itself")
        return
    yield from _check_kind(variable, operator)
    if isinstance(right, Constant) and variable.kind in ("code", "number"):
        values = right.value if isinstance(right.value, tuple) else (right.value,)
        if isinstance(right.value, tuple) != (operator in ("in", "not in")):
            yield _type_fault(left.code, f"`{operator}` with {right.value}", "Use `in` with a list, `==` with one value")
        elif operator in ("==", "!=", "in", "not in"):
            yield from _check_values(variable, values)
        elif not all(isinstance(value, int) for value in values):
            yield _type_fault(left.code, f"`{operator}` needs a number", "Compare with a whole number")


def _type_fault(name: str, detail: str, advice: str) -> tuple[str, dict[str, object]]:
    return "condition-type", {"name": f"'{name}'", "detail": detail, "advice": advice}


def _check_kind(variable: Variable, operator: str) -> Iterator[tuple[str, dict[str, object]]]:
    code = variable.code
    if variable.kind in ("text", "date"):
        yield _type_fault(code, f"a {variable.kind} can only be answered or empty", f"Write `answered({code})`")
    elif variable.kind == "codes":
        yield _type_fault(code, "it has several answers", f"Write `'…' in {code}` or `count({code}) >= …`")
    elif variable.kind == "code" and operator in ("<", "<=", ">", ">="):
        yield _type_fault(code, "its codes are words", "Use `==` or `in`")


def _check_values(variable: Variable, values: tuple[object, ...]) -> Iterator[tuple[str, dict[str, object]]]:
    for value in values:
        if variable.options:
            fits = value in variable.codes
            known = listing(variable.codes)
        else:
            low, high = variable.low or 0, variable.high or 0
            fits = isinstance(value, int) and low <= value <= high
            known = f"{low} to {high}"
        if not fits:
            guess = meant(str(value), map(str, variable.codes))
            yield "condition-value", {"value": value, "name": variable.code, "meant": guess, "known": known}


def check_placeholders(questionnaire: Questionnaire) -> Iterator[Problem]:
    always = {*PLACEHOLDERS, *questionnaire.terms, *questionnaire.background}
    for text in (questionnaire.title, questionnaire.introduction, questionnaire.contact, questionnaire.thanks):
        yield from _check_names(text, always)
    before = set(always)
    for group in list_groups(questionnaire):
        asked: set[str] = set()
        for section in group:
            known = set(before)
            yield from _check_names(section.title, known)
            for page in section.pages:
                for text in list_texts(page):
                    yield from _check_names(text, known)
                known |= name_answers(page)
            asked |= known
        before |= asked


def list_texts(page: Page) -> Iterator[Text | None]:
    yield page.title
    for question in page.questions:
        yield from (question.text, question.help, question.notice, question.unit)
        yield from (item.text for item in question.items)
        yield from (option.text for option in question.options)


def _check_names(text: Text | None, known: set[str]) -> Iterator[Problem]:
    if text is None:
        return
    for name in sorted(text.names - known):
        yield Problem("unknown-placeholder", text.place, {"name": name, "meant": meant(name, known)})

"""No student gets more blocks than the rule allows, and no block of own questions holds too much."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import ceil

from survey_engine.model import BlockRule, Institution, Questionnaire, Section, Variable
from survey_engine.problems import Problem

MOST_PROFILES = 20_000


def check_blocks(questionnaire: Questionnaire) -> Iterator[Problem]:
    for group in questionnaire.order:
        if group.blocks:
            for institution in questionnaire.institutions.values():
                yield from _check_institution(institution, group.blocks, questionnaire)


def _check_institution(institution: Institution, rule: BlockRule, questionnaire: Questionnaire) -> Iterator[Problem]:
    for block in institution.blocks:
        if not block.theme:
            count = count_questions(block.section, rule)
            if count > rule.questions:
                facts = {"count": count, "limit": rule.questions, "statements": rule.statements}
                yield Problem("block-too-long", block.place, facts)
    most, who = find_most_blocks(institution, questionnaire)
    if most > rule.limit:
        profile = ", ".join(f"{name} {value}" for name, value in who.items())
        limits = {"limit": rule.limit, "who": f" for {profile}" if profile else ""}
        yield Problem("too-many-blocks", institution.place, {"count": most, **limits})


def count_questions(section: Section, rule: BlockRule) -> int:
    """How many questions a block of own questions counts as; the statements of a grid count together.

    Information is not counted: nothing is answered there.
    """
    questions = [question for page in section.pages for question in page.questions if question.items or question.type == "panel"]
    return sum(ceil(len(q.items) / rule.statements) if q.type == "grid" else 1 for q in questions)


def find_most_blocks(institution: Institution, questionnaire: Questionnaire) -> tuple[int, dict[str, object]]:
    """The most blocks that any student of the institution gets, and the background of such a student."""
    conditions = [block.section.when for block in institution.blocks]
    names = sorted({name for condition in conditions if condition for name in condition.names})
    variables = [questionnaire.variables[name] for name in names if name in questionnaire.background]
    domains = [list_values(variable) for variable in variables]
    size = 1
    for domain in domains:
        size *= len(domain)
    if size > MOST_PROFILES:
        return len(conditions), {}
    best: tuple[int, dict[str, object]] = (0, {})
    for values in product(*domains):
        profile = {variable.code: value for variable, value in zip(variables, values, strict=True)}
        count = sum(1 for condition in conditions if condition is None or condition.test(profile))
        if count > best[0]:
            best = count, profile
    return best


def list_values(variable: Variable) -> list[object]:
    """Every value that a background variable can have; empty is one of them."""
    if variable.options:
        return [None, *variable.codes]
    if variable.kind == "number":
        return [None, *range(variable.low or 0, (variable.high or 0) + 1)]
    return [None, "x"]

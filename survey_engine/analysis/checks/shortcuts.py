"""Constructions with a shorter equivalent: `count(…) == 0`, and a separate question for the text of "other"."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.checks.references import iter_own_parts
from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.model.conditions import Compare, Constant, Count, Name
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import NAMELY, Question, Questionnaire


def check_zero_counts(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report `count(barriers) == 0` and equivalent comparisons, which mean `not answered(barriers)` or its negation."""
    named = questionnaire.conditions.values()
    for condition in dict.fromkeys([*named, *iter_used_conditions(questionnaire)]):
        for part in iter_own_parts(condition.tree, [each.tree for each in named if each is not condition]):
            if isinstance(part, Compare) and isinstance(part.left, Count) and isinstance(part.right, Constant):
                meant = _ZERO.get((part.operator, part.right.value))
                code = part.left.code
                if meant and code in questionnaire.variables and questionnaire.variables[code].kind == "codes":
                    facts = {"part": f"count({code}) {part.operator} {part.right.value}", "meant": f"{meant}({code})"}
                    yield Problem("zero-count", condition.place, facts)


_ZERO: dict[tuple[str, object], str] = {
    ("==", 0): "not answered",
    ("<", 1): "not answered",
    ("<=", 0): "not answered",
    ("!=", 0): "answered",
    (">", 0): "answered",
    (">=", 1): "answered",
}
"""Operator and number → the test of an answer that has the same meaning."""


def check_other_texts(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report an open question asked after an option with `namely`, which already has a text field and a column."""
    others = {
        (question.code, option.code)
        for section in questionnaire.all_sections
        for question in section.iter_questions()
        for option in question.options
        if option.namely
    }
    for section in questionnaire.all_sections:
        for page in section.pages:
            for question in page.questions:
                conditions = [question.when] if question.when else [page.when] if len(page.questions) == 1 else []
                asked = (_find_option(each.tree) for each in conditions if each)
                if (
                    question.type == "open"
                    and not question.comments_on
                    and (found := next((x for x in asked if x in others), None))
                ):
                    yield _report(question, found[0])


def _report(question: Question, about: str) -> Problem:
    return Problem("second-other", question.place, {"code": question.code, "about": about, "column": f"{about}{NAMELY}"})


def _find_option(tree: object) -> tuple[str, object]:
    """Return (question, option) of `question == 'option'` or `'option' in question`; ("", None) for any other condition."""
    match tree:
        case Compare("==", Name(code), Constant(value)) | Compare("in", Constant(value), Name(code)):
            return code, value
    return "", None

"""Checks of derived values: parts that are unknown, of the wrong type, repeated, or not comparable."""

from __future__ import annotations

from survey_engine.language.builder import QuestionnaireBuilder
from survey_engine.model.derived import TODAY, Derived
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Questionnaire, Variable
from survey_engine.model.variables import has_numbers


def check_derived(builder: QuestionnaireBuilder, questionnaire: Questionnaire) -> None:
    variables = questionnaire.variables
    known = [code for code, each in variables.items() if each.origin == "answer"]
    asked = (question for section in questionnaire.all_sections for question in section.iter_questions() if question.items)
    parents = {question.code: question for question in asked}
    for derived in builder.derived.values():
        definition = builder.definition.derived[derived.code]
        builder.report_repeats(definition, derived.kind)
        for index, part in enumerate(derived.parts):
            place = definition.place(derived.kind, index)
            if part not in known and (question := parents.get(part)):
                advice = f"Name its parts: {join_names(item.code for item in question.items)}"
                builder.report("no-answer", place, name=part, type=question.type, advice=advice)
            elif part not in known and not (derived.kind == "years" and part == TODAY):
                builder.report_unknown("question", part, known, place)
            elif part != TODAY and (wanted := find_wanted(derived, variables[part])):
                builder.report("derived-type", place, name=derived.code, kind=derived.kind, part=part, wanted=wanted)
        if derived.kind not in ("mean", "sum") or set(derived.parts) <= set(known):
            _check_comparable(builder, derived, questionnaire)


def find_wanted(derived: Derived, variable: Variable) -> str:
    """Return the type of answer that a derived value needs if the variable has another type; otherwise an empty string."""
    if derived.kind == "years":
        return "" if variable.kind == "date" else "dates"
    return "numbers" if derived.kind != "count" and not has_numbers(variable) else ""


def _check_comparable(builder: QuestionnaireBuilder, derived: Derived, questionnaire: Questionnaire) -> None:
    """Report `years` that begin today, sums and means of different scales, and means of items with and without `reverse`."""
    definition, first = builder.definition.derived[derived.code], derived.parts[0]
    if derived.kind == "years" and first == TODAY != derived.parts[-1]:
        builder.report("years-backwards", definition.place("years", 0), name=derived.code, other=derived.parts[-1])
    if derived.kind not in ("mean", "sum"):
        return
    asked = [question for section in questionnaire.all_sections for question in section.iter_questions()]
    reversed_ = {item.code for question in asked for item in question.items if item.about.reverse}
    on_scale = {item.code for question in asked if question.on_scale or question.type == "mark" for item in question.items}
    bounds = _find_bounds(questionnaire.variables[first])
    for index, part in enumerate(derived.parts[1:], 1):
        place, facts = definition.place(derived.kind, index), {"name": derived.code, "part": part, "other": first}
        found = _find_bounds(questionnaire.variables[part])
        alike = derived.kind == "sum" and not {first, part} & on_scale  # numbers in a sum may have any bounds
        if bounds and found and bounds != found and not alike:
            ranges = {"bounds": "{}–{}".format(*bounds), "found": "{}–{}".format(*found)}
            builder.report("mean-of-scales", place, **facts, **ranges, kind=derived.kind)
        if derived.kind == "mean" and (part in reversed_) != (first in reversed_):
            builder.report("mean-of-reverse", place, **facts)


def _find_bounds(variable: Variable) -> tuple[int, int] | None:
    """Return the lowest and highest number that a variable can have; None if it has no numbers."""
    codes = [code for code in variable.codes if isinstance(code, int)]
    if codes:
        return min(codes), max(codes)
    return None if variable.low is None or variable.high is None else (variable.low, variable.high)

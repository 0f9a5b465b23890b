"""Grid: statements with one shared scale, shown as a list of radio groups."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from survey_engine.language.definition_fields import Code, Flag, Item, Options, QuestionDefinition, TextSource
from survey_engine.language.question_types.options import build_options, code_variables, read_code
from survey_engine.language.question_types.question_type import (
    STATEMENT_SECONDS,
    Builder,
    Form,
    QuestionType,
    Reading,
    build_question,
    inherit_metadata,
)
from survey_engine.model.derived import NOT_APPLICABLE
from survey_engine.model.questionnaire import Item as ModelItem
from survey_engine.model.questionnaire import Question, ResponseOption


class GridDefinition(QuestionDefinition):
    """Statements with one shared scale."""

    grid: Code
    scale: Code | None = Field(None, description="The name of a scale.")
    options: Options | None = None
    does_not_apply: TextSource | None = Field(None, description="An option outside the scale, with the code na.")
    items: dict[Code, Item] | None = Field(
        None, min_length=1, description="The statements: code → text, or code → {text, when, …}."
    )
    items_from: Code | None = Field(None, description="The name of a list in the institutions' files.")
    random_order: Flag = Field(False, description="True when each respondent gets the statements in an order of their own.")


def build(definition: GridDefinition, builder: Builder) -> Question:
    code = definition.grid
    outside = []
    if definition.does_not_apply:
        text = builder.build_text(f"{code}.{NOT_APPLICABLE}", definition.does_not_apply, definition.place("does_not_apply"))
        outside.append(ResponseOption(NOT_APPLICABLE, text, outside_scale=True))
    options = build_options("grid", definition, builder, outside=outside)
    items = [
        ModelItem(
            code=key,
            text=builder.build_text(key, item.text, definition.place("items", key, "text")),
            place=definition.key_place("items", key),
            about=inherit_metadata(item, definition).build_metadata(),
            when=builder.build_condition(item.when, item.place("when")),
            fixed=item.fixed,
        )
        for key, item in (definition.items or {}).items()
    ]
    for item in items:
        if item.fixed and not definition.random_order:
            builder.report("no-effect", item.place, key="fixed", kind="grid whose statements have no random order")
    if definition.items_from:
        place = definition.place("items_from")
        items += [
            ModelItem(f"{code}_{key}", text, text.place, definition.build_metadata(), institutions=frozenset({institution}))
            for institution, key, text in builder.iter_list_entries(definition.items_from, place)
        ]
    elif not items:
        builder.report("needs-option", definition.place(), code=code, keys="items: {…}")
    institutions = {institution for item in items for institution in item.institutions or ()} or {""}
    longest = max(1, *(sum(item.is_at(institution) for item in items) for institution in institutions))
    question = build_question(
        "grid", definition, builder, STATEMENT_SECONDS * longest, items=tuple(items), options=options, on_scale=True
    )
    return replace(question, seconds=round(question.seconds, 1), random_order=definition.random_order)


def read(question: Question, form: Form) -> Reading:
    reading = Reading()
    for item in question.items:
        read_code(question, item.code, form, reading)
    return reading


GRID = QuestionType("grid", GridDefinition, build, read, code_variables, statements=True)

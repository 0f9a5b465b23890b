"""Grid: statements with one shared scale, shown as a list of radio groups."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from survey_engine.language.definition_fields import (
    ClosedDefinition,
    CodeField,
    Flag,
    ItemField,
    MetadataDefinition,
    NamedCode,
    OptionsField,
)
from survey_engine.language.question_types.mark_scale import MarkScaleDefinition, build_marks
from survey_engine.language.question_types.options import build_options, build_outside, code_variables, read_code
from survey_engine.language.question_types.question_type import (
    STATEMENT_SECONDS,
    Builder,
    Form,
    QuestionType,
    Reading,
    build_question,
    inherit_metadata,
)
from survey_engine.model.questionnaire import Item as ModelItem
from survey_engine.model.questionnaire import Question, ResponseOption


class GridDefinition(MarkScaleDefinition, ClosedDefinition):
    """Statements with one shared scale: a named one, own options, or marks."""

    grid: CodeField
    scale: NamedCode | None = Field(None, description="The name of a scale.")
    options: OptionsField | None = None
    items: dict[CodeField, ItemField] | None = Field(
        None, min_length=1, description="The statements: code → text, or code → {text, when, …}."
    )
    items_from: NamedCode | None = Field(None, description="The name of a list in the institutions' files.")
    random_order: Flag = Field(False, description="True when each respondent gets the statements in a different order.")


def build(definition: GridDefinition, builder: Builder) -> Question:
    code = definition.grid
    options, bounds = _build_options(definition, builder)
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
        place, about = definition.place("items_from"), inherit_metadata(MetadataDefinition(), definition).build_metadata()
        items += [
            ModelItem(f"{code}_{key}", text, text.place, about, institutions=frozenset({institution}))
            for institution, key, text in builder.iter_list_entries(definition.items_from, place)
        ]
    elif not items:
        builder.report("needs-option", definition.place(), code=code, keys="items: {…}")
    institutions = {institution for item in items for institution in item.institutions or ()} or {""}
    longest = max(1, *(sum(item.is_at(institution) for item in items) for institution in institutions))
    question = build_question(
        "grid", definition, builder, STATEMENT_SECONDS * longest, items=tuple(items), options=options, on_scale=True, **bounds
    )
    return replace(question, seconds=round(question.seconds, 1), random_order=definition.random_order)


def _build_options(definition: GridDefinition, builder: Builder) -> tuple[tuple[ResponseOption, ...], dict[str, int]]:
    """Build the options, and the bounds of a scale of marks."""
    code, outside = definition.grid, build_outside(definition.grid, definition, builder)
    if not definition.has_own_scale:
        return build_options("grid", definition, builder, outside=outside), {}
    if definition.scale or definition.options:
        builder.report("needs-one", definition.place(), code=code, keys="`scale: …`, `options: {…}`, `from:` with `to:`")
    low, high = definition.bounds
    return (*build_marks(definition, code, builder), *outside), {"low": low, "high": high}


def read(question: Question, form: Form) -> Reading:
    reading = Reading()
    for item in question.items:
        read_code(question, item.code, form, reading)
    return reading


GRID = QuestionType("grid", GridDefinition, build, read, code_variables, statements=True)

"""Comments: an optional open question below a closed one, collapsed until the respondent opens it."""

from __future__ import annotations

from collections.abc import Sequence

from survey_engine.language.definition_fields import ClosedDefinition, QuestionDefinition
from survey_engine.language.question_types.question_type import Builder
from survey_engine.model.conditions import Compare, Constant, Name, all_of, any_of, make_condition
from survey_engine.model.exposure import list_inside
from survey_engine.model.questionnaire import COMMENT, Condition, Item, ItemMetadata, Place, Question, ResponseOption, Text

_COMMENT_LENGTH = 500
_COMMENT_SECONDS = 0.5
"""Expected seconds; few respondents write a comment."""


def build_comment(definition: QuestionDefinition, question: Question, builder: Builder) -> Question | None:
    """Build the comment on a question; None if the definition has none. The comment is asked if the question is."""
    if not isinstance(definition, ClosedDefinition):
        return None
    if definition.comment is False:
        if definition.notice:
            builder.report("no-effect", definition.key_place("notice"), key="notice", kind="closed question without a comment")
        return None
    place = definition.key_place("comment")
    return Question(
        type="open",
        code=question.code + COMMENT,
        text=_build_text(definition, question, builder),
        place=place,
        items=(_build_item(definition, question, place),),
        when=all_of([question.when, _find_any(question.items, place), _find_any(list_inside(question), place)]),
        notice=builder.find_notice(definition.notice, definition.place("notice")) if definition.notice else None,
        seconds=_COMMENT_SECONDS,
        max_length=_COMMENT_LENGTH,
        comments_on=question.code,
    )


def _build_item(definition: ClosedDefinition, question: Question, place: Place) -> Item:
    limits = [limit for parts in (question.items, list_inside(question)) if (limit := _find_limit(parts)) is not None]
    institutions = frozenset.intersection(*limits) if limits else None
    about = ItemMetadata(sensitive=definition.sensitive)
    return Item(question.code + COMMENT, None, place, about, institutions=institutions)


def _build_text(definition: ClosedDefinition, question: Question, builder: Builder) -> Text:
    place = definition.place("comment")
    if definition.comment is True:
        return builder.find_interface_text("Would you like to explain your answer?", place)
    return builder.build_text(f"{question.code}.comment", definition.comment, place)


def _find_any(parts: Sequence[Item | ResponseOption], place: Place) -> Condition | None:
    """Return the condition under which at least one part is visible; None if there are no parts, or only the institution matters."""
    if not parts or (_find_limit(parts) is not None and not any(part.when for part in parts)):
        return None
    return any_of(all_of([_limit(part, place), part.when]) for part in parts)


def _limit(part: Item | ResponseOption, place: Place) -> Condition | None:
    """Return a condition on the institutions that have this part; None if all institutions have it."""
    if part.institutions is None:
        return None
    codes = tuple(sorted(part.institutions))
    source = f"institution in [{', '.join(map(repr, codes))}]"
    return make_condition(source, Compare("in", Name("institution"), Constant(codes)), place)


def _find_limit(parts: Sequence[Item | ResponseOption]) -> frozenset[str] | None:
    """Return the institutions that have at least one of the parts; None if all institutions do."""
    limits = [part.institutions for part in parts if part.institutions is not None]
    return frozenset().union(*limits) if limits and len(limits) == len(parts) else None

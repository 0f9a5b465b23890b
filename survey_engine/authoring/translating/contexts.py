"""The context of a text for translators: its page, kind, audience, other places, and maximum length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from survey_engine.analysis.checks.length import count_longest, count_room
from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.authoring.preview.audiences import find_institution_condition, list_requirements
from survey_engine.authoring.translating.rules import count_growth
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import (
    Condition,
    Institution,
    Item,
    ItemMetadata,
    Question,
    Questionnaire,
    Section,
    Text,
    Variable,
)
from survey_engine.rendering.condition_sentences import ConditionWriter, make_condition_writer

_NAMED_PAGES = 5
"""Maximum number of other pages that a remark names."""


@dataclass(frozen=True, slots=True)
class Context:
    page: str = ""
    """Code of the page, or a description for texts that are on no page."""
    kind: str = ""
    """Type of the question, or kind of the text."""
    slug: str = ""
    """Slug of the page in URLs; empty if there is no page."""
    audience: str = ""
    """The audience, as a sentence; empty for everybody."""
    remark: str = ""
    """A note for translators: purpose, whether the item is reversed, audience, other pages, maximum length."""

    room: int | None = None
    """Maximum number of characters per paragraph of a translation; None if there is no maximum."""


_Placed: TypeAlias = tuple[Text | None, Context]


def map_contexts(questionnaire: Questionnaire) -> dict[str, Context]:
    """Return text code → context of its first occurrence in reading order. Texts of unused definitions are missing."""
    found: dict[str, Context] = {}
    pages = defaultdict[str, dict[str, None]](dict)
    for text, context in _walk(questionnaire, make_condition_writer(questionnaire, "en")):
        if text:
            found.setdefault(text.code, context)
            if context.slug:
                pages[text.code][context.page] = None
    language = questionnaire.source_language
    rooms = {each.text.code: _count_room(each, each.text.wording.get(language, "")) for each in iter_shown_texts(questionnaire)}
    return {code: _add_uses(context, [*pages[code]][1:], rooms.get(code)) for code, context in found.items()}


def _count_room(shown: ShownText, source: str) -> int | None:
    """Return the maximum length of a translation: the page's room or the source's length, at most what the import accepts."""
    room = count_room(shown.kind)
    return room and min(max(room, count_longest(source)), count_growth(source))


def _add_uses(context: Context, others: Sequence[str], room: int | None) -> Context:
    """Add other pages and maximum length to the remark. A text on several pages gets no audience."""
    named = ", ".join(others[:_NAMED_PAGES]) + (" …" if len(others) > _NAMED_PAGES else "")
    uses = f"Also on {len(others)} other page{'s' * (len(others) > 1)}: {named}." if others else context.audience
    remark = "\n".join(filter(None, [context.remark, uses, f"At most {room} characters." if room else ""]))
    return replace(context, remark=remark, room=room)


def _walk(questionnaire: Questionnaire, writer: ConditionWriter) -> Iterator[_Placed]:
    yield questionnaire.title, Context("start page", "title")
    yield questionnaire.introduction, Context("start page", "introduction")
    yield questionnaire.contact, Context("start page", "contact")
    for variable in questionnaire.background.values():
        yield from _walk_background(variable)
    for term, text in questionnaire.terms.items():
        yield text, Context("inside other texts", f"term {{{term}}}")
    for institution in questionnaire.institutions.values():
        yield from _walk_terms(institution)
    for section in questionnaire.all_sections:
        yield from _walk_section(section, list_requirements(questionnaire, section), writer)
    for question in questionnaire.bank.values():
        yield from _walk_question(question, Context("question bank"), [], writer)
    for name, options in questionnaire.scales.items():
        yield from ((option.text, Context("", f"scale {name}: option")) for option in options)
    yield questionnaire.thanks, Context("last page", "thanks")


def _walk_background(variable: Variable) -> Iterator[_Placed]:
    yield variable.text, Context("background", "variable")
    yield from ((option.text, Context("background", "option")) for option in variable.options)


def _walk_terms(institution: Institution) -> Iterator[_Placed]:
    for term, text in institution.terms.items():
        yield text, Context("inside other texts", f"term {{{term}}} of {institution.name}")


def _walk_section(section: Section, required: Sequence[Condition], writer: ConditionWriter) -> Iterator[_Placed]:
    first = section.pages[0] if section.pages else None
    audience = _describe_audience(writer, [*required, section.when])
    yield section.title, Context(first.code if first else "", "section title", first.slug if first else "", audience)
    for page in section.pages:
        conditions = [*required, section.when, page.when]
        here = Context(page.code, "page title", page.slug, _describe_audience(writer, conditions))
        yield page.title, here
        for question in page.questions:
            yield from _walk_question(question, here, conditions, writer)


def _walk_question(
    question: Question, page: Context, conditions: Sequence[Condition | None], writer: ConditionWriter
) -> Iterator[_Placed]:
    conditions = [*conditions, question.when, find_offer(question)]

    def here(part: str, *more: Condition | None) -> Context:
        kind = f"{question.type}: {part}" if part else question.type
        return replace(page, kind=kind, audience=_describe_audience(writer, [*conditions, *more]))

    def about(part: str, item: Item | None) -> Context:
        if item is None:
            return here(part)
        return replace(here(part, item.when, find_institution_condition(item)), remark=_describe(item.about))

    yield question.text, about("", next((item for item in question.items if item.text is None), None))
    yield question.help, here("help")
    yield question.notice, here("notice")
    yield from ((item.text, about("item", item)) for item in question.items)
    yield from ((option.text, here("option", option.when, find_institution_condition(option))) for option in question.options)
    yield question.unit, here("unit")


def _describe_audience(writer: ConditionWriter, conditions: Sequence[Condition | None]) -> str:
    return writer.describe_audience([*conditions]) if any(conditions) else ""


def _describe(about: ItemMetadata) -> str:
    reverse = "Reversed: agreeing means the opposite of the other items." if about.reverse else ""
    return "\n".join(filter(None, (f"Purpose: {about.purpose}" if about.purpose else "", reverse)))

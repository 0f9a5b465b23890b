"""The context of a text for translators: its page and its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from survey_engine.model.questionnaire import Institution, Item, ItemMetadata, Question, Questionnaire, Section, Text, Variable


@dataclass(frozen=True, slots=True)
class Context:
    page: str = ""
    """Code of the page, or a description for texts that are on no page."""
    kind: str = ""
    """Type of the question, or kind of the text."""
    slug: str = ""
    """Slug of the page in URLs; empty if there is no page."""
    remark: str = ""
    """What a translator should know of the item: its purpose, and whether it is reversed."""


_Placed: TypeAlias = tuple[Text | None, Context]


def list_contexts(questionnaire: Questionnaire) -> dict[str, Context]:
    """Map text codes to their first location in reading order. Texts of unused definitions are missing."""
    found: dict[str, Context] = {}
    for text, context in _walk(questionnaire):
        if text:
            found.setdefault(text.code, context)
    return found


def _walk(questionnaire: Questionnaire) -> Iterator[_Placed]:
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
        yield from _walk_section(section)
    for question in questionnaire.bank.values():
        yield from _walk_question(question, "question bank", "")
    for name, options in questionnaire.scales.items():
        yield from ((option.text, Context("", f"scale {name}: option")) for option in options)
    yield questionnaire.thanks, Context("last page", "thanks")


def _walk_background(variable: Variable) -> Iterator[_Placed]:
    yield variable.text, Context("background", "variable")
    yield from ((option.text, Context("background", "option")) for option in variable.options)


def _walk_terms(institution: Institution) -> Iterator[_Placed]:
    for term, text in institution.terms.items():
        yield text, Context("inside other texts", f"term {{{term}}} of {institution.name}")


def _walk_section(section: Section) -> Iterator[_Placed]:
    first = section.pages[0] if section.pages else None
    yield section.title, Context(first.code if first else "", "section title", first.slug if first else "")
    for page in section.pages:
        yield page.title, Context(page.code, "page title", page.slug)
        for question in page.questions:
            yield from _walk_question(question, page.code, page.slug)


def _walk_question(question: Question, page: str, slug: str) -> Iterator[_Placed]:
    def here(part: str) -> Context:
        return Context(page, f"{question.type}: {part}" if part else question.type, slug)

    def about(part: str, item: Item | None) -> Context:
        return replace(here(part), remark=_describe(item.about)) if item else here(part)

    yield question.text, about("", next((item for item in question.items if item.text is None), None))
    yield question.help, here("help")
    yield question.notice, here("notice")
    yield from ((item.text, about("item", item)) for item in question.items)
    yield from ((option.text, here("option")) for option in question.options)
    yield question.unit, here("unit")


def _describe(about: ItemMetadata) -> str:
    reverse = "Reversed: agreeing means the opposite of the other items." if about.reverse else ""
    return "\n".join(filter(None, (f"Purpose: {about.purpose}" if about.purpose else "", reverse)))

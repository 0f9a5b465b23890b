"""All texts that respondents may read, with their kind and the language variants that show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import ItemMetadata, OrderStep, Question, Questionnaire, Section, Text

TextKind = Literal["title", "paragraphs", "question", "help", "notice", "unit", "item", "option", "term"]


@dataclass(frozen=True, slots=True)
class ShownText:
    text: Text
    kind: TextKind
    languages: frozenset[str]
    """The language variants that may show it."""
    question: Question | None = None
    about: ItemMetadata = field(default_factory=ItemMetadata)

    def wordings(self) -> Iterator[tuple[str, str]]:
        """Yield (language, wording) for every language variant that shows the text."""
        for language, wording in self.text.wording.items():
            if language in self.languages:
                yield language, wording


def iter_shown_texts(questionnaire: Questionnaire) -> Iterator[ShownText]:
    """Yield every text once, in reading order. A text in several places has the language variants of all of them."""
    found: dict[tuple[str, str], ShownText] = {}
    for shown in _iter_all(questionnaire):
        key = (shown.text.code, str(shown.text.place))
        before = found.get(key)
        languages = shown.languages | (before.languages if before else frozenset())
        found[key] = ShownText(shown.text, shown.kind, languages, shown.question, shown.about)
    yield from found.values()


def _iter_all(questionnaire: Questionnaire) -> Iterator[ShownText]:
    everyone = frozenset(questionnaire.languages)
    heads: tuple[tuple[Text | None, TextKind], ...] = (
        (questionnaire.title, "title"),
        (questionnaire.introduction, "paragraphs"),
        (questionnaire.contact, "paragraphs"),
        (questionnaire.thanks, "paragraphs"),
    )
    yield from (ShownText(text, kind, everyone) for text, kind in heads if text)
    for group in questionnaire.order:
        shown = frozenset(x.code for x in questionnaire.languages.values() if x.shows(group))
        for section, languages in _iter_sections(questionnaire, group, shown):
            yield from _iter_section(section, languages if section.languages is None else languages & section.languages)


def _iter_sections(
    questionnaire: Questionnaire, group: OrderStep, shown: frozenset[str]
) -> Iterator[tuple[Section, frozenset[str]]]:
    yield from ((section, shown) for section in group.sections)
    if group.modules or group.blocks:
        shares = questionnaire.find_shares(group.modules) if group.modules else questionnaire.modules
        yield from ((questionnaire.modules[code], shown) for code in shares)
    for institution in questionnaire.institutions.values():
        offered = shown & frozenset(institution.languages)
        if group.blocks:
            yield from ((section, offered) for section in institution.own_blocks)
        if group.own_questions and institution.own_questions:
            yield institution.own_questions, offered


def _iter_section(section: Section, languages: frozenset[str]) -> Iterator[ShownText]:
    if section.title:
        yield ShownText(section.title, "title", languages)
    for page in section.pages:
        if page.title:
            yield ShownText(page.title, "title", languages)
        for question in page.questions:
            yield from _iter_question(question, languages)


def _iter_question(question: Question, languages: frozenset[str]) -> Iterator[ShownText]:
    about = question.items[0].about if question.items else ItemMetadata()
    type_ = QUESTION_TYPES[question.type]
    kind: TextKind = "question" if type_.asks and not type_.apart else "paragraphs"
    yield ShownText(question.text, kind, languages, question, about)
    extras: tuple[tuple[Text | None, TextKind], ...] = (
        (question.help, "help"),
        (question.notice, "notice"),
        (question.unit, "unit"),
    )
    yield from (ShownText(text, kind, languages, question, about) for text, kind in extras if text)
    for item in question.items:
        if item.text:
            yield ShownText(item.text, "item", languages, question, item.about)
    for option in question.options:
        yield ShownText(option.text, "option", languages, question, about)

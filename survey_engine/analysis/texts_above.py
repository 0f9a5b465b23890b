"""Titles and information above questions, which may change what an answer means: added, removed, or those of another page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_engine.analysis.editions import has_same_words
from survey_engine.analysis.reachability import list_all_sections
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Page, Place, Questionnaire, Text

_Texts = Mapping[str, Text]
"""Code → a title or an information."""


def iter_texts_above(old: Questionnaire, new: Questionnaire) -> Iterator[tuple[str, Place, str, str]]:
    """Yield code, place, texts before and texts now, of each item of both versions with texts above it that only one has.

    Other words of a text that both have above it are left out: `list_rewordings` compares texts by their codes.
    """
    before, language = _index_texts_above(old), new.source_language
    for code, texts in _index_texts_above(new).items():
        if code in before:
            gone, come = _list_only(before[code], texts, language), _list_only(texts, before[code], language)
            if gone or come:
                place = [*come, *texts.values(), *gone][0].place
                was, now = (" · ".join(text.wording.get(language, "") for text in shown) for shown in (gone, come))
                yield code, place, was, now


def _list_only(one: _Texts, other: _Texts, language: str) -> list[Text]:
    """Return the texts whose codes and words the other does not have; one that is not shown in the language has none."""
    words = [text.wording.get(language, "") for text in other.values()]
    return [
        text
        for code, text in one.items()
        if code not in other and not any(has_same_words(text.wording.get(language, ""), each) for each in ("", *words))
    ]


def _index_texts_above(questionnaire: Questionnaire) -> Mapping[str, _Texts]:
    """Return item → the titles of its section and page, and the information before it on its page and on pages just before it."""
    found: dict[str, _Texts] = {}
    for section in list_all_sections(questionnaire):
        titled = {f"section {section.code}": section.title} if section.title else {}
        informed: dict[str, Text] = {}
        for page in section.pages:
            shown = {**informed, **({f"page {page.code}": page.title} if page.title else {})}
            for question in page.questions:
                if QUESTION_TYPES[question.type].asks:
                    found.update({item.code: {**titled, **shown} for item in question.items if item.code not in found})
                else:
                    shown[question.code] = question.text
            informed = {} if _asks(page) else shown
    return found


def _asks(page: Page) -> bool:
    return any(QUESTION_TYPES[question.type].asks for question in page.questions)

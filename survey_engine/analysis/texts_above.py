"""Titles and information above questions, which may change what an answer means: added, removed, or those of another page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from survey_engine.analysis.editions import has_same_words
from survey_engine.analysis.reachability import list_all_sections
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Page, Place, Questionnaire, Text

_Texts = Mapping[str, Text]
"""Code → a title or an information."""
TextAbove = tuple[str, Place, str, str, str]
"""Code, place, language, texts before and texts now."""


def iter_texts_above(old: Questionnaire, new: Questionnaire) -> Iterator[TextAbove]:
    """Yield each question of both versions, also consents and panels, with texts above it that only one has, in each language.

    Other words of a text that both have above it are left out: `list_rewordings` compares texts by their codes.
    """
    before, languages = _index_texts_above(old), [language for language in new.languages if language in old.languages]
    for code, texts in _index_texts_above(new).items():
        if code in before:
            gone, come = _list_only(before[code], texts, languages), _list_only(texts, before[code], languages)
            for language in languages:
                was, now = (" · ".join(filter(None, (text.wording.get(language) for text in shown))) for shown in (gone, come))
                if was != now:
                    yield code, [*come, *texts.values(), *gone][0].place_in(language), language, was, now


def _list_only(one: _Texts, other: _Texts, languages: Sequence[str]) -> list[Text]:
    """Return the texts whose codes and words the other does not have."""
    return [
        text
        for code, text in one.items()
        if code not in other and not any(are_same_texts(text, each, languages) for each in other.values())
    ]


def are_same_texts(one: Text, other: Text, languages: Sequence[str]) -> bool:
    """Whether two texts have the same words in every one of these languages that both are written in, and share one."""
    shared = [(one.wording[each], other.wording[each]) for each in languages if one.wording.get(each) and other.wording.get(each)]
    return bool(shared) and all(has_same_words(*each) for each in shared)


def _index_texts_above(questionnaire: Questionnaire) -> Mapping[str, _Texts]:
    """Return item or panel → the titles of its section and page, and the information before it on its page and on pages just before."""
    found: dict[str, _Texts] = {}
    for section in list_all_sections(questionnaire):
        titled = {f"section {section.code}": section.title} if section.title else {}
        informed: dict[str, Text] = {}
        for page in section.pages:
            shown = {**informed, **({f"page {page.code}": page.title} if page.title else {})}
            for question in page.questions:
                if QUESTION_TYPES[question.type].asks:
                    for code in [item.code for item in question.items] or [question.code]:
                        found.setdefault(code, {**titled, **shown})
                else:
                    shown[question.code] = question.text
            informed = {} if asks(page) else shown
    return found


def asks(page: Page) -> bool:
    return any(QUESTION_TYPES[question.type].asks for question in page.questions)

"""Texts whose source wording changed since an earlier edition, while a translation in the same file did not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from survey_engine.analysis.editions import list_shared_languages
from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.model.questionnaire import Place, Questionnaire, Text

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PartlyReworded:
    code: str
    unchanged: tuple[str, ...]
    """The language variants whose wording in that file has not changed."""
    place: Place


def iter_partly_reworded(old: Questionnaire, new: Questionnaire) -> Iterator[PartlyReworded]:
    """Yield them in reading order. A catalogue is left out, because its translations become stale; so are drafts."""
    before = {text.code: text for text in iter_all_texts(old)}
    source = new.source_language
    languages = [language for language in list_shared_languages(old, new) if language != source]
    for text in {text.code: text for text in iter_all_texts(new)}.values():
        earlier = before.get(text.code)
        if earlier is None or _is_same(earlier, text, source):
            continue
        beside = [each for each in languages if each in text.wording and text.place_in(each).file == text.place.file]
        if unchanged := tuple(each for each in beside if _is_same(earlier, text, each)):
            yield PartlyReworded(text.code, unchanged, text.place)


def iter_all_texts(questionnaire: Questionnaire) -> Iterator[Text]:
    """Yield the texts that respondents may read, terms, and those of background."""
    yield from (shown.text for shown in iter_shown_texts(questionnaire))
    yield from questionnaire.terms.values()
    for variable in questionnaire.background.values():
        yield from filter(None, (variable.text, *(option.text for option in variable.options)))


def _is_same(old: Text, new: Text, language: str) -> bool:
    """Whether two texts have the same words in a language; case and punctuation are ignored."""
    was, now = (_WORD.findall(text.wording.get(language, "").casefold()) for text in (old, new))
    return was == now

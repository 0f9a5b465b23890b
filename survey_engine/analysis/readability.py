"""Readability of language variants, measured by textstat: LIX, and Flesch–Douma for Dutch. Needs the extra `authoring`.

The formulas are unstable for short texts, so they measure all texts of a variant together. English is not
measured: textstat would have to download a word list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import textstat

from survey_engine.analysis.checks.readability import (
    SENTENCE_KINDS,
    Readability,
    ReadabilityLimits,
    choose_limits,
    list_readable_words,
    list_sentences,
)
from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

_OFFLINE = frozenset({"nl", "de"})
"""Languages that textstat can measure without a download."""
_LONG_WORD = 6
_MIN_WORDS = 100
"""Least number of words for stable figures; a draft that is not translated yet has fewer."""


def measure_readability(questionnaire: Questionnaire) -> dict[str, Readability]:
    """Return language variant → figures, measured over all texts that consist of sentences."""
    read: dict[str, list[str]] = {language: [] for language in questionnaire.languages}
    for shown in iter_shown_texts(questionnaire):
        if shown.kind in SENTENCE_KINDS:
            for language, wording in shown.wordings():
                read[language] += list_sentences(wording)
    return {
        language: _measure(sentences, questionnaire.languages[language].spoken)
        for language, sentences in read.items()
        if sentences
    }


def _measure(sentences: list[str], spoken: str) -> Readability:
    words = [word for sentence in sentences for word in list_readable_words(sentence)]
    text = " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences)
    lix = flesch = None
    if spoken in _OFFLINE:
        textstat.set_lang(spoken)
        lix = textstat.lix(text)
        flesch = textstat.flesch_reading_ease(text) if spoken == "nl" else None
    return Readability(
        words=len(words),
        words_per_sentence=len(words) / len(sentences),
        long_words=sum(len(word) > _LONG_WORD for word in words) / (len(words) or 1),
        lix=lix,
        flesch=flesch,
    )


def check_variants(questionnaire: Questionnaire, measured: Mapping[str, Readability]) -> Iterator[Problem]:
    """Report language variants that exceed the limits of readability."""
    for code, figures in measured.items():
        demand = choose_limits(questionnaire.languages[code])
        if _is_hard(figures, demand):
            facts = {
                "language": code,
                "lix": f"{figures.lix:.0f}",
                "flesch": "–" if figures.flesch is None else f"{figures.flesch:.0f}",
                "most": f"{demand.lix:g}",
                "least": f"{demand.flesch:g}",
            }
            yield Problem("hard-variant", questionnaire.place, facts)


def _is_hard(figures: Readability, demand: ReadabilityLimits) -> bool:
    too_long = figures.lix is not None and figures.lix > demand.lix
    hard = too_long or (figures.flesch is not None and figures.flesch < demand.flesch)
    return hard and figures.words >= _MIN_WORDS

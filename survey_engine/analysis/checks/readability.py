"""Sentences and words that are hard to read; limits are stricter for simplified language variants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from survey_engine.analysis.shown_texts import ShownText, TextKind, iter_shown_texts
from survey_engine.language.markup import strip_markup
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Language, Questionnaire

SENTENCE_KINDS: tuple[TextKind, ...] = ("paragraphs", "question", "help", "notice", "item")
"""Kinds of text that consist of sentences; titles and response options do not."""
_SENTENCE_END = re.compile(r"[.!?:]+(?:\s+|$)|\n+")
_SIMPLE_END = re.compile(r"[.!?]+(?:\s+|$)|\n+")
"""The end of a sentence in a variant with `based_on`, where words after a colon belong to the same sentence."""
_TO_EXPLAIN: Mapping[str, str] = {
    "nl": "vertrouwenspersoon|studentenraad|burgerschap|medezeggenschap|studentendecaan|opleidingscommissie"
}
"""Words about education that readers of a variant with `based_on` may not know."""
_ADDRESS = ("://", "www.", "@")
"""Parts of addresses, which do not count as hard words."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class ReadabilityLimits:
    """Limits of a variant: words per sentence, letters per word, and LIX and Flesch–Douma scores."""

    words: int
    letters: int
    lix: float
    flesch: float


USUAL = ReadabilityLimits(words=25, letters=26, lix=45, flesch=45)
_SIMPLE = ReadabilityLimits(words=12, letters=18, lix=30, flesch=70)
"""Limits of variants with `based_on`. Municipal guidelines for simple Dutch (A2) advise 10 words per sentence; most allow 12."""


@dataclass(frozen=True, slots=True)
class Readability:
    """Figures of one language variant. `long_words` is a share of all words (0 to 1); a score is None if unavailable."""

    words: int
    words_per_sentence: float
    long_words: float
    lix: float | None
    flesch: float | None

    def __str__(self) -> str:
        scores = (("LIX", self.lix), ("Flesch–Douma", self.flesch))
        said = [f"{name} {score:.0f}" for name, score in scores if score is not None]
        return ", ".join([f"{self.words_per_sentence:.1f} words a sentence", f"{self.long_words:.0%} long words", *said])


def choose_limits(language: Language) -> ReadabilityLimits:
    return _SIMPLE if language.based_on else USUAL


def check_readability(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in iter_shown_texts(questionnaire):
        if shown.kind in SENTENCE_KINDS:
            for language, wording in shown.wordings():
                yield from _check_text(shown, questionnaire.languages[language], wording)
    yield from _check_words(questionnaire)


def _check_words(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report hard words that are not explained at their first use, in variants with `based_on`."""
    met: set[tuple[str, str]] = set()
    for shown in iter_shown_texts(questionnaire):
        for code, wording in shown.wordings() if shown.kind in SENTENCE_KINDS else ():
            language = questionnaire.languages[code]
            words = _TO_EXPLAIN.get(language.spoken) if language.based_on else None
            for word in sorted(set(re.findall(words, wording.lower()))) if words else ():
                if (code, word) not in met and not explains(word, wording):
                    yield Problem("unexplained-word", shown.text.place_in(code), _name(shown, code) | {"word": word})
                met.add((code, word))


def explains(word: str, wording: str) -> bool:
    """Whether a word is followed by brackets, or by a next sentence that can explain it.

    >>> explains("raad", "Wat doet de raad? Die praat met school.")
    True
    >>> explains("raad", "Wat doet de raad? Geef een cijfer.")
    False
    """
    return re.search(rf"{word}[^.?!]*(?:\(|[.?!]\s+(?:Die|Dat|Daar)\b)", wording, re.IGNORECASE) is not None


def _name(shown: ShownText, language: str) -> dict[str, str | int]:
    return {"code": shown.text.code, "language": language}


def _check_text(shown: ShownText, language: Language, wording: str) -> Iterator[Problem]:
    demand, place = choose_limits(language), shown.text.place_in(language.code)
    facts = _name(shown, language.code)
    sentences = list_sentences(wording, _SIMPLE_END if language.based_on else _SENTENCE_END)
    longest = max((len(list_readable_words(sentence)) for sentence in sentences), default=0)
    if longest > demand.words:
        yield Problem("long-sentence", place, {**facts, "count": longest, "limit": demand.words})
    words = (word for word in strip_markup(wording).split() if not any(part in word for part in _ADDRESS))
    hard = max(list_readable_words(" ".join(words)), key=len, default="")
    if len(hard) > demand.letters:
        yield Problem("hard-word", place, {**facts, "word": hard, "count": len(hard), "limit": demand.letters})


def list_sentences(wording: str, end: re.Pattern[str] = _SENTENCE_END) -> list[str]:
    """Return the sentences of a text without markup; a placeholder counts as one word.

    >>> list_sentences("Denk aan {school}. *Goed*?")
    ['Denk aan x', 'Goed']
    """
    plain = PLACEHOLDER.sub("x", strip_markup(wording))
    return [sentence.strip() for sentence in end.split(plain) if sentence.strip()]


def list_readable_words(text: str) -> list[str]:
    return _WORD.findall(text)

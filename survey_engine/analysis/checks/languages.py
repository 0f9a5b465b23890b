"""Texts in another language than their variant, and words or whole texts that were typed or pasted twice.

A text is reported only if its language is certain: it has several words of another language and none of the variant's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def _split(words_by_language: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in words_by_language.items()}


_WORDS = _split(
    {
        "nl": "de het een en ik je jij jouw mijn niet geen dat dit deze die van voor met op te aan om bij naar uit ook nog wel er zijn"
        " heb hebt heeft hebben ben bent word wordt worden wat welke welk waar wie hoe vaak door over ons onze wij we u uw hun zij of"
        " als dan maar veel goed kun kan kunt wil kom heel ga in is",
        "en": "the a an and i you your my not no that this these those of for with on to at by from also there are have has was were be"
        " what which where who how often through about our we they their or if than but much many good can could would do does did it"
        " is in me am will",
        "de": "der die das ein eine einen einem einer und ich du dein deine mein meine nicht kein keine dass dies diese dieser von für"
        " mit auf zu an bei nach aus auch noch es sind habe hast hat haben bin bist ist wird werden was welche welcher wo wer wie oft"
        " durch über uns unsere wir sie ihr ihre oder wenn als aber viel gut kannst kann mich dich sich sehr im den dem zum zur in"
        " gehst gehe du habt dir ihm man machst möchtest war waren gut",
        "fr": "le la les des du une un et je tu il elle nous vous ne pas que qui ce cette ces votre vos notre mon ma mes à dans pour avec"
        " sur par où est sont avez êtes avoir être plus comment quel quelle quels de",
        "es": "el la los las una un y que no de en por para con su sus tu es está son qué cómo cuál usted mi muy pero del al te lo",
        "pap": "mi bo e un di ta na ku no tin bon ke su nos boso nan kiko kon unda pa den ora mas òf i tabata por lo mester hasi",
    }
)
"""Spoken language → common words."""
_MIN_FOREIGN = 3
_UMLAUT = re.compile(r"[äöüß].*[.?!]$", re.IGNORECASE | re.DOTALL)
"""A letter that counts as a German word if the text is a sentence; names may contain it in any language."""
_TEXT = re.compile(r"[^\W\d_]+")
_SAID_TWICE = _split(
    {
        "nl": "je u die dat het we ze er wat of als haar hem heel zo ja nee veel jullie half",
        "en": "that had you very so yes no her is",
        "de": "sie die der das den sich ihr sehr so ja nein es teils halb",
    }
)
"""Words that may be repeated. In languages not listed here every word may: Papiamento doubles words for emphasis."""
_DOUBLED_WORD = re.compile(r"(?<![\w'’-])([^\W\d_]+)\s+\1(?![\w'’-])", re.IGNORECASE)
_MIN_DOUBLED = 8
"""Least number of characters of a repeated text; a shorter repetition may be intended."""


def check_languages(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in iter_shown_texts(questionnaire):
        for language, wording in shown.wordings():
            spoken, place = questionnaire.languages[language].spoken, shown.text.place_in(language)
            facts = {"code": shown.text.code, "language": language}
            if other := find_foreign_language(wording, spoken):
                yield Problem("other-language", place, {**facts, "other": other, "found": wording[:60]})
            if found := find_doubled(wording, spoken):
                yield Problem("doubled-words", place, {**facts, "found": found[:60]})


def find_foreign_language(wording: str, spoken: str) -> str:
    """Return the language of a text that is certainly not in `spoken`; an empty string if that is not certain.

    >>> find_foreign_language("Ich fühle mich hier sehr sicher", "en"), find_foreign_language("De Ich-vorm in het Duits", "nl")
    ('de', '')
    """
    plain = re.sub(r"\{\w+\}|\([^)]*\)|[“\"‘„].*?[”\"’“]", " ", wording)
    words = {word.casefold() for word in _TEXT.findall(plain)}
    own = _WORDS.get(spoken)
    counts = {
        other: len(words & (found - own)) + (other == "de" and bool(_UMLAUT.search(plain)))
        for other, found in _WORDS.items()
        if own and other != spoken and not words & (own - found)
    }
    best = max(counts, key=lambda other: counts[other], default="")
    return best if best and counts[best] >= _MIN_FOREIGN else ""


def list_certain_words(wording: str, spoken: str, other: str) -> set[str]:
    """Return the words of a text that are common words of `spoken`, but not of `other`.

    >>> list_certain_words("The boat is in the sea", "en", "nl"), list_certain_words("Wij zien de zee", "nl", "es")
    ({'the'}, {'wij'})
    """
    words = {word.casefold() for word in _TEXT.findall(re.sub(r"\{\w+\}|\([^)]*\)", " ", wording))}
    return words & (_WORDS.get(spoken, frozenset()) - _WORDS.get(other, frozenset()))


def find_doubled(wording: str, spoken: str) -> str:
    """Return a text that consists of the same words twice, or a repeated word; an empty string if there is none.

    >>> find_doubled("Do you work with with others?", "en"), find_doubled("Voel je je veilig?", "nl")
    ('with with', '')
    """
    text = " ".join(wording.split())
    half, odd = divmod(len(text), 2)
    if half >= _MIN_DOUBLED and " " in text[:half] and text[:half] == text[-half:] and text[half] == (" " if odd else text[0]):
        return wording
    allowed = _SAID_TWICE.get(spoken)
    doubled = (found for found in _DOUBLED_WORD.finditer(wording) if allowed is not None and found[1].casefold() not in allowed)
    return next((found[0] for found in doubled), "")

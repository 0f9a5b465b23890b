"""Translations that differ from their source in markup or numbers, or that copy the source or another translation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.language.markup import count_markup
from survey_engine.model.messages import Problem, join_names
from survey_engine.model.questionnaire import Language, Questionnaire, Text

_NUMBER = re.compile(r"(\d+)((?:[.,]\d+|:[0-5]\d)*)(?:\s*([ap])\.?\s?m\b\.?)?", re.IGNORECASE)
"""A number with its separators, or a clock time such as `9:30`, `17.00` or `5 p.m.`."""
_MINUTES = re.compile(r"[.:]([0-5]\d)")
_SEPARATOR = re.compile(r"[.:,]")
_WORD_OF_PATH = re.compile(r"[^/?&=_.-]+")
_SITE = re.compile(r"link to (?:https://(?:www\.|[a-z]{2}\.)?|mailto:[^@]*@)([^/?#]+)")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_SHARED = 0.25
"""Two texts are different if they have at most this share of the shorter text's words in common."""
_MIN_WORDS = 4
"""Least number of words for which identical texts in two languages are suspect."""
_MIN_QUESTION = 3
_PERSONS = {
    "nl": frozenset({"ik", "je", "jij", "mijn", "jouw", "mij"}),
    "en": frozenset({"i", "you", "my", "your", "me"}),
    "de": frozenset({"ich", "du", "mein", "meine", "dein", "deine", "mich", "mir"}),
}
"""Language → words that do not occur in names."""


def check_translations(questionnaire: Questionnaire) -> Iterator[Problem]:
    source_language = questionnaire.source_language
    yield from _check_pasted(questionnaire)
    for shown in iter_shown_texts(questionnaire):
        source = shown.text.wording.get(source_language)
        for language, wording in shown.text.wording.items():
            variant = questionnaire.languages[language]
            if source is not None and language != source_language:
                yield from _compare(shown, variant, source, wording)
                enough = has_enough_words(wording) or _is_sentence(shown, source, questionnaire)
                if enough and (same := _find_same(shown, language, questionnaire)):
                    facts = {"code": shown.text.code, "language": language, "same": same}
                    yield Problem("untranslated", shown.text.place_in(language), facts)


def has_enough_words(wording: str) -> bool:
    return len(wording.split()) >= _MIN_WORDS


def _check_pasted(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report questions with the same translation but different sources. A simplified variant may merge two wordings."""
    source_language, first = questionnaire.source_language, dict[tuple[str, str], Text]()
    for shown in iter_shown_texts(questionnaire):
        source = shown.text.wording.get(source_language)
        for language, wording in shown.text.wording.items() if shown.kind == "question" and source else ():
            if language == source_language or questionnaire.languages[language].based_on or len(wording.split()) < _MIN_WORDS:
                continue
            other = first.setdefault((language, " ".join(wording.casefold().split())), shown.text)
            if other.code != shown.text.code and _differ(source or "", other.wording.get(source_language, "")):
                facts = {"code": shown.text.code, "language": language, "other": other.code}
                yield Problem("same-translation", shown.text.place_in(language), facts)


def _differ(one: str, other: str) -> bool:
    """Whether two texts have hardly any words in common.

    >>> _differ("What should change here?", "What else do you want to tell us?"), _differ("Explain", "Please explain it")
    (True, False)
    """
    words = [set(_WORD.findall(text.casefold())) for text in (one, other)]
    return len(words[0] & words[1]) <= _MOST_SHARED * min(map(len, words))


def _is_sentence(shown: ShownText, source: str, questionnaire: Questionnaire) -> bool:
    """Whether a short text is not a name: it is a question, or a statement with a word such as "ik"."""
    spoken = questionnaire.languages[questionnaire.source_language].spoken
    said = {word.casefold() for word in _WORD.findall(source)}
    is_question = shown.kind == "question" and source.endswith("?") and len(said) >= _MIN_QUESTION
    return is_question or (shown.kind == "item" and len(said) >= _MIN_QUESTION and bool(said & _PERSONS.get(spoken, frozenset())))


def _find_same(shown: ShownText, language: str, questionnaire: Questionnaire) -> str:
    """Return the first language variant of another language with the same wording, beginning with the source; empty if there is none."""
    languages = questionnaire.languages
    earlier = [questionnaire.source_language, *list(languages)[: list(languages).index(language)]]
    wordings = shown.text.wording
    same = (x for x in earlier if languages[x].spoken != languages[language].spoken and wordings.get(x) == wordings[language])
    return next(same, "")


def _compare(shown: ShownText, variant: Language, source: str, wording: str) -> Iterator[Problem]:
    """Report differences from the source. A simplified variant may omit numbers, but no variant may add one."""
    place, simpler = shown.text.place_in(variant.code), variant.based_on is not None
    facts = {"code": shown.text.code, "language": variant.code}
    expected, found = count_markup(source), count_markup(wording)
    if not _is_equal(expected - found, found - expected, variant.spoken):
        yield Problem("markup-differs", place, {**facts, "expected": _describe(expected), "found": _describe(found)})
    numbers, others = find_numbers(source), find_numbers(wording)
    if numbers and others and (_list_unmatched(others, numbers) or (_list_unmatched(numbers, others) and not simpler)):
        yield Problem("numbers-differ", place, {**facts, "expected": join_names(numbers), "found": join_names(others)})


def find_numbers(wording: str) -> dict[str, frozenset[str]]:
    """Return number as written → its possible meanings, without separators of thousands.

    >>> sorted(find_numbers("5 p.m.")["5 p.m."]), sorted(find_numbers("17.00 uur")["17.00"]), find_numbers("1,000")
    (['17', '17:00', '5'], ['17', '1700', '17:00'], {'1,000': frozenset({'1000'})})
    """
    found = list(_NUMBER.finditer(wording))
    halves = any(number[3] for number in found)  # in `from 5 to 7 p.m.`, 5 is a clock time too
    return {number[0].strip(): frozenset(_iter_meanings(number, halves=halves)) for number in found}


def _iter_meanings(number: re.Match[str], *, halves: bool) -> Iterator[str]:
    """Yield the digits, and the times of day that they may mean. With `halves` (a.m. or p.m. in the text), a bare hour may be a time."""
    yield _SEPARATOR.sub("", number[1] + number[2])
    minutes, half = _MINUTES.fullmatch(number[2]), (number[3] or "").lower()
    if len(number[1]) > 2 or not (minutes or (halves and not number[2])):
        return
    hour, past = int(number[1]), minutes[1] if minutes else "00"
    for each in _list_hours(hour, half):
        yield f"{each}:{past}"
        if past == "00" and (half or each == hour):
            yield str(each)


def _list_hours(hour: int, half: str) -> list[int]:
    """Return the hours (0 to 23) that an hour may mean; `half` is `a` (a.m.), `p` (p.m.) or empty."""
    early, late = hour % 12, hour % 12 + 12
    return [hour] if hour > 12 else {"a": [early], "p": [late]}.get(half, [early, late])


def _list_unmatched(numbers: Mapping[str, frozenset[str]], others: Mapping[str, frozenset[str]]) -> list[str]:
    return [number for number, meanings in numbers.items() if not any(meanings & other for other in others.values())]


def _is_equal(missing: Counter[str], added: Counter[str], spoken: str) -> bool:
    """Whether two texts have equal markup, apart from addresses of one site that differ by language."""
    sites, others = ([_find_site(what) for what in sorted(counts.elements())] for counts in (missing, added))
    return sorted(sites) == sorted(others) and all(_is_meant_for(what, spoken) for what in added)


def _find_site(markup: str) -> str:
    """Return the domain of a link without a subdomain for the language; other markup unchanged.

    >>> _find_site("link to https://nl.example.org/werk"), _find_site("link to mailto:hulp@example.org"), _find_site("emphasis")
    ('example.org', 'example.org', 'emphasis')
    """
    found = _SITE.match(markup)
    return found[1] if found else markup


def _is_meant_for(markup: str, spoken: str) -> bool:
    """Whether a link is a mail address, or names the language in its path, query or subdomain."""
    host, _, path = markup.partition("://")[2].partition("/")
    return "mailto:" in markup or host.startswith(f"{spoken}.") or spoken in _WORD_OF_PATH.findall(path)


def _describe(markup: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in sorted(markup.items())) or "no markup"

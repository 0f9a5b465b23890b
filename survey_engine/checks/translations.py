"""Translations that differ in structure from their source: lost emphasis or links, other numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from markdown_it import MarkdownIt

from survey_engine.model import Questionnaire
from survey_engine.problems import Problem, listing
from survey_engine.texts import ShownText, list_shown

_MARKUP = MarkdownIt("zero").enable(["emphasis", "link"])
_MARKED = re.compile(r"[*_]|\]\(")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SEPARATOR = re.compile(r"[.,]")


def check_translations(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in list_shown(questionnaire):
        source = shown.text.wording.get(questionnaire.source_language)
        if source is not None:
            for language, wording in shown.text.wording.items():
                if language != questionnaire.source_language:
                    simpler = questionnaire.languages[language].based_on is not None
                    yield from _compare(shown, language, source, wording, simpler=simpler)


def _compare(shown: ShownText, language: str, source: str, wording: str, *, simpler: bool) -> Iterator[Problem]:
    """A simpler variant may leave a number out; nobody may bring another one in."""
    facts = {"code": shown.text.code, "language": language}
    expected, found = list_markup(source), list_markup(wording)
    if expected != found:
        counts = {"expected": _describe(expected), "found": _describe(found)}
        yield Problem("markup-differs", shown.text.place_in(language), {**facts, **counts})
    numbers, others = list_numbers(source), list_numbers(wording)
    if numbers and others and (others - numbers or (numbers - others and not simpler)):
        facts |= {"expected": listing(numbers), "found": listing(others)}
        yield Problem("numbers-differ", shown.text.place_in(language), facts)


def list_markup(wording: str) -> Counter[str]:
    """How often a text has emphasis, and to which addresses it links.

    >>> sorted(list_markup("*Soon* there is [more](https://example.org/a)"))
    ['emphasis', 'link to https://example.org/a']
    """
    found: Counter[str] = Counter()
    if _MARKED.search(wording):
        for token in _MARKUP.parseInline(wording)[0].children or ():
            if token.type in ("em_open", "strong_open"):
                found["emphasis"] += 1
            elif token.type == "link_open":
                found[f"link to {token.attrs['href']}"] += 1
    return found


def list_numbers(wording: str) -> set[str]:
    """The numbers in a text, without the signs that languages separate their digits with."""
    return {_SEPARATOR.sub("", number) for number in _NUMBER.findall(wording)}


def _describe(markup: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in sorted(markup.items())) or "no markup"

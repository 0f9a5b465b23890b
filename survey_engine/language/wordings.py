"""Texts with their wording in every language variant: written in place, or taken from a catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from survey_engine.language.variants import Catalogue, is_blank
from survey_engine.language.yaml_reader import find_place
from survey_engine.model.messages import Problem, join_names, suggest_name
from survey_engine.model.questionnaire import Language, Place, Text

PLACEHOLDER = re.compile(r"\{([^{}\s]{1,40})\}")

IN_PLACE = "this mapping"
"""What stands for a catalogue where an author writes all languages in place."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that the catalogues translate."""

    source: str
    place: Place
    languages: frozenset[str]
    """The language variants that show it; none for a bank question that nobody is asked."""


class Wordings:
    """Words every text in every language variant, and keeps the problems found on the way."""

    def __init__(
        self,
        source_language: str,
        languages: Mapping[str, Language],
        catalogues: Mapping[str, Catalogue],
    ) -> None:
        self.source_language = source_language
        self.languages = languages
        self.catalogues = catalogues
        self.problems: list[Problem] = []
        self.needed: frozenset[str] = frozenset(languages)
        self.sources: dict[str, KnownText] = {}
        """Code → every text that the catalogues translate."""
        self.worded_at: dict[str, Place] = {}

    def problem(self, code: str, place: Place, /, **facts: object) -> None:
        self.problems.append(Problem(code, place, facts))

    def unknown(self, kind: str, name: str, known: Iterable[str], place: Place) -> None:
        """Report a name that nothing has."""
        known = list(known)
        self.problem("unknown-name", place, kind=kind, name=name, meant=suggest_name(name, known), known=join_names(known))

    @contextmanager
    def shown_in(self, languages: Iterable[str]) -> Iterator[None]:
        """What is built inside is shown in these language variants only."""
        before, self.needed = self.needed, self.needed & frozenset(languages)
        yield
        self.needed = before

    def text(self, code: str, source: Any, place: Place) -> Text:
        """A text of the questionnaire; `source` is a plain string, or a mapping from language to string."""
        if self.worded_at.setdefault(code, place) != place:  # its owner's code is used twice, which the builder has reported
            return Text(code, {self.source_language: str(source)}, place)
        if isinstance(source, dict):
            wording = self._written(code, source, place)
            places = {language: find_place(source, (language,), place) for language in wording}
        else:
            wording = self._translated(code, str(source).strip(), place)
            places = {language: self._entry_place(language, code, place) for language in wording}
        names = self._compare_placeholders(code, wording, places)
        return Text(code, wording, place, names, places)

    def optional_text(self, code: str, source: Any, place: Place) -> Text | None:
        return self.text(code, source, place) if source else None

    def _written(self, code: str, source: Mapping[str, Any], place: Place) -> dict[str, str]:
        for language in source:
            if language not in self.languages:
                self.unknown("language", str(language), self.languages, find_place(source, (language,), place, key=True))
        worded = {language for language, text in source.items() if not is_blank(str(text))}
        for language in sorted(self.needed - worded):
            self.problem("missing-wording", place, code=code, language=language, catalogue=IN_PLACE)
        return {language: str(text).strip() for language, text in source.items() if language in self.languages}

    def _translated(self, code: str, source: str, place: Place) -> dict[str, str]:
        known = self.sources.get(code)
        self.sources[code] = KnownText(source, place, self.needed | (known.languages if known else frozenset()))
        wording = {self.source_language: source}
        if is_blank(source):
            self.problem("missing-wording", place, code=code, language=self.source_language, catalogue="this file")
        for language, catalogue in self.catalogues.items():
            entry = catalogue.entries.get(code)
            if entry is None or is_blank(entry.wording):
                if language in self.needed and not catalogue.unreadable:
                    both = "" if catalogue.entries else f", or write it here as {{{self.source_language}: …, {language}: …}}"
                    self.problem("missing-wording", place, code=code, language=language, catalogue=catalogue.path + both)
            elif entry.fuzzy or entry.source.strip() != source:
                self.problem("stale-wording", entry.place, code=code, language=language, source=place)
            else:
                wording[language] = entry.wording
        return wording

    def _entry_place(self, language: str, code: str, default: Place) -> Place:
        catalogue = self.catalogues.get(language)
        return catalogue.entries[code].place if catalogue and code in catalogue.entries else default

    def _compare_placeholders(self, code: str, wording: Mapping[str, str], places: Mapping[str, Place]) -> frozenset[str]:
        """The names of the placeholders; every language must have the same."""
        names = {language: frozenset(PLACEHOLDER.findall(text)) for language, text in wording.items()}
        expected = names.get(self.source_language, next(iter(names.values()), frozenset()))
        for language, found in names.items():
            if found != expected:
                facts = {"found": join_names(found), "expected": join_names(expected)}
                self.problem("placeholders-differ", places[language], code=code, language=language, **facts)
        return frozenset().union(*names.values())

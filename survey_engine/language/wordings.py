"""Texts with their wordings in every language variant, inline or from catalogues."""

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

INLINE = "this mapping"
"""Takes the place of a catalogue's name in messages about inline wordings."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that catalogues translate."""

    source: str
    place: Place
    languages: frozenset[str]
    """The language variants that show it; none for a bank question that no section asks."""


class Wordings:
    """Collects the wordings of texts from definitions and catalogues, and reports problems."""

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
        self.shown_languages: frozenset[str] = frozenset(languages)
        self.sources: dict[str, KnownText] = {}
        """Code → text, for all texts that catalogues translate."""
        self.registered_texts: dict[str, Place] = {}

    def report(self, code: str, place: Place, /, **facts: object) -> None:
        self.problems.append(Problem(code, place, facts))

    def report_unknown(self, kind: str, name: str, known: Iterable[str], place: Place) -> None:
        """Report an unknown name."""
        known = list(known)
        self.report("unknown-name", place, kind=kind, name=name, meant=suggest_name(name, known), known=join_names(known))

    @contextmanager
    def shown_in(self, languages: Iterable[str]) -> Iterator[None]:
        """Limit the texts built inside this block to these language variants."""
        before, self.shown_languages = self.shown_languages, self.shown_languages & frozenset(languages)
        yield
        self.shown_languages = before

    def build_text(self, code: str, source: Any, place: Place) -> Text:
        """Build a text; `source` is a string, or a mapping from language to string."""
        if self.registered_texts.setdefault(code, place) != place:  # the builder has reported the duplicate code
            return Text(code, {self.source_language: str(source)}, place)
        if isinstance(source, dict):
            wording = self._read_inline(code, source, place)
            places = {language: find_place(source, (language,), place) for language in wording}
        else:
            wording = self._read_catalogues(code, str(source).strip(), place)
            places = {language: self._entry_place(language, code, place) for language in wording}
        names = self._compare_placeholders(code, wording, places)
        return Text(code, wording, place, names, places)

    def build_optional_text(self, code: str, source: Any, place: Place) -> Text | None:
        return self.build_text(code, source, place) if source else None

    def repeat_text(self, wording: str, place: Place) -> Text:
        """Build a text that is the same in every language, such as a number."""
        return Text(wording, dict.fromkeys(self.languages, wording), place)

    def _read_inline(self, code: str, source: Mapping[str, Any], place: Place) -> dict[str, str]:
        for language in source:
            if language not in self.languages:
                self.report_unknown("language", str(language), self.languages, find_place(source, (language,), place, key=True))
        worded = {language for language, text in source.items() if not is_blank(str(text))}
        for language in sorted(self.shown_languages - worded):
            self.report("missing-wording", place, code=code, language=language, catalogue=INLINE)
        return {language: str(text).strip() for language, text in source.items() if language in self.languages}

    def _read_catalogues(self, code: str, source: str, place: Place) -> dict[str, str]:
        known = self.sources.get(code)
        self.sources[code] = KnownText(source, place, self.shown_languages | (known.languages if known else frozenset()))
        wording = {self.source_language: source}
        if is_blank(source):
            self.report("missing-wording", place, code=code, language=self.source_language, catalogue="this file")
        for language, catalogue in self.catalogues.items():
            entry = catalogue.entries.get(code)
            if entry is None or is_blank(entry.wording):
                if language in self.shown_languages and not catalogue.unreadable:
                    both = "" if catalogue.entries else f", or write it here as {{{self.source_language}: …, {language}: …}}"
                    self.report("missing-wording", place, code=code, language=language, catalogue=catalogue.path + both)
            elif entry.fuzzy or entry.source.strip() != source:
                self.report("stale-wording", entry.place, code=code, language=language, source=place)
            else:
                wording[language] = entry.wording
        return wording

    def _entry_place(self, language: str, code: str, default: Place) -> Place:
        catalogue = self.catalogues.get(language)
        return catalogue.entries[code].place if catalogue and code in catalogue.entries else default

    def _compare_placeholders(self, code: str, wording: Mapping[str, str], places: Mapping[str, Place]) -> frozenset[str]:
        """Report placeholders that differ between languages; return the names of all placeholders."""
        names = {language: frozenset(PLACEHOLDER.findall(text)) for language, text in wording.items()}
        expected = names.get(self.source_language, next(iter(names.values()), frozenset()))
        for language, found in names.items():
            if found != expected:
                facts = {"found": join_names(found), "expected": join_names(expected)}
                self.report("placeholders-differ", places[language], code=code, language=language, **facts)
        return frozenset().union(*names.values())

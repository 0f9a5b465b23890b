"""Texts with their wordings in every language variant, inline or from catalogues."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from survey_engine.language.variants import Catalogue, is_blank
from survey_engine.language.yaml_reader import find_place
from survey_engine.model.messages import Problem, find_similar, join_names, suggest_name
from survey_engine.model.questionnaire import Language, Place, Text

PLACEHOLDER = re.compile(r"\{([^{}\s]{1,40})\}")
EMPTY: Mapping[str, Any] = {}
_NO_NAMES: frozenset[str] = frozenset()
"""Empty values that most texts and institutions share; a large installation has many thousands of them."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that catalogues translate."""

    source: str
    place: Place
    languages: frozenset[str]
    """The language variants that show it; empty for a bank question that no section asks."""


def find_case(names: Iterable[str], terms: Collection[str]) -> tuple[str, str]:
    """Return (term, name that begins with it), such as a grammatical case; both empty if there is none.

    >>> find_case({"school_loc", "week"}, {"school"}), find_case({"school"}, {"school"})
    (('school', 'school_loc'), ('', ''))
    """
    cases = ((term, name) for name in sorted(names) for term in terms if name not in terms and name.startswith(term))
    return next(cases, ("", ""))


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
        self.term_names: Collection[str] = ()
        self.problems: list[Problem] = []
        self.shown_languages: frozenset[str] = frozenset(languages)
        self.sources: dict[str, KnownText] = {}
        """Code → text, for all texts that catalogues translate."""
        self.registered_texts: dict[str, Place] = {}

    def report(self, code: str, place: Place, /, **facts: object) -> None:
        self.problems.append(Problem(code, place, facts))

    def report_unknown(self, kind: str, name: str, known: Iterable[str], place: Place, meant: str = "") -> None:
        """Report an unknown name. Args: meant: a hint at what the name is, if known."""
        known = list(known)
        meant = meant or suggest_name(name, known)
        self.report("unknown-name", place, kind=kind, name=name, meant=meant, known=join_names(known))

    @contextmanager
    def shown_in(self, languages: Iterable[str]) -> Iterator[None]:
        """Context manager: texts built inside it have only these language variants."""
        before, self.shown_languages = self.shown_languages, self.shown_languages & frozenset(languages)
        yield
        self.shown_languages = before

    def build_text(self, code: str, source: Any, place: Place) -> Text:
        """Build a text; `source` is a string, or a mapping from language to string."""
        inline = source if isinstance(source, dict) else {self.source_language: source}
        if self.registered_texts.setdefault(code, place) != place:  # the builder has reported the duplicate code
            return Text(code, {language: str(text) for language, text in inline.items() if language in self.languages}, place)
        wording = self._read_inline(inline, place)
        wording |= self._read_catalogues(code, wording, place)
        places = {
            language: find_place(inline, (language,), place) if language in inline else self._entry_place(language, code, place)
            for language in wording
        }
        names = self._compare_placeholders(code, wording, places)
        elsewhere = {language: found for language, found in places.items() if found != place}
        return Text(code, wording, place, names, elsewhere or EMPTY)

    def build_optional_text(self, code: str, source: Any, place: Place) -> Text | None:
        return self.build_text(code, source, place) if source else None

    def repeat_text(self, wording: str, place: Place) -> Text:
        """Build a text that is the same in every language, such as a number."""
        return Text(wording, dict.fromkeys(self.languages, wording), place)

    def _read_inline(self, inline: Mapping[str, Any], place: Place) -> dict[str, str]:
        """Return language → wording in the file; report a misspelt language, and count it as the probable one."""
        unknown = [str(language) for language in inline if language not in self.languages]
        meant = {language: self._guess_language(language) for language in unknown}
        if unknown:
            where = find_place(inline, (unknown[0],), place, key=True)
            guesses = " and ".join(f"'{guess}'" for guess in meant.values() if guess)
            self.report_unknown(
                "language", "' or '".join(unknown), self.languages, where, f" (did you mean {guesses}?)" if guesses else ""
            )
        found = {meant.get(str(language), language): str(text).strip() for language, text in inline.items()}
        return {language: text for language, text in found.items() if language in self.languages and not is_blank(text)}

    def _guess_language(self, name: str) -> str:
        """Return the probable language variant of a misspelt name such as NL or en-GB; an empty string if there is none."""
        names = name.lower(), name.lower().partition("-")[0].partition("_")[0]
        return next((each for each in names if each in self.languages), "") or find_similar(name, self.languages)

    def _read_catalogues(self, code: str, inline: Mapping[str, str], place: Place) -> dict[str, str]:
        """Return the wordings that are not inline; report missing ones."""
        source = inline.get(self.source_language)
        if source is None:
            self._report_missing(code, self.source_language, "this file", place)
            return {}
        wanted = {language: catalogue for language, catalogue in self.catalogues.items() if language not in inline}
        known = self.sources.get(code)
        shown = (self.shown_languages & wanted.keys()) | (known.languages if known else frozenset())
        if shown or len(inline) == 1:  # otherwise all languages are inline
            self.sources[code] = KnownText(source, place, shown)
        wording = {}
        for language, catalogue in wanted.items():
            entry = catalogue.entries.get(code)
            if entry is None or is_blank(entry.wording):
                if language in self.shown_languages and not catalogue.unreadable:
                    both = "" if catalogue.entries else f", or write it here as {{{self.source_language}: …, {language}: …}}"
                    self._report_missing(code, language, catalogue.path + both, place)
            elif entry.fuzzy or entry.source.strip() != source:
                self.report("stale-wording", entry.place, code=code, language=language, source=place)
            else:
                wording[language] = entry.wording
        return wording

    def _report_missing(self, code: str, language: str, catalogue: str, place: Place) -> None:
        self.report("missing-wording", place, code=code, language=language, catalogue=catalogue)

    def _entry_place(self, language: str, code: str, default: Place) -> Place:
        catalogue = self.catalogues.get(language)
        return catalogue.entries[code].place if catalogue and code in catalogue.entries else default

    def _compare_placeholders(self, code: str, wording: Mapping[str, str], places: Mapping[str, Place]) -> frozenset[str]:
        """Report placeholders that differ between languages; return the names of all placeholders."""
        names = {language: frozenset(PLACEHOLDER.findall(text)) for language, text in wording.items()}
        expected = names.get(self.source_language, next(iter(names.values()), frozenset()))
        for language, found in names.items():
            if found != expected:
                term, case = find_case(found - expected, self.term_names)
                advice = (
                    f" For a case of '{term}', write a second term `{case}`, and {{{case}}} in the source too." if case else ""
                )
                facts = {"found": join_names(found), "expected": join_names(expected), "case": advice}
                self.report("placeholders-differ", places[language], code=code, language=language, **facts)
        return frozenset().union(*names.values()) or _NO_NAMES

"""A small questionnaire in English with a Dutch and a simple Dutch catalogue, to translate in tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from survey_engine.authoring.translating.catalogues import find_catalogue_path, find_message, open_catalogue
from survey_engine.authoring.translating.domains import Domain, Variant, describe_questionnaire
from tests.writing import write

HEAD = """\
questionnaire: example
title: Example
source_language: en
languages:
  en: {name: English}
  nl: {name: Nederlands}
  nt2: {name: Makkelijk, based_on: nl, locale: nl@nt2, groups: [main]}
order:
  - {group: main, sections: [main]}
  - {group: more, sections: [more]}
"""
MAIN = """\
section: main
title: Your week
pages:
  - page: first
    questions:
      - open: week
        text: How was your *week* at {institution}?
        help: "See [our site](https://example.org)."
"""
MORE = """\
section: more
pages:
  - page: second
    questions:
      - choice: mood
        text: How do you feel?
        options: {good: Good, bad: Bad}
"""
IN_PLACE = MORE.replace("text: How do you feel?", "text: {en: How do you feel?, nl: Hoe is het?}")
"""With a translation that is written beside its source."""
ENTRIES = {
    "title": ("Example", "Voorbeeld"),
    "section.main": ("Your week", "Jouw week"),
    "week": ("How was your *week* at {institution}?", "Hoe was je *week* bij {institution}?"),
    "week.help": ("See [our site](https://example.org).", "Zie [onze site](https://example.org)."),
    "mood": ("How do you feel?", "Hoe voel je je?"),
    "mood.good": ("Good", "Goed"),
    "mood.bad": ("Bad", "Slecht"),
}
PO_HEAD = (
    "# Dutch texts.\n"
    'msgid ""\nmsgstr ""\n"Project-Id-Version: example\\n"\n"Language: {locale}\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
)
Entries = Mapping[str, tuple[str, str] | None]


@dataclass(frozen=True)
class Small:
    """The questionnaire's texts, and its catalogues in a folder."""

    folder: Path
    domain: Domain

    @property
    def translations(self) -> Path:
        return self.folder / "translations"

    def variant(self, code: str = "nl") -> Variant:
        return next(variant for variant in self.domain.variants if variant.code == code)

    def path(self, code: str = "nl") -> Path:
        return find_catalogue_path(self.translations, self.domain, self.variant(code))

    def catalogue(self, code: str = "nl") -> Catalog:
        return open_catalogue(self.translations, self.domain, self.variant(code))

    def message(self, catalogue: Catalog, code: str) -> Message | None:
        return find_message(catalogue, self.domain, self.domain.by_code[code])


def show_entries(entries: Entries, remark: str = "") -> str:
    found = ((code, entry) for code, entry in entries.items() if entry)
    return "\n".join(f'{remark}msgctxt "{code}"\nmsgid "{source}"\nmsgstr "{text}"\n' for code, (source, text) in found)


def make_small(
    folder: Path, change: Entries | None = None, *, main: str = MAIN, more: str = MORE, head: str = "", po: str = ""
) -> Small:
    """The questionnaire with some entries of the Dutch catalogue changed or taken out.

    Args: head, po: what follows the head file and the Dutch catalogue.
    """
    simple = {code: entry for code, entry in ENTRIES.items() if not code.startswith("mood")}
    catalogues = {
        "nl/example.po": PO_HEAD.format(locale="nl") + "\n" + show_entries({**ENTRIES, **(change or {})}) + po,
        "nl@nt2/example.po": PO_HEAD.format(locale="nl@nt2") + "\n" + show_entries(simple),
    }
    written = write(folder, {"questionnaire.yaml": HEAD + head, "1.yaml": main, "2.yaml": more, **catalogues})
    return Small(folder, describe_questionnaire(folder / "q" / "x", written.compilation))

"""Language variants and their catalogues: which locale, which wording, what a catalogue file says.

A variant is an object of its own (`nt2` is Dutch with its own wording), so nothing here falls back in silence.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from gettext import c2py
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, denormalize, read_po

from survey_engine.language.characters import FORBIDDEN, name_character
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place

INTERFACE = "interface"
"""The gettext domain of the interface's own texts; their source language is English."""
_STRING = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(rf"\s*(?:#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[[^\]]*\])?)\s*)?{_STRING}\s*|)")
_ENTRY = re.compile(rf"^(?:msgctxt\s+(?P<context>(?:{_STRING}\s*)+))?^msgid\s+(?P<source>(?:{_STRING}\s*)+)", re.MULTILINE)
_UNSEEN = dict.fromkeys(
    map(ord, "\u00ad\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u2800\u3164\ufeff")
)
"""Characters that no one sees, though they are no white space."""
_COUNTED = 200
"""Numbers up to here show how a plural rule repeats."""
LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English", "de": "Deutsch", "pap": "Papiamentu"}


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One message of a catalogue."""

    source: str
    wording: str
    fuzzy: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One .po file: entries by text code (msgctxt), or by source text where a message has no context."""

    path: str
    entries: Mapping[str, CatalogueEntry] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def unreadable(self) -> bool:
        return any(problem.code == "bad-catalogue" for problem in self.problems)


def is_blank(wording: str) -> bool:
    """Whether nothing of a wording can be seen: white space, and characters without width."""
    return not wording.translate(_UNSEEN).strip()


def find_locale(name: str) -> Locale | None:
    """The Babel locale of a catalogue folder such as nl, pap or nl@nt2; None if Babel does not know it."""
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return None


def catalogue_path(translations: Path, locale: str, domain: str) -> Path:
    return translations / locale / "LC_MESSAGES" / f"{domain}.po"


def find_catalogue(folders: Iterable[Path], locale: str, domain: str) -> Path:
    """The catalogue in the first of these folders that has it; where none has, its place in the first."""
    paths = [catalogue_path(folder, locale, domain) for folder in folders]
    return next((path for path in paths if path.is_file()), paths[0])


def read_catalogue(path: Path, shown_as: str) -> Catalogue:
    """One catalogue file; an absent one is empty, an unreadable one is a problem."""
    if not path.is_file():
        return Catalogue(shown_as)
    parsed = parse_catalogue(path.read_bytes(), shown_as)
    if isinstance(parsed, Problem):
        return Catalogue(shown_as, problems=(parsed,))
    return Catalogue(shown_as, index_entries(parsed.catalogue, shown_as), parsed.problems)


def index_entries(catalogue: Catalog, shown_as: str) -> dict[str, CatalogueEntry]:
    """The messages that have one form, by what names them."""
    entries = {}
    for message in catalogue:
        if message.id and isinstance(message.id, str):
            place = Place(shown_as, message.lineno or 1)
            wording = message.string if isinstance(message.string, str) else ""
            entries[message.context or message.id] = CatalogueEntry(message.id, wording, message.fuzzy, place)
    return entries


@dataclass(frozen=True, slots=True)
class Parsed:
    """A catalogue as Babel reads it, and the entries that stand in it more than once."""

    catalogue: Catalog
    problems: tuple[Problem, ...]


def parse_catalogue(content: bytes, shown_as: str) -> Parsed | Problem:
    """The content of a .po file, or why it cannot be read: Babel itself takes a text without its closing quote for empty."""
    try:
        text = content.decode("utf-8-sig")
        number = next((n for n, line in enumerate(text.splitlines(), 1) if not _LINE.fullmatch(line)), 0)
        if number:
            return _refuse(shown_as, number, 'this line is no `keyword "text"` with both its quotes')
        if strange := FORBIDDEN.search(text):
            line = text.count("\n", 0, strange.start()) + 1
            return _refuse(shown_as, line, f"the character {name_character(strange[0])} stands here, which cannot be shown")
        # Babel refuses the older source of an obsolete text, which Poedit writes.
        lines = ("\n" if line.startswith("#~|") else line for line in io.StringIO(text))
        catalogue = read_po(lines, abort_invalid=True)
        plural = c2py(catalogue.plural_expr)
        for count in range(_COUNTED):
            plural(count)
    except UnicodeDecodeError:
        return _refuse(shown_as, 1, "it is not UTF-8 text")
    except PoFileError as error:
        return _refuse(shown_as, error.lineno + 1, str(error.args[0]))
    except (ValueError, LookupError, ArithmeticError) as error:
        return _refuse(shown_as, 1, str(error))
    return Parsed(catalogue, tuple(_list_duplicates(text, shown_as)))


def _list_duplicates(text: str, shown_as: str) -> Iterator[Problem]:
    """Entries under a name that another has: Babel keeps one of them without a word."""
    known: dict[str, Place] = {}
    line, seen = 1, 0
    for entry in _ENTRY.finditer(text):
        name = denormalize(entry["context"] or entry["source"])
        line, seen = line + text.count("\n", seen, entry.start("source")), entry.start("source")
        place = Place(shown_as, line)
        other = known.setdefault(name, place)
        if name and other != place:
            yield Problem("duplicate-entry", place, {"code": name, "other": other})


def _refuse(shown_as: str, line: int, detail: str) -> Problem:
    return Problem("bad-catalogue", Place(shown_as, line), {"detail": detail})

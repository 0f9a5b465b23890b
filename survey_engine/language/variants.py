"""Language variants: their Babel locales, and the entries of their catalogues.

Variants have no fallback: a text of nt2 (simple Dutch) is never taken from nl.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from gettext import c2py
from pathlib import Path, PurePath

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, denormalize, read_po

from survey_engine.language.characters import FORBIDDEN, name_character
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place

INTERFACE = "interface"
"""The gettext domain of the interface; its source language is English."""
_STRING = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(rf"\s*(?:#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[[^\]]*\])?)\s*)?{_STRING}\s*|)")
_ENTRY = re.compile(rf"^(?:msgctxt\s+(?P<context>(?:{_STRING}\s*)+))?^msgid\s+(?P<source>(?:{_STRING}\s*)+)", re.MULTILINE)
_INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u2800\u3164\ufeff")
)
"""Invisible characters that are not white space."""
_PLURAL_NUMBERS = 200
"""Plural rules are evaluated for the numbers below this one."""
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
    """One .po file. Its entries are indexed by text code (msgctxt), or by source text if they have no context."""

    path: str
    entries: Mapping[str, CatalogueEntry] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def unreadable(self) -> bool:
        return any(problem.code == "bad-catalogue" for problem in self.problems)


def is_blank(wording: str) -> bool:
    """Whether a wording consists only of white space and invisible characters."""
    return not wording.translate(_INVISIBLE).strip()


def find_locale(name: str) -> Locale | None:
    """Return the Babel locale of a catalogue folder such as nl, pap or nl@nt2; None if Babel does not know it."""
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return None


def catalogue_path(translations: Path, locale: str, domain: str) -> Path:
    return translations / locale / "LC_MESSAGES" / f"{domain}.po"


def find_catalogue(folders: Iterable[Path], locale: str, domain: str) -> Path:
    """Return the path of the first catalogue that exists; if none does, the path in the first folder."""
    paths = [catalogue_path(folder, locale, domain) for folder in folders]
    return next((path for path in paths if path.is_file()), paths[0])


def format_update_command(domains: Sequence[str], language: str, head: Place) -> str:
    """Return the command, for messages, that adds new and renamed texts to catalogues; `head` is a place in questionnaire.yaml."""
    home = PurePath(head.file).parent.parent
    is_known = home.as_posix() == "questionnaires" or not Path(head.file).is_file()  # otherwise a setting names the folder
    elsewhere = "" if is_known else f" --questionnaires {home}"
    chosen = " ".join(f"-d {domain}" for domain in domains)
    return f"survey-engine translations update {chosen} -l {language}{elsewhere}"


def read_catalogue(path: Path, shown_as: str) -> Catalogue:
    """Read a catalogue. Return an empty catalogue if there is no file; if the file is invalid, a catalogue with a problem."""
    if not path.is_file():
        return Catalogue(shown_as)
    parsed = parse_catalogue(path.read_bytes(), shown_as)
    if isinstance(parsed, Problem):
        return Catalogue(shown_as, problems=(parsed,))
    language = _check_language(parsed.catalogue, path.parent.parent.name, shown_as)
    return Catalogue(shown_as, index_entries(parsed.catalogue, shown_as), (*parsed.problems, *language))


def _check_language(catalogue: Catalog, locale: str, shown_as: str) -> Iterator[Problem]:
    """Report a head whose language is not that of the folder; the head may omit the language."""
    found = catalogue.locale_identifier
    if found and re.split("[_@-]", found)[0].casefold() != re.split("[_@-]", locale)[0].casefold():
        yield Problem("catalogue-language", Place(shown_as), {"found": found, "locale": locale})


def index_entries(catalogue: Catalog, shown_as: str) -> dict[str, CatalogueEntry]:
    """Return the messages without plural forms, by context or source text."""
    entries = {}
    for message in catalogue:
        if message.id and isinstance(message.id, str):
            place = Place(shown_as, message.lineno or 1)
            wording = message.string if isinstance(message.string, str) else ""
            entries[message.context or message.id] = CatalogueEntry(message.id, wording, message.fuzzy, place)
    return entries


@dataclass(frozen=True, slots=True)
class ParsedCatalogue:
    """A catalogue as parsed by Babel, and problems with its duplicate entries."""

    catalogue: Catalog
    problems: tuple[Problem, ...]


def parse_catalogue(content: bytes, shown_as: str) -> ParsedCatalogue | Problem:
    """Parse a .po file. Unlike Babel, reject a string without a closing quote, which Babel reads as empty."""
    try:
        text = content.decode("utf-8-sig")
        number = next((n for n, line in enumerate(text.splitlines(), 1) if not _LINE.fullmatch(line)), 0)
        if number:
            return _reject(shown_as, number, 'this line is not `keyword "text"` with both quotes')
        if forbidden := FORBIDDEN.search(text):
            line = text.count("\n", 0, forbidden.start()) + 1
            return _reject(shown_as, line, f"it contains the character {name_character(forbidden[0])}, which cannot be shown")
        # Babel rejects the older source of an obsolete text, which Poedit writes.
        lines = ("\n" if line.startswith("#~|") else line for line in io.StringIO(text))
        catalogue = read_po(lines, abort_invalid=True)
        plural = c2py(catalogue.plural_expr)
        for count in range(_PLURAL_NUMBERS):
            plural(count)
    except UnicodeDecodeError:
        return _reject(shown_as, 1, "it is not UTF-8 text")
    except PoFileError as error:
        return _reject(shown_as, error.lineno + 1, str(error.args[0]))
    except (ValueError, LookupError, ArithmeticError) as error:
        return _reject(shown_as, 1, str(error))
    return ParsedCatalogue(catalogue, tuple(_iter_duplicates(text, shown_as)))


def _iter_duplicates(text: str, shown_as: str) -> Iterator[Problem]:
    """Yield a problem for each duplicate entry; Babel would keep one of them without an error."""
    known: dict[str, Place] = {}
    line, seen = 1, 0
    for entry in _ENTRY.finditer(text):
        name = denormalize(entry["context"] or entry["source"])
        line, seen = line + text.count("\n", seen, entry.start("source")), entry.start("source")
        place = Place(shown_as, line)
        other = known.setdefault(name, place)
        if name and other != place:
            yield Problem("duplicate-entry", place, {"code": name, "other": other})


def _reject(shown_as: str, line: int, detail: str) -> Problem:
    return Problem("bad-catalogue", Place(shown_as, line), {"detail": detail})

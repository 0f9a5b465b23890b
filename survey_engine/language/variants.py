"""Language variants and their catalogues: which locale, which wording, what a catalogue file says.

A variant is an object of its own (`nt2` is Dutch with its own wording), so nothing here falls back in silence.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.pofile import PoFileError, read_po

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place

INTERFACE = "interface"
"""The gettext domain of the interface's own texts; their source language is English."""
LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English", "de": "Deutsch", "pap": "Papiamentu"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a catalogue."""

    source: str
    wording: str
    fuzzy: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One .po file: entries by text code (msgctxt), or by source text where a message has no context."""

    path: str
    entries: Mapping[str, Entry] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def find_locale(name: str) -> Locale | None:
    """The Babel locale of a catalogue folder such as nl, pap or nl@nt2; None if Babel does not know it."""
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return None


def catalogue_path(translations: Path, locale: str, domain: str) -> Path:
    return translations / locale / "LC_MESSAGES" / f"{domain}.po"


def find_interface(translations: Path, locale: str) -> Path:
    """The catalogue of the interface: the folder's own, or where it has none the one that comes with the engine."""
    own = catalogue_path(translations, locale, INTERFACE)
    return own if own.is_file() else next((p for p in _list_shipped(locale) if p.is_file()), own)


def _list_shipped(locale: str) -> Iterator[Path]:
    """In a checkout the catalogues lie beside the package, in an installation inside it."""
    package = Path(__file__).resolve().parents[1]
    for home in (package.parent, package / "shipped"):
        yield catalogue_path(home / "translations", locale, INTERFACE)


def read_catalogue(path: Path, shown_as: str) -> Catalogue:
    """One catalogue file; an absent one is empty, an unreadable one is a problem."""
    if not path.is_file():
        return Catalogue(shown_as)
    try:
        lines = io.StringIO(path.read_bytes().decode("utf-8-sig"))
        # Babel refuses the older source of an obsolete text, which Poedit writes.
        catalogue = read_po(("\n" if line.startswith("#~|") else line for line in lines), abort_invalid=True)
    except UnicodeDecodeError:
        return _refuse(shown_as, 1, "it is not UTF-8 text")
    except PoFileError as error:
        return _refuse(shown_as, error.lineno + 1, str(error.args[0]))
    except (ValueError, LookupError) as error:
        return _refuse(shown_as, 1, str(error))
    entries = {}
    for message in catalogue:
        if message.id and isinstance(message.id, str):
            place = Place(shown_as, message.lineno or 1)
            wording = message.string if isinstance(message.string, str) else ""
            entries[message.context or message.id] = Entry(message.id, wording, message.fuzzy, place)
    return Catalogue(shown_as, entries)


def _refuse(shown_as: str, line: int, detail: str) -> Catalogue:
    return Catalogue(shown_as, problems=(Problem("bad-catalogue", Place(shown_as, line), {"detail": detail}),))

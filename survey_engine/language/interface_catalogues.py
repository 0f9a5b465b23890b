"""Catalogues of the interface: where they are, what is wrong with their texts, and which texts they lack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from survey_engine.language.variants import (
    INTERFACE,
    Catalogue,
    catalogue_path,
    find_catalogue,
    index_entries,
    is_blank,
    parse_catalogue,
)
from survey_engine.model.messages import Problem, join_names
from survey_engine.model.questionnaire import Place

_NAMED = re.compile(r"%\(\w+\)[sd]")
SOURCE = "en"
_COMPLETE = "nl"
"""A language whose shipped catalogue has every text of the interface; a test keeps it so."""
_COUNTED = 200


_PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = (_PACKAGE.parent / "translations", _PACKAGE / "shipped" / "translations")
"""Catalogues that come with the engine: in a checkout beside the package, in an installation inside it."""


@dataclass(frozen=True, slots=True)
class InterfaceCatalogue(Catalogue):
    """One language's catalogue of the interface."""

    worded: frozenset[str] = frozenset()
    """The texts that it translates, plural ones too."""


def find_interface(translations: Path, locale: str) -> Path:
    """The catalogue of the interface: the folder's own, or where it has none the one that comes with the engine."""
    return find_catalogue((translations, *SHIPPED), locale, INTERFACE)


def list_interface(translations: Path, locale: str) -> list[Path]:
    """Every catalogue that may say a text in this language, the first to be asked first: nl after nl@nt2."""
    paths: dict[Path, None] = {}
    while locale:
        paths |= dict.fromkeys(catalogue_path(home, locale, INTERFACE) for home in (translations, *SHIPPED))
        locale = locale[: max(locale.rfind("@"), locale.rfind("_"), 0)]
    return [path for path in paths if path.is_file()]


def list_lacking(translations: Path, locale: str, worded: frozenset[str]) -> list[str]:
    """The texts that have no wording in this language; those in `worded`, of the catalogue found first, have one.

    A region may do with the texts of its language (nl_BE with nl), another register such as nl@nt2 may not.
    """
    if re.split("[_@]", locale)[0] == SOURCE:
        return []
    first = find_interface(translations, locale)
    paths = [path for path in list_interface(translations, locale) if ("@" in path.parts[-3]) == ("@" in locale)]
    found = worded.union(*(read_interface(path, path.name, locale).worded for path in paths if path != first))
    return [text for text in list_interface_sources() if text not in found]


def read_interface(path: Path, shown_as: str, language: str) -> InterfaceCatalogue:
    """One catalogue with the faults of its texts; an absent one is empty, an unreadable one is a problem."""
    if not path.is_file():
        return InterfaceCatalogue(shown_as)
    parsed = parse_catalogue(path.read_bytes(), shown_as)
    if isinstance(parsed, Problem):
        return InterfaceCatalogue(shown_as, problems=(parsed,))
    faults = (problem for _, problem in list_faults(parsed.catalogue, shown_as, language))
    worded = frozenset(name_source(m) for m in parsed.catalogue if m.id and not any(map(is_blank, list_forms(m))) and not m.fuzzy)
    return InterfaceCatalogue(shown_as, index_entries(parsed.catalogue, shown_as), (*parsed.problems, *faults), worded)


@cache
def list_interface_sources() -> tuple[str, ...]:
    """The sources of all texts of the interface."""
    path = find_catalogue(SHIPPED, _COMPLETE, INTERFACE)
    parsed = parse_catalogue(path.read_bytes(), path.name)
    return () if isinstance(parsed, Problem) else tuple(name_source(message) for message in parsed.catalogue if message.id)


def list_faults(catalogue: Catalog, shown_as: str, language: str) -> Iterator[tuple[Message, Problem]]:
    """Every wording that would break the page on which it is said, or lose what has to be filled in."""
    for message in catalogue:
        if message.id and not message.fuzzy:
            source = message.id if isinstance(message.id, str) else message.id[-1]
            facts = {"code": source, "language": language}
            for index, wording in enumerate(list_forms(message)):
                for code, more in _check_form(source, wording, counts_one(catalogue, message, index)):
                    yield message, Problem(code, Place(shown_as, message.lineno or 1), {**facts, **more})


def _check_form(source: str, wording: str, may_omit: bool) -> Iterator[tuple[str, dict[str, object]]]:
    if not wording:
        return
    lost, new = compare_fields(source, wording)
    if new or (lost and not may_omit):
        found, expected = _NAMED.findall(wording), _NAMED.findall(source)
        yield "placeholders-differ", {"found": join_names(found), "expected": join_names(expected)}
    if has_lone_percent(source, wording):
        yield "lone-percent", {}


def compare_fields(source: str, wording: str) -> tuple[frozenset[str], frozenset[str]]:
    """The fields such as %(number)s that a wording lost, and those that are new in it."""
    expected, found = frozenset(_NAMED.findall(source)), frozenset(_NAMED.findall(wording))
    return expected - found, found - expected


def drop_fields(source: str) -> str:
    return _NAMED.sub("", source)


def has_lone_percent(source: str, wording: str) -> bool:
    """Where something is filled in, a lone per cent sign would break the page."""
    return "%(" in source and "%" in drop_fields(wording).replace("%%", "")


def counts_one(catalogue: Catalog, message: Message, index: int) -> bool:
    """Whether a plural form is for one number only, so that it may say that number as a word."""
    if isinstance(message.id, str):
        return False
    plural = c2py(catalogue.plural_expr)
    return sum(plural(number) == index for number in range(_COUNTED)) <= 1


def name_source(message: Message) -> str:
    source: str = message.id if isinstance(message.id, str) else message.id[0]
    return source


def list_forms(message: Message) -> tuple[str, ...]:
    """The translation: one wording, or one for each plural form."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)

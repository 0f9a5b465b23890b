"""Catalogues of the interface: their paths, errors in their wordings, and missing texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from survey_engine.language.markup import iter_unsupported_markup
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

_BRACE = re.compile(r"[{}]")
_NAMED = re.compile(r"%\(\w+\)[sd]")
SOURCE = "en"
_COMPLETE = "nl"
"""A language with a shipped catalogue that is complete; a test requires that."""
_PLURAL_NUMBERS = 200


_PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = (_PACKAGE.parent / "translations", _PACKAGE / "shipped" / "translations")
"""Folders of the shipped catalogues: beside the package in a checkout, inside the package if it is installed."""


@dataclass(frozen=True, slots=True)
class InterfaceCatalogue(Catalogue):
    """A catalogue of the interface in one language."""

    worded: frozenset[str] = frozenset()
    """The source texts with a translation, including texts with plural forms."""


def find_interface_catalogue(translations: Path, locale: str) -> Path:
    """Return the path of a locale's catalogue: in `translations`, else the shipped one, else that of the language without region."""
    return next(iter(_list_alike(translations, locale)), catalogue_path(translations, locale, INTERFACE))


def list_catalogues(translations: Path, locale: str) -> list[Path]:
    """Return all catalogues that apply to a locale, in order of priority: nl@nt2 before nl."""
    paths: dict[Path, None] = {}
    while locale:
        paths |= dict.fromkeys(catalogue_path(home, locale, INTERFACE) for home in (translations, *SHIPPED))
        locale = locale[: max(locale.rfind("@"), locale.rfind("_"), 0)]
    return [path for path in paths if path.is_file()]


def _list_alike(translations: Path, locale: str) -> list[Path]:
    """Return the catalogues that contain the texts of a page in this locale, in order of priority.

    A region falls back to its language (nl_BE to nl); another register, such as nl@nt2, does not.
    """
    return [path for path in list_catalogues(translations, locale) if ("@" in path.parts[-3]) == ("@" in locale)]


def is_source(locale: str) -> bool:
    """Whether a locale is in the source language of the interface, English."""
    return re.split("[_@]", locale)[0] == SOURCE


def list_missing_texts(translations: Path, locale: str, worded: frozenset[str]) -> list[str]:
    """Return the interface texts without a wording in this locale.

    Args:
        worded: the texts with a wording in the locale's first catalogue, which the caller has read.
    """
    if is_source(locale):
        return []
    others = _list_alike(translations, locale)[bool(worded) :]
    found = worded.union(*(read_interface_catalogue(path, path.name, locale).worded for path in others))
    return [text for text in list_interface_sources() if text not in found]


def read_interface_catalogue(path: Path, shown_as: str, language: str) -> InterfaceCatalogue:
    """Read a catalogue and check its wordings. Return an empty catalogue if there is no file; if it is invalid, one with a problem."""
    return _read_content(path.read_bytes(), shown_as, language) if path.is_file() else InterfaceCatalogue(shown_as)


@lru_cache(maxsize=64)  # all questionnaires share these catalogues
def _read_content(content: bytes, shown_as: str, language: str) -> InterfaceCatalogue:
    parsed = parse_catalogue(content, shown_as)
    if isinstance(parsed, Problem):
        return InterfaceCatalogue(shown_as, problems=(parsed,))
    problems = (problem for _, problem in iter_catalogue_problems(parsed.catalogue, shown_as, language))
    worded = frozenset(name_source(m) for m in parsed.catalogue if m.id and not any(map(is_blank, list_forms(m))) and not m.fuzzy)
    return InterfaceCatalogue(shown_as, index_entries(parsed.catalogue, shown_as), (*parsed.problems, *problems), worded)


@cache
def list_interface_sources() -> tuple[str, ...]:
    """Return the source texts of the interface."""
    path = find_catalogue(SHIPPED, _COMPLETE, INTERFACE)
    parsed = parse_catalogue(path.read_bytes(), path.name)
    return () if isinstance(parsed, Problem) else tuple(name_source(message) for message in parsed.catalogue if message.id)


def iter_catalogue_problems(catalogue: Catalog, shown_as: str, language: str) -> Iterator[tuple[Message, Problem]]:
    """Yield wordings whose fields, such as %(number)s, differ from the source: a page would raise an exception or omit a value."""
    for message in catalogue:
        if message.id and not message.fuzzy:
            source = message.id if isinstance(message.id, str) else message.id[-1]
            facts = {"code": source, "language": language}
            forms = list_forms(message)
            missing = catalogue.num_plurals - sum(not is_blank(form) for form in forms)
            if len(forms) > 1 and 0 < missing < catalogue.num_plurals:
                shown = {"found": catalogue.num_plurals - missing, "expected": catalogue.num_plurals}
                yield message, Problem("plural-forms", Place(shown_as, message.lineno or 1), {**facts, **shown})
            for index, wording in enumerate(forms):
                for code, more in _check_form(source, wording, counts_one(catalogue, message, index)):
                    yield message, Problem(code, Place(shown_as, message.lineno or 1), {**facts, **more})


def _check_form(source: str, wording: str, may_omit: bool) -> Iterator[tuple[str, dict[str, object]]]:
    if not wording:
        return
    lost, new = compare_fields(source, wording)
    if new or (lost and not may_omit):
        found, expected = _NAMED.findall(wording), _NAMED.findall(source)
        yield "placeholders-differ", {"found": join_names(found), "expected": join_names(expected), "case": ""}
    if has_lone_percent(source, wording):
        yield "lone-percent", {}
    known = {what for what, _, _ in iter_unsupported_markup(source)}
    for what, shown, advice in iter_unsupported_markup(wording):
        if what not in known:
            yield "foreign-markup", {"what": what, "found": shown, "advice": advice}
    if not {*"{}"} & {*source} and (brace := _BRACE.search(wording)):
        yield "foreign-placeholder", {"found": wording[brace.start() :][:40]}


def compare_fields(source: str, wording: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return (fields missing in the wording, fields missing in the source); a field is written like %(number)s."""
    expected, found = frozenset(_NAMED.findall(source)), frozenset(_NAMED.findall(wording))
    return expected - found, found - expected


def drop_fields(source: str) -> str:
    return _NAMED.sub("", source)


def has_lone_percent(source: str, wording: str) -> bool:
    """Whether a text with fields has a single per cent sign, which would raise an exception in a page."""
    return "%(" in source and "%" in drop_fields(wording).replace("%%", "")


def counts_one(catalogue: Catalog, message: Message, index: int) -> bool:
    """Whether a plural form is used for a single number, so that it may spell out that number."""
    if isinstance(message.id, str):
        return False
    plural = c2py(catalogue.plural_expr)
    return sum(plural(number) == index for number in range(_PLURAL_NUMBERS)) <= 1


def name_source(message: Message) -> str:
    source: str = message.id if isinstance(message.id, str) else message.id[0]
    return source


def list_forms(message: Message) -> tuple[str, ...]:
    """Return the translation: one wording, or one for each plural form."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)

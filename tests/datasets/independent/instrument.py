"""A questionnaire read from its YAML: the pages of each institution in the order of asking, with their variables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from tests.datasets.independent.conditions import Conditions, Test, any_of

OUTSIDE = {"na": "does_not_apply", "dk": "dont_know"}
KINDS = ("grid", "choice", "multiple", "yes_no", "mark", "number", "open", "date", "consent", "information", "panel")


@dataclass(frozen=True)
class Option:
    code: str | int
    when: Test | None = None
    namely: bool = False
    outside: bool = False


@dataclass(frozen=True)
class Variable:
    """The variable of one answer."""

    code: str
    kind: str
    """Type of its question; `version` for the version of a consent."""
    when: tuple[Test, ...]
    options: tuple[Option, ...] = ()
    low: int = 0
    high: int = 0
    question: str = ""

    @property
    def columns(self) -> list[str]:
        """Its columns in the table; none for a text."""
        if self.kind == "multiple":
            return [f"{self.code}_{code}" for code in dict.fromkeys(option.code for option in self.options if not option.outside)]
        return [] if self.kind == "open" else [self.code]


@dataclass(frozen=True)
class Page:
    code: str
    group: str
    languages: frozenset[str] | None
    module: str | None
    """The module or theme of the page, if any."""
    drawn: bool
    when: tuple[Test, ...]
    variables: tuple[Variable, ...]
    mixed: str = ""
    """The section with a random order that it is part of."""
    moves: bool = False
    shuffled: tuple[tuple[Variable, ...], ...] = ()
    """The variables of each question in a random order; of one without an answer, a variable without a column."""


def mix(pages: Iterator[Page], response: int) -> Iterator[Page]:
    """Iterate pages in the order of one response. Pages that do not move are first or last."""
    for moves, found in groupby(pages, key=lambda page: page.mixed if page.moves else ""):
        yield from sorted(found, key=lambda page: _hash(f"{response}/{page.mixed}/{page.code}") if moves else b"")


def _hash(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()


@dataclass
class Instrument:
    """One version of a questionnaire."""

    head: dict[str, Any]
    files: dict[str, dict[str, dict[str, Any]]]
    """First key → code → file."""
    conditions: Conditions = field(init=False)
    bank: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.conditions = Conditions(self.head.get("conditions", {}), self.head.get("derived", {}))
        self.bank = {_code(question): question for file in self.files["bank"].values() for question in file["questions"]}
        for kind in ("section", "module"):
            for section in self.files[kind].values():
                if self._rests(section):
                    asked = (question for page in section["pages"] for question in page["questions"])
                    self.bank |= {_code(question): question for question in asked}
        self.pages = cache(self._pages)

    @property
    def institutions(self) -> dict[str, dict[str, Any]]:
        return self.files["institution"]

    @property
    def modules(self) -> dict[str, dict[str, Any]]:
        return {code: module for code, module in self.files["module"].items() if not self._rests(module)}

    @property
    def draws(self) -> bool:
        return any("modules" in group for group in self.head["order"])

    def list_themes(self, institution: str) -> list[str]:
        return [block["theme"] for block in self.institutions[institution].get("blocks", ()) if "theme" in block]

    def shows(self, language: str, page: Page) -> bool:
        groups = self.head["languages"][language].get("groups")
        return (groups is None or page.group in groups) and (page.languages is None or language in page.languages)

    @property
    def shuffled(self) -> dict[str, list[str]]:
        """Each question with a random order → its codes, without those of institutions' lists."""
        sections = (
            section for kind in ("section", "module") for section in self.files[kind].values() if not self._rests(section)
        )
        asked = (question for section in sections for page in section["pages"] for question in page["questions"])
        return {
            _code(question): [str(code) for code in question.get("items") or question["options"]]
            for question in asked
            if question.get("random_order")
        }

    @property
    def mixed(self) -> set[str]:
        """The sections and modules with a random order."""
        pages = (page for institution in self.institutions for page in self._pages(institution, tuple(self.modules)))
        return {page.mixed for page in pages if page.mixed}

    @property
    def shuffled_pages(self) -> set[str]:
        """The pages with a random order."""
        pages = (page for institution in self.institutions for page in self._pages(institution, tuple(self.modules)))
        return {page.code for page in pages if page.shuffled}

    def _rests(self, section: Mapping[str, Any]) -> bool:
        years, edition = section.get("years"), self.head.get("edition")
        return bool(years and edition) and (edition < years["from"] or (edition - years["from"]) % years["every"] != 0)

    def _pages(self, institution: str, modules: tuple[str, ...]) -> tuple[Page, ...]:
        """List the pages that a respondent with these modules may get."""
        return tuple(page for group in self.head["order"] for page in self._in_group(group, institution, modules))

    def _in_group(self, group: Mapping[str, Any], institution: str, modules: tuple[str, ...]) -> Iterator[Page]:
        file = self.institutions[institution]
        name = group["group"]
        for code in group.get("sections", ()):
            if not self._rests(self.files["section"][code]):
                yield from self._in_section(name, self.files["section"][code], institution)
        if "modules" in group:
            for code in modules:
                if code in self.modules:
                    yield from self._in_section(name, self.modules[code], institution, code, drawn=True)
        if "blocks" in group:
            for block in file.get("blocks", ()):
                section = self.modules[block["theme"]] if "theme" in block else {"pages": block["pages"]}
                yield from self._in_section(name, section, institution, block.get("theme"), when=block.get("when"))
        if group.get("own_questions") and "own_questions" in file:
            yield from self._in_section(name, file["own_questions"], institution)

    def _in_section(
        self,
        group: str,
        section: Mapping[str, Any],
        institution: str,
        module: str | None = None,
        *,
        when: str | None = None,
        drawn: bool = False,
    ) -> Iterator[Page]:
        languages = frozenset(section["languages"]) if "languages" in section else None
        for page in section["pages"]:
            variables = (v for question in page["questions"] for v in self._in_question(question, institution))
            conditions = self._tests(when, section.get("when"), page.get("when"))
            mixed = (section.get("section") or section["module"]) if section.get("random_order") else ""
            moves = bool(mixed) and not page.get("fixed")
            shuffled = tuple(
                self._list_asked(question, institution) for question in page["questions"] if page.get("random_order")
            )
            yield Page(page["page"], group, languages, module, drawn, conditions, tuple(variables), mixed, moves, shuffled)

    def _list_asked(self, question: dict[str, Any], institution: str) -> tuple[Variable, ...]:
        found = tuple(replace(each, question=_code(question)) for each in self._in_question(question, institution))
        return found or (Variable("", "", self._tests(question.get("when")), question=_code(question)),)

    def _tests(self, *sources: str | None) -> tuple[Test, ...]:
        return tuple(self.conditions.read(source) for source in sources if source)

    def _in_question(self, question: dict[str, Any], institution: str) -> Iterator[Variable]:
        """List the variables of a question that this institution asks."""
        question = self.bank[question["bank"]] if "bank" in question else question
        kind, code = next(key for key in question if key in KINDS), _code(question)
        options = tuple(self._options(question, kind, institution))
        if kind == "grid":
            items = [(key, _long(item).get("when")) for key, item in question.get("items", {}).items()]
            items += [(f"{code}_{key}", None) for key in self._entries(question.get("items_from"), institution)]
        elif kind == "consent":
            items = [(key, _long(part).get("when")) for key, part in question["parts"].items()]
        else:
            items = [(code, None)] if kind not in ("information", "panel") else []
        bounds = (question.get("from", 0), question["to"]) if kind == "number" else (1, 10)
        asked = []
        for item, when in items:
            tests = self._tests(question.get("when"), when)
            asked.append(list(tests))
            yield Variable(item, kind, tests, options, *bounds)
            if kind == "consent":
                version = question.get("version", 1)
                yield Variable(f"{item}__version", "version", tests, (), version, version)
        if question.get("comment"):
            offered = [[option.when] if option.when else [] for option in options]
            yield Variable(f"{code}__comment", "open", (any_of(asked), *([any_of(offered)] if options else [])))

    def _options(self, question: Mapping[str, Any], kind: str, institution: str) -> Iterator[Option]:
        yield from (Option(key) for key in self._entries(question.get("options_from"), institution))
        listed = {**self.head.get("scales", {}).get(question.get("scale"), {}), **question.get("options", {})}
        for key, option in listed.items():
            (when,) = self._tests(_long(option).get("when")) or (None,)
            yield Option(key, when, _long(option).get("namely", False))
        if kind in ("yes_no", "consent"):
            yield from (Option("yes"), Option("no"))
        if (
            kind in ("mark", "grid")
            and {"from", "to", "from_label", "dont_know", "does_not_apply"} & question.keys()
            and not listed
        ):
            yield from (Option(mark) for mark in range(question.get("from", 1), question.get("to", 10) + 1))
        yield from (Option(code, outside=True) for code, key in OUTSIDE.items() if key in question)

    def _entries(self, name: str | None, institution: str) -> list[Any]:
        return list(self.institutions[institution].get("lists", {}).get(name, {})) if name else []

    def list_columns(self) -> dict[str, set[str | None]]:
        """Every column that a respondent may have an answer in → the modules that ask it; None if no module does."""
        found: dict[str, set[str | None]] = {}
        for page in self._every_page():
            for variable in page.variables:
                for column in variable.columns:
                    found.setdefault(column, set()).add(page.module)
        return found

    def list_open_pages(self) -> set[str]:
        """The pages with an open question, or an option with its other text."""
        fields = ((page.code, variable) for page in self._every_page() for variable in page.variables)
        return {code for code, each in fields if each.kind == "open" or any(option.namely for option in each.options)}

    def _every_page(self) -> Iterator[Page]:
        for institution in self.institutions:
            yield from self._pages(institution, tuple(self.modules))
        for code in self.modules if any("blocks" in group for group in self.head["order"]) else ():
            for institution in self.institutions:
                yield from self._in_section("", self.modules[code], institution, code)


def _code(question: Mapping[str, Any]) -> str:
    return str(next(question[key] for key in question if key in (*KINDS, "bank")))


def _long(entry: Any) -> dict[str, Any]:
    """Return the long form of an option or item; the short form is only its text."""
    return entry if isinstance(entry, dict) and "text" in entry else {}


def read_instrument(folder: Path) -> Instrument:
    files: dict[str, dict[str, dict[str, Any]]] = {"section": {}, "module": {}, "bank": {}, "institution": {}}
    head: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.yaml")):
        content = yaml.load(path.read_text(), yaml.CSafeLoader)
        kind = next(iter(content))
        if kind == "questionnaire":
            head = content
        else:
            files[kind][content[kind]] = content
    return Instrument(head, files)

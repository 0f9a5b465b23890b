"""Definitions into the model: texts with their translations, conditions, pages, sections, institutions.

What cannot be built is reported and left out, so that one run shows every problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from survey_engine.colours import lighten, measure_contrast, parse_colour
from survey_engine.conditions import ConditionError, every, parse_condition
from survey_engine.definitions import QuestionDefinition
from survey_engine.documents import (
    AnyQuestion,
    BackgroundDefinition,
    BankReference,
    BlockDefinition,
    InstitutionDefinition,
    PageDefinition,
    QuestionnaireDefinition,
    SectionBody,
    ThemeDefinition,
    find_type,
)
from survey_engine.languages import Catalogue
from survey_engine.model import (
    Block,
    Code,
    Condition,
    Institution,
    Language,
    Page,
    Place,
    Question,
    ResponseOption,
    Section,
    Text,
    Theme,
    Variable,
    Years,
)
from survey_engine.problems import Problem, listing, meant
from survey_engine.questions import QUESTION_TYPES

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
MINIMAL_CONTRAST = 4.5


class QuestionnaireBuilder:
    """Builds the parts of one questionnaire; implements what question types ask of a Builder."""

    def __init__(
        self,
        definition: QuestionnaireDefinition,
        languages: Mapping[str, Language],
        catalogues: Mapping[str, Catalogue],
        interface: Mapping[str, Catalogue],
        institutions: Iterable[InstitutionDefinition],
    ) -> None:
        self.definition = definition
        self.source_language = definition.source_language
        self.languages = languages
        self.catalogues = catalogues
        self.interface_catalogues = interface
        self.institutions = tuple(institutions)
        self.problems: list[Problem] = []
        self.codes: dict[str, Place] = {}
        self.bank: dict[str, QuestionDefinition] = {}
        self.needed: frozenset[str] = frozenset(languages)
        self.sources: dict[str, str] = {}
        """Code → source wording of every text that the catalogues translate."""
        self.named: dict[str, Condition] = {}
        self.scales: dict[str, tuple[ResponseOption, ...]] = {}
        self.notices: dict[str, Text] = {}

    def problem(self, code: str, place: Place, /, **facts: object) -> None:
        self.problems.append(Problem(code, place, facts))

    @contextmanager
    def shown_in(self, languages: Iterable[str]) -> Iterator[None]:
        """What is built inside is shown in these language variants only."""
        before, self.needed = self.needed, self.needed & frozenset(languages)
        yield
        self.needed = before

    # texts ---------------------------------------------------------------------------------------------------

    def text(self, code: str, source: Any, place: Place) -> Text:
        written = isinstance(source, dict)
        wording = self._written(code, source, place) if written else self._translated(code, str(source), place)
        if not written:
            self.sources[code] = str(source).strip()
        names = {language: frozenset(PLACEHOLDER.findall(text)) for language, text in wording.items()}
        expected = names.get(self.source_language, next(iter(names.values()), frozenset()))
        for language, found in names.items():
            if found != expected:
                where = place if written else self._entry_place(language, code, place)
                self.problem(
                    "placeholders-differ",
                    where,
                    code=code,
                    language=language,
                    found=listing(found),
                    expected=listing(expected),
                )
        return Text(code, wording, place, frozenset().union(*names.values()))

    def _written(self, code: str, source: Mapping[str, Any], place: Place) -> dict[str, str]:
        for language in source:
            if language not in self.languages:
                self._unknown("language", str(language), self.languages, place)
        for language in sorted(self.needed - set(source)):
            self.problem("missing-wording", place, code=code, language=language, catalogue="this mapping")
        return {language: str(text).strip() for language, text in source.items() if language in self.languages}

    def _translated(self, code: str, source: str, place: Place) -> dict[str, str]:
        source = source.strip()
        wording = {self.source_language: source}
        for language, catalogue in self.catalogues.items():
            entry = catalogue.entries.get(code)
            if entry is None or not entry.wording:
                if language in self.needed:
                    self.problem("missing-wording", place, code=code, language=language, catalogue=catalogue.path)
            elif entry.fuzzy or entry.source.strip() != source:
                self.problem("stale-wording", entry.place, code=code, language=language, source=str(place))
            else:
                wording[language] = entry.wording
        return wording

    def interface(self, message: str, place: Place) -> Text:
        wording = {}
        for language, catalogue in self.interface_catalogues.items():
            entry = catalogue.entries.get(message)
            if entry and entry.wording and not entry.fuzzy:
                wording[language] = entry.wording
            elif self.languages[language].locale == "en":
                wording[language] = message
            else:
                self.problem("missing-wording", place, code=message, language=language, catalogue=catalogue.path)
        return Text(message, wording, place)

    def _entry_place(self, language: str, code: str, default: Place) -> Place:
        catalogue = self.catalogues.get(language)
        return catalogue.entries[code].place if catalogue and code in catalogue.entries else default

    def optional_text(self, code: str, source: Any, place: Place) -> Text | None:
        return self.text(code, source, place) if source else None

    # names ---------------------------------------------------------------------------------------------------

    def _unknown(self, kind: str, name: str, known: Iterable[str], place: Place) -> None:
        known = list(known)
        self.problem("unknown-name", place, kind=kind, name=name, meant=meant(name, known), known=listing(known))

    def condition(self, source: str | None, place: Place) -> Condition | None:
        if source is None:
            return None
        try:
            return parse_condition(source, place, self.named)
        except ConditionError as error:
            self.problem("condition-syntax", place, detail=error)
            return None

    def scale(self, name: str, place: Place) -> tuple[ResponseOption, ...]:
        if name not in self.scales:
            self._unknown("scale", name, self.scales, place)
        return self.scales.get(name, ())

    def notice(self, name: str, place: Place) -> Text | None:
        if name not in self.notices:
            self._unknown("notice", name, self.notices, place)
        return self.notices.get(name)

    def entries(self, name: str, place: Place) -> Iterator[tuple[str, Code, Text]]:
        if not any(name in institution.lists for institution in self.institutions):
            known = {key for institution in self.institutions for key in institution.lists}
            self._unknown("list", name, known, place)
        for institution in self.institutions:
            for key, source in institution.lists.get(name, {}).items():
                with self.shown_in(institution.languages or self.languages):
                    code = f"list.{institution.institution}.{name}.{key}"
                    yield institution.institution, key, self.text(code, source, institution.place("lists", name, key))

    def register(self, code: str, place: Place) -> None:
        """Take a code; the same definition may be built more than once, another may not have its code."""
        other = self.codes.setdefault(code, place)
        if other != place:
            self.problem("duplicate-code", place, code=code, other=other)

    # the parts -----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """What the rest refers to: named conditions, scales, notices."""
        definition = self.definition
        for name, source in definition.conditions.items():
            condition = self.condition(source, definition.place("conditions", name))
            if condition:
                self.named[name] = condition
        for name, options in definition.scales.items():
            self.scales[name] = tuple(
                ResponseOption(
                    code=key,
                    text=self.text(f"scale.{name}.{key}", option.text, definition.place("scales", name, key)),
                    namely=option.namely,
                    exclusive=option.exclusive,
                )
                for key, option in options.items()
            )
            if len({isinstance(key, int) for key in options}) > 1:
                self.problem("mixed-codes", definition.place("scales", name), code=name)
        for name, wording in definition.notices.items():
            self.notices[name] = self.text(f"notice.{name}", wording, definition.place("notices", name))

    def background(self) -> dict[str, Variable]:
        return {code: self._background(code, entry) for code, entry in self.definition.background.items()}

    def _background(self, code: str, entry: BackgroundDefinition) -> Variable:
        place = self.definition.place("background", code)
        self.register(code, place)
        text = self.text(f"background.{code}", entry.text, place)
        if entry.open:
            return Variable(code, "text", text, origin="background", place=place)
        if entry.options:
            options = tuple(
                ResponseOption(key, self.text(f"background.{code}.{key}", option.text, entry.place("options", key)))
                for key, option in entry.options.items()
            )
            kind = "number" if all(isinstance(option.code, int) for option in options) else "code"
            return Variable(code, kind, text, options, origin="background", place=place)  # type: ignore[arg-type]
        if entry.low is None or entry.high is None:
            self.problem("needs-option", place, code=code, keys="options: {…}`, `from:` and `to:`, or `open: true")
        elif entry.low > entry.high:
            self.problem("bad-bounds", place, code=code, low=entry.low, high=entry.high)
        return Variable(code, "number", text, low=entry.low or 0, high=entry.high or 0, origin="background", place=place)

    def question(self, definition: AnyQuestion, *, from_bank: bool = False) -> Question | None:
        if isinstance(definition, BankReference):
            if definition.bank not in self.bank:
                self._unknown("bank question", definition.bank, self.bank, definition.place("bank"))
                return None
            taken = self.question(self.bank[definition.bank], from_bank=True)
            own = self.condition(definition.when, definition.place("when"))
            return replace(taken, when=every([own, taken.when])) if taken else None
        name = find_type(definition) or ""
        question = QUESTION_TYPES[name].build(definition, self)
        self.register(question.code, definition.place(name))
        for item in question.items:
            if item.code != question.code and item.institutions is None:
                self.register(item.code, item.place)
        return replace(question, bank=from_bank)

    def page(self, definition: PageDefinition) -> Page:
        code = definition.page
        self.register(f"page {code}", definition.place("page"))
        questions = (self.question(question) for question in definition.questions)
        return Page(
            code=code,
            slug=make_slug(code),
            title=self.optional_text(f"page.{code}", definition.title, definition.place("title")),
            when=self.condition(definition.when, definition.place("when")),
            questions=tuple(question for question in questions if question),
            place=definition.place(),
        )

    def section(self, code: str, definition: SectionBody) -> Section:
        for language in definition.languages or ():
            if language not in self.languages:
                self._unknown("language", language, self.languages, definition.place("languages"))
        with self.shown_in(definition.languages or self.languages):
            return Section(
                code=code,
                title=self.optional_text(f"section.{code}", definition.title, definition.place("title")),
                pages=tuple(self.page(page) for page in definition.pages),
                place=definition.place(),
                when=self.condition(definition.when, definition.place("when")),
                years=Years(definition.years.every, definition.years.start) if definition.years else None,
                languages=frozenset(definition.languages) if definition.languages else None,
            )

    def institution(self, definition: InstitutionDefinition, modules: Mapping[str, Section], theme: Theme) -> Institution:
        code = definition.institution
        for language in definition.languages or ():
            if language not in self.languages:
                self._unknown("language", language, self.languages, definition.place("languages"))
        for term in definition.terms:
            if term not in self.definition.terms:
                self._unknown("term", term, self.definition.terms, definition.place("terms", term))
        chosen = definition.modules
        for who in ("council", "institution"):
            for index, name in enumerate(getattr(chosen, who, ())):
                if name not in modules:
                    self._unknown("module", name, modules, definition.place("modules", who, index))
        languages = tuple(x for x in definition.languages or self.languages if x in self.languages)
        with self.shown_in(languages):
            return Institution(
                code=code,
                name=definition.name,
                place=definition.place(),
                languages=languages,
                theme=theme,
                terms={
                    term: self.text(f"{code}.term.{term}", source, definition.place("terms", term))
                    for term, source in definition.terms.items()
                },
                embed=tuple(definition.embed),
                open_link=dict(definition.open_link),
                demo=tuple(dict(profile) for profile in definition.demo),
                council=tuple(name for name in chosen.council if name in modules) if chosen else (),
                chosen=tuple(name for name in chosen.institution if name in modules) if chosen else (),
                blocks=tuple(self._blocks(definition, modules)),
                own_questions=self._own_questions(definition),
            )

    def _blocks(self, definition: InstitutionDefinition, modules: Mapping[str, Section]) -> Iterator[Block]:
        for number, block in enumerate(definition.blocks, 1):
            section = self._block_section(f"block_{definition.institution}_{number}", block, modules)
            if section:
                yield Block(section, block.theme, block.place())

    def _block_section(self, code: str, block: BlockDefinition, modules: Mapping[str, Section]) -> Section | None:
        when = self.condition(block.when, block.place("when"))
        if block.theme:
            if block.theme not in modules:
                self._unknown("theme", block.theme, modules, block.place("theme"))
                return None
            theme = modules[block.theme]
            return replace(theme, when=every([when, theme.when]))
        pages = tuple(self.page(page) for page in block.pages or ())
        if not pages:
            self.problem("needs-option", block.place(), code="block", keys="theme:` or `pages:")
        return Section(code, None, pages, block.place(), when)

    def _own_questions(self, definition: InstitutionDefinition) -> Section | None:
        own = definition.own_questions
        if own is None:
            return None
        code = f"own_{definition.institution.replace('-', '_')}"
        title = self.optional_text(f"section.{code}", own.title, own.place("title"))
        return Section(code, title, tuple(self.page(page) for page in own.pages), own.place())

    def theme(self, definition: ThemeDefinition | None, logo: str) -> Theme:
        """An institution's colours; `logo` is a data URI, or empty."""
        if definition is None or definition.colour is None:
            return Theme(logo=logo)
        colour = parse_colour(definition.colour)
        if colour is None:
            self.problem("bad-colour", definition.place("colour"), colour=definition.colour)
            return Theme(logo=logo)
        contrast = measure_contrast(colour, (255, 255, 255))
        if contrast < MINIMAL_CONTRAST:
            self.problem("low-contrast", definition.place("colour"), colour=definition.colour, ratio=f"{contrast:.1f}")
        return Theme(definition.colour, lighten(colour, MINIMAL_CONTRAST), logo)


def make_slug(code: str) -> str:
    """What stands for a page in URLs: stable, and silent on what is asked.

    >>> make_slug("internship_story") == make_slug("internship_story"), len(make_slug("x"))
    (True, 8)
    """
    return blake2b(code.encode(), digest_size=4).hexdigest()

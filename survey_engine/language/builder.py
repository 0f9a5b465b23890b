"""Definitions into the model: conditions, scales, questions, pages, sections; institutions have a file of their own.

What cannot be built is reported and left out, so that one run shows every problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b

from survey_engine.language.condition_parser import WORDS, ConditionError, parse_condition
from survey_engine.language.definition_fields import OptionDefinition, QuestionDefinition
from survey_engine.language.documents import (
    AnyQuestion,
    BackgroundDefinition,
    BankReference,
    InstitutionDefinition,
    PageDefinition,
    QuestionnaireDefinition,
    SectionBody,
    find_type,
)
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.variants import Catalogue, is_blank
from survey_engine.language.wordings import Wordings
from survey_engine.model.conditions import all_of
from survey_engine.model.questionnaire import (
    Code,
    Condition,
    Kind,
    Language,
    Page,
    Place,
    Question,
    ResponseOption,
    Section,
    Text,
    Variable,
    Years,
)

BUILT_IN = ("language", "institution", "assigned")
HEAD_TEXTS = ("title", "introduction", "contact", "thanks")
TEXT_KINDS = ("background", "list", "notice", "page", "scale", "section", "term")
RESERVED = WORDS.union(BUILT_IN, ("minutes",), HEAD_TEXTS, TEXT_KINDS)
"""What no question, item, background variable, condition or term may be called: words of conditions and text codes."""


class QuestionnaireBuilder(Wordings):
    """Builds the parts of one questionnaire; implements what question types ask of a Builder."""

    def __init__(
        self,
        definition: QuestionnaireDefinition,
        languages: Mapping[str, Language],
        catalogues: Mapping[str, Catalogue],
        interface: Mapping[str, Catalogue],
        institutions: Iterable[InstitutionDefinition],
    ) -> None:
        super().__init__(definition.source_language, languages, catalogues)
        self.definition = definition
        self.interface_catalogues = interface
        self.institutions = tuple(institutions)
        self.codes: dict[tuple[str, str], Place] = {}
        self.bank: dict[str, QuestionDefinition] = {}
        self.named: dict[str, Condition] = {}
        self.scales: dict[str, tuple[ResponseOption, ...]] = {}
        self.notices: dict[str, Text] = {}

    # what question types ask for -----------------------------------------------------------------------------

    def interface(self, message: str, place: Place) -> Text:
        """One of the interface's own texts, in every language variant; a missing one is the language's problem."""
        wording = {}
        for language, catalogue in self.interface_catalogues.items():
            entry = catalogue.entries.get(message)
            if entry and not is_blank(entry.wording) and not entry.fuzzy:
                wording[language] = entry.wording
            elif self.languages[language].locale == "en":
                wording[language] = message
            elif not catalogue.unreadable:
                where = self.definition.place("languages", language)
                self.problem("missing-wording", where, code=message, language=language, catalogue=catalogue.path)
        return Text(message, wording, place)

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
            self.unknown("scale", name, self.scales, place)
        return self.scales.get(name, ())

    def notice(self, name: str, place: Place) -> Text | None:
        if name not in self.notices:
            self.unknown("notice", name, self.notices, place)
        return self.notices.get(name)

    def entries(self, name: str, place: Place) -> Iterator[tuple[str, Code, Text]]:
        if not any(name in institution.lists for institution in self.institutions):
            self.unknown("list", name, {key for institution in self.institutions for key in institution.lists}, place)
        for institution in self.institutions:
            for key, source in institution.lists.get(name, {}).items():
                with self.shown_in(institution.languages or self.languages):
                    code = f"list.{institution.institution}.{name}.{key}"
                    yield institution.institution, key, self.text(code, source, institution.place("lists", name, key))

    def option(self, code: Code, text_code: str, option: OptionDefinition, place: Place) -> ResponseOption:
        """`place` is where its text stands."""
        return ResponseOption(
            code=code,
            text=self.text(text_code, option.text, place),
            namely=option.namely,
            exclusive=option.exclusive,
            when=self.condition(option.when, option.place("when")),
        )

    def register(self, code: str, place: Place, kind: str = "") -> None:
        """Take a code; the same definition may be built more than once, another may not have its code.

        Questions, items, background variables, conditions and terms share one name space (the kind is empty).
        """
        if not kind and code in RESERVED:
            self.problem("reserved-code", place, code=code)
        other = self.codes.setdefault((kind, code), place)
        if other != place:
            self.problem("duplicate-code", place, code=code, other=other)

    # the parts -----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """What the rest refers to: named conditions, scales, notices."""
        definition = self.definition
        for name, source in definition.conditions.items():
            self.register(name, definition.key_place("conditions", name))
            condition = self.condition(source, definition.place("conditions", name))
            if condition:
                self.named[name] = condition
        for name, options in definition.scales.items():
            self.scales[name] = tuple(
                self.option(key, f"scale.{name}.{key}", option, definition.place("scales", name, key, "text"))
                for key, option in options.items()
            )
            if len({isinstance(key, int) for key in options}) > 1:
                self.problem("mixed-codes", definition.key_place("scales", name), code=name)
        for name, wording in definition.notices.items():
            self.notices[name] = self.text(f"notice.{name}", wording, definition.place("notices", name))

    def terms(self) -> dict[str, Text]:
        terms = {}
        for term, source in self.definition.terms.items():
            self.register(term, self.definition.key_place("terms", term))
            terms[term] = self.text(f"term.{term}", source, self.definition.place("terms", term))
        return terms

    def background(self) -> dict[str, Variable]:
        return {code: self._background(code, entry) for code, entry in self.definition.background.items()}

    def _background(self, code: str, entry: BackgroundDefinition) -> Variable:
        place = self.definition.key_place("background", code)
        self.register(code, place)
        text = self.text(f"background.{code}", entry.text, entry.place("text"))
        given = (entry.options is not None, entry.low is not None or entry.high is not None, entry.open)
        if sum(given) != 1 or (entry.low is None) != (entry.high is None):
            self.problem("needs-one", place, code=code, keys="`options: {…}`, `from:` with `to:`, `open: true`")
        if entry.options:
            options = tuple(
                ResponseOption(key, self.text(f"background.{code}.{key}", option.text, entry.place("options", key, "text")))
                for key, option in entry.options.items()
            )
            kind: Kind = "number" if all(isinstance(option.code, int) for option in options) else "code"
            return Variable(code, kind, text, options, origin="background", place=place)
        if entry.low is None or entry.high is None:
            return Variable(code, "text", text, origin="background", place=place)
        low, high = sorted((entry.low, entry.high))
        if low != entry.low:
            self.problem("bad-bounds", entry.place("from"), code=code, low=entry.low, high=entry.high)
        return Variable(code, "number", text, low=low, high=high, origin="background", place=place)

    def question(self, definition: AnyQuestion, *, from_bank: bool = False) -> Question | None:
        if isinstance(definition, BankReference):
            if definition.bank not in self.bank:
                self.unknown("bank question", definition.bank, self.bank, definition.place("bank"))
                return None
            taken = self.question(self.bank[definition.bank], from_bank=True)
            own = self.condition(definition.when, definition.place("when"))
            return replace(taken, when=all_of([own, taken.when])) if taken else None
        name = find_type(definition) or ""
        question = QUESTION_TYPES[name].build(definition, self)
        self.register(question.code, definition.place(name))
        for item in question.items:
            if item.text is not None:
                self.register(item.code, definition.place("items_from") if item.institutions else item.place)
        return replace(question, bank=from_bank)

    def page(self, definition: PageDefinition) -> Page:
        code, place = definition.page, definition.place("page")
        self.register(code, place, "page")
        questions = (self.question(question) for question in definition.questions)
        return Page(
            code=code,
            slug=make_slug(code),
            title=self.optional_text(f"page.{code}", definition.title, definition.place("title")),
            when=self.condition(definition.when, definition.place("when")),
            questions=tuple(question for question in questions if question),
            place=place,
        )

    def section(self, code: str, definition: SectionBody) -> Section:
        for index, language in enumerate(definition.languages or ()):
            if language not in self.languages:
                self.unknown("language", language, self.languages, definition.place("languages", index))
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


def make_slug(code: str) -> str:
    """What stands for a page in URLs: stable, and silent on what is asked.

    >>> make_slug("internship_story") == make_slug("internship_story"), len(make_slug("x"))
    (True, 8)
    """
    return blake2b(code.encode(), digest_size=4).hexdigest()

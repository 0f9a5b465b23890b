"""Builds conditions, scales, questions, pages and sections from definitions; `institutions.py` builds institutions.

Invalid parts are reported and omitted, so that one run reports every problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from hashlib import blake2b
from typing import get_args

from survey_engine.language.condition_parser import KEYWORDS, ConditionError, list_words, parse_condition
from survey_engine.language.definition_fields import Definition, OptionDefinition, QuestionDefinition
from survey_engine.language.documents import (
    AnyQuestion,
    BackgroundDefinition,
    BankReference,
    DerivedDefinition,
    InstitutionDefinition,
    PageDefinition,
    QuestionnaireDefinition,
    SectionBody,
    find_declared_type,
)
from survey_engine.language.interface_catalogues import is_source
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.comment import build_comment
from survey_engine.language.variants import Catalogue, is_blank
from survey_engine.language.wordings import Wordings
from survey_engine.model.conditions import Answered, all_of, make_condition
from survey_engine.model.derived import TODAY, Derived, DerivedKind
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
)
from survey_engine.model.rules import Years

BUILT_IN = ("language", "institution", "assigned")
_HEAD_TEXTS = ("title", "introduction", "contact", "thanks")
_TEXT_KINDS = ("background", "list", "notice", "page", "scale", "section", "term")
_EXAMPLE = "Write it like `path == 'bol' and level >= 2`"
RESERVED_NAMES = KEYWORDS.union(BUILT_IN, ("minutes", "experiment", TODAY), _HEAD_TEXTS, _TEXT_KINDS)
"""Reserved codes: keywords of conditions, and words in text codes. Questions, items, variables, conditions and terms cannot use them."""


class QuestionnaireBuilder(Wordings):
    """Builds the parts of one questionnaire; implements the protocol `Builder`, which question types use."""

    def __init__(
        self,
        definition: QuestionnaireDefinition,
        languages: Mapping[str, Language],
        catalogues: Mapping[str, Catalogue],
        interface: Mapping[str, Catalogue],
        institutions: Iterable[InstitutionDefinition],
    ) -> None:
        super().__init__(definition.known_source, languages, catalogues)
        self.definition, self.term_names = definition, definition.terms
        self.interface_catalogues = interface
        self.institutions = tuple(institutions)
        self.codes: dict[tuple[str, str], Place] = {}
        self.bank: dict[str, QuestionDefinition] = {}
        self.named: dict[str, Condition] = {}
        self.derived: dict[str, Derived] = {}
        self.scales: dict[str, tuple[ResponseOption, ...]] = {}
        self.notices: dict[str, Text] = {}
        self.rested: set[str] = set()
        """Codes of sections and modules that this edition does not ask."""

    # methods of the protocol `Builder` --------------------------------------------------------------------------

    def find_interface_text(self, message: str, place: Place) -> Text:
        """Return a text of the interface in every language variant. A missing wording is reported at the language."""
        wording = {}
        for language, catalogue in self.interface_catalogues.items():
            entry = catalogue.entries.get(message)
            if entry and not is_blank(entry.wording) and not entry.fuzzy:
                wording[language] = entry.wording
            elif is_source(self.languages[language].locale):
                wording[language] = message
            elif not catalogue.unreadable:
                where = self.definition.place("languages", language)
                self.report("missing-wording", where, code=message, language=language, catalogue=catalogue.path, is_label=True)
        return Text(message, wording, place)

    def build_condition(self, source: str | None, place: Place) -> Condition | None:
        if source is None:
            return None
        try:
            return parse_condition(source, place, self.named, self.derived)
        except ConditionError as error:
            self.report("condition-syntax", place, detail=error, lone=error.lone, advice=_EXAMPLE)
            return None

    def find_scale(self, name: str, place: Place) -> tuple[ResponseOption, ...]:
        if name not in self.scales:
            self.report_unknown("scale", name, self.scales, place)
        return self.scales.get(name, ())

    def find_notice(self, name: str, place: Place) -> Text | None:
        if name not in self.notices:
            self.report_unknown("notice", name, self.notices, place)
        return self.notices.get(name)

    def iter_list_entries(self, name: str, place: Place) -> Iterator[tuple[str, Code, Text]]:
        if not any(name in institution.lists for institution in self.institutions):
            self.report_unknown("list", name, {key for institution in self.institutions for key in institution.lists}, place)
        for institution in self.institutions:
            for key, source in institution.lists.get(name, {}).items():
                with self.shown_in(institution.languages or self.languages):
                    code = f"list.{institution.institution}.{name}.{key}"
                    yield institution.institution, key, self.build_text(code, source, institution.place("lists", name, key))

    def build_option(self, code: Code, text_code: str, option: OptionDefinition, place: Place) -> ResponseOption:
        """Build a response option; `place` is the place of its text."""
        return ResponseOption(
            code=code,
            text=self.build_text(text_code, option.text, place),
            namely=option.namely,
            exclusive=option.exclusive,
            fixed=option.fixed,
            when=self.build_condition(option.when, option.place("when")),
        )

    def register(self, code: str, place: Place, kind: str = "") -> None:
        """Register a code; report it if a definition at another place has it. Registering one definition again is no error.

        Questions, items, background variables, conditions and terms share one name space, for which `kind` is empty.
        """
        if not kind and code in RESERVED_NAMES:
            self.report("reserved-code", place, code=code)
        other = self.codes.setdefault((kind, code), place)
        if other != place:
            self.report("duplicate-code", place, code=code, other=other)

    # the parts -----------------------------------------------------------------------------------------------

    def build_shared_parts(self) -> None:
        """Build the parts that others refer to: named conditions, scales, notices."""
        definition = self.definition
        for name, entry in definition.derived.items():
            self._build_derived(name, entry)
        for name in definition.conditions:
            self.register(name, definition.key_place("conditions", name))
        for name in self._order_conditions():
            source, place = definition.conditions[name], definition.place("conditions", name)
            # An invalid condition is reported here only: a placeholder prevents further errors where it is used.
            self.named[name] = self.build_condition(source, place) or make_condition(source, Answered("language"), place)
        self.named = {name: self.named[name] for name in definition.conditions if name in self.named}
        for name, options in definition.scales.items():
            self.scales[name] = tuple(
                self.build_option(key, f"scale.{name}.{key}", option, definition.place("scales", name, key, "text"))
                for key, option in options.items()
            )
            if len({isinstance(key, int) for key in options}) > 1:
                self.report("mixed-codes", definition.key_place("scales", name), code=name)
        for name, wording in definition.notices.items():
            self.notices[name] = self.build_text(f"notice.{name}", wording, definition.place("notices", name))

    def _build_derived(self, name: str, entry: DerivedDefinition) -> None:
        place = self.definition.key_place("derived", name)
        self.register(name, place)
        given = {kind: parts for kind in get_args(DerivedKind) if (parts := getattr(entry, kind)) is not None}
        if len(given) != 1:
            self.report("needs-one", place, code=name, keys="`sum: […]`, `mean: […]`, `count: […]`, `years: [<date>, today]`")
        for kind, parts in list(given.items())[:1]:
            self.derived[name] = Derived(name, kind, tuple(parts))

    def _order_conditions(self) -> list[str]:
        """Return the named conditions, each after the ones it uses; report cycles."""
        sources = self.definition.conditions
        uses = {name: list_words(source) & sources.keys() for name, source in sources.items()}
        while True:
            try:
                return [name for name in TopologicalSorter(uses).static_order() if name in uses]
            except CycleError as error:
                cycle = error.args[1]
                for name in set(cycle):
                    place = self.definition.place("conditions", name)
                    self.report("condition-cycle", place, name=name, cycle=" → ".join(cycle))
                    self.named[name] = make_condition(sources[name], Answered("language"), place)
                    del uses[name]

    def report_repeats(self, definition: Definition, key: str) -> None:
        """Report duplicate values in a list of the definition."""
        values = getattr(definition, key) or ()
        for index, value in enumerate(values):
            if value in values[:index]:
                self.report("listed-twice", definition.place(key, index), name=value)

    def build_terms(self) -> dict[str, Text]:
        terms = {}
        for term, source in self.definition.terms.items():
            self.register(term, self.definition.key_place("terms", term))
            terms[term] = self.build_text(f"term.{term}", source, self.definition.place("terms", term))
        return terms

    def build_background(self) -> dict[str, Variable]:
        return {code: self._build_variable(code, entry) for code, entry in self.definition.background.items()}

    def _build_variable(self, code: str, entry: BackgroundDefinition) -> Variable:
        place = self.definition.key_place("background", code)
        self.register(code, place)
        text = self.build_text(f"background.{code}", entry.text, entry.place("text"))
        given = (entry.options is not None, entry.low is not None or entry.high is not None, entry.open)
        if sum(given) != 1 or (entry.low is None) != (entry.high is None):
            self.report("needs-one", place, code=code, keys="`options: {…}`, `from:` with `to:`, `open: true`")
        if entry.options:
            options = tuple(
                ResponseOption(key, self.build_text(f"background.{code}.{key}", option.text, entry.place("options", key, "text")))
                for key, option in entry.options.items()
            )
            kind: Kind = "number" if all(isinstance(option.code, int) for option in options) else "code"
            return Variable(code, kind, text, options, origin="background", place=place)
        if entry.low is None or entry.high is None:
            return Variable(code, "text", text, origin="background", place=place)
        low, high = sorted((entry.low, entry.high))
        if low != entry.low:
            self.report("bad-bounds", entry.place("from"), code=code, low=entry.low, high=entry.high)
        return Variable(code, "number", text, low=low, high=high, origin="background", place=place)

    def build_question(self, definition: AnyQuestion, *, from_bank: bool = False) -> Question | None:
        if isinstance(definition, BankReference):
            if definition.bank not in self.bank:
                self.report_unknown("bank question", definition.bank, self.bank, definition.place("bank"))
                return None
            taken = self.build_question(self.bank[definition.bank], from_bank=True)
            own = self.build_condition(definition.when, definition.place("when"))
            return replace(taken, when=all_of([own, taken.when]), fixed=definition.fixed) if taken else None
        name = find_declared_type(definition) or ""
        question = QUESTION_TYPES[name].build(definition, self)
        self.register(question.code, definition.place(name))
        for item in question.items:
            if item.text is not None:
                self.register(item.code, definition.place("items_from") if item.institutions else item.place)
        return replace(question, bank=from_bank, fixed=definition.fixed, note=definition.note)

    def _build_with_comment(self, definition: AnyQuestion) -> Iterator[Question]:
        """Yield a question, and its comment if the definition has one."""
        question = self.build_question(definition)
        if question:
            yield question
            source = self.bank[definition.bank] if isinstance(definition, BankReference) else definition
            comment = build_comment(source, question, self)
            if comment:
                yield replace(comment, bank=question.bank)

    def build_page(self, definition: PageDefinition) -> Page:
        code, place = definition.page, definition.place("page")
        self.register(code, place, "page")
        for question in definition.questions:
            if question.fixed and not definition.random_order:
                self.report("no-effect", question.place("fixed"), key="fixed", kind="page whose questions have no random order")
        questions = (built for question in definition.questions for built in self._build_with_comment(question))
        return Page(
            code=code,
            slug=make_slug(code),
            title=self.build_optional_text(f"page.{code}", definition.title, definition.place("title")),
            when=self.build_condition(definition.when, definition.place("when")),
            questions=tuple(questions),
            place=place,
            fixed=definition.fixed,
            random_order=definition.random_order,
        )

    def build_pages(self, definitions: Sequence[PageDefinition], *, random_order: bool = False) -> tuple[Page, ...]:
        """Build the pages of a section."""
        for page in definitions:
            if page.fixed and not random_order:
                self.report("no-effect", page.place("fixed"), key="fixed", kind="section whose pages have no random order")
        return tuple(self.build_page(page) for page in definitions)

    def build_section(self, code: str, definition: SectionBody) -> Section:
        self.report_repeats(definition, "languages")
        for index, language in enumerate(definition.languages or ()):
            if language not in self.languages:
                self.report_unknown("language", language, self.languages, definition.place("languages", index))
        with self.shown_in(definition.languages or self.languages):
            return Section(
                code=code,
                title=self.build_optional_text(f"section.{code}", definition.title, definition.place("title")),
                pages=self.build_pages(definition.pages, random_order=definition.random_order),
                place=definition.place(),
                when=self.build_condition(definition.when, definition.place("when")),
                years=Years(definition.years.every, definition.years.start) if definition.years else None,
                languages=frozenset(definition.languages) if definition.languages else None,
                random_order=definition.random_order,
            )


def make_slug(code: str) -> str:
    """Return the page's part of the URL: a hash, which is stable and does not reveal the page's topic.

    >>> make_slug("internship_story") == make_slug("internship_story"), len(make_slug("x"))
    (True, 8)
    """
    return blake2b(code.encode(), digest_size=4).hexdigest()

"""A folder of YAML and its catalogues in, a checked questionnaire out — or every problem with file and line."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import nh3

from survey_engine.building import QuestionnaireBuilder
from survey_engine.checks import CHECKS
from survey_engine.definitions import Definition, QuestionDefinition
from survey_engine.documents import (
    BankDefinition,
    GroupDefinition,
    InstitutionDefinition,
    ModuleDefinition,
    QuestionnaireDefinition,
    SectionBody,
    SectionDefinition,
    find_type,
)
from survey_engine.languages import INTERFACE, Catalogue, catalogue_path, find_locale, read_catalogue
from survey_engine.model import (
    BlockRule,
    Group,
    Institution,
    Language,
    ModuleRule,
    Place,
    Question,
    Questionnaire,
    ResponseOption,
    Section,
    Text,
    Variable,
    Years,
)
from survey_engine.problems import BrokenQuestionnaireError, Problem, listing, meant
from survey_engine.questions import QUESTION_TYPES
from survey_engine.validation import read_document

BUILT_IN = ("language", "institution", "assigned")
LOGO_BYTES = 20_000
_SVG_TAGS = {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "title", "desc", "text"}
_SVG_ATTRIBUTES = {
    *("xmlns", "viewBox", "viewbox", "width", "height", "transform", "opacity", "role", "aria-hidden"),
    *("d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "points"),
    *("fill", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"),
    *("font-size", "font-family", "font-weight", "text-anchor"),
}


@dataclass(slots=True)
class Compilation:
    """What came of compiling: the questionnaire as far as it could be built, and every problem."""

    questionnaire: Questionnaire | None
    problems: list[Problem] = field(default_factory=list)
    known_texts: dict[str, str] = field(default_factory=dict)
    """Text code → wording in the source language, for the catalogues."""

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]


def compile_questionnaire(folder: Path, translations: Path | None = None) -> Questionnaire:
    """The questionnaire in `folder`, fit to be asked.

    Raises:
        BrokenQuestionnaireError: with every problem, when any of them is an error.
    """
    compilation = inspect_questionnaire(folder, translations)
    if compilation.errors or compilation.questionnaire is None:
        raise BrokenQuestionnaireError(compilation.problems)
    return compilation.questionnaire


def inspect_questionnaire(folder: Path, translations: Path | None = None) -> Compilation:
    """The questionnaire in `folder` with all its problems, errors or not; `translations` holds the catalogues."""
    folder = Path(folder)
    files = sorted(path for path in folder.rglob("*.yaml") if path.is_file())
    problems: list[Problem] = []
    documents: list[Definition] = []
    digest = sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + content)
        definition, found = read_document(_shown(folder, path), content)
        problems += found
        if definition:
            documents.append(definition)
    head = next((d for d in documents if isinstance(d, QuestionnaireDefinition)), None)
    if head is None:
        if not any(problem.severity == "error" for problem in problems):
            problems.append(Problem("no-questionnaire", Place(_shown(folder, folder))))
        return Compilation(None, sorted(problems, key=_order))
    compiler = _Compiler(folder, translations, head, documents, digest.hexdigest()[:16])
    questionnaire = compiler.compile()
    problems += compiler.builder.problems
    for check in CHECKS:
        problems += check(questionnaire)
    problems = list({(p.code, p.place, str(p)): p for p in problems}.values())
    return Compilation(questionnaire, sorted(problems, key=_order), compiler.sources())


def _order(problem: Problem) -> tuple[object, ...]:
    return (problem.place, problem.code)


def _shown(folder: Path, path: Path) -> str:
    """How a file is named in messages: with its questionnaire's folder, relative to the current folder if possible."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.relative_to(folder.parent).as_posix()


def _bare_options(codes: Iterable[str], place: Place) -> tuple[ResponseOption, ...]:
    return tuple(ResponseOption(code, Text(code, {}, place)) for code in codes)


class _Compiler:
    """Puts one questionnaire together out of its documents."""

    def __init__(
        self,
        folder: Path,
        translations: Path | None,
        head: QuestionnaireDefinition,
        documents: list[Definition],
        version: str,
    ) -> None:
        self.folder, self.head, self.version = folder, head, version
        self.documents = documents
        self.institutions = [d for d in documents if isinstance(d, InstitutionDefinition)]
        self.edition = head.edition
        languages = {code: self._language(code) for code in head.languages}
        catalogues, interface = self._catalogues(languages, translations)
        self.builder = QuestionnaireBuilder(head, languages, catalogues, interface, self.institutions)
        for catalogue in catalogues.values():
            self.builder.problems += catalogue.problems
        self._check_languages(languages)

    def _language(self, code: str) -> Language:
        entry = self.head.languages[code]
        locale = entry.locale or code
        return Language(
            code=code,
            name=entry.name,
            locale=locale,
            html_lang=entry.html_lang or locale.split("@")[0].replace("_", "-"),
            based_on=entry.based_on,
            groups=frozenset(entry.groups) if entry.groups is not None else None,
            draft=entry.draft,
        )

    def _catalogues(
        self, languages: dict[str, Language], translations: Path | None
    ) -> tuple[dict[str, Catalogue], dict[str, Catalogue]]:
        root = translations or self.folder.parent.parent / "translations"
        own: dict[str, Catalogue] = {}
        interface: dict[str, Catalogue] = {}
        for code, language in languages.items():
            for domain, found in ((self.head.questionnaire, own), (INTERFACE, interface)):
                path = catalogue_path(root, language.locale, domain)
                if domain == INTERFACE or code != self.head.source_language:
                    found[code] = read_catalogue(
                        path, _shown(root.parent / "x", path) if root.parent in path.parents else path.name
                    )
        return own, interface

    def _check_languages(self, languages: dict[str, Language]) -> None:
        groups = [group.group for group in self.head.order]
        for code, language in languages.items():
            place = self.head.place("languages", code)
            if find_locale(language.locale) is None:
                self.builder.problem("unknown-locale", place, locale=language.locale)
            if language.based_on and language.based_on not in languages:
                self._unknown("language", language.based_on, languages, place)
            for group in language.groups or ():
                if group not in groups:
                    self._unknown("group", group, groups, place)
        if self.head.source_language not in languages:
            self._unknown("language", self.head.source_language, languages, self.head.place("source_language"))

    def _unknown(self, kind: str, name: str, known: object, place: Place) -> None:
        names = list(known)  # type: ignore[call-overload]
        self.builder.problem("unknown-name", place, kind=kind, name=name, meant=meant(name, names), known=listing(names))

    def compile(self) -> Questionnaire:
        head, builder = self.head, self.builder
        builder.prepare()
        background = builder.background()
        bodies = self._bodies()
        self._fill_bank(bodies)
        sections, modules = self._sections(bodies)
        groups = tuple(self._group(group, sections) for group in head.order)
        institutions = {d.institution: self._institution(d, modules, groups) for d in self.institutions}
        questionnaire = Questionnaire(
            code=head.questionnaire,
            title=builder.text("title", head.title, head.place("title")),
            source_language=head.source_language,
            languages=builder.languages,
            place=head.place(),
            version=self.version,
            edition=head.edition,
            introduction=builder.optional_text("introduction", head.introduction, head.place("introduction")),
            contact=builder.optional_text("contact", head.contact, head.place("contact")),
            thanks=builder.optional_text("thanks", head.thanks, head.place("thanks")),
            opens=head.opens,
            closes=head.closes,
            budget_minutes=head.budget.minutes if head.budget else None,
            background=background,
            scales=builder.scales,
            conditions=builder.named,
            terms={term: builder.text(f"term.{term}", text, head.place("terms", term)) for term, text in head.terms.items()},
            order=groups,
            linked=tuple(tuple(names) for names in head.linked),
            sections=sections,
            modules=modules,
            rested=frozenset(code for code, body in bodies.items() if not self._asked(body)),
            bank=self._bank(),
            institutions=institutions,
        )
        object.__setattr__(questionnaire, "variables", self._variables(questionnaire))
        self._check_catalogues()
        return questionnaire

    def _bodies(self) -> dict[str, SectionBody]:
        bodies: dict[str, SectionBody] = {}
        for document in self.documents:
            if isinstance(document, SectionDefinition | ModuleDefinition):
                code = document.section if isinstance(document, SectionDefinition) else document.module
                self.builder.register(f"section {code}", document.place())
                bodies.setdefault(code, document)
        return bodies

    def _asked(self, body: SectionBody) -> bool:
        """Whether this edition asks the section; otherwise its questions are in the bank."""
        if body.years is None or self.edition is None:
            return True
        return Years(body.years.every, body.years.start).include(self.edition)

    def _fill_bank(self, bodies: dict[str, SectionBody]) -> None:
        listed = [q for d in self.documents if isinstance(d, BankDefinition) for q in d.questions]
        rested = [q for body in bodies.values() if not self._asked(body) for page in body.pages for q in page.questions]
        for question in [*listed, *rested]:
            if isinstance(question, QuestionDefinition):
                self.builder.bank.setdefault(getattr(question, find_type(question) or ""), question)

    def _bank(self) -> dict[str, Question]:
        with self.builder.shown_in(()):
            built = {code: self.builder.question(question, from_bank=True) for code, question in self.builder.bank.items()}
        return {code: question for code, question in built.items() if question}

    def _sections(self, bodies: dict[str, SectionBody]) -> tuple[dict[str, Section], dict[str, Section]]:
        """Core sections and modules of this edition, by code."""
        builder = self.builder
        sections: dict[str, Section] = {}
        modules: dict[str, Section] = {}
        drawn = {group.group for group in self.head.order if group.modules or group.blocks}
        for code, body in bodies.items():
            is_module = isinstance(body, ModuleDefinition)
            groups = drawn if is_module else {g.group for g in self.head.order if code in (g.sections or ())}
            if not self._asked(body):
                continue
            if not groups and not is_module:
                builder.problem("unused-section", body.place(), name=code)
            with builder.shown_in(self._languages_showing(groups)):
                (modules if is_module else sections)[code] = builder.section(code, body)
        return sections, modules

    def _languages_showing(self, groups: set[str]) -> list[str]:
        languages = self.builder.languages.values()
        return [x.code for x in languages if groups and (x.groups is None or x.groups & groups)]

    def _group(self, definition: GroupDefinition, sections: dict[str, Section]) -> Group:
        place = definition.place()
        known = {d.section: d for d in self.documents if isinstance(d, SectionDefinition)}
        for index, name in enumerate(definition.sections or ()):
            if name not in known:
                self._unknown("section", name, known, definition.place("sections", index))
            elif name in (definition.sections or [])[:index]:
                self.builder.problem("twice-in-order", definition.place("sections", index), kind="section", name=name)
        rule, blocks = definition.modules, definition.blocks
        if sum(bool(x) for x in (definition.sections, rule, blocks, definition.own_questions)) != 1:
            keys = "sections: […]`, `modules: {…}`, `blocks: {…}` or `own_questions: true"
            self.builder.problem("needs-option", place, code=definition.group, keys=keys)
        return Group(
            code=definition.group,
            place=place,
            sections=tuple(sections[name] for name in definition.sections or () if name in sections),
            modules=ModuleRule(rule.council, rule.institution, rule.random) if rule else None,
            blocks=BlockRule(blocks.limit, blocks.questions, blocks.statements) if blocks else None,
            own_questions=definition.own_questions,
        )

    def _institution(
        self, definition: InstitutionDefinition, modules: dict[str, Section], groups: tuple[Group, ...]
    ) -> Institution:
        for kind, wanted, offered in (
            ("modules", definition.modules, any(group.modules for group in groups)),
            ("blocks", definition.blocks, any(group.blocks for group in groups)),
            ("own_questions", definition.own_questions, any(group.own_questions for group in groups)),
        ):
            if wanted and not offered:
                self.builder.problem("not-in-instrument", definition.place(kind), kind=kind)
        self.builder.register(f"institution {definition.institution}", definition.place())
        theme = self.builder.theme(definition.theme, self._logo(definition))
        own = {group.code for group in groups if group.own_questions or group.blocks}
        with self.builder.shown_in(self._languages_showing(own) or self.builder.languages):
            return self.builder.institution(definition, modules, theme)

    def _logo(self, definition: InstitutionDefinition) -> str:
        """The logo as a data URI, with everything active taken out of an SVG."""
        if definition.theme is None or definition.theme.logo is None:
            return ""
        name, place = definition.theme.logo, definition.theme.place("logo")
        path = next((p for p in self.folder.rglob(name) if p.is_file()), None) if "/" not in name and "*" not in name else None
        if path is None or path.suffix not in (".svg", ".png"):
            self.builder.problem("bad-logo", place, logo=name, detail="there is no such SVG or PNG here")
            return ""
        content = path.read_bytes()
        if len(content) > LOGO_BYTES:
            self.builder.problem("bad-logo", place, logo=name, detail=f"it has {len(content)} bytes")
            return ""
        kind = "png"
        if path.suffix == ".svg":
            kind = "svg+xml"
            text = content.decode("utf-8", "replace")
            content = nh3.clean(text, tags=_SVG_TAGS, attributes={"*": _SVG_ATTRIBUTES}, strip_comments=True).strip().encode()
        return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"

    def _variables(self, questionnaire: Questionnaire) -> dict[str, Variable]:
        languages = tuple(questionnaire.languages)
        head = questionnaire.place
        found = dict(questionnaire.background)
        for code, values in zip(BUILT_IN, (languages, questionnaire.institutions, questionnaire.modules), strict=True):
            kind = "codes" if code == "assigned" else "code"
            found[code] = Variable(code, kind, options=_bare_options(values, head), origin="built-in", place=head)  # type: ignore[arg-type]
        for section in questionnaire.all_sections:
            for page in section.pages:
                for question in page.questions:
                    for variable in QUESTION_TYPES[question.type].variables(question):
                        found.setdefault(variable.code, variable)
        return found

    def _check_catalogues(self) -> None:
        for catalogue in self.builder.catalogues.values():
            for code, entry in catalogue.entries.items():
                if code not in self.builder.sources:
                    facts = {"code": code, "meant": meant(code, self.builder.sources)}
                    self.builder.problem("unknown-wording", entry.place, **facts)

    def sources(self) -> dict[str, str]:
        return dict(self.builder.sources)

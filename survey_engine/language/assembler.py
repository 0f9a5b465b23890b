"""Assembles a questionnaire from its definitions: languages, bank, sections, groups, institutions, variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from survey_engine.language.builder import BUILT_IN, QuestionnaireBuilder
from survey_engine.language.definition_fields import Definition, QuestionDefinition
from survey_engine.language.derived_values import check_derived
from survey_engine.language.documents import (
    BankDefinition,
    GroupDefinition,
    InstitutionDefinition,
    ModuleDefinition,
    QuestionnaireDefinition,
    SectionBody,
    SectionDefinition,
    find_declared_type,
)
from survey_engine.language.institutions import build_institution, check_period
from survey_engine.language.lone_variables import advise_comparisons
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.variants import Catalogue, find_locale, format_update_command
from survey_engine.model.messages import suggest_name
from survey_engine.model.questionnaire import (
    Experiment,
    Institution,
    Kind,
    Language,
    OrderStep,
    Place,
    Question,
    Questionnaire,
    ResponseOption,
    Section,
    Text,
    Variable,
)
from survey_engine.model.rules import BlockRule, ModuleRule, Years


def read_languages(head: QuestionnaireDefinition) -> dict[str, Language]:
    """Return the language variants by code."""
    languages = {}
    for code, entry in head.languages.items():
        locale = entry.locale or code
        languages[code] = Language(
            code=code,
            name=entry.name,
            locale=locale,
            html_lang=entry.html_lang or locale.split("@")[0].replace("_", "-"),
            based_on=entry.based_on,
            groups=frozenset(entry.groups) if entry.groups is not None else None,
            draft=entry.draft,
        )
    return languages


class Assembler:
    """Assembles one questionnaire; problems are collected in `builder.problems`."""

    def __init__(
        self,
        head: QuestionnaireDefinition,
        documents: Sequence[Definition],
        catalogues: Mapping[str, Catalogue],
        interface: Mapping[str, Catalogue],
        folders: Mapping[str, Path],
    ) -> None:
        """Args: folders: file name as in a `Place` → the folder that contains it, to find logos."""
        self.head, self.folders = head, folders
        self.institutions = [d for d in documents if isinstance(d, InstitutionDefinition)]
        self.banks = [d for d in documents if isinstance(d, BankDefinition)]
        self.builder = QuestionnaireBuilder(head, read_languages(head), catalogues, interface, self.institutions)
        self.bodies: dict[str, SectionBody] = {}
        for document in documents:
            if isinstance(document, SectionDefinition | ModuleDefinition):
                key = "section" if isinstance(document, SectionDefinition) else "module"
                code = getattr(document, key)
                self.builder.register(code, document.place(key), "section")
                self.bodies.setdefault(code, document)

    def assemble(self, version: str) -> Questionnaire:
        head, builder = self.head, self.builder
        self._check_languages()
        check_period(builder, head)
        builder.build_shared_parts()
        background = builder.build_background()
        terms = builder.build_terms()
        self._fill_bank()
        sections, modules = self._build_sections()
        groups = self._build_groups(sections)
        institutions = {d.institution: self._build_institution(d, modules, groups) for d in self.institutions}
        questionnaire = Questionnaire(
            code=head.questionnaire,
            title=builder.build_text("title", head.title, head.place("title")),
            source_language=head.known_source,
            languages=builder.languages,
            place=head.place(),
            version=version,
            edition=head.edition,
            introduction=builder.build_optional_text("introduction", head.introduction, head.place("introduction")),
            contact=builder.build_optional_text("contact", head.contact, head.place("contact")),
            thanks=builder.build_optional_text("thanks", head.thanks, head.place("thanks")),
            opens=head.opens,
            closes=head.closes,
            budget_minutes=head.budget.minutes if head.budget else None,
            background=background,
            scales=builder.scales,
            conditions=builder.named,
            terms=terms,
            derived=builder.derived,
            experiments=self._build_experiments(),
            order=groups,
            linked=tuple(tuple(names) for names in head.linked),
            sections=sections,
            modules=modules,
            rested=frozenset(self.builder.rested),
            bank=self._build_bank(),
            institutions=institutions,
            places={f"derived.{name}": head.key_place("derived", name) for name in builder.derived},
        )
        # Variables are computed from the finished questionnaire, which is frozen.
        object.__setattr__(questionnaire, "variables", map_variables(questionnaire))
        builder.problems = advise_comparisons(builder.problems, questionnaire.variables)
        check_derived(builder, questionnaire)
        self._check_catalogues()
        return questionnaire

    def _check_languages(self) -> None:
        head, builder = self.head, self.builder
        groups = [group.group for group in head.order]
        for code, language in builder.languages.items():
            definition = head.languages[code]
            if find_locale(language.locale) is None:
                place = definition.place("locale") if definition.locale else head.key_place("languages", code)
                base = builder.languages.get(language.based_on or head.known_source)
                own = base and not definition.locale and f"{base.locale}@{code}"
                example = own if own and find_locale(own) else "nl, en or nl@nt2"
                builder.report("unknown-locale", place, code=code, locale=language.locale, example=example)
            if language.based_on and language.based_on not in builder.languages:
                builder.report_unknown("language", language.based_on, builder.languages, definition.place("based_on"))
            elif code in self._list_bases(language):
                builder.report("based-on-itself", definition.place("based_on"), code=code)
            builder.report_repeats(definition, "groups")
            for index, group in enumerate(definition.groups or ()):
                if group not in groups:
                    builder.report_unknown("group", group, groups, definition.place("groups", index))
        if head.source_language not in builder.languages:
            builder.report_unknown("language", head.source_language, builder.languages, head.place("source_language"))

    def _list_bases(self, language: Language) -> list[str]:
        """Return the variants that a variant is based on, directly or indirectly; a cycle ends at its first repeated variant."""
        found: list[str] = []
        while language.based_on in self.builder.languages and language.based_on not in found:
            found.append(str(language.based_on))
            language = self.builder.languages[found[-1]]
        return found

    def _is_asked(self, body: SectionBody) -> bool:
        """Whether this edition asks the section. If it does not, the section's questions are in the bank."""
        if body.years is None or self.head.edition is None:
            return True
        return Years(body.years.every, body.years.start).include(self.head.edition)

    def _fill_bank(self) -> None:
        listed = [question for bank in self.banks for question in bank.questions]
        for question in listed:
            if question.fixed:
                self.builder.report("no-effect", question.place("fixed"), key="fixed", kind="bank")
        rested = [body for body in self.bodies.values() if not self._is_asked(body)]
        listed += [q for body in rested for page in body.pages for q in page.questions if isinstance(q, QuestionDefinition)]
        for question in listed:
            self.builder.bank.setdefault(getattr(question, find_declared_type(question) or ""), question)

    def _build_bank(self) -> dict[str, Question]:
        with self.builder.shown_in(()):
            built = {code: self.builder.build_question(question, from_bank=True) for code, question in self.builder.bank.items()}
        return {code: question for code, question in built.items() if question}

    def _build_sections(self) -> tuple[dict[str, Section], dict[str, Section]]:
        """Build the core sections and the modules of this edition; return both by code."""
        builder = self.builder
        sections: dict[str, Section] = {}
        modules: dict[str, Section] = {}
        drawn = {group.group for group in self.head.order if group.modules or group.blocks}
        for code, body in self.bodies.items():
            is_module = isinstance(body, ModuleDefinition)
            groups = drawn if is_module else {g.group for g in self.head.order if code in (g.sections or ())}
            if not self._is_asked(body):
                builder.rested.add(code)
                continue
            if not groups and not is_module:
                builder.report("unused-section", body.place("section"), name=code)
            with builder.shown_in(self._list_languages(groups)):
                (modules if is_module else sections)[code] = builder.build_section(code, body)
        return sections, modules

    def _build_experiments(self) -> dict[str, Experiment]:
        found = {}
        for definition in self.head.experiments:
            place = definition.place("experiment")
            self.builder.register(definition.experiment, place, "experiment")
            if len(definition.arms) == 1:
                self.builder.report("lone-arm", definition.place("arms"), name=definition.experiment)
            found[definition.experiment] = Experiment(definition.experiment, dict(definition.arms), place)
        return found

    def _list_languages(self, groups: Iterable[str]) -> list[str]:
        """Return the language variants that show any of these groups."""
        shown = set(groups)
        return [x.code for x in self.builder.languages.values() if shown and (x.groups is None or x.groups & shown)]

    def _build_groups(self, sections: Mapping[str, Section]) -> tuple[OrderStep, ...]:
        known = [code for code, body in self.bodies.items() if isinstance(body, SectionDefinition)]
        named: set[str] = set()
        for definition in self.head.order:
            self.builder.register(definition.group, definition.place("group"), "group")
            for index, name in enumerate(definition.sections or ()):
                place = definition.place("sections", index)
                if name not in known:
                    meant = " (it is a module: its file begins with `module:`)" if name in self.bodies else ""
                    self.builder.report_unknown("section", name, known, place, meant)
                elif name in named:
                    self.builder.report("twice-in-order", place, kind="section", name=name)
                named.add(name)
        self._check_own_groups()
        for row, names in enumerate(self.head.linked):
            for index, name in enumerate(names):
                if name not in self.bodies:
                    self.builder.report_unknown("section", name, self.bodies, self.head.place("linked", row, index))
        self._check_shares()
        return tuple(self._build_group(definition, sections) for definition in self.head.order)

    def _check_own_groups(self) -> None:
        """Report groups after the first that ask local questions, if one language variant shows both."""
        own = [definition for definition in self.head.order if definition.own_questions]
        for language in self.builder.languages.values():
            shown = [each for each in own if language.groups is None or each.group in language.groups]
            for each in shown[1:]:
                self.builder.report("second-own-group", each.place("own_questions"), group=each.group, other=shown[0].group)

    def _check_shares(self) -> None:
        """Report modules that are in more than one group."""
        known = [code for code, body in self.bodies.items() if isinstance(body, ModuleDefinition)]
        groups = [definition for definition in self.head.order if definition.modules]
        named: set[str] = set()
        for definition in groups:
            for name in definition.modules.shares if definition.modules else ():
                place = definition.key_place("modules", "from", name)
                if name not in known:
                    self.builder.report_unknown("module", name, known, place)
                elif name in named:
                    self.builder.report("twice-in-order", place, kind="module", name=name)
                named.add(name)
        greedy = [definition for definition in groups if definition.modules and not definition.modules.shares]
        for definition in greedy[1:]:
            self.builder.report("shared-modules", definition.place("modules"), group=definition.group, other=greedy[0].group)

    def _build_group(self, definition: GroupDefinition, sections: Mapping[str, Section]) -> OrderStep:
        rule, blocks = definition.modules, definition.blocks
        if sum(map(bool, (definition.sections is not None, rule, blocks, definition.own_questions))) != 1:
            keys = "`sections: […]`, `modules: {…}`, `blocks: {…}`, `own_questions: true`"
            self.builder.report("needs-one", definition.place("group"), code=definition.group, keys=keys)
        return OrderStep(
            code=definition.group,
            place=definition.place(),
            sections=tuple(sections[name] for name in definition.sections or () if name in sections),
            modules=ModuleRule(rule.council, rule.institution, rule.random, dict(rule.shares)) if rule else None,
            blocks=BlockRule(blocks.limit, blocks.questions, blocks.statements) if blocks else None,
            own_questions=definition.own_questions,
        )

    def _build_institution(
        self, definition: InstitutionDefinition, modules: Mapping[str, Section], groups: Iterable[OrderStep]
    ) -> Institution:
        offered = {
            "modules": {group.code for group in groups if group.modules},
            "blocks": {group.code for group in groups if group.blocks},
            "own_questions": {group.code for group in groups if group.own_questions},
        }
        for kind, found in offered.items():
            if getattr(definition, kind) and not found:
                self.builder.report("not-in-instrument", definition.key_place(kind), kind=kind)
        self.builder.register(definition.institution, definition.place("institution"), "institution")
        own = offered["blocks"] | offered["own_questions"]
        with self.builder.shown_in(self._list_languages(own) or self.builder.languages):
            return build_institution(self.builder, definition, modules, self.folders[definition.place().file])

    def _check_catalogues(self) -> None:
        known = self.builder.sources
        for language, catalogue in self.builder.catalogues.items():
            command = format_update_command([self.head.questionnaire], language, self.head.place())
            for code, entry in catalogue.entries.items():
                if code not in known:
                    meant = suggest_name(code, known)
                    self.builder.report("unknown-wording", entry.place, code=code, meant=meant, command=command)


def map_variables(questionnaire: Questionnaire) -> dict[str, Variable]:
    """Return all variables by code: background, built-in, and those of questions."""
    found = dict(questionnaire.background)
    languages = tuple(questionnaire.languages)
    for code, values in zip(BUILT_IN, (languages, questionnaire.institutions, questionnaire.modules), strict=True):
        kind: Kind = "codes" if code == "assigned" else "code"
        options = _list_bare_options(values, questionnaire.place)
        found[code] = Variable(code, kind, options=options, origin="built-in", place=questionnaire.place)
    for experiment in questionnaire.experiments.values():
        arms = _list_bare_options(experiment.arms, experiment.place)
        found[experiment.variable] = Variable(
            experiment.variable, "code", options=arms, origin="built-in", place=experiment.place
        )
    for section in questionnaire.all_sections:
        for question in section.iter_questions():
            for variable in QUESTION_TYPES[question.type].variables(question):
                found.setdefault(variable.code, variable)
    return found


def _list_bare_options(codes: Iterable[str], place: Place) -> tuple[ResponseOption, ...]:
    return tuple(ResponseOption(code, Text(code, {}, place)) for code in codes)

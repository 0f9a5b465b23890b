"""Builds the formulas of one institution in one language variant: the exposures of pages, questions, statements and options.

The engine provides pages and their order (`routing.list_possible_steps`), for a respondent who might draw any module. As in
`routing.route`, an answer off the path is empty: its solver variable can be true only for respondents who are asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from survey_engine.analysis.proof.domains import Distinctions
from survey_engine.analysis.proof.exposures import (
    AskedVariable,
    ExposureReason,
    Gate,
    GroupDraw,
    PageExposure,
    PipedAnswer,
    QuestionExposure,
    Untranslated,
    World,
    WorldRule,
)
from survey_engine.analysis.proof.formulas import (
    FALSE,
    TRUE,
    Formula,
    at_most_one,
    conjoin,
    count_between,
    disjoin,
    implies,
    make_variable,
    negate,
)
from survey_engine.analysis.proof.translation import Holding, Knowledge, Several, Single, UntranslatableError, translate_condition
from survey_engine.engine.assignment import choose_modules, list_candidates, list_rules
from survey_engine.engine.routing import Respondent, Step, list_possible_steps
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.consent import VERSION_SUFFIX
from survey_engine.language.question_types.yes_no import YES
from survey_engine.model.derived import TODAY
from survey_engine.model.exposure import list_inside
from survey_engine.model.questionnaire import (
    NAMELY,
    Code,
    Condition,
    Institution,
    Item,
    Page,
    Question,
    Questionnaire,
    ResponseOption,
    Section,
    Variable,
)
from survey_engine.model.rules import ModuleRule
from survey_engine.model.variables import find_owner

_BACKGROUND = Variable("background", "text", origin="background")
_Part = TypeVar("_Part", Item, ResponseOption)


def list_steps(questionnaire: Questionnaire, institution: Institution, language: str) -> tuple[Step, ...]:
    """Return every page that an institution may ask in a language, in the engine's order."""
    modules: list[str] = []
    for rule in list_rules(questionnaire):
        modules += (assigned.name for assigned in choose_modules(questionnaire, institution, rule))
        modules += list_candidates(questionnaire, institution, rule)
    return list_possible_steps(questionnaire, Respondent(institution.code, language, modules=tuple(modules)))


def iter_step_conditions(step: Step) -> Iterator[Condition]:
    """Yield every condition of a step and of its questions."""
    yield from step.when
    for question in step.page.questions:
        yield from question.iter_conditions()


def build_world(
    questionnaire: Questionnaire,
    institution: Institution,
    language: str,
    distinctions: Distinctions,
    *,
    explaining: bool = False,
) -> World:
    """Build the formulas of one institution and language. If `explaining`, every condition becomes a rule with a reason."""
    world = World(questionnaire, institution, language)
    _WorldBuilder(world, distinctions, explaining).build()
    return world


class _WorldBuilder:
    """Iterates over the pages as `routing.route` does, with formulas instead of values."""

    def __init__(self, world: World, distinctions: Distinctions, explaining: bool) -> None:
        self.world, self.distinctions, self.explaining = world, distinctions, explaining
        self.steps = list_steps(world.questionnaire, world.institution, world.language)
        self.repeated = {code for code, count in Counter(step.page.code for step in self.steps).items() if count > 1}
        """Pages that occur more than once in the sequence."""
        self.known: dict[str, Holding] = {}
        self.live: dict[Formula, list[Formula]] = {}
        """The solver's variable of an answer → the formulas of its exposures."""
        self.asked_of: dict[str, list[Formula]] = {}
        """Item → the formulas of respondents who were asked it on the pages so far."""

    def build(self) -> None:
        self._add_background()
        self._add_today()
        self._draw_arms()
        self._draw_modules()
        for step in self.steps:
            self._add_page(step)
        self.world.rules += [WorldRule(implies(case, disjoin(places))) for case, places in self.live.items()]

    # variables known before the first answer --------------------------------------------------------------------

    def _add_background(self) -> None:
        world = self.world
        routed = [module.when for module in world.questionnaire.modules.values() if module.when]
        conditions = [*routed, *(condition for step in self.steps for condition in iter_step_conditions(step))]
        looked_at = {name for condition in conditions for name in condition.names}
        for code, variable in world.questionnaire.background.items():
            if code in looked_at:
                cases = {value: make_variable(f"{code}={value}") for value in self.distinctions.list_values(variable)}
                world.background[code] = Single(cases, self.distinctions.is_too_wide(variable))
                world.rules.append(WorldRule(at_most_one(cases.values())))
        self.known.update(world.background)
        self.known["language"] = Single({world.language: TRUE})
        self.known["institution"] = Single({world.institution.code: TRUE})

    def _add_today(self) -> None:
        days = self.distinctions.dates.get(TODAY)
        if days:
            self.world.start_days = single = Single({day: make_variable(f"today is {day}") for day in sorted(days)})
            self.known[TODAY] = single
            self.world.rules += [WorldRule(at_most_one(single.cases.values())), WorldRule(single.answered)]

    def _draw_arms(self) -> None:
        """Assign every respondent one arm of each experiment, before the modules, whose conditions may use arms."""
        world = self.world
        for experiment in world.questionnaire.experiments.values():
            single = Single({arm: make_variable(f"arm {experiment.code} {arm}") for arm in experiment.arms})
            world.arms[experiment.code] = self.known[experiment.variable] = single
            world.rules += [WorldRule(at_most_one(single.cases.values())), WorldRule(single.answered)]

    def _draw_modules(self) -> None:
        """Assign modules in the language of the start. A later change of language does not change them.

        The draw precedes the first answer, so answers and modules are empty in the conditions of modules.
        """
        world = self.world
        rules = list_rules(world.questionnaire)
        pools = {language: [self._find_pool(language, rule) for rule in rules] for language in world.institution.languages}
        self._set_starts(pools)
        for position, rule in enumerate(rules):
            self._draw_module(rule, {language: pools[language][position] for language in (world.language, *world.started)})
        members: dict[Code, Formula] = {code: draw.given for draw in world.draws for code in draw.chosen}
        members.update((code, formula) for code, formula in world.drawn.items())
        self.known["assigned"] = Several(members, always=True)

    def _draw_module(self, rule: ModuleRule, pools: Mapping[str, Mapping[str, Formula]]) -> None:
        """Draw a module of one group. Args: pools: language of the start → (module → formula of respondents who can draw it)."""
        world = self.world
        chosen = tuple(assigned.name for assigned in choose_modules(world.questionnaire, world.institution, rule))
        given = disjoin(world.started[code] for code in world.started if rule in list_rules(world.questionnaire, code))
        draw = GroupDraw(
            chosen, given, {code: make_variable(f"drawn {code}") for code in pools[world.language]}, pools[world.language]
        )
        world.draws.append(draw)
        for code, drawn in draw.drawn.items():
            may = disjoin(conjoin([started, pools[language][code]]) for language, started in world.started.items())
            world.rules.append(WorldRule(implies(drawn, may), _explain(world.questionnaire.modules[code].when, f"module {code}")))
        one = ExposureReason(
            world.institution.place, f"each student of {world.institution.name} gets one of the modules that are left"
        )
        world.rules.append(WorldRule(at_most_one(draw.drawn.values()), one))
        filled = disjoin(conjoin([started, disjoin(pools[language].values())]) for language, started in world.started.items())
        world.rules.append(WorldRule(implies(filled, disjoin(draw.drawn.values()))))

    def _find_pool(self, language: str, rule: ModuleRule) -> dict[str, Formula]:
        """Return module → the formula of respondents who can draw it, if they start in this language."""
        questionnaire = self.world.questionnaire
        before = {**self.known, "language": Single({language: TRUE}), "assigned": Several({}, always=True)}
        modules = {code: questionnaire.modules[code] for code in list_candidates(questionnaire, self.world.institution, rule)}
        here = rule in list_rules(questionnaire, language)
        return {
            code: self._translate(module.when, before) if here and (module.languages or {language}) >= {language} else FALSE
            for code, module in modules.items()
        }

    def _set_starts(self, pools: Mapping[str, Sequence[Mapping[str, Formula]]]) -> None:
        """Find the languages of the start that differ in their modules; the world's language is first."""
        world = self.world
        kinds: dict[tuple[object, ...], str] = {}
        for language in (world.language, *world.institution.languages):
            shown = list_rules(world.questionnaire, language)
            pool = tuple(formula for each in pools[language] for formula in each.values())
            kinds.setdefault((*map(id, shown), pool), language)
        starts = list(kinds.values())
        world.started = {language: make_variable(f"started in {language}") if len(starts) > 1 else TRUE for language in starts}
        world.rules += [WorldRule(at_most_one(world.started.values())), WorldRule(disjoin(world.started.values()))]

    def _translate(self, condition: Condition | None, known: Knowledge | None = None) -> Formula:
        if condition is None:
            return TRUE
        try:
            return translate_condition(condition.tree, self.known if known is None else known)
        except UntranslatableError as error:
            self.world.untranslated.append(Untranslated(condition, str(error)))
            return make_variable(f"unknown {condition.place} {condition.source}")

    # pages ------------------------------------------------------------------------------------------------------

    def _add_page(self, step: Step) -> None:
        page, section, world = step.page, step.section, self.world
        first = self._add_first(page)
        drawn = self._find_drawn(section)
        candidates = first if section.code in world.drawn else conjoin([drawn, first])
        within = self._add_gate(f"section {section.code}", conjoin([drawn, first]), section.when, candidates)
        opened = self._add_gate(f"page {page.code}", within, page.when)
        questions: list[QuestionExposure] = []
        for question in page.questions:  # a later question of the page may follow up on this one
            questions.append(self._build_exposure(question, opened))
            watched = {name for each in step.watched if each.question is question for name in each.names}
            self._add_answers(page.code, questions[-1], watched)
        world.pages.append(PageExposure(step, disjoin(exposure.seen for exposure in questions), tuple(questions)))
        self._add_piped(world.pages[-1])

    def _find_drawn(self, section: Section) -> Formula:
        """Return the formula of respondents who have the section; TRUE unless it is a module."""
        if section is not self.world.questionnaire.modules.get(section.code):
            return TRUE
        draw = next(each for each in self.world.draws if section.code in {*each.drawn, *each.chosen})
        return draw.drawn.get(section.code, draw.given)

    def _add_first(self, page: Page) -> Formula:
        """Return the formula of respondents who were not asked this page in an earlier section."""
        earlier = [exposure for exposure in self.world.pages if exposure.step.page.code == page.code]
        first = negate(disjoin(exposure.seen for exposure in earlier))
        if not earlier or not self.explaining:
            return first
        section = earlier[0].step.section
        reason = ExposureReason(section.place, f"page {page.code} is already asked in section {section.code}")
        passed = make_variable(f"first {len(self.world.pages)}")
        self.world.rules += [WorldRule(implies(passed, first), reason), WorldRule(implies(first, passed))]
        return passed

    def _add_piped(self, page: PageExposure) -> None:
        """Record which answers the texts of a page show, then which questions the page asks."""
        texts = [(page.step.page.title, page.seen)]
        for exposure in page.questions:
            question = exposure.question
            texts += [(text, exposure.seen) for text in (question.text, question.help, question.notice, question.unit)]
            texts += [(item.text, exposure.items.get(item.code, FALSE)) for item in question.items]
            texts += [(option.text, exposure.options.get(option.code, FALSE)) for option in question.options]
        for text, seen in texts:
            for name in sorted(text.names if text else ()):
                if text and self.world.questionnaire.variables.get(name, _BACKGROUND).origin == "answer":
                    self.world.piped.append(PipedAnswer(name, text, seen, self._find_asked(name)))
                elif text and (derived := self.world.questionnaire.derived.get(name)):
                    join = conjoin if derived.kind == "years" else disjoin
                    self.world.piped.append(PipedAnswer(name, text, seen, join(map(self._find_asked, derived.names))))
        for exposure in page.questions:
            for code, seen in exposure.items.items():
                self.asked_of.setdefault(code, []).append(seen)

    def _find_asked(self, name: str) -> Formula:
        """Return the formula of respondents who were asked the variable so far."""
        return disjoin(self.asked_of.get(find_owner(name), ()))

    def _build_exposure(self, question: Question, page: Formula) -> QuestionExposure:
        """Build the exposures of a question. It is hidden if all its statements, or all its options on the scale, are hidden."""
        opened = self._add_gate(f"question {question.code}", page, question.when)
        items = {
            item.code: self._add_gate(f"statement {item.code}", opened, item.when) for item in self._iter_offered(question.items)
        }
        options = {
            option.code: self._add_gate(f"option {option.code} of {question.code}", opened, option.when)
            for option in self._iter_offered(question.options)
        }
        counting = [options.get(option.code, FALSE) for option in list_inside(question)]
        parts = ((question.items, items.values()), (question.options, counting))
        seen = conjoin([opened, *(disjoin(offered) for listed, offered in parts if listed)])
        return QuestionExposure(
            question,
            seen,
            {code: conjoin([item, seen]) for code, item in items.items()},
            {code: conjoin([option, seen]) for code, option in options.items()},
        )

    def _iter_offered(self, parts: Iterable[_Part]) -> Iterator[_Part]:
        code = self.world.institution.code
        return (part for part in parts if part.is_at(code))

    def _add_gate(self, subject: str, before: Formula, condition: Condition | None, candidates: Formula | None = None) -> Formula:
        """Return the formula of respondents who pass a condition. When explaining, it is a new variable that a reason can name.

        Args:
            candidates: the formula of respondents for whom the condition was evaluated, if that was before this page: a
                module's condition is evaluated at the draw.
        """
        if condition is None:
            return before
        holds = self._translate(condition)
        self.world.gates.append(Gate(condition, subject, before if candidates is None else candidates, holds))
        if not self.explaining:
            return conjoin([before, holds])
        passed = make_variable(f"passed {len(self.world.gates)}")
        self.world.rules += [
            WorldRule(implies(passed, before)),
            WorldRule(implies(passed, holds), _explain(condition, subject)),
            WorldRule(implies(conjoin([before, holds]), passed)),
        ]
        return passed

    # answers ----------------------------------------------------------------------------------------------------

    def _add_answers(self, page: str, exposure: QuestionExposure, watched: set[str]) -> None:
        """Add the answers that conditions use to the known variables, and a rule for each required consent."""
        question = exposure.question
        items = {item.code for item in question.items}
        needed = {item.code for item in question.items if item.required}
        needed |= {name.removesuffix(VERSION_SUFFIX) for name in watched}
        needed |= items if any(name.endswith(NAMELY) for name in watched) else set()
        for variable in QUESTION_TYPES[question.type].variables(question):
            holding = self._make_holding(page, variable, exposure) if variable.code in needed | watched else None
            if holding and variable.code in watched:
                self.known[variable.code] = overlay(holding, self.known.get(variable.code))
        for item in question.items:
            if item.required and item.code in exposure.items:
                agreed = self.world.asked[page, item.code].cases[YES]
                reason = ExposureReason(item.place, f"'{item.code}' must be agreed to")
                self.world.rules.append(WorldRule(implies(exposure.items[item.code], agreed), reason))

    def _make_holding(self, page: str, variable: Variable, exposure: QuestionExposure) -> Holding:
        """Return the possible values of a variable after its page."""
        code, question = variable.code, exposure.question
        if code.endswith(VERSION_SUFFIX):
            return Single({question.version: disjoin(self._iter_cases(page, [code.removesuffix(VERSION_SUFFIX)]))})
        if code.endswith(NAMELY):
            namely = {option.code for option in question.options if option.namely}
            live = conjoin([exposure.seen, disjoin(self._iter_cases(page, [item.code for item in question.items], namely))])
        else:
            live = exposure.items.get(code, FALSE)
        values = self.distinctions.list_values(variable)
        offered = {value: conjoin([live, exposure.options.get(value, FALSE)]) if variable.options else live for value in values}
        number = list(self.world.asked).index((page, code)) if (page, code) in self.world.asked else len(self.world.asked)
        bare = {value: make_variable(f"answer {number}.{position}") for position, value in enumerate(values)}
        cases = {value: self._add_case(page, bare[value], where) for value, where in offered.items()}
        self.world.asked[page, code] = AskedVariable(page, variable, bare, question.version)
        self.world.rules += [WorldRule(rule) for rule in _iter_exclusions(variable, bare)]
        return Several(cases) if variable.kind == "codes" else Single(cases, self.distinctions.is_too_wide(variable))

    def _add_case(self, page: str, case: Formula, live: Formula) -> Formula:
        self.live.setdefault(case, []).append(live)
        return conjoin([case, live]) if page in self.repeated else case

    def _iter_cases(self, page: str, codes: Iterable[str], values: Iterable[Code] | None = None) -> Iterator[Formula]:
        """Yield the formulas of the answers to variables of this page: all, or only those with certain values."""
        for code in codes:
            asked = self.world.asked.get((page, code))
            if asked:
                yield from (case for value, case in asked.cases.items() if values is None or value in values)


def _iter_exclusions(variable: Variable, cases: Mapping[Code, Formula]) -> Iterator[Formula]:
    """Yield rules for answers that exclude each other."""
    if variable.kind != "codes":
        yield at_most_one(cases.values())
        return
    for option in variable.options:
        if option.exclusive:
            others = disjoin(case for code, case in cases.items() if code != option.code)
            yield negate(conjoin([cases[option.code], others]))
    if variable.at_least or variable.at_most:
        alone = {option.code for option in variable.options if option.exclusive}
        several = [case for code, case in cases.items() if code not in alone]
        yield disjoin([negate(disjoin(several)), count_between(several, variable.at_least, variable.at_most or len(several))])


def _explain(condition: Condition | None, subject: str) -> ExposureReason | None:
    return ExposureReason(condition.place, f"{subject} is asked when {condition.source}", condition.names) if condition else None


def overlay(new: Holding, old: Holding | None) -> Holding:
    """Merge the values of a variable that is asked again: the new answer replaces the earlier one if there is one."""
    if old is None:
        return new
    unanswered = negate(new.answered)
    before = old.cases if isinstance(old, Single) else old.chosen
    cases = new.cases if isinstance(new, Single) else new.chosen
    merged = {
        value: disjoin([cases.get(value, FALSE), conjoin([unanswered, before.get(value, FALSE)])])
        for value in {**before, **cases}
    }
    return Several(merged) if isinstance(new, Several) else Single(merged)

"""Data of a world: exposures, gates (conditions in use), rules, and their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from survey_engine.analysis.proof.formulas import Formula, disjoin
from survey_engine.analysis.proof.translation import Single
from survey_engine.engine.routing import Step
from survey_engine.model.questionnaire import Code, Condition, Institution, Place, Question, Questionnaire, Text, Variable

ExposureKey: TypeAlias = tuple[Code, ...]
"""A visible part: ("section", section), ("page", page), ("question", page, question), ("item" | "option", page, question, code)."""


@dataclass(frozen=True, slots=True, order=True)
class ExposureReason:
    """A part of the definition that limits an exposure, described for authors."""

    place: Place
    text: str
    names: frozenset[str] = field(default=frozenset(), compare=False)
    """The variables that this part uses."""


@dataclass(frozen=True, slots=True)
class WorldRule:
    """A formula that is true for every respondent, with a reason if it can explain a finding to an author."""

    formula: Formula
    reason: ExposureReason | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition in use: `before` is the formula of respondents who reach it, `holds` the formula of respondents who also satisfy it."""

    condition: Condition
    subject: str
    before: Formula
    holds: Formula


@dataclass(frozen=True, slots=True)
class PipedAnswer:
    """An earlier answer in a text: `seen` is the formula of its readers, `asked` of respondents who were asked the question."""

    name: str
    text: Text
    seen: Formula
    asked: Formula


@dataclass(frozen=True, slots=True)
class QuestionExposure:
    """The exposures of a question, its statements and its options at the world's institution."""

    question: Question
    seen: Formula
    items: Mapping[str, Formula]
    options: Mapping[Code, Formula]


@dataclass(frozen=True, slots=True)
class PageExposure:
    step: Step
    seen: Formula
    questions: tuple[QuestionExposure, ...]


@dataclass(frozen=True, slots=True)
class AskedVariable:
    """The answers of one variable on one page: value → the solver's variable."""

    page: str
    variable: Variable
    cases: Mapping[Code, Formula]
    version: int = 0
    """The version of the consent that is stored with the answer."""


@dataclass(frozen=True, slots=True)
class Untranslated:
    """A condition that cannot be translated; the solver may assume either outcome."""

    condition: Condition
    detail: str


@dataclass(frozen=True, slots=True)
class GroupDraw:
    """The chosen and drawn modules of one group."""

    chosen: tuple[str, ...]
    """Modules of all respondents who started in a language variant that shows the group."""
    given: Formula
    """The formula of respondents who get the chosen modules."""
    drawn: Mapping[str, Formula]
    """Module → the formula of respondents for whom it is drawn."""
    pool: Mapping[str, Formula]
    """Module → the formula of respondents who can draw it, if they start in the world's language."""


@dataclass(slots=True)
class World:
    """All respondents of one institution who answer in one language variant. They may have started in another one."""

    questionnaire: Questionnaire
    institution: Institution
    language: str
    draws: list[GroupDraw] = field(default_factory=list)
    """The groups with modules, in order."""
    arms: dict[str, Single] = field(default_factory=dict)
    """Experiment → its arms."""
    start_days: Single | None = None
    """The days on which the response may start, if a derived value needs them."""
    started: dict[str, Formula] = field(default_factory=dict)
    """Language of the start → the formula of respondents who started in it. Languages with equal modules are merged; the world's
    language is first."""
    background: dict[str, Single] = field(default_factory=dict)
    """The background variables that conditions use."""
    pages: list[PageExposure] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    piped: list[PipedAnswer] = field(default_factory=list)
    rules: list[WorldRule] = field(default_factory=list)
    asked: dict[tuple[str, str], AskedVariable] = field(default_factory=dict)
    """(Page code, variable code) → the answers that count for routing."""
    untranslated: list[Untranslated] = field(default_factory=list)

    @property
    def drawn(self) -> dict[str, Formula]:
        """Module of any group → the formula of respondents for whom it is drawn."""
        return {code: formula for draw in self.draws for code, formula in draw.drawn.items()}

    def list_rules(self) -> tuple[Formula, ...]:
        """Return the formulas of all rules."""
        return tuple(rule.formula for rule in self.rules)

    def list_searched(self) -> tuple[Formula, ...]:
        """Return the formulas that claims use: exposures, conditions in use, and answers in texts."""
        gates = (formula for gate in self.gates for formula in (gate.before, gate.holds))
        piped = (formula for each in self.piped for formula in (each.seen, each.asked))
        return (*(seen for page in self.pages for _, seen in iter_exposures(page)), *gates, *piped)

    def collect_exposures(self) -> dict[ExposureKey, Formula]:
        """Return visible part → the formula of its exposure. Repetitions of a page are merged."""
        found: dict[ExposureKey, list[Formula]] = {}
        for page in self.pages:
            for key, seen in iter_exposures(page):
                found.setdefault(key, []).append(seen)
        return {key: disjoin(seen) for key, seen in found.items()}


def iter_exposures(page: PageExposure) -> Iterator[tuple[ExposureKey, Formula]]:
    code = page.step.page.code
    yield ("section", page.step.section.code), page.seen
    yield ("page", code), page.seen
    for exposure in page.questions:
        question = exposure.question.code
        yield ("question", code, question), exposure.seen
        yield from ((("item", code, question, item), seen) for item, seen in exposure.items.items())
        yield from ((("option", code, question, option), seen) for option, seen in exposure.options.items())

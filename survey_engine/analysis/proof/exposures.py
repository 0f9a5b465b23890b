"""What a world of respondents is made of: exposures (what may be seen), gates (conditions at work), rules, and their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from survey_engine.analysis.proof.formulas import TRUE, Formula, disjoin
from survey_engine.analysis.proof.translation import Single
from survey_engine.engine.routing import Step
from survey_engine.model.questionnaire import Code, Condition, Institution, Place, Question, Questionnaire, Variable

Key: TypeAlias = tuple[Code, ...]
"""What may be seen: ("section", section), ("page", page), ("question", page, question), ("item" | "option", page, question, code)."""


@dataclass(frozen=True, slots=True, order=True)
class ExposureReason:
    """Something in the definition that limits who is asked what, in the author's words."""

    place: Place
    text: str
    names: frozenset[str] = field(default=frozenset(), compare=False)
    """The variables that it looks at."""


@dataclass(frozen=True, slots=True)
class WorldRule:
    """What holds for every respondent; with a reason where an author may ask why."""

    formula: Formula
    reason: ExposureReason | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition at its place: who comes to it, and who may pass."""

    condition: Condition
    subject: str
    before: Formula
    holds: Formula


@dataclass(frozen=True, slots=True)
class QuestionExposure:
    """When a question, its statements and its options are seen; only what this institution has."""

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
    """The answers that one page may hold for one variable: for each value, the solver's variable."""

    page: str
    variable: Variable
    cases: Mapping[Code, Formula]
    version: int = 0
    """The version of the consent that is stored with it."""


@dataclass(frozen=True, slots=True)
class Untranslated:
    """A condition that the solver cannot say; it is taken to hold for anybody or nobody."""

    condition: Condition
    detail: str


@dataclass(slots=True)
class World:
    """All respondents of one institution who read it in one language variant, wherever they started."""

    questionnaire: Questionnaire
    institution: Institution
    language: str
    chosen: tuple[str, ...] = ()
    """Modules that all of them get who started in a variant with modules."""
    given: Formula = TRUE
    """Whether they get these."""
    started: dict[str, Formula] = field(default_factory=dict)
    """The language of the start: it decides on the modules. Only languages that differ in that; its own comes first."""
    drawn: dict[str, Formula] = field(default_factory=dict)
    """Module → whether it is the one that is drawn."""
    pool: dict[str, Formula] = field(default_factory=dict)
    """Module → whether it may be drawn by those who start in this language."""
    background: dict[str, Single] = field(default_factory=dict)
    """The background variables that some condition looks at."""
    pages: list[PageExposure] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    rules: list[WorldRule] = field(default_factory=list)
    asked: dict[tuple[str, str], AskedVariable] = field(default_factory=dict)
    """Page and variable code → the answers that count for routing."""
    untranslated: list[Untranslated] = field(default_factory=list)

    def collect_exposures(self) -> dict[Key, Formula]:
        """Everything that may be seen, with the formula that says by whom; a page that comes twice counts as one."""
        found: dict[Key, list[Formula]] = {}
        for page in self.pages:
            for key, seen in list_exposures(page):
                found.setdefault(key, []).append(seen)
        return {key: disjoin(seen) for key, seen in found.items()}


def list_exposures(page: PageExposure) -> Iterator[tuple[Key, Formula]]:
    code = page.step.page.code
    yield ("section", page.step.section.code), page.seen
    yield ("page", code), page.seen
    for exposure in page.questions:
        question = exposure.question.code
        yield ("question", code, question), exposure.seen
        yield from ((("item", code, question, item), seen) for item, seen in exposure.items.items())
        yield from ((("option", code, question, option), seen) for option, seen in exposure.options.items())

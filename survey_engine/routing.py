"""Which pages, in which order, for one respondent. The path is computed once per request.

Conditions look back only, so one pass from first page to last is enough: what a page asks becomes known after it.
Answers to what is no longer on the path stay stored, but count as empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from survey_engine.model import NAMELY, Condition, Institution, Item, Page, Question, Questionnaire, Section, Values
from survey_engine.questions import QUESTION_TYPES

PageAnswers = Mapping[str, Values]
"""Page code → the answers stored for it."""


@dataclass(frozen=True, slots=True)
class Respondent:
    """What routing needs to know of one response: where from, who, in which language, with which modules."""

    institution: str
    language: str
    background: Values = field(default_factory=dict)
    modules: tuple[str, ...] = ()

    def known(self) -> dict[str, Any]:
        """The variables that are known before the first answer."""
        built_in = {"language": self.language, "institution": self.institution, "assigned": list(self.modules)}
        return {**self.background, **built_in}


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a sequence: the conditions on its way, and what of it others look at."""

    index: int
    page: Page
    section: Section
    when: tuple[Condition, ...]
    watched: tuple[tuple[Question, tuple[str, ...]], ...]
    """Questions whose variables later conditions or texts look at, with those variables."""
    settled_after: int
    """Index of the last step whose answers decide whether this one is asked; -1 when none does."""


@dataclass(slots=True)
class Path:
    """The pages that one respondent is asked, in order, and what is known on the way."""

    steps: list[Step]
    known: dict[str, Any]
    """Background and every watched answer that is on the path."""

    def find(self, slug: str) -> int | None:
        """The position of a page on the path; None when it is off it."""
        return next((index for index, step in enumerate(self.steps) if step.page.slug == slug), None)


def list_sections(questionnaire: Questionnaire, institution: Institution, language: str, modules: Iterable[str]) -> list[Section]:
    """The sections that this kind of respondent may be asked, before any condition."""
    groups = questionnaire.languages[language].groups
    found: list[Section] = []
    for group in questionnaire.order:
        if groups is not None and group.code not in groups:
            continue
        found += group.sections
        if group.modules:
            found += [questionnaire.modules[code] for code in modules if code in questionnaire.modules]
        if group.blocks:
            found += [block.section for block in institution.blocks]
        if group.own_questions and institution.own_questions:
            found.append(institution.own_questions)
    return [section for section in found if section.languages is None or language in section.languages]


@lru_cache(maxsize=4096)
def _sequence(questionnaire: Identity, institution: str, language: str, modules: tuple[str, ...]) -> tuple[Step, ...]:
    sections = list_sections(questionnaire.it, questionnaire.it.institutions[institution], language, modules)
    pages = [(section, page) for section in sections for page in section.pages]
    watched = _list_watched(sections)
    asked_at: dict[str, int] = {}
    steps: list[Step] = []
    for index, (section, page) in enumerate(pages):
        when = tuple(condition for condition in (section.when, page.when) if condition)
        names = {name for condition in when for name in condition.names}
        steps.append(
            Step(
                index=index,
                page=page,
                section=section,
                when=when,
                watched=tuple(_watch(page, watched)),
                settled_after=max((asked_at[name] for name in names if name in asked_at), default=-1),
            )
        )
        for question in page.questions:
            asked_at.update((variable, index) for variable in name_variables(question))
    return tuple(steps)


class Identity:
    """A questionnaire as a cache key: by what it is, not by its content."""

    __slots__ = ("it",)

    def __init__(self, it: Questionnaire) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.it is other.it


def name_variables(question: Question) -> tuple[str, ...]:
    return tuple(variable.code for variable in QUESTION_TYPES[question.type].variables(question))


def _watch(page: Page, watched: set[str]) -> Iterable[tuple[Question, tuple[str, ...]]]:
    for question in page.questions:
        names = tuple(name for name in name_variables(question) if name in watched)
        if names:
            yield question, names


def _list_watched(sections: Iterable[Section]) -> set[str]:
    """The variables that any condition or placeholder of these sections looks at."""
    found: set[str] = set()
    for section in sections:
        conditions = [section.when]
        texts = [section.title]
        for page in section.pages:
            conditions.append(page.when)
            texts.append(page.title)
            for question in page.questions:
                conditions += [question.when, *(i.when for i in question.items), *(o.when for o in question.options)]
                texts += [question.text, question.help, question.unit, *(i.text for i in question.items)]
                texts += [option.text for option in question.options]
        found.update(name for condition in conditions if condition for name in condition.names)
        found.update(name for text in texts if text for name in text.names)
    return found


def sequence(questionnaire: Questionnaire, respondent: Respondent) -> tuple[Step, ...]:
    """Every page that a respondent like this may be asked, in order; the same object for the same kind of respondent."""
    return _sequence(Identity(questionnaire), respondent.institution, respondent.language, respondent.modules)


def route(questionnaire: Questionnaire, respondent: Respondent, answers: PageAnswers) -> Path:
    """The path of one respondent, given the answers stored so far.

    A page that comes twice in the sequence (in two blocks) is asked once, at its first place.
    """
    known = respondent.known()
    steps: list[Step] = []
    for step in sequence(questionnaire, respondent):
        if step.when and not all(condition.test(known) for condition in step.when):
            continue
        steps.append(step)
        if step.watched and step.page.code in answers:
            known.update(_live_answers(step, answers[step.page.code], known))
    return Path(steps, known)


def _live_answers(step: Step, stored: Values, known: Values) -> dict[str, Any]:
    """The watched answers of one page that count: their question and statement are asked."""
    before = dict(known)
    live: dict[str, Any] = {}
    for question, names in step.watched:
        if question.when and not question.when.test(before):
            continue
        asked = {item.code for item in question.items if item.when is None or item.when.test(before)}
        for name in names:
            owner = name.removesuffix(NAMELY)
            if name in stored and (owner in asked or not is_item(question, owner)):
                live[name] = _offered(question, stored[name], before)
    return {name: value for name, value in live.items() if value is not None}


def is_item(question: Question, code: str) -> bool:
    return any(item.code == code for item in question.items)


def _offered(question: Question, value: Any, known: Values) -> Any:
    """The value as far as its options are still offered to this respondent; None when nothing is left."""
    routed = {option.code: option.when for option in question.options if option.when}
    if not routed:
        return value
    if isinstance(value, list):
        return [code for code in value if code not in routed or routed[code].test(known)] or None
    return value if value not in routed or routed[value].test(known) else None


def is_asked(thing: Question | Item, known: Values, institution: str) -> bool:
    """Whether a question or statement on a page of the path is asked."""
    if isinstance(thing, Item) and thing.institutions is not None and institution not in thing.institutions:
        return False
    return thing.when is None or thing.when.test(known)

"""Which pages, in which order, for one respondent. The path is computed once per request.

Conditions look back only, so one pass from first page to last is enough: what a page asks becomes known after it.
A page that would show nothing is off the path, as if its condition said so.
Answers to what is no longer on the path stay stored, but count as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import NEVER
from survey_engine.model.exposure import find_page_exposure
from survey_engine.model.questionnaire import (
    NAMELY,
    Code,
    Condition,
    Institution,
    Item,
    Page,
    Question,
    Questionnaire,
    Section,
    Values,
)
from survey_engine.model.variables import find_owner, is_asked, is_offered

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


class WatchedQuestion(NamedTuple):
    """The variables of one question that later conditions or texts look at."""

    question: Question
    names: tuple[str, ...]
    plain: bool
    """As in its shape."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a sequence: the conditions on its way, and what of it others look at."""

    index: int
    page: Page
    section: Section
    when: tuple[Condition, ...]
    test: Callable[[Values], bool] | None
    """Whether all of these hold and the page shows something then; None where that is always so."""
    watched: tuple[WatchedQuestion, ...]
    """The answers of this page that later conditions or texts look at."""
    settled_after: int
    """Index of the last step whose answers decide whether this one is asked; -1 when none does."""
    repeated: bool = False
    """Whether the same page stands earlier in the sequence, in another block."""
    required: tuple[tuple[Question, Item], ...] = ()
    """What must be agreed to before the questionnaire goes on."""
    seconds: float = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Sequence:
    """What respondents of one kind have in common."""

    steps: tuple[Step, ...]
    deciding: tuple[Step, ...]
    """Those with a test, those that others look at, and those that come once more: all else is asked in any case."""


class Path(NamedTuple):
    """The pages that one respondent is asked, in order, and what is known on the way."""

    steps: tuple[Step, ...]
    codes: tuple[str, ...]
    slugs: tuple[str, ...]
    """Of the pages."""
    required: tuple[int, ...]
    """The positions of pages on which something must be agreed to."""
    seconds_from: tuple[float, ...]
    """What each page and all after it take; 0 behind the last."""
    skipped: tuple[Step, ...]
    known: dict[str, Any]
    """Background and every watched answer that is on the path."""

    def find(self, slug: str) -> int | None:
        """The position of a page on the path; None when it is off it."""
        return self.slugs.index(slug) if slug in self.slugs else None


def list_possible_sections(
    questionnaire: Questionnaire, institution: Institution, language: str, modules: Iterable[str]
) -> list[Section]:
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
def _sequence(questionnaire: Questionnaire, institution: str, language: str, modules: tuple[str, ...]) -> _Sequence:
    sections = list_possible_sections(questionnaire, questionnaire.institutions[institution], language, modules)
    exposures = {page: find_page_exposure(page, institution) for section in sections for page in section.pages}
    pages = [(section, page) for section in sections for page in section.pages if exposures[page] is not NEVER]
    watched = _list_watched(sections)
    asked_at: dict[str, int] = {}
    placed: set[str] = set()
    steps: list[Step] = []
    for index, (section, page) in enumerate(pages):
        when = tuple(condition for condition in (section.when, page.when) if condition)
        opens = tuple({condition.tree: condition for condition in (*when, exposures[page]) if condition}.values())
        names = {name for condition in opens for name in condition.names}
        steps.append(
            Step(
                index=index,
                page=page,
                section=section,
                when=when,
                test=_join_tests(opens),
                watched=tuple(_watch(page, watched)),
                settled_after=max((asked_at[name] for name in names if name in asked_at), default=-1),
                repeated=page.code in placed,
                required=_list_required(page),
                seconds=page.seconds,
            )
        )
        placed.add(page.code)
        for question in page.questions:
            asked_at.update((variable, index) for variable in list_question_variables(question))
    return _Sequence(tuple(steps), tuple(step for step in steps if step.test or step.watched or step.repeated))


def _join_tests(conditions: tuple[Condition, ...]) -> Callable[[Values], bool] | None:
    if len(conditions) == 1:
        return conditions[0].test
    return (lambda known: all(condition.test(known) for condition in conditions)) if conditions else None


class QuestionShape(NamedTuple):
    """What of a question is the same for everybody."""

    names: tuple[str, ...]
    """Its variables; each item stands before what belongs to its answer."""
    codes: frozenset[str]
    """Of the question itself and of all its items."""
    plain: bool
    """Whether every statement and option is for everyone and nothing belongs to an answer, so that what is stored counts."""
    limited: bool
    """Whether some option is not for everyone."""


@lru_cache(maxsize=8192)
def find_shape(question: Question) -> QuestionShape:
    names = tuple(variable.code for variable in QUESTION_TYPES[question.type].variables(question))
    limited, some_items = (
        any(part.when or part.institutions is not None for part in x) for x in (question.options, question.items)
    )
    codes = frozenset([question.code, *(item.code for item in question.items)])
    return QuestionShape(
        names, codes, not limited and not some_items and all(name == find_owner(name) for name in names), limited
    )


def list_question_variables(question: Question) -> tuple[str, ...]:
    """The variables of a question; each item stands before what belongs to its answer."""
    return find_shape(question).names


def _watch(page: Page, watched: set[str]) -> Iterable[WatchedQuestion]:
    for question in page.questions:
        names = tuple(name for name in list_question_variables(question) if name in watched)
        if names:
            yield WatchedQuestion(question, names, find_shape(question).plain)


def _list_watched(sections: Iterable[Section]) -> set[str]:
    """The variables that any condition or placeholder of these sections looks at."""
    found: set[str] = set()
    for section in sections:
        found.update(name for condition in section.list_conditions() for name in condition.names)
        titles = [title for title in (section.title, *(page.title for page in section.pages)) if title]
        texts = (text for question in section.list_questions() for text in question.list_texts())
        found.update(name for text in (*titles, *texts) for name in text.names)
    return found


def list_consulted(questionnaire: Questionnaire) -> frozenset[str]:
    """The codes of the pages whose answers decide on other pages or stand in texts, for whomever."""
    blocks = (block.section for institution in questionnaire.institutions.values() for block in institution.blocks)
    watched = _list_watched([*questionnaire.all_sections, *blocks])  # a theme has other conditions in each block
    placed = questionnaire.placed_pages.values()
    return frozenset(page.code for _, page in placed if any(_watch(page, watched)) or _list_required(page))


def _list_required(page: Page) -> tuple[tuple[Question, Item], ...]:
    """What must be agreed to on a page before the questionnaire goes on."""
    return tuple((question, item) for question in page.questions for item in question.items if item.required)


def list_possible_steps(questionnaire: Questionnaire, respondent: Respondent) -> tuple[Step, ...]:
    """Every page that a respondent like this may be asked, in order; the same object for the same kind of respondent."""
    return _sequence(questionnaire, respondent.institution, respondent.language, respondent.modules).steps


def route(questionnaire: Questionnaire, respondent: Respondent, answers: PageAnswers) -> Path:
    """The path of one respondent, given the answers stored so far.

    A page that comes twice in the sequence (in two blocks) is asked once, at its first place.
    """
    list_possible_steps = _sequence(questionnaire, respondent.institution, respondent.language, respondent.modules)
    known = respondent.known()
    skipped: list[int] = []
    for step in list_possible_steps.deciding:
        if (step.test and not step.test(known)) or (step.repeated and _is_asked_before(step, list_possible_steps, skipped)):
            skipped.append(step.index)
        elif step.watched and step.page.code in answers:
            _learn(known, step, answers[step.page.code], respondent.institution)
    return _lay_out(list_possible_steps, tuple(skipped))._replace(known=known)


def _is_asked_before(step: Step, list_possible_steps: _Sequence, skipped: Container[int]) -> bool:
    earlier = list_possible_steps.steps[: step.index]
    return any(other.page.code == step.page.code and other.index not in skipped for other in earlier)


@lru_cache(maxsize=4096)
def _lay_out(list_possible_steps: _Sequence, skipped: tuple[int, ...]) -> Path:
    """The path of everybody who is asked all but the steps at these indices; nothing is known on it yet."""
    steps = tuple(step for step in list_possible_steps.steps if step.index not in skipped)
    seconds = accumulate((step.seconds for step in reversed(steps)), initial=0.0)
    return Path(
        steps=steps,
        codes=tuple(step.page.code for step in steps),
        slugs=tuple(step.page.slug for step in steps),
        required=tuple(position for position, step in enumerate(steps) if step.required),
        seconds_from=tuple(seconds)[::-1],
        skipped=tuple(list_possible_steps.steps[index] for index in skipped),
        known={},
    )


def _learn(known: dict[str, Any], step: Step, stored: Values, institution: str) -> None:
    """Add the watched answers of one page that count: their question, statement and option are offered."""
    for question, names, plain in step.watched:
        if question.when is None or question.when.test(known):
            counted = stored if plain else keep_counting(question, stored, known, institution)
            for name in names:
                if name in counted:
                    known[name] = counted[name]


def keep_counting(question: Question, stored: Values, known: Values, institution: str) -> dict[str, Any]:
    """The answers to a question that is asked, as far as their statement and option are offered to this respondent.

    What belongs to an answer (`transport__namely`, `consent_use__version`) goes with it.
    """
    names, _, plain, _ = find_shape(question)
    if plain:
        return {name: stored[name] for name in names if stored.get(name) is not None}
    unasked = list_unasked(question, known, institution)
    open_codes = {option.code for option in question.options if is_offered(option, known, institution)}
    closed = {option.code for option in question.options} - open_codes
    live: dict[str, Any] = {}
    for name in names:
        value, owner = stored.get(name), find_owner(name)
        if name != owner:
            counts = _is_beside_namely(question, live.get(owner)) if name.endswith(NAMELY) else owner in live
        else:
            value = _drop_closed(value, closed) if closed else value
            counts = owner not in unasked
        if value is not None and counts:
            live[name] = value
    return live


def list_unasked(question: Question, known: Values, institution: str) -> set[str]:
    """The codes of the statements that are not asked; one code may stand in the lists of several institutions."""
    return {item.code for item in question.items} - {i.code for i in question.items if is_asked(i, known, institution)}


def _drop_closed(value: Any, closed: set[Code]) -> Any:
    """An answer without the options that are not offered; None when nothing is left."""
    if isinstance(value, list):
        return [code for code in value if code not in closed] or None
    return None if value in closed else value


def _is_beside_namely(question: Question, value: Any) -> bool:
    chosen = value if isinstance(value, list) else [value]
    return any(option.namely and option.code in chosen for option in question.options)

"""Computes the path of one respondent: which pages, in which order. Each request does this once.

Conditions depend only on earlier pages, so one pass from first page to last is enough. A page without visible questions
is off the path, as if its condition were false. Answers off the path stay stored, but count as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, groupby
from typing import Any, NamedTuple

from survey_engine.engine.random_order import arrange_pages
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import NEVER
from survey_engine.model.derived import TODAY, Derived
from survey_engine.model.exposure import find_page_exposure
from survey_engine.model.questionnaire import (
    EXPERIMENT,
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
"""Page code → its stored answers."""


@dataclass(frozen=True, slots=True)
class Respondent:
    """The properties of a response that routing depends on."""

    institution: str
    language: str
    background: Values = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    arms: Values = field(default_factory=dict)
    """Experiment → arm."""
    started_on: str = ""
    """The day of the start in UTC, YYYY-MM-DD; empty before it."""
    seed: int | None = None
    """The response's id, which seeds random page orders; None keeps the order of the definition."""

    def known(self) -> dict[str, Any]:
        """Return the variables that are known before the first answer."""
        built_in: dict[str, Any] = {"language": self.language, "institution": self.institution, "assigned": list(self.modules)}
        if self.started_on:
            built_in[TODAY] = self.started_on
        return {**self.background, **built_in, **{EXPERIMENT + code: arm for code, arm in self.arms.items()}}


class WatchedQuestion(NamedTuple):
    """A question with the variables that later conditions or texts use."""

    question: Question
    names: tuple[str, ...]
    plain: bool
    """`QuestionShape.plain` of the question."""


@dataclass(frozen=True, slots=True)
class Step:
    """A page in the sequence of possible pages, with its conditions."""

    index: int
    page: Page
    section: Section
    when: tuple[Condition, ...]
    test: Callable[[Values], bool] | None
    """Whether its conditions and its exposure are true; None if they always are."""
    watched: tuple[WatchedQuestion, ...]
    """The answers of this page that later conditions or texts use."""
    decided_after: int
    """Index of the last step whose answers decide whether this step is asked; -1 if no answer does.

    If such a step is in a section with a random order, the section's last step counts: any of its pages may come last.
    """
    repeated: bool = False
    """Whether the sequence already contains this page, in another block."""
    required: tuple[tuple[Question, Item], ...] = ()
    """The required consents of this page."""
    seconds: float = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Sequence:
    """The steps of respondents with the same institution, language variant and modules."""

    steps: tuple[Step, ...]
    deciding: tuple[Step, ...]
    """Steps with a test, with watched answers, or repeated; all other steps are always asked and change nothing."""
    mixed: tuple[tuple[Step, ...], ...]
    """The steps of each section with a random order."""


class Path(NamedTuple):
    """The pages that one respondent is asked, in order, and the known variables."""

    steps: tuple[Step, ...]
    codes: tuple[str, ...]
    slugs: tuple[str, ...]
    """The slugs of the pages."""
    required: tuple[int, ...]
    """The positions of pages with required consents."""
    seconds_from: tuple[float, ...]
    """Expected seconds from each page to the end; 0 after the last."""
    seconds: float
    """Expected seconds from the first page to the end, before any answer."""
    parts: tuple[int, ...]
    """Page position → number of its part, from 1. A part is a run of pages of one section."""
    sections: tuple[Section, ...]
    """The section of each part."""
    skipped: tuple[Step, ...]
    """The possible steps that are not asked."""
    known: dict[str, Any]
    """Values of background variables and of watched answers on the path."""

    def find(self, slug: str) -> int | None:
        """Return the position of a page on the path; None if it is off the path."""
        return self.slugs.index(slug) if slug in self.slugs else None


def list_possible_sections(
    questionnaire: Questionnaire, institution: Institution, language: str, modules: Iterable[str]
) -> list[Section]:
    """Return the sections that respondents with this institution, language and modules may be asked. Conditions are ignored."""
    groups = questionnaire.languages[language].groups
    found: list[Section] = []
    for group in questionnaire.order:
        if groups is not None and group.code not in groups:
            continue
        found += group.sections
        if group.modules:
            shares = questionnaire.find_shares(group.modules)
            found += [questionnaire.modules[code] for code in modules if code in shares]
        if group.blocks:
            found += [block.section for block in institution.blocks]
        if group.own_questions and institution.own_questions:
            found.append(institution.own_questions)
    return [section for section in found if section.languages is None or language in section.languages]


@lru_cache(maxsize=4096)
def _build_sequence(questionnaire: Questionnaire, institution: str, language: str, modules: tuple[str, ...]) -> _Sequence:
    sections = list_possible_sections(questionnaire, questionnaire.institutions[institution], language, modules)
    exposures = {page: find_page_exposure(page, institution) for section in sections for page in section.pages}
    pages = [(section, page) for section in sections for page in section.pages if exposures[page] is not NEVER]
    watched = _find_watched_variables(sections, questionnaire.derived.values())
    last_moving = {id(section): at for at, (section, page) in enumerate(pages) if section.random_order and not page.fixed}
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
                watched=tuple(_iter_watched_questions(page, watched)),
                decided_after=max((asked_at[name] for name in names if name in asked_at), default=-1),
                repeated=page.code in placed,
                required=_list_required(page),
                seconds=page.seconds,
            )
        )
        placed.add(page.code)
        decides = index if page.fixed else last_moving.get(id(section), index)
        for question in page.questions:
            asked_at.update((variable, decides) for variable in list_question_variables(question))
    deciding = tuple(step for step in steps if step.test or step.watched or step.repeated)
    by_section = (tuple(found) for _, found in groupby(steps, key=lambda step: id(step.section)))
    return _Sequence(tuple(steps), deciding, tuple(found for found in by_section if found[0].section.random_order))


def _join_tests(conditions: tuple[Condition, ...]) -> Callable[[Values], bool] | None:
    if len(conditions) == 1:
        return conditions[0].test
    return (lambda known: all(condition.test(known) for condition in conditions)) if conditions else None


class QuestionShape(NamedTuple):
    """Properties of a question that are equal for all respondents."""

    names: tuple[str, ...]
    """Its variables; each item precedes the variables that belong to it."""
    codes: frozenset[str]
    """The codes of the question and of its items."""
    plain: bool
    """Whether all stored answers count: statements and options have no conditions, and no variable belongs to another."""
    limited: bool
    """Whether some option is not offered to everyone."""


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
    """Return the variables of a question; each item precedes the variables that belong to it."""
    return find_shape(question).names


def _iter_watched_questions(page: Page, watched: set[str]) -> Iterable[WatchedQuestion]:
    for question in page.questions:
        names = tuple(name for name in list_question_variables(question) if name in watched)
        if names:
            yield WatchedQuestion(question, names, find_shape(question).plain)


def _find_watched_variables(sections: Iterable[Section], derived: Iterable[Derived]) -> set[str]:
    """Return the variables that conditions or placeholders of these sections use, and the variables of derived values."""
    found = {name for each in derived for name in each.names}
    for section in sections:
        found.update(name for condition in section.iter_conditions() for name in condition.names)
        titles = [title for title in (section.title, *(page.title for page in section.pages)) if title]
        texts = (text for question in section.iter_questions() for text in question.iter_texts())
        found.update(each for text in (*titles, *texts) for name in text.names for each in (name, f"{name}{NAMELY}"))
    return found


def find_consulted_pages(questionnaire: Questionnaire) -> frozenset[str]:
    """Return the codes of pages whose answers routing or texts use: required consents, and variables in conditions or placeholders."""
    blocks = (block.section for institution in questionnaire.institutions.values() for block in institution.blocks)
    sections = [*questionnaire.all_sections, *blocks]  # a theme has different conditions in each block
    watched = _find_watched_variables(sections, questionnaire.derived.values())
    placed = questionnaire.placed_pages.values()
    return frozenset(page.code for _, page in placed if any(_iter_watched_questions(page, watched)) or _list_required(page))


def _list_required(page: Page) -> tuple[tuple[Question, Item], ...]:
    """Return the required consents of a page."""
    return tuple((question, item) for question in page.questions for item in question.items if item.required)


def list_possible_steps(questionnaire: Questionnaire, respondent: Respondent) -> tuple[Step, ...]:
    """Return all possible steps of a respondent. Conditions are ignored, so respondents with the same modules share one cached tuple."""
    return _build_sequence(questionnaire, respondent.institution, respondent.language, respondent.modules).steps


def route(questionnaire: Questionnaire, respondent: Respondent, answers: PageAnswers) -> Path:
    """Compute the path of one respondent from the stored answers.

    A page that occurs in two blocks is asked once, at its first position. Pages in a random order do not depend on each other,
    so conditions are evaluated in the order of the definition.
    """
    sequence = _build_sequence(questionnaire, respondent.institution, respondent.language, respondent.modules)
    known = respondent.known()
    skipped: list[int] = []
    for step in sequence.deciding:
        if (step.test and not step.test(known)) or (step.repeated and _is_asked_before(step, sequence, skipped)):
            skipped.append(step.index)
        elif step.watched and step.page.code in answers:
            _add_known(known, step, answers[step.page.code], respondent.institution)
    for derived in questionnaire.derived.values():
        known[derived.code] = derived.compute(known)
    if sequence.mixed and respondent.seed is not None:
        return _build_mixed_path(sequence, tuple(skipped), respondent.seed)._replace(known=known)
    return _build_path(sequence, tuple(skipped))._replace(known=known)


def _is_asked_before(step: Step, sequence: _Sequence, skipped: Container[int]) -> bool:
    earlier = sequence.steps[: step.index]
    return any(other.page.code == step.page.code and other.index not in skipped for other in earlier)


@lru_cache(maxsize=256)
def _build_mixed_path(sequence: _Sequence, skipped: tuple[int, ...], seed: int) -> Path:
    """Build the path of one response, with its random orders. The cache is small: no other response has the same path."""
    steps = list(sequence.steps)
    for mixed in sequence.mixed:
        first = mixed[0].index
        order = arrange_pages(mixed[0].section, [step.page for step in mixed], seed)
        steps[first : first + len(mixed)] = [mixed[position] for position in order]
    return _join_steps(sequence, skipped, steps)


@lru_cache(maxsize=4096)
def _build_path(sequence: _Sequence, skipped: tuple[int, ...]) -> Path:
    """Build the path that skips the steps at these indices."""
    return _join_steps(sequence, skipped, sequence.steps)


def _join_steps(sequence: _Sequence, skipped: tuple[int, ...], ordered: Iterable[Step]) -> Path:
    """Build a path of steps in this order without the skipped ones; it has no known variables yet."""
    steps = tuple(step for step in ordered if step.index not in skipped)
    seconds = accumulate((step.seconds for step in reversed(steps)), initial=0.0)
    open_at_first = (step.seconds for step in sequence.steps if step.index not in skipped or step.decided_after >= 0)
    begins = [at == 0 or step.section is not steps[at - 1].section for at, step in enumerate(steps)]
    return Path(
        steps=steps,
        codes=tuple(step.page.code for step in steps),
        slugs=tuple(step.page.slug for step in steps),
        required=tuple(position for position, step in enumerate(steps) if step.required),
        seconds_from=tuple(seconds)[::-1],
        seconds=sum(open_at_first),
        parts=tuple(accumulate(map(int, begins))),
        sections=tuple(step.section for step, first in zip(steps, begins, strict=True) if first),
        skipped=tuple(sequence.steps[index] for index in skipped),
        known={},
    )


def _add_known(known: dict[str, Any], step: Step, stored: Values, institution: str) -> None:
    """Add the watched answers of one page that count."""
    for question, names, plain in step.watched:
        if question.when is None or question.when.test(known):
            counted = stored if plain else filter_counted_answers(question, stored, known, institution)
            for name in names:
                if name in counted:
                    known[name] = counted[name]


def filter_counted_answers(question: Question, stored: Values, known: Values, institution: str) -> dict[str, Any]:
    """Return those answers to an asked question whose statements are asked and whose options are offered.

    A variable that belongs to an answer (`transport__namely`, `consent_use__version`) counts with it.
    """
    names, _, plain, _ = find_shape(question)
    if plain:
        return {name: stored[name] for name in names if stored.get(name) is not None}
    unasked = find_unasked_items(question, known, institution)
    offered = {option.code for option in question.options if is_offered(option, known, institution)}
    unoffered = {option.code for option in question.options} - offered
    live: dict[str, Any] = {}
    for name in names:
        value, owner = stored.get(name), find_owner(name)
        if name != owner:
            counts = _is_beside_namely(question, live.get(owner)) if name.endswith(NAMELY) else owner in live
        else:
            value = _drop_unoffered(value, unoffered) if unoffered else value
            counts = owner not in unasked
        if value is not None and counts:
            live[name] = value
    return live


def find_unasked_items(question: Question, known: Values, institution: str) -> set[str]:
    """Return the codes of statements that are not asked. A code in the lists of several institutions counts as asked if one of them is."""
    return {item.code for item in question.items} - {i.code for i in question.items if is_asked(i, known, institution)}


def _drop_unoffered(value: Any, unoffered: set[Code]) -> Any:
    """Return an answer without the options that are not offered; None if no option is left."""
    if isinstance(value, list):
        return [code for code in value if code not in unoffered] or None
    return None if value in unoffered else value


def _is_beside_namely(question: Question, value: Any) -> bool:
    chosen = value if isinstance(value, list) else [value]
    return any(option.namely and option.code in chosen for option in question.options)

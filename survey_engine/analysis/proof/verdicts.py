"""The worlds of one questionnaire with their solvers, and the verdict on each claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from survey_engine.analysis.derived_bounds import map_date_bounds
from survey_engine.analysis.offered_sections import remove_local_questions
from survey_engine.analysis.proof.domains import find_distinctions
from survey_engine.analysis.proof.exposures import ExposureKey, ExposureReason, Untranslated, World
from survey_engine.analysis.proof.formulas import Formula
from survey_engine.analysis.proof.reasons import Cores, find_reasons
from survey_engine.analysis.proof.session import Session, Solution
from survey_engine.analysis.proof.solver import Effort, Solver, UndecidedError
from survey_engine.analysis.proof.world import build_world, iter_step_conditions, list_steps
from survey_engine.model.conditions import collect_variables
from survey_engine.model.questionnaire import Code, Institution, Place, Questionnaire

Progress: TypeAlias = Callable[[Iterable[Any], int, str], Iterable[Any]]
"""Function (elements, their number, name) that returns the elements and shows progress while they are used."""


def prove_silently(elements: Iterable[Any], _count: int, _name: str) -> Iterable[Any]:
    return elements


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Contradictory conditions that exclude the students of some institutions."""

    institutions: tuple[str, ...]
    reasons: tuple[ExposureReason, ...]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A counterexample to a claim: its place, and a witness or the reasons."""

    wrong: str
    place: Place
    languages: tuple[str, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    found: Solution | None = None


_PLURALS = re.compile(r"\A(\w+)s\b")
"""The plural noun at the beginning of a subject."""


@dataclass(slots=True)
class Verdict:
    """The outcome of one claim."""

    code: str
    claim: str
    subject: str
    """What the claim counts, in the plural."""
    count: int = 0
    findings: list[Counterexample] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    """Subjects that the solver could not decide because a condition could not be translated."""
    notes: list[str] = field(default_factory=list)

    @property
    def counted(self) -> str:
        """The number of subjects and their name, in the singular if there is one.

        >>> Verdict("draws", "A module is left", "kinds of respondent", 1).counted, Verdict("own", "Nothing", "options", 2).counted
        ('1 kind of respondent', '2 options')
        """
        subject = _PLURALS.sub(lambda found: found[1], self.subject) if self.count == 1 else self.subject
        return f"{self.count} {subject}"

    @property
    def proved(self) -> bool:
        return not self.findings and not self.undecided

    @contextmanager
    def deciding(self, subject: str) -> Iterator[None]:
        """Context manager for one subject of the claim: records it as undecided if the solver cannot decide it."""
        self.count += 1
        try:
            yield
        except UndecidedError as reason:
            self.undecided.append(f"{subject}: {reason}")


class Proof:
    """A questionnaire with one solver session per institution and language."""

    def __init__(self, questionnaire: Questionnaire, progress: Progress = prove_silently) -> None:
        self.questionnaire = questionnaire
        kinds = [
            (institution, language) for institution in questionnaire.institutions.values() for language in institution.languages
        ]
        asked = (step for institution, language in kinds for step in list_steps(questionnaire, institution, language))
        trees = {id(condition): condition.tree for step in asked for condition in iter_step_conditions(step)}
        trees |= {id(module.when): module.when.tree for module in questionnaire.modules.values() if module.when}
        self._names_institutions = any("institution" in collect_variables(tree) for tree in trees.values())
        self._listings = _list_listings(questionnaire)
        self._cores_by_key: dict[Hashable, Session] = {}
        self.effort = Effort()
        self._solvers: dict[tuple[Formula, ...], Solver] = {}
        self._cores: Cores = {}
        self.distinctions = find_distinctions(trees.values(), questionnaire.variables, map_date_bounds(questionnaire))
        self.sessions = [self._open_session(*kind) for kind in progress(kinds, len(kinds), "Conditions")]
        self.places = {key: place for session in self.sessions for key, place in iter_places(session)}
        steps = (page.step for session in self.sessions for page in session.world.pages)
        self.section_of: dict[Code, str] = {step.page.code: step.section.code for step in steps}

    def _open_session(self, institution: Institution, language: str) -> Session:
        """Open a session. Sessions with equal rules share a solver, so each search is done once."""
        return self._start(build_world(self.questionnaire, institution, language, self.distinctions))

    def open_core(self, session: Session) -> Session:
        """Open a session of the same language without local questions. Institutions with equal cores share it."""
        institution = session.world.institution
        key = (session.world.language, self._identify_core(institution))
        if key not in self._cores_by_key:
            stripped = remove_local_questions(self.questionnaire, institution)
            bare = stripped.institutions[institution.code]
            self._cores_by_key[key] = self._start(build_world(stripped, bare, session.world.language, self.distinctions))
        return self._cores_by_key[key]

    def _identify_core(self, institution: Institution) -> Hashable:
        """Return a key of everything in which an institution's pages can differ from others, except local questions."""
        themes = tuple(
            (block.theme, block.section.when and block.section.when.tree) for block in institution.blocks if block.theme
        )
        listed = tuple(who for who in self._listings if institution.code in who)
        named = institution.code if self._names_institutions else ""
        return institution.languages, institution.council, institution.chosen, themes, listed, named

    def _start(self, world: World) -> Session:
        rules = world.list_rules()
        return Session(world, self._solvers.setdefault(rules, Solver(rules, self.effort)))

    def list_sessions(self, language: str) -> list[Session]:
        return [session for session in self.sessions if session.world.language == language]

    def list_institution_sessions(self, institution: str) -> list[Session]:
        return [session for session in self.sessions if session.world.institution.code == institution]

    def list_equal_institutions(self) -> list[tuple[str, ...]]:
        """Return the groups of institutions whose rules are equal in each language variant, so that they share all searches."""
        groups: dict[Hashable, list[str]] = {}
        for code in self.questionnaire.institutions:
            sessions = self.list_institution_sessions(code)
            key = tuple((each.world.language, each.solver, each.world.list_searched()) for each in sessions)
            groups.setdefault(key, []).append(code)
        return [tuple(codes) for codes in groups.values() if len(codes) > 1]

    @property
    def untranslated(self) -> list[Untranslated]:
        every = (each for session in self.sessions for each in session.world.untranslated)
        return list({(each.condition.place, each.condition.source): each for each in every}.values())

    def explain(self, sessions: Iterable[Session], choose: Callable[[World], Formula]) -> tuple[Obstacle, ...]:
        """Return for each institution the contradictory conditions because of which nobody satisfies the formula of `choose`."""
        obstacles: dict[tuple[ExposureReason, ...], list[str]] = {}
        for session in sessions:
            who = obstacles.setdefault(find_reasons(session.world, choose, self.distinctions, self._cores), [])
            if session.world.institution.code not in who:
                who.append(session.world.institution.code)
        return tuple(Obstacle(tuple(who), reasons) for reasons, who in obstacles.items())


def find_any(sessions: Iterable[Session], choose: Callable[[Session], Formula]) -> Solution | None:
    """Return a respondent of any session who satisfies the formula that `choose` returns for it.

    Raises:
        UndecidedError: if no respondent was found and at least one session could not decide.
    """
    undecided: UndecidedError | None = None
    for session in sessions:
        try:
            found = session.find(choose(session))
        except UndecidedError as reason:
            undecided = reason
            continue
        if found:
            return found
    if undecided:
        raise undecided
    return None


def _list_listings(questionnaire: Questionnaire) -> list[frozenset[str]]:
    """Return the set of institutions of each statement and option that only some institutions have."""
    questions = (question for section in questionnaire.all_sections for question in section.iter_questions())
    named = ([part.institutions for part in parts] for question in questions for parts in (question.items, question.options))
    return [each for listed in named for each in listed if each is not None]


def iter_places(session: Session) -> Iterator[tuple[ExposureKey, Place]]:
    for exposure in session.world.pages:
        page = exposure.step.page
        yield ("section", exposure.step.section.code), exposure.step.section.place
        yield ("page", page.code), page.place
        for question in page.questions:
            yield ("question", page.code, question.code), question.place
            yield from ((("item", page.code, question.code, item.code), item.place) for item in question.items)
            yield from ((("option", page.code, question.code, option.code), option.text.place) for option in question.options)


def name_key(key: ExposureKey) -> str:
    """Return the name of a visible part.

    >>> name_key(("item", "safety", "safety_statements", "safety_class"))
    "statement 'safety_class' (page safety)"
    """
    kind, page = key[0], key[1]
    if kind in ("section", "page"):
        return f"{kind} '{page}'"
    if kind == "option":
        return f"option '{key[3]}' of '{key[2]}' (page {page})"
    return f"{'statement' if kind == 'item' else 'question'} '{key[-1]}' (page {page})"

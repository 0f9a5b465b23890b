"""A small set of respondents whose paths together show every item, condition outcome and language variant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from survey_engine.analysis.proof.exposures import World
from survey_engine.analysis.proof.formulas import TRUE, Formula, conjoin, disjoin, negate
from survey_engine.analysis.proof.session import Session, Solution
from survey_engine.analysis.proof.solver import UndecidedError
from survey_engine.analysis.proof.verdicts import Proof

Target: TypeAlias = tuple[object, ...]
"""What a respondent's path can cover: an exposure, a condition outcome, a value used in conditions, a language, an institution."""


@dataclass(slots=True)
class Candidate:
    """A session with its targets, and an upper bound of the new targets that one respondent of it can cover."""

    session: Session
    targets: dict[Target, Formula]
    most: int


@dataclass(frozen=True, slots=True)
class CoveringVisit:
    """A respondent, and the targets on the respondent's path."""

    session: Session
    found: Solution
    targets: frozenset[Target]


def find_covering(proof: Proof) -> list[CoveringVisit]:
    """Repeatedly add the respondent with most new targets (exact, by MaxSAT), then drop redundant respondents.

    A session's upper bound never rises, so only the session with the highest bound is solved again.
    """
    candidates = [_make_candidate(session) for session in proof.sessions]
    visits: list[CoveringVisit] = []
    visited: set[Target] = set()
    while best := _find_best(candidates, visited):
        visits.append(best)
        visited |= best.targets
    return drop_redundant(visits)


def _make_candidate(session: Session) -> Candidate:
    targets = dict(iter_targets(session.world))
    return Candidate(session, targets, len(targets))


def iter_targets(world: World) -> Iterator[tuple[Target, Formula]]:
    """Yield (target, formula of the respondents who cover it) for one world."""
    yield ("language", world.language), TRUE
    yield ("institution", world.institution.code), TRUE
    for key, seen in world.collect_exposures().items():
        if key[0] != "option":
            yield key, seen
    for gate in world.gates:
        where = (gate.condition.place, gate.condition.source, gate.subject)
        yield ("passed", *where), conjoin([gate.before, gate.holds])
        yield ("refused", *where), conjoin([gate.before, negate(gate.holds)])
    for code, single in (*world.background.items(), *world.arms.items()):
        yield from ((("value", code, value), case) for value, case in single.cases.items())
    for asked in world.asked.values():
        yield from ((("value", asked.variable.code, value), case) for value, case in asked.cases.items())


def _find_best(candidates: list[Candidate], visited: set[Target]) -> CoveringVisit | None:
    best: CoveringVisit | None = None
    gain = 0
    for candidate in sorted(candidates, key=lambda candidate: -candidate.most):
        if candidate.most <= gain:
            break
        visit = _visit_most(candidate, visited)
        candidate.most = len(visit.targets - visited) if visit else 0
        if candidate.most > gain:
            best, gain = visit, candidate.most
    return best


def _visit_most(candidate: Candidate, visited: set[Target]) -> CoveringVisit | None:
    """Return the respondent of one session with most new targets who does not change language; None if there is none."""
    session = candidate.session
    open_ = {target: formula for target, formula in candidate.targets.items() if target not in visited}
    kept = session.world.started[session.world.language]
    found = _find_visitor(session, list(open_.values()), kept) if open_ else None
    if found is None:
        return None
    return CoveringVisit(
        session, found, frozenset(target for target, formula in candidate.targets.items() if found.valuation.holds(formula))
    )


def _find_visitor(session: Session, targets: list[Formula], kept: Formula) -> Solution | None:
    """Return the respondent with most targets. If the solver reaches its limit, return any with a target; None if it fails again."""
    session.solver.effort.failures = 0
    with suppress(UndecidedError):
        return session.find_extreme([(formula, 1) for formula in targets], kept)
    with suppress(UndecidedError):
        return session.find(conjoin([kept, disjoin(targets)]))
    return None


def drop_redundant(visits: list[CoveringVisit]) -> list[CoveringVisit]:
    """Drop respondents whose targets are all covered by others, beginning with those with the fewest targets."""
    kept = list(visits)
    for visit in sorted(visits, key=lambda visit: len(visit.targets)):
        others = frozenset().union(*(other.targets for other in kept if other is not visit))
        if visit.targets <= others:
            kept.remove(visit)
    return kept

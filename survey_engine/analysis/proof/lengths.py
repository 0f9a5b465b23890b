"""The longest and shortest paths per language and kind of respondent, in minutes and in items, and their comparison with the budget.

Own questions differ between institutions, but the core is mostly the same. The paths of an institution are therefore only
searched if those of its core, which institutions share, and its own questions could make them longer or shorter than the ones
that were found, or longer than the budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from survey_engine.analysis.proof.formulas import TRUE, Formula, negate
from survey_engine.analysis.proof.own import is_own, iter_uses_of_own
from survey_engine.analysis.proof.session import Session, Solution, iter_item_weights, iter_minute_weights
from survey_engine.analysis.proof.solver import UndecidedError
from survey_engine.analysis.proof.verdicts import Counterexample, Progress, Proof, Verdict, ignore_progress
from survey_engine.model.questionnaire import Code, Variable


@dataclass(frozen=True, slots=True)
class PathLengths:
    """The longest and shortest paths of one kind of respondent at any institution, each with a witness."""

    language: str
    kind: str
    """The value of the leading variable; empty if there is no such variable."""
    longest: Solution
    shortest: Solution
    most: Solution
    """The respondent with most items, who need not be the one with the longest time."""
    fewest: Solution


_ENDS = {
    "longest": (iter_minute_weights, True),
    "shortest": (iter_minute_weights, False),
    "most": (iter_item_weights, True),
    "fewest": (iter_item_weights, False),
}
"""Field of `PathLengths` → how its paths are weighed, and whether it is the largest."""


@dataclass(slots=True)
class _Kind:
    """One value of the leading variable in one language at all institutions, and what was found so far."""

    leading: Variable | None
    value: Code | None
    ends: dict[str, Solution] = field(default_factory=dict)
    over: dict[str, Solution] = field(default_factory=dict)
    """Institution → its longest path, if that exceeds the budget."""


class _Weighed:
    """The sessions of one institution and language with and without own questions, and the weights of their parts."""

    def __init__(self, proof: Proof, session: Session) -> None:
        pages, institution = session.world.pages, session.world.institution
        own = [page for page in pages if is_own(page.step, institution)]
        self.session = session
        self.core = session
        if own:
            self.core = session if any(iter_uses_of_own(session)) else proof.open_core(session)
        self.is_bounded = not own or self.core is not session
        """Whether own questions are known to change nothing in the core."""
        self.weights = {weigh: tuple(weigh(pages)) for weigh, _ in _ENDS.values()}
        self.own_weights = {weigh: tuple(weigh(own)) for weigh in self.weights}
        self.core_weights = {weigh: tuple(weigh(self.core.world.pages)) for weigh in self.weights}

    def bound(self, end: str, kind: _Kind) -> float:
        """Return a length that no path exceeds, or falls below: that of the core, with all own questions or only the certain ones."""
        weigh, largest = _ENDS[end]
        unknown = inf if largest else -inf
        if not self.is_bounded:
            return unknown
        try:
            given = _restrict(self.core, kind)
            found = self.core.measure_extreme(self.core_weights[weigh], given, largest=largest)
        except UndecidedError:
            return unknown
        added = (weight for seen, weight in self.own_weights[weigh] if largest or seen is TRUE)
        return -unknown if found is None else found + sum(added)


def find_leading_variable(proof: Proof) -> Variable | None:
    """Return the background variable that groups paths: the first one with options that conditions use."""
    for code, variable in proof.questionnaire.background.items():
        if variable.options and any(code in session.world.background for session in proof.sessions):
            return variable
    return None


def prove_time(proof: Proof, progress: Progress = ignore_progress) -> tuple[Verdict, list[PathLengths]]:
    """Prove that nobody exceeds the budget; return the path lengths of every kind of respondent too."""
    budget = proof.questionnaire.budget_minutes
    limit = f"within {budget:g} minutes" if budget is not None else "finite; no budget is set"
    verdict = Verdict("time", f"The longest path is {limit}", "kinds of respondent (institution × variant × leading variable)")
    kinds: dict[tuple[str, str], _Kind] = {}
    leading = find_leading_variable(proof)
    for session in progress(proof.sessions, len(proof.sessions), "Paths"):
        weighed = _Weighed(proof, session)
        for value in [*(leading.codes if leading else ()), None]:
            kind = kinds.setdefault((session.world.language, _name_kind(leading, value)), _Kind(leading, value))
            with verdict.deciding(f"{session.world.institution.code} in {session.world.language}"):
                for end in _ENDS:
                    _extend(kind, end, weighed, inf if budget is None else budget * 60_000)
    over = [(language, kind.over) for (language, _), kind in kinds.items() if kind.over]
    if over:
        verdict.findings.append(_report_over(proof, over))
    found = {names: kind.ends for names, kind in kinds.items() if len(kind.ends) == len(_ENDS)}
    return verdict, [PathLengths(*names, *(ends[end] for end in _ENDS)) for names, ends in found.items()]


def _extend(kind: _Kind, end: str, weighed: _Weighed, limit: float) -> None:
    """Search an end at one institution, if it can be further than the one found so far, or than the limit of the longest."""
    weigh, largest = _ENDS[end]
    sign = 1 if largest else -1
    best = sign * _measure(end, kind.ends[end]) if end in kind.ends else -inf
    bound = sign * weighed.bound(end, kind)
    exceeds = end == "longest" and bound > limit
    if bound > best or exceeds:
        session = weighed.session
        found = session.find_extreme(weighed.weights[weigh], _restrict(session, kind), largest=largest)
        if found and sign * _measure(end, found) > best:
            kind.ends[end] = found
        if found and exceeds and _measure(end, found) > limit:
            kind.over.setdefault(session.world.institution.code, found)


def _measure(end: str, found: Solution) -> int:
    return found.seen.milliseconds if _ENDS[end][0] is iter_minute_weights else found.seen.items


def _report_over(proof: Proof, over: list[tuple[str, dict[str, Solution]]]) -> Counterexample:
    """Return one finding for all paths over the budget, with the longest one."""
    worst = max((found for _, paths in over for found in paths.values()), key=lambda found: found.seen.milliseconds)
    where = sorted({institution for _, paths in over for institution in paths})
    languages = tuple(dict.fromkeys(language for language, _ in over))
    wrong = f"a path takes {worst.seen.minutes:.1f} minutes; over the budget at {', '.join(where)}"
    return Counterexample(wrong, proof.questionnaire.place, languages, found=worst)


def _name_kind(leading: Variable | None, value: Code | None) -> str:
    return "" if leading is None else f"{leading.code} {'empty' if value is None else value}"


def _restrict(session: Session, kind: _Kind) -> Formula:
    """Return the formula of respondents with this value of the leading variable; true if no condition uses it."""
    if kind.leading is None or kind.leading.code not in session.world.background:
        return TRUE
    single = session.world.background[kind.leading.code]
    return negate(single.answered) if kind.value is None else single.cases[kind.value]

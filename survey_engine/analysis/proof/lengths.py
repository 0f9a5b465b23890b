"""The claim about the budget: the longest and shortest paths per language and kind of respondent, in minutes and items.

Institutions mostly share the core and differ in local questions. The lengths of the core and of the local questions bound the
paths of an institution, so it is searched only if a path could be longer or shorter than those found, or exceed the budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from survey_engine.analysis.proof.formulas import TRUE, Formula, negate
from survey_engine.analysis.proof.own import is_own, iter_uses_of_own
from survey_engine.analysis.proof.session import Session, Solution, iter_item_weights, iter_minute_weights
from survey_engine.analysis.proof.solver import UndecidedError
from survey_engine.analysis.proof.verdicts import Counterexample, Progress, Proof, Verdict, prove_silently
from survey_engine.model.questionnaire import Code, Variable


@dataclass(frozen=True, slots=True)
class PathLengths:
    """The longest and shortest paths of one kind of respondent, over all institutions, each with a witness."""

    language: str
    kind: str
    """The value of the leading variable; empty if there is no such variable."""
    longest: Solution
    shortest: Solution
    most: Solution
    """The respondent with most items, who may be another than the one with the longest time."""
    fewest: Solution


_ENDS = {
    "longest": (iter_minute_weights, True),
    "shortest": (iter_minute_weights, False),
    "most": (iter_item_weights, True),
    "fewest": (iter_item_weights, False),
}
"""Field of `PathLengths` (an *end*) → (weights: minutes or items, whether it is the maximum)."""


@dataclass(slots=True)
class _Kind:
    """Respondents with one value of the leading variable in one language, at all institutions, and their extreme paths so far."""

    leading: Variable | None
    value: Code | None
    ends: dict[str, Solution] = field(default_factory=dict)
    over: dict[str, Solution] = field(default_factory=dict)
    """Institution → its longest path, if that exceeds the budget."""


class _Core:
    """A questionnaire without local questions, as several institutions share it, with cached path lengths."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._weights = {weigh: tuple(weigh(session.world.pages)) for weigh, _ in _ENDS.values()}
        self._found: dict[tuple[str, Code | None], float] = {}

    def measure(self, end: str, kind: _Kind) -> float:
        """Return the extreme length for an end. For a maximum: -inf without paths, inf if undecided; for a minimum the opposite."""
        if (end, kind.value) not in self._found:
            self._found[end, kind.value] = self._measure(end, kind)
        return self._found[end, kind.value]

    def _measure(self, end: str, kind: _Kind) -> float:
        weigh, largest = _ENDS[end]
        unknown = inf if largest else -inf
        try:
            found = self._session.measure_extreme(self._weights[weigh], _restrict(self._session, kind), largest=largest)
        except UndecidedError:
            return unknown
        return -unknown if found is None else found


class _Weighed:
    """The session of one institution and language, the weights of its parts, and the core that bounds its path lengths."""

    def __init__(self, proof: Proof, session: Session, cores: dict[Session, _Core]) -> None:
        own = [page for page in session.world.pages if is_own(page.step, session.world.institution)]
        core = proof.open_core(session) if own else session
        self.session = session
        if core not in cores:
            cores[core] = _Core(core)
        self.core = None if any(iter_uses_of_own(session)) else cores[core]
        self.weights = {weigh: tuple(weigh(session.world.pages)) for weigh, _ in _ENDS.values()}
        self._own_weights = {weigh: tuple(weigh(own)) for weigh in self.weights}

    def bound(self, end: str, kind: _Kind) -> float:
        """Return an upper bound (a maximum) or lower bound (a minimum) of the path lengths.

        It is the core's length plus that of all local questions, or of those that everybody is asked.
        """
        weigh, largest = _ENDS[end]
        if self.core is None:
            return inf if largest else -inf
        return self.core.measure(end, kind) + sum(weight for seen, weight in self._own_weights[weigh] if largest or seen is TRUE)


def find_leading_variable(proof: Proof) -> Variable | None:
    """Return the leading variable, which groups paths: the first background variable with options that conditions use."""
    for code, variable in proof.questionnaire.background.items():
        if variable.options and any(code in session.world.background for session in proof.sessions):
            return variable
    return None


def prove_time(proof: Proof, progress: Progress = prove_silently) -> tuple[Verdict, list[PathLengths]]:
    """Prove that no path exceeds the budget; return (verdict, path lengths of every kind of respondent)."""
    budget = proof.questionnaire.budget_minutes
    limit = f"within {budget:g} minutes" if budget is not None else "finite; no budget is set"
    verdict = Verdict("time", f"The longest path is {limit}", "kinds of respondent (institution × variant × leading variable)")
    kinds: dict[tuple[str, str], _Kind] = {}
    leading = find_leading_variable(proof)
    cores: dict[Session, _Core] = {}
    for session in progress(proof.sessions, len(proof.sessions), "Paths"):
        weighed = _Weighed(proof, session, cores)
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
    """Search for an extreme path at one institution, unless its bound shows that it can improve on nothing and not exceed `limit`."""
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
    """Return one finding for all paths over the budget, with the longest of them as witness."""
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

"""The longest and shortest paths per kind of respondent, in minutes and in items, and their comparison with the budget."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from survey_engine.analysis.proof.formulas import TRUE, Formula, negate
from survey_engine.analysis.proof.session import Session, Solution, iter_item_weights, iter_minute_weights
from survey_engine.analysis.proof.solver import Weights
from survey_engine.analysis.proof.verdicts import Counterexample, Progress, Proof, Verdict, ignore_progress
from survey_engine.model.questionnaire import Code, Variable


@dataclass(frozen=True, slots=True)
class PathLengths:
    """The longest and shortest paths of one kind of respondent, each with a witness."""

    language: str
    kind: str
    """The value of the leading variable; empty if there is no such variable."""
    longest: Solution
    shortest: Solution
    most: Solution
    """The respondent with most items, who need not be the one with the longest time."""
    fewest: Solution
    institutions: tuple[str, ...] = ()
    """The institutions with these lengths: equal conditions, and equal times of equal parts."""


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
    measured: dict[Hashable, PathLengths | None] = {}
    institutions: dict[Hashable, list[str]] = {}
    leading = find_leading_variable(proof)
    for session in progress(proof.sessions, len(proof.sessions), "Paths"):
        world = session.world
        weights = (tuple(iter_minute_weights(world.pages)), tuple(iter_item_weights(world.pages)))
        for value in [*(leading.codes if leading else ()), None]:
            with verdict.deciding(f"{world.institution.code} in {world.language}"):
                given = _restrict(session, leading, value)
                key = (session.solver, world.language, value, given, weights)
                if key not in measured:
                    measured[key] = _measure(session, given, weights, _name_kind(leading, value))
                institutions.setdefault(key, []).append(world.institution.code)
    path_lengths = [replace(found, institutions=tuple(institutions[key])) for key, found in measured.items() if found]
    over = [stretch for stretch in path_lengths if budget is not None and stretch.longest.seen.minutes > budget]
    if over:
        verdict.findings.append(_report_over(proof, over))
    return verdict, path_lengths


def _report_over(proof: Proof, over: list[PathLengths]) -> Counterexample:
    """Return one finding for all paths over the budget, with the longest one."""
    worst = max(over, key=lambda stretch: stretch.longest.seen.milliseconds).longest
    where = sorted({institution for stretch in over for institution in stretch.institutions})
    languages = tuple(dict.fromkeys(stretch.language for stretch in over))
    wrong = f"a path takes {worst.seen.minutes:.1f} minutes; over the budget at {', '.join(where)}"
    return Counterexample(wrong, proof.questionnaire.place, languages, found=worst)


def _measure(session: Session, given: Formula, weights: Iterable[Weights], kind: str) -> PathLengths | None:
    """Return the path lengths of respondents for whom `given` holds, by weights in minutes and in items; None without any."""
    ends = [session.find_extreme(each, given, largest=largest) for each in weights for largest in (True, False)]
    longest, shortest, most, fewest = ends
    if longest and shortest and most and fewest:
        return PathLengths(session.world.language, kind, longest, shortest, most, fewest)
    return None


def _name_kind(leading: Variable | None, value: Code | None) -> str:
    return "" if leading is None else f"{leading.code} {'empty' if value is None else value}"


def _restrict(session: Session, leading: Variable | None, value: Code | None) -> Formula:
    """Return the formula of respondents with this value of the leading variable; true if no condition uses it."""
    if leading is None or leading.code not in session.world.background:
        return TRUE
    single = session.world.background[leading.code]
    return negate(single.answered) if value is None else single.cases[value]


def merge_lengths(path_lengths: Iterable[PathLengths]) -> list[PathLengths]:
    """Merge path lengths of all institutions per language and kind, in order of first occurrence."""
    groups: dict[tuple[str, str], list[PathLengths]] = {}
    for stretch in path_lengths:
        groups.setdefault((stretch.language, stretch.kind), []).append(stretch)
    return [
        PathLengths(
            language,
            kind,
            longest=max((each.longest for each in group), key=lambda end: end.seen.milliseconds),
            shortest=min((each.shortest for each in group), key=lambda end: end.seen.milliseconds),
            most=max((each.most for each in group), key=lambda end: end.seen.items),
            fewest=min((each.fewest for each in group), key=lambda end: end.seen.items),
            institutions=tuple(dict.fromkeys(institution for each in group for institution in each.institutions)),
        )
        for (language, kind), group in groups.items()
    ]

"""The longest and the shortest path per kind of respondent, in minutes and in items, and whether it fits the budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from survey_engine.analysis.proof.formulas import TRUE, Formula, negate
from survey_engine.analysis.proof.session import Session, Solution, weigh_items, weigh_minutes
from survey_engine.analysis.proof.verdicts import Counterexample, Proof, Verdict
from survey_engine.model.questionnaire import Code, Variable


@dataclass(frozen=True, slots=True)
class PathLengths:
    """The ends of the paths of one kind of respondent, each with a witness."""

    language: str
    kind: str
    """The value of the leading variable; empty when there is no such variable."""
    longest: Solution
    shortest: Solution
    most: Solution
    """Who is asked the most items; that need not be who takes longest."""
    fewest: Solution


def find_leading(proof: Proof) -> Variable | None:
    """The background variable by which paths are told apart: the first one with options that conditions look at."""
    for code, variable in proof.questionnaire.background.items():
        if variable.options and any(code in session.world.background for session in proof.sessions):
            return variable
    return None


def prove_time(proof: Proof) -> tuple[Verdict, list[PathLengths]]:
    """Nobody needs more than the budget; with the ends of the paths of every kind of respondent."""
    budget = proof.questionnaire.budget_minutes
    limit = f"within {budget:g} minutes" if budget is not None else "finite; no budget is set"
    verdict = Verdict("time", f"The longest path is {limit}", "kinds of respondent (institution × variant × leading variable)")
    stretches: list[PathLengths] = []
    leading = find_leading(proof)
    for session in proof.sessions:
        world = session.world
        for value in [*(leading.codes if leading else ()), None]:
            with verdict.deciding(f"{world.institution.code} in {world.language}"):
                stretches += _measure(session, leading, value)
    over = [stretch for stretch in stretches if budget is not None and stretch.longest.seen.minutes > budget]
    if over:
        verdict.findings.append(_report_over(proof, over))
    return verdict, stretches


def _report_over(proof: Proof, over: list[PathLengths]) -> Counterexample:
    """One finding for all that is too long, with the longest path of all."""
    worst = max(over, key=lambda stretch: stretch.longest.seen.milliseconds).longest
    where = sorted({stretch.longest.witness.respondent.institution for stretch in over})
    languages = tuple(dict.fromkeys(stretch.language for stretch in over))
    wrong = f"a path takes {worst.seen.minutes:.1f} minutes; over the budget at {', '.join(where)}"
    return Counterexample(wrong, proof.questionnaire.place, languages, found=worst)


def _measure(session: Session, leading: Variable | None, value: Code | None) -> Iterator[PathLengths]:
    """The four ends among those with a value of the leading variable; nothing when there is nobody."""
    given = _narrow(session, leading, value)
    pages = session.world.pages
    ends = [
        session.find_extreme(weigh(pages), given, largest=largest)
        for weigh in (weigh_minutes, weigh_items)
        for largest in (True, False)
    ]
    longest, shortest, most, fewest = ends
    if longest and shortest and most and fewest:
        kind = "" if leading is None else f"{leading.code} {'empty' if value is None else value}"
        yield PathLengths(session.world.language, kind, longest, shortest, most, fewest)


def _narrow(session: Session, leading: Variable | None, value: Code | None) -> Formula:
    """Only respondents with this value of the leading variable; everybody where nothing looks at it."""
    if leading is None or leading.code not in session.world.background:
        return TRUE
    single = session.world.background[leading.code]
    return negate(single.answered) if value is None else single.cases[value]


def sum_up(stretches: Iterable[PathLengths]) -> list[PathLengths]:
    """Over all institutions: the ends per language and kind, in the order in which these first came."""
    groups: dict[tuple[str, str], list[PathLengths]] = {}
    for stretch in stretches:
        groups.setdefault((stretch.language, stretch.kind), []).append(stretch)
    return [
        PathLengths(
            language,
            kind,
            longest=max((each.longest for each in group), key=lambda end: end.seen.milliseconds),
            shortest=min((each.shortest for each in group), key=lambda end: end.seen.milliseconds),
            most=max((each.most for each in group), key=lambda end: end.seen.items),
            fewest=min((each.fewest for each in group), key=lambda end: end.seen.items),
        )
        for (language, kind), group in groups.items()
    ]

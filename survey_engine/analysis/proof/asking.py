"""Claims about paths: no item twice, always an end, always a module to draw, no condition without effect."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from survey_engine.analysis.proof.exposures import Gate
from survey_engine.analysis.proof.formulas import TRUE, Formula, conjoin, disjoin, negate
from survey_engine.analysis.proof.session import Session, Solution
from survey_engine.analysis.proof.verdicts import Counterexample, Proof, Verdict, find_any
from survey_engine.engine.assignment import list_rules
from survey_engine.engine.routing import Step, list_question_variables
from survey_engine.model.questionnaire import Condition, Place


def _add_counterexample(verdict: Verdict, session: Session, formula: Formula, wrong: str, place: Place) -> None:
    """Add a finding if some respondent satisfies the formula."""
    with verdict.deciding(f"{wrong} in {session.world.language}"):
        found = session.find_simplest(formula)
        if found:
            verdict.findings.append(Counterexample(wrong, place, (session.world.language,), found=found))


def _merge(verdict: Verdict) -> Verdict:
    """Merge equal findings of several language variants into one, with the first witness."""
    merged: dict[tuple[str, Place], Counterexample] = {}
    for finding in verdict.findings:
        first = merged.setdefault((finding.wrong, finding.place), finding)
        languages = tuple(dict.fromkeys((*first.languages, *finding.languages)))
        merged[finding.wrong, finding.place] = Counterexample(first.wrong, first.place, languages, found=first.found)
    verdict.findings = list(merged.values())
    return verdict


def prove_once(proof: Proof) -> Iterator[Verdict]:
    """Prove that nobody is asked an item in two places, such as a bank question in the core and in local questions."""
    verdict = Verdict("once", "Nobody is asked the same thing twice", "items in several places, per institution and variant")
    for session in proof.sessions:
        for code, exposures in _map_repeated_items(session).items():
            for (other, _, before), (page, place, seen) in combinations(exposures, 2):
                where = f"on page '{other}' and again on page '{page}'" if page != other else f"twice on page '{page}'"
                _add_counterexample(verdict, session, conjoin([before, seen]), f"'{code}' is asked {where}", place)
    yield _merge(verdict)


def _map_repeated_items(session: Session) -> dict[str, list[tuple[str, Place, Formula]]]:
    """Return item → (page, place of the page, formula of the item's exposure there), for items that are in several places."""
    found: dict[str, dict[tuple[str, int], tuple[str, Place, Formula]]] = {}
    for exposure in session.world.pages:
        page = exposure.step.page
        for position, each in enumerate(exposure.questions):
            for code, seen in each.items.items():
                found.setdefault(code, {}).setdefault((page.code, position), (page.code, page.place, seen))
    return {code: list(places.values()) for code, places in found.items() if len(places) > 1}


def prove_exit(proof: Proof) -> Iterator[Verdict]:
    """Prove that every path has a page, only runs forward, and can end because required consents can be given."""
    verdict = Verdict("exit", "Every path has a page, only runs forward, and ends", "kinds of respondent (institution × variant)")
    for session in proof.sessions:
        world, language = session.world, session.world.language
        name, place = world.institution.name, world.institution.place
        with verdict.deciding(f"{name} in {language}"):
            if session.find(TRUE) is None:
                obstacles = proof.explain([session], lambda world: TRUE)
                wrong = f"no student of {name} can finish"
                verdict.findings.append(Counterexample(wrong, place, (language,), obstacles))
                continue
            empty = negate(disjoin(page.seen for page in world.pages))
            found = session.find_simplest(empty)
            if found:
                wrong = f"there are students of {name} who are asked nothing at all"
                verdict.findings.append(Counterexample(wrong, place, (language,), found=found))
        verdict.findings += _iter_forward_references([page.step for page in world.pages], language)
    yield verdict


def _iter_forward_references(steps: list[Step], language: str) -> Iterator[Counterexample]:
    """Yield conditions that use a later answer. Questions and statements may use an earlier answer of their own page."""
    first: dict[str, tuple[int, int]] = {}
    for step in steps:
        for position, question in enumerate(step.page.questions):
            for name in list_question_variables(question):
                first.setdefault(name, (step.index, position))
    for step in steps:
        for position, condition in _iter_placed_conditions(step):
            for name in sorted(condition.names):
                if first.get(name, (-1, 0)) >= (step.index, position):
                    wrong = f"page '{step.page.code}' depends on '{name}', which is asked later"
                    yield Counterexample(wrong, condition.place, (language,))


def _iter_placed_conditions(step: Step) -> Iterator[tuple[int, Condition]]:
    """Yield (position, condition) for each condition of a step; it may use answers before that position on its page."""
    yield from ((0, condition) for condition in step.when)
    for position, question in enumerate(step.page.questions):
        follow_ups = (question.when, *(item.when for item in question.items))
        yield from ((position, condition) for condition in follow_ups if condition)
        yield from ((0, option.when) for option in question.options if option.when)


def prove_draws(proof: Proof) -> Iterator[Verdict]:
    """Prove that every respondent who should draw a module can draw one."""
    rules = list_rules(proof.questionnaire)
    if not any(rule.random for rule in rules):
        return
    verdict = Verdict("draws", "A module is left to draw for everybody", "kinds of respondent (institution × variant)")
    for session in proof.sessions:
        world = session.world
        shown = list_rules(world.questionnaire, world.language)
        for rule, draw in zip(rules, world.draws, strict=True):
            if rule.random and rule in shown:
                wrong = f"there are students of {world.institution.name} for whom no module is left to draw"
                _add_counterexample(verdict, session, negate(disjoin(draw.pool.values())), wrong, world.institution.place)
    yield _merge(verdict)


def prove_piping(proof: Proof) -> Iterator[Verdict]:
    """Prove that a text shows an answer only to respondents who were asked the question."""
    verdict = Verdict(
        "piping", "An answer in a text was asked of everybody who reads it", "answers in texts, per institution and variant"
    )
    for session in proof.sessions:
        for piped in session.world.piped:
            wrong = f"'{piped.text.code}' shows {{{piped.name}}} to people who were not asked it"
            _add_counterexample(verdict, session, conjoin([piped.seen, negate(piped.asked)]), wrong, piped.text.place)
    yield _merge(verdict)


def prove_conditions(proof: Proof) -> Iterator[Verdict]:
    """Prove that every condition is true for some respondents who reach it, and false for others."""
    verdict = Verdict("conditions", "Every condition makes a difference", "conditions")
    gates: dict[tuple[Place, str, str], list[tuple[Session, Gate]]] = {}
    for session in proof.sessions:
        for gate in session.world.gates:
            gates.setdefault((gate.condition.place, gate.condition.source, gate.subject), []).append((session, gate))
    for (place, source, subject), at in gates.items():
        with verdict.deciding(f"`{source}`"):
            if not _find_respondent(at, holds=False) and _find_respondent(at, holds=True):
                verdict.findings.append(Counterexample(f"`{source}` holds for everybody who reaches {subject}", place))
    yield verdict


def _find_respondent(at: list[tuple[Session, Gate]], *, holds: bool) -> Solution | None:
    gates: dict[Session, list[Gate]] = {}
    for session, gate in at:
        gates.setdefault(session, []).append(gate)
    sign = (lambda formula: formula) if holds else negate
    return find_any(gates, lambda session: disjoin(conjoin([gate.before, sign(gate.holds)]) for gate in gates[session]))

"""The claim about local questions: they do not change the exposures of the core."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.offered_sections import remove_local_questions
from survey_engine.analysis.proof.formulas import conjoin, negate
from survey_engine.analysis.proof.replay import SolverDiffersError, replay
from survey_engine.analysis.proof.session import Session, Solution
from survey_engine.analysis.proof.verdicts import Counterexample, Proof, Verdict
from survey_engine.analysis.proof.world import iter_step_conditions
from survey_engine.engine.routing import Step, list_question_variables
from survey_engine.model.questionnaire import Condition, Institution, Questionnaire


def prove_own_questions(proof: Proof) -> Iterator[Verdict]:
    """Prove that no condition of the core uses a local question, so that they cannot change the core.

    A condition depends only on the variables that it names, so comparing names is a proof. As a test of the proof, the engine
    replays every witness found so far with and without the local questions.
    """
    institutions = [institution for institution in proof.questionnaire.institutions.values() if institution.own_sections]
    if not institutions:
        return
    verdict = Verdict(
        "own", "Local questions change nothing in the core", "kinds of respondent with local questions (institution × variant)"
    )
    for institution in institutions:
        stripped = remove_local_questions(proof.questionnaire, institution)
        for session in proof.list_institution_sessions(institution.code):
            with verdict.deciding(f"{institution.code} in {session.world.language}"):
                findings = list(_find_leaks(session, stripped))
                verdict.findings += [each for each in findings if each.place not in {f.place for f in verdict.findings}]
                if not findings:
                    _confirm(session, stripped)
    yield verdict


def is_own(step: Step, institution: Institution) -> bool:
    return any(step.section is section for section in institution.own_sections)


def _find_leaks(session: Session, stripped: Questionnaire) -> Iterator[Counterexample]:
    """Yield a counterexample for each condition of the core that uses an answer to an earlier local question."""
    for step, condition, name in iter_uses_of_own(session):
        wrong = f"page '{step.page.code}' of the core depends on '{name}', a local question of {session.world.institution.name}"
        found = _find_changed(session, stripped, condition)
        yield Counterexample(wrong, condition.place, (session.world.language,), found=found)


def iter_uses_of_own(session: Session) -> Iterator[tuple[Step, Condition, str]]:
    """Yield (step, condition, name of the local question) for conditions of the core that use an earlier local question."""
    asked: set[str] = set()
    for page in session.world.pages:
        step = page.step
        if is_own(step, session.world.institution):
            asked.update(name for question in step.page.questions for name in list_question_variables(question))
            continue
        for condition in iter_step_conditions(step):
            yield from ((step, condition, name) for name in sorted(condition.names & asked))


def _find_changed(session: Session, stripped: Questionnaire, condition: Condition) -> Solution | None:
    """Find a respondent whose path through the core changes if the local questions are removed."""
    for gate in session.world.gates:
        if gate.condition is condition:
            for formula in (conjoin([gate.before, gate.holds]), conjoin([gate.before, negate(gate.holds)])):
                found = session.find_simplest(formula)
                if found and differs(session, stripped, found):
                    return found
    return None


def differs(session: Session, stripped: Questionnaire, found: Solution) -> bool:
    """Whether the core of this respondent's path changes when the local questions are removed."""
    own = {page.step.page.code for page in session.world.pages if is_own(page.step, session.world.institution)}
    before = {key for key in found.seen.keys if key[0] != "section" and key[1] not in own}
    after = {key for key in replay(stripped, found.witness).keys if key[0] != "section"}
    return before != after


def _confirm(session: Session, stripped: Questionnaire) -> None:
    for found in session.witnesses:
        if differs(session, stripped, found):
            raise SolverDiffersError(found.witness, session.world.questionnaire, ["local questions change the core"])

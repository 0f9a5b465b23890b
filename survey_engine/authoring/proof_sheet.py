"""The proof sheet of one questionnaire: every claim with its verdict, the lengths of the paths, what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from survey_engine.analysis.proof.asking import prove_conditions, prove_draws, prove_exit, prove_once
from survey_engine.analysis.proof.lengths import PathLengths, prove_time
from survey_engine.analysis.proof.own import prove_own_questions
from survey_engine.analysis.proof.reaching import prove_choices, prove_reach
from survey_engine.analysis.proof.verdicts import Proof, Verdict
from survey_engine.model.questionnaire import Questionnaire

CLAIMS: tuple[Callable[[Proof], Iterator[Verdict]], ...] = (
    prove_reach,
    prove_choices,
    prove_once,
    prove_exit,
    prove_draws,
    prove_conditions,
    prove_own_questions,
)
"""What is proved, after the time: its witnesses see most of the items already."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that was found out about one questionnaire."""

    proof: Proof
    verdicts: tuple[Verdict, ...]
    stretches: tuple[PathLengths, ...]

    @property
    def questionnaire(self) -> Questionnaire:
        return self.proof.questionnaire

    @property
    def replayed(self) -> int:
        """How many witnesses the engine confirmed."""
        return sum(len(session.witnesses) for session in self.proof.sessions)

    @property
    def proved(self) -> bool:
        return not self.proof.untranslated and all(verdict.proved for verdict in self.verdicts)


def prove_questionnaire(questionnaire: Questionnaire) -> Sheet:
    """Prove everything in CLAIMS, or find who shows that it does not hold.

    Raises:
        SolverDiffersError: when the engine does not confirm a witness.
    """
    proof = Proof(questionnaire)
    time, stretches = prove_time(proof)
    verdicts = [verdict for claim in CLAIMS for verdict in claim(proof)]
    return Sheet(proof, (*verdicts, time), tuple(stretches))

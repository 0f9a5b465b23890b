"""The proof sheet of one questionnaire: every claim with its verdict, path lengths, and conditions that could not be translated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from survey_engine.analysis.proof.asking import prove_conditions, prove_draws, prove_exit, prove_once, prove_piping
from survey_engine.analysis.proof.lengths import PathLengths, prove_time
from survey_engine.analysis.proof.own import prove_own_questions
from survey_engine.analysis.proof.reaching import prove_choices, prove_reach
from survey_engine.analysis.proof.verdicts import Progress, Proof, Verdict, prove_silently
from survey_engine.model.questionnaire import Questionnaire

CLAIMS: tuple[Callable[[Proof], Iterator[Verdict]], ...] = (
    prove_reach,
    prove_choices,
    prove_once,
    prove_exit,
    prove_draws,
    prove_conditions,
    prove_piping,
    prove_own_questions,
)
"""Claims in the order of proving, after `prove_time`, whose witnesses already see most items."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Results of proving one questionnaire."""

    proof: Proof
    verdicts: tuple[Verdict, ...]
    path_lengths: tuple[PathLengths, ...]

    @property
    def questionnaire(self) -> Questionnaire:
        return self.proof.questionnaire

    @property
    def replayed(self) -> int:
        """The number of witnesses that the engine confirmed."""
        return sum(len(session.witnesses) for session in self.proof.sessions)

    @property
    def proved(self) -> bool:
        return not self.proof.untranslated and all(verdict.proved for verdict in self.verdicts)


def prove_questionnaire(questionnaire: Questionnaire, progress: Progress = prove_silently) -> Sheet:
    """Prove every claim in CLAIMS, or find a respondent who refutes it.

    Raises:
        SolverDiffersError: if the engine does not confirm a witness.
    """
    proof = Proof(questionnaire, progress)
    time, path_lengths = prove_time(proof, progress)
    verdicts = [verdict for claim in progress(CLAIMS, len(CLAIMS), "Claims") for verdict in _prove_claim(claim, proof)]
    return Sheet(proof, (*verdicts, time), tuple(path_lengths))


def _prove_claim(claim: Callable[[Proof], Iterator[Verdict]], proof: Proof) -> list[Verdict]:
    proof.effort.failures = 0
    return list(claim(proof))

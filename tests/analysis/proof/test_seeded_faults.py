"""Every mistake applied to a shipped questionnaire is found in the expected file; the originals have none."""

from __future__ import annotations

import pytest

from tests.analysis.proof.faults import SHIPPED, Fault, Finding, list_new_findings, list_original_findings, read_faults

FAULTS = read_faults()
pytestmark = pytest.mark.slow


def has_finding(findings: list[Finding], code: str, file: str) -> bool:
    """Whether the findings contain this code or claim in this file."""
    return any(each.code == code and any(place.file.endswith(file) for place in each.places) for each in findings)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.kind for fault in FAULTS])
def test_a_planted_mistake_is_found_in_the_expected_file(fault: Fault) -> None:
    """`make proofs` proves what the check alone finds, and all claims for each mistake, too."""
    checked, proved = list_new_findings(fault, prove=bool(fault.proof), time=fault.proof == "time")
    words = "\n".join(each.words for each in (*checked, *proved))
    assert fault.check or fault.proof
    assert not fault.check or has_finding(checked, fault.check, fault.expected_file), words
    assert not fault.proof or has_finding(proved, fault.proof, fault.expected_file), words


def test_25_kinds_are_planted_and_some_are_found_by_the_proof_alone() -> None:
    assert len({fault.kind for fault in FAULTS}) == len(FAULTS) >= 25
    assert sum(1 for fault in FAULTS if fault.proof and not fault.check) >= 10


@pytest.mark.parametrize("questionnaire", SHIPPED)
def test_the_shipped_questionnaires_have_none_of_these_mistakes(questionnaire: str) -> None:
    assert list_original_findings(questionnaire, FAULTS) == []

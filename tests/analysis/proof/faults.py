"""Applies the mistakes in faults.yaml to copies of shipped questionnaires, one by one, and lists the findings.

`python -m tests.analysis.proof.faults` prints the table.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from survey_engine.analysis.proof.verdicts import Proof, Verdict, prove_silently
from survey_engine.authoring.proof_sheet import CLAIMS, prove_questionnaire
from survey_engine.cli.prove import ROUTING_UNAFFECTED
from survey_engine.model.questionnaire import Place, Questionnaire
from survey_engine.publication.compiler import Compilation, inspect_questionnaire
from survey_engine.publication.withholding import INCOMPLETE
from tests import ROOT

SHIPPED = ("job-2026", "nse-2026", "gallery", "belonging-2024", "job-2027")
WORDING = {*INCOMPLETE, "unknown-wording", "placeholders-differ"}
"""Problems to ignore: a changed text makes its translations stale, which is another mistake."""


@dataclass(frozen=True)
class Edit:
    """A replacement of a unique text in one file."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    kind: str
    edits: tuple[Edit, ...]
    check: str
    proof: str
    expected_file: str

    @property
    def questionnaire(self) -> str:
        return self.edits[0].file.split("/")[0]


@dataclass(frozen=True)
class Finding:
    """A finding of check or proof: message or claim, place and text."""

    code: str
    places: tuple[Place, ...]
    words: str


def read_faults() -> list[Fault]:
    rows = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))
    return [read_fault(row) for row in rows]


def read_fault(row: dict[str, object]) -> Fault:
    edits = tuple(Edit(each["in"], each["replace"], each["by"]) for each in row.get("edits", [row]))  # type: ignore[attr-defined]
    expected_file = row.get("expected_file", edits[0].file)
    return Fault(str(row["kind"]), edits, str(row.get("check", "")), str(row.get("proof", "")), str(expected_file))


def apply_mistake(fault: Fault, folder: Path) -> Path:
    """Return a copy of the questionnaire with the mistake."""
    copied = Path(shutil.copytree(ROOT / "questionnaires" / fault.questionnaire, folder / fault.questionnaire))
    for edit in fault.edits:
        path = folder / edit.file
        text = path.read_text(encoding="utf-8")
        assert text.count(edit.old) == 1, f"'{edit.old}' stands {text.count(edit.old)} times in {edit.file}"
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
    return copied


@cache
def inspect_original(questionnaire: str) -> Compilation:
    return inspect_questionnaire(ROOT / "questionnaires" / questionnaire, ROOT / "translations")


def list_new_findings(fault: Fault, *, prove: bool = True, time: bool = True) -> tuple[list[Finding], list[Finding]]:
    """Return the findings of the check and, unless told otherwise, of the proof that the original questionnaire does not have.

    `time`: prove the claim about the lengths of paths, too; it takes most of the effort.
    """
    with tempfile.TemporaryDirectory() as folder:
        compilation = inspect_questionnaire(apply_mistake(fault, Path(folder)), ROOT / "translations")
    known = Counter(problem.code for problem in inspect_original(fault.questionnaire).problems)
    checked = []
    for problem in compilation.problems:
        if problem.severity != "hint" and problem.code not in WORDING:
            known[problem.code] -= 1
            if known[problem.code] < 0:
                checked.append(Finding(problem.code, (problem.place,), str(problem)))
    readable = all(problem.code in ROUTING_UNAFFECTED for problem in compilation.errors)
    return checked, list(list_findings(compilation, time=time)) if prove and readable else []


def list_findings(compilation: Compilation, *, time: bool = True) -> Iterator[Finding]:
    """Return the findings of the proof for a questionnaire."""
    assert compilation.questionnaire
    proof, verdicts = (prove_all if time else prove_untimed)(compilation.questionnaire)
    assert not proof.untranslated
    for verdict in verdicts:
        for finding in verdict.findings:
            reasons = [reason.place for obstacle in finding.obstacles for reason in obstacle.reasons]
            yield Finding(verdict.code, (finding.place, *reasons), finding.wrong)


def prove_all(questionnaire: Questionnaire) -> tuple[Proof, tuple[Verdict, ...]]:
    sheet = prove_questionnaire(questionnaire)
    return sheet.proof, sheet.verdicts


def prove_untimed(questionnaire: Questionnaire) -> tuple[Proof, tuple[Verdict, ...]]:
    """Prove all claims but that about the lengths of paths."""
    proof = Proof(questionnaire, prove_silently)
    return proof, tuple(verdict for claim in CLAIMS for verdict in claim(proof))


def describe(fault: Fault, checked: list[Finding], proved: list[Finding]) -> str:
    """Return one line of the table."""
    check, proof = (", ".join(dict.fromkeys(each.code for each in found)) or "–" for found in (checked, proved))
    return f"{fault.kind:66} {fault.questionnaire:15} {check:28} {proof}"


def list_original_findings(code: str, faults: list[Fault]) -> list[str]:
    """Return the findings of these kinds in the original questionnaire."""
    compilation = inspect_original(code)
    looked_for = {fault.check for fault in faults} - WORDING
    checked = [str(problem) for problem in compilation.problems if problem.code in looked_for]
    return [*checked, *(each.words for each in list_findings(compilation))]


def describe_original(code: str, faults: list[Fault]) -> str:
    return "; ".join(list_original_findings(code, faults)) or "none of them"


HEADING = f"{'mistake':66} {'planted in':15} {'check':28} proof"


def main() -> None:
    faults = read_faults()
    print(HEADING)  # noqa: T201
    for fault in faults:
        print(describe(fault, *list_new_findings(fault)), flush=True)  # noqa: T201
    print(f"\n{len(faults)} kinds of mistakes; in the questionnaires as they are:")  # noqa: T201
    for code in SHIPPED:
        print(f"  {code:15} {describe_original(code, faults)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

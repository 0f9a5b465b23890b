"""A small questionnaire with one institution, for tests to change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from survey_engine.analysis.proof.verdicts import Counterexample, Verdict
from survey_engine.authoring.proof_sheet import Sheet, prove_questionnaire
from survey_engine.model.questionnaire import Place, Questionnaire
from tests.writing import HEAD, Written, write

ORDER = """\
order:
  - {group: main, sections: [main]}
  - {group: modules, modules: {council: 1, random: 1}}
  - {group: own, own_questions: true}
  - {group: closing, sections: [closing]}
"""
FILES = {
    "questionnaire.yaml": HEAD[: HEAD.index("order:")] + ORDER,
    "main.yaml": "section: main\npages:\n  - page: first\n    questions:\n      - {yes_no: job, text: T}\n",
    "closing.yaml": "section: closing\npages:\n  - page: last\n    questions:\n      - {open: more, text: T}\n",
    "food.yaml": "module: food\npages:\n  - page: food\n    questions:\n      - {mark: food_mark, text: T}\n",
    "sleep.yaml": "module: sleep\npages:\n  - page: sleep\n    questions:\n      - {mark: sleep_mark, text: T}\n",
    "north.yaml": "institution: north\nname: North\n",
}


def write_small(folder: Path, change: Mapping[str, str]) -> Written:
    """Write the small questionnaire with some files changed or added; « marks a place."""
    return write(folder, {**FILES, **change})


def build_small(folder: Path, change: Mapping[str, str]) -> Questionnaire:
    return write_small(folder, change).questionnaire


def prove_small(folder: Path, change: Mapping[str, str]) -> tuple[Sheet, list[Place]]:
    written = write_small(folder, change)
    return prove_questionnaire(written.questionnaire), written.marks


def find_verdict(sheet: Sheet, code: str) -> Verdict:
    return next(verdict for verdict in sheet.verdicts if verdict.code == code)


def find_failure(sheet: Sheet, code: str) -> Counterexample:
    """Return the single finding of a claim, which must be the only failed claim."""
    failed = {verdict.code: [finding.wrong for finding in verdict.findings] for verdict in sheet.verdicts if not verdict.proved}
    assert set(failed) == {code}, failed
    findings = find_verdict(sheet, code).findings
    assert len(findings) == 1, failed
    return findings[0]

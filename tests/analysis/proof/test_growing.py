"""The cost of a proof depends on the institutions that differ; each institution still gets its own verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.proof.lengths import prove_time
from survey_engine.analysis.proof.session import iter_item_weights, iter_minute_weights
from survey_engine.analysis.proof.verdicts import Proof
from survey_engine.authoring.proof_report import format_sheet_text
from tests.analysis.proof.growing import write_growing
from tests.analysis.proof.small import FILES, build_small, find_verdict, prove_small

OWN = """\
institution: {0}
name: {0}
own_questions:
  pages:
    - page: {0}_page
      questions:
        - {{yes_no: {0}_joined, text: T}}
        - {{mark: {0}_mark, text: T, when: {0}_joined {1}}}
"""
FIRST = "section: main\npages:\n  - page: first\n    questions:\n      - {yes_no: job, text: T}\n"


def count_solvers(proof: Proof) -> int:
    return len({session.solver for session in proof.sessions})


def list_equal(folder: Path, main: str, *institutions: str) -> list[tuple[str, ...]]:
    files = {f"i{number}.yaml": text for number, text in enumerate(institutions)}
    return Proof(build_small(folder, {"main.yaml": main, **files})).list_equal_institutions()


def test_equal_institutions_add_no_solver(tmp_path: Path) -> None:
    few, many = (Proof(write_growing(tmp_path / str(number), 10, number)) for number in (12, 36))
    assert len(many.sessions) == 3 * len(few.sessions)
    assert count_solvers(many) == count_solvers(few)


def test_own_questions_of_the_same_form_share_a_solver(tmp_path: Path) -> None:
    assert list_equal(tmp_path, FIRST, OWN.format("east", "== 'yes'"), OWN.format("west", "== 'yes'")) == [("east", "west")]


@pytest.mark.parametrize("other", ["!= 'yes'", "== 'yes' and job == 'no'", "== 'yes' and institution == 'west'"])
def test_own_questions_with_other_conditions_do_not(tmp_path: Path, other: str) -> None:
    assert list_equal(tmp_path, FIRST, OWN.format("east", "== 'yes'"), OWN.format("south", other)) == []


def test_a_condition_on_the_institution_separates_it_from_equal_ones(tmp_path: Path) -> None:
    main = (
        FIRST
        + "  - page: second\n    when: institution == 'west' and job == 'yes'\n    questions:\n      - {mark: well, text: T}\n"
    )
    plain = [f"institution: {code}\nname: {code}\n" for code in ("east", "west")]
    assert list_equal(tmp_path, main, *plain) == [("east", "north")]


def test_each_of_equal_institutions_gets_its_own_finding(tmp_path: Path) -> None:
    own = {f"{code}.yaml": OWN.format(code, "in ['no']").replace("T, when", "«T, when") for code in ("east", "west")}
    own = {name: text.replace("in ['no']", f"== 'yes' and {name[:4]}_joined == 'no'") for name, text in own.items()}
    sheet, marks = prove_small(tmp_path, own)
    findings = find_verdict(sheet, "items").findings
    assert [(each.place.file, each.place.line) for each in findings] == [(mark.file, mark.line) for mark in marks]
    for code, finding in zip(("east", "west"), findings, strict=True):
        assert finding.wrong == f"nobody is asked question '{code}_mark' (page {code}_page)"
        assert [reason.place.file for obstacle in finding.obstacles for reason in obstacle.reasons] == [f"x/{code}.yaml"]
        assert [obstacle.institutions for obstacle in finding.obstacles] == [(code,)]


def test_other_times_of_equal_questions_are_measured_apart(tmp_path: Path) -> None:
    long = OWN.format("west", "== 'yes'").replace("_joined, text: T", "_joined, text: T, seconds: 600")
    head = FILES["questionnaire.yaml"] + "budget: {minutes: 5}\n"
    own = {"east.yaml": OWN.format("east", "== 'yes'"), "west.yaml": long}
    sheet, _ = prove_small(tmp_path, {"questionnaire.yaml": head, **own})
    assert sheet.proof.list_equal_institutions() == [("east", "west")]
    (finding,) = find_verdict(sheet, "time").findings
    assert finding.wrong.endswith("over the budget at west")


NEXT = """\
own_questions:
  pages:
    - page: {0}_page
      when: {1}
      questions:
        - {{yes_no: {0}_joined, text: T}}
        - {{mark: {0}_mark, text: T, when: {0}_joined == 'yes', seconds: {2}}}
        - {{mark: {0}_missed, text: T, when: {0}_joined == 'no', seconds: {3}}}
"""
BOTH = {"minutes": iter_minute_weights, "items": iter_item_weights}


def write_next(code: str, when: str, *seconds: int) -> str:
    return f"institution: {code}\nname: {code}\n" + NEXT.format(code, when, *seconds)


def test_paths_of_one_core_are_searched_once(tmp_path: Path) -> None:
    """Institutions that ask the same in other cases have no further path; each search replays one respondent."""
    conditions = ["job == 'yes'", "job != 'no'", "answered(job)", "job == 'no'"]
    texts = [write_next(f"s{number}", when, 20, 0) for number, when in enumerate(conditions)]
    for number in (2, 4):
        files = {f"s{at}.yaml": text for at, text in enumerate(texts[:number])}
        proof = Proof(build_small(tmp_path / str(number), {"main.yaml": FIRST, **files}))
        prove_time(proof)
        assert count_solvers(proof) > number and sum(bool(session.witnesses) for session in proof.sessions) == 2


@pytest.mark.parametrize("seconds", [(20, 20), (90, 10), (10, 200), (0, 0)])
@pytest.mark.parametrize("when", ["job == 'yes'", "answered(job)", "level >= 1"])
def test_bounds_leave_the_lengths_as_they_are(tmp_path: Path, when: str, seconds: tuple[int, int]) -> None:
    """South asks more than north; each end is that of a search at every institution."""
    south = write_next("south", when, *seconds).replace("own_questions", "languages: [en]\nown_questions")
    files = {"main.yaml": FIRST, "south.yaml": south, "east.yaml": write_next("east", "job == 'no'", 30, 15)}
    proof = Proof(build_small(tmp_path, files))
    (found,) = [each for each in prove_time(proof)[1] if each.kind == ""]
    ends = {"minutes": (found.longest, found.shortest), "items": (found.most, found.fewest)}
    for name, weigh in BOTH.items():
        for end, largest, extreme in zip(ends[name], (True, False), (max, min), strict=True):
            every = [session.find_extreme(tuple(weigh(session.world.pages)), largest=largest) for session in proof.sessions]
            measures = [each.seen.milliseconds if name == "minutes" else each.seen.items for each in every if each]
            assert (end.seen.milliseconds if name == "minutes" else end.seen.items) == extreme(measures)


def test_the_report_names_institutions_that_were_searched_once(tmp_path: Path) -> None:
    sheet, _ = prove_small(tmp_path, {f"{code}.yaml": OWN.format(code, "== 'yes'") for code in ("east", "west")})
    assert "institutions with equal conditions, which are proved together: east, west\n" in format_sheet_text(sheet)

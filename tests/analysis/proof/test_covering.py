"""Covering respondents: few, complete and readable; `test_respondents` replays them on the site."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from survey_engine.analysis.proof import solver
from survey_engine.analysis.proof.covering import drop_redundant, find_covering, iter_targets
from survey_engine.analysis.proof.verdicts import Proof
from survey_engine.authoring.covering_walks import complete_walk, write_walks
from survey_engine.authoring.walks import UnreadableWalkError, read_walk, read_walks
from tests.analysis.proof.small import FILES, build_small

MAIN = FILES["main.yaml"] + "  - page: second\n    when: job == 'yes'\n    questions:\n      - {yes_no: evening, text: T}\n"


def test_every_reachable_target_is_visited(tmp_path: Path) -> None:
    proof = Proof(build_small(tmp_path, {"main.yaml": MAIN}))
    visited = frozenset().union(*(visit.targets for visit in find_covering(proof)))
    assert visited == {target for s in proof.sessions for target, formula in iter_targets(s.world) if s.find(formula)}
    assert {("value", "job", "yes"), ("value", "job", "no"), ("page", "food"), ("page", "sleep")} <= visited


def test_no_respondent_is_redundant(tmp_path: Path) -> None:
    visits = find_covering(Proof(build_small(tmp_path, {"main.yaml": MAIN})))
    assert len(visits) == 2, "two modules to draw, two answers to the first question"
    assert drop_redundant(visits) == visits
    assert len(drop_redundant([*visits, replace(visits[0])])) == 2, "whoever repeats another's visit goes"


def test_walks_survive_writing_and_reading(tmp_path: Path) -> None:
    questionnaire = build_small(tmp_path / "written", {"main.yaml": MAIN})
    visits = find_covering(Proof(questionnaire))
    out = tmp_path / "walks"
    out.mkdir()
    write_walks(questionnaire, visits, out)
    files = sorted(out.iterdir())
    assert read_walks(out) == [complete_walk(questionnaire, visit, n) for n, visit in enumerate(visits, 1)]
    assert files[0].read_text(encoding="utf-8").startswith("# Respondent 1 of 2 who together visit everything in example.\n")


def test_a_file_that_is_no_respondent_is_refused_by_name(tmp_path: Path) -> None:
    for number, text in enumerate(["path: [", "- a list", "questionnaire: x", "path: [{page: first}]", "path: []\ncolour: red"]):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text)
        with pytest.raises(UnreadableWalkError, match=rf"{number}\.yaml is not a walk"):
            read_walk(file)


def test_a_search_for_visitors_that_reaches_its_limit_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = Proof(build_small(tmp_path, {}))
    monkeypatch.setattr(solver, "MAX_STEPS", 10)
    assert isinstance(find_covering(proof), list)

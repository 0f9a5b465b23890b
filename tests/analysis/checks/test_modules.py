"""Institutions choose at most the allowed number of modules, and leave modules to draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import ANY_QUESTION, HEAD, Written, ask, write

MODULE = "module: {0}\npages: [{{page: {0}_page, questions: [{{mark: {0}_mark, text: M?}}]}}]"


def write_choice(folder: Path, choice: str, random: int = 1) -> Written:
    """Write three modules, of which the council may choose one and the institution two."""
    rule = f"  - {{group: modules, modules: {{council: 1, institution: 2, random: {random}}}}}\n"
    files = {f"{code}.yaml": MODULE.format(code) for code in ("food", "music", "sleep")}
    files |= {"questionnaire.yaml": HEAD + rule, "main.yaml": ask(ANY_QUESTION)}
    return write(folder, {**files, "north.yaml": f"institution: north\nname: North\n{choice}"})


@pytest.mark.parametrize(
    "choice",
    [
        "",
        "modules: {council: [food]}",
        "modules: {institution: [food, music]}",
        "modules: {council: [food], institution: [food]}",
    ],
)
def test_fewer_or_shared_choices_are_allowed(tmp_path: Path, choice: str) -> None:
    assert not write_choice(tmp_path, choice).compilation.errors


def test_a_choice_too_many_is_reported_at_its_place(tmp_path: Path) -> None:
    problem = write_choice(tmp_path, "modules: {council: [food, «music]}").find("too-many-choices")
    assert problem.wrong == "the council chose 2 modules" and "gives it 1" in problem.remedy
    own = "modules: {institution: [food, music, «sleep]}"
    assert "the institution chose 3" in write_choice(tmp_path / "own", own, random=0).find("too-many-choices").wrong


def test_one_chooser_does_not_choose_a_module_twice(tmp_path: Path) -> None:
    assert write_choice(tmp_path, "modules: {institution: [food, «food]}").find("twice-in-order").facts["kind"] == "module"


def test_a_module_must_be_left_to_draw(tmp_path: Path) -> None:
    choice = "modules: {council: [«food], institution: [music, sleep]}"
    assert write_choice(tmp_path, choice).find("empty-pool")
    assert not write_choice(tmp_path / "none", choice, random=0).compilation.errors

"""Compilations that tests share are those of the same bytes under the same names."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.publication.compiler import compile_questionnaire, inspect_questionnaire
from tests.compiling import inspect_once
from tests.writing import write_sections

SECTION = "section: main\ntitle: Main\npages:\n  - page: one\n    questions: [{open: first, text: How?}]\n"


def test_commands_and_tests_share_compilations(tmp_path):
    write_sections(tmp_path, SECTION)
    folder = tmp_path / "q" / "x"
    assert inspect_questionnaire is inspect_once
    assert compile_questionnaire(folder).sections is compile_questionnaire(folder).sections


def test_the_same_files_of_another_folder_are_not_compiled_again(tmp_path):
    first, second = (write_sections(tmp_path / name, SECTION) for name in "ab")
    assert first.questionnaire is second.questionnaire


@pytest.mark.parametrize("changed", ["q/x/questionnaire.yaml", "q/x/1.yaml", "translations/nl/LC_MESSAGES/interface.po"])
def test_a_changed_file_is_compiled_anew(tmp_path, changed):
    first = write_sections(tmp_path, SECTION).questionnaire
    path = tmp_path / changed
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((path.read_bytes() if path.exists() else b"") + b"# changed\n")
    assert inspect_questionnaire(tmp_path / "q" / "x").questionnaire is not first


def test_files_that_messages_name_otherwise_are_compiled_anew(tmp_path, monkeypatch):
    write_sections(tmp_path, SECTION.replace("open", "opne"))
    places = set()
    for here in (tmp_path, tmp_path / "q"):
        monkeypatch.chdir(here)
        places |= {problem.place.file for problem in inspect_questionnaire(tmp_path / "q" / "x").errors}
    assert {place.partition("x/")[0] for place in places} == {"q/", ""}


def test_a_link_to_another_file_is_never_shared(tmp_path: Path):
    write_sections(tmp_path, SECTION)
    target = tmp_path / "elsewhere.yaml"
    target.write_text(SECTION)
    (tmp_path / "q" / "x" / "linked.yaml").symlink_to(target)
    found = [inspect_questionnaire(tmp_path / "q" / "x") for _ in range(2)]
    assert found[0].questionnaire is not found[1].questionnaire

"""Background in an institution's file has possible values of its variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.profiles import check_demo_students, check_open_links
from tests.analysis.checks.advice import name_codes
from tests.writing import ask, write_head, write_sections


@pytest.mark.parametrize(
    ("profile", "code", "said"),
    [
        ("path: «bool", "bad-profile", "bbl, bol"),
        ("level: «5", "bad-profile", "1 to 4"),
        ("level: «'3'", "bad-profile", "1 to 4"),
        ("level: «high", "bad-profile", "1 to 4"),
        ("paht: «bol", "unknown-name", "did you mean 'path'?"),
        ("language: «en", "unknown-name", "no background variable"),
    ],
)
def test_a_wrong_value_is_reported_at_its_place(tmp_path: Path, profile: str, code: str, said: str) -> None:
    for number, settings in enumerate(
        (f"open_link: {{{profile}}}", f"demo:\n  - {{path: bol}}\n  - {{programme: X, {profile}}}")
    ):
        written = write_head(tmp_path / str(number), {}, f"institution: north\nname: North\n{settings}")
        assert said in str(written.find(code))


def test_any_value_of_a_variable_and_any_text_are_fine(tmp_path: Path) -> None:
    demo = "demo: [{path: bol, level: 4, programme: Baking}, {}]\nopen_link: {level: 1}"
    assert not write_head(tmp_path, {}, f"institution: north\nname: North\n{demo}").compilation.errors


@pytest.mark.parametrize(
    ("demo", "halves"),
    [
        ("[{path: bol, level: 1}, {path: bol}, {level: 2}]", ["demo-halves"]),
        ("[{path: bol, level: 1}, {path: bol, level: 2}, {path: bbl, level: 3}]", []),
        ("[{path: bol, level: 1}, {path: bbl}, {path: bol, level: 2}]", []),
        ("[{path: bol}, {level: 2}, {programme: Baking}, {}]", []),
    ],
)
def test_one_demo_student_in_two_halves_is_reported(tmp_path: Path, demo: str, halves: list[str]) -> None:
    written = write_head(tmp_path, {}, f"institution: north\nname: North\ndemo: {demo}")

    assert name_codes(check_demo_students(written.questionnaire)) == halves


@pytest.mark.parametrize(
    ("link", "condition", "names"),
    [
        ("{path: bol}", "level == 1", "level"),
        ("{path: bol}", "level == 1 and programme == 'x'", "level, programme"),
        ("{path: bol, level: 1}", "level == 1", ""),
        ("{path: bol}", "level == 1 or not answered(level)", ""),
        ("{path: bol}", "path == 'bbl'", ""),
        ("{}", "level == 1", ""),
        ("false", "level == 1", ""),
    ],
)
def test_an_open_link_has_the_background_of_conditions(tmp_path: Path, link: str, condition: str, names: str) -> None:
    question = f"- mark: week\n  text: Week?\n  when: {condition}\n"
    written = write_sections(tmp_path, ask(question), f"institution: north\nname: North\nopen_link: {link}")
    found = [(each.code, each.facts["names"], each.place.line) for each in check_open_links(written.questionnaire)]

    assert found == ([("open-link-background", names, 3)] if names else [])

"""Conditions in an institution's file hold for some of its own students."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import Written, change_head, write_sections

CORE = """\
section: main
pages:
  - page: first
    questions:
      - {multiple: visited, text: V?, options_from: places, options: {other: Other, nowhere: {text: Nowhere, exclusive: true}}}
      - {grid: joined, text: J?, scale: agree, items_from: clubs}
"""
SOUTH = """\
institution: south
name: South
lists: {places: {tower: Tower, hall: Hall}, clubs: {soup: Soup}}
languages: [en, nl]
"""
NORTH = """\
institution: north
name: North
lists: {places: {gym: Gym, pool: Pool}, clubs: {chess: Chess}}
languages: [en]
own_questions:
  pages:
    - page: own
      when: CONDITION
      questions: [{yes_no: extra, text: E?}]
"""
HEAD = {
    "languages": "{en: {name: English}, nl: {name: Nederlands, draft: true}}",
    "order": "[{group: main, sections: [main]}, {group: own, own_questions: true}]",
}
BROKEN = {"nobody-sees", "idle-part", "never-true", "always-true"}


def write_north(folder: Path, condition: str) -> Written:
    return write_sections(folder, CORE, SOUTH, NORTH.replace("CONDITION", f'"{condition}"'), head=change_head(HEAD))


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("'tower' in visited", ["nobody-sees"]),
        ("joined_soup == 3", ["nobody-sees"]),
        ("institution == 'south'", ["nobody-sees"]),
        ("level == 1 and institution != 'north'", ["nobody-sees"]),
        ("language == 'nl'", ["nobody-sees"]),
        ("count(visited) >= 4", ["nobody-sees"]),
        ("'gym' in visited or 'tower' in visited", ["idle-part"]),
        ("'gym' in visited", []),
        ("joined_chess == 3", []),
        ("institution == 'north' and language == 'en'", []),
        ("count(visited) >= 3", []),
    ],
)
def test_a_local_question_is_for_students_of_its_institution(tmp_path: Path, condition: str, codes: list[str]) -> None:
    assert [code for code in write_north(tmp_path, condition).codes if code in BROKEN] == codes


def test_the_message_names_the_institution(tmp_path: Path) -> None:
    problem = write_north(tmp_path, "'tower' in visited").find("nobody-sees")
    assert problem.wrong == "nobody can reach page 'own': it needs `'tower' in visited` at the institution 'north'"


def test_a_condition_that_nobody_anywhere_meets_is_reported_once(tmp_path: Path) -> None:
    codes = [code for code in write_north(tmp_path, "level == 1 and level == 2").codes if code in BROKEN]
    assert codes == ["never-true"]


def test_a_theme_needs_a_language_of_its_institution(tmp_path: Path) -> None:
    head = {**HEAD, "order": "[{group: main, sections: [main]}, {group: themes, blocks: {limit: 2}}]"}
    module = "module: food\ntitle: Food\npages: [{page: food, title: Food, questions: [{mark: meals, text: M?}]}]"
    north = NORTH[: NORTH.index("own_questions")] + "blocks: [{theme: food, when: language == 'nl'}]\n"
    problem = write_sections(tmp_path, CORE, module, SOUTH, north, head=change_head(head)).find("nobody-sees")
    assert problem.facts["what"] == "'food'"

"""Conditions that the choices and languages of all institutions exclude, and sums out of reach of their parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import change_head, write_sections

MAIN = """\
section: main
pages:
  - page: lent
    questions:
      - {number: books, text: {en: Books?, nl: Boeken?}, to: 30}
      - {number: films, text: {en: Films?, nl: Films?}, to: 10}
"""
LAST = """\
section: last
pages:
  - page: last
    when: "CONDITION"
    questions: [{yes_no: fine, text: {en: Fine?, nl: Goed?}}]
"""
MODULES = [
    f"module: {code}\npages: [{{page: {code}, questions: [{{mark: {code}_mark, text: {{en: Mark?, nl: Cijfer?}}}}]}}]"
    for code in ("food", "sport", "films_a", "films_b")
]
OWN = """\
institution: {0}
name: {0}
languages: [{1}]
{2}
own_questions:
  pages: [{{page: own_{0}, questions: [{{mark: mark_{0}, text: {{en: Mark?, nl: Cijfer?}}}}]}}]
"""
NORTH = OWN.format("north", "nl", "modules: {council: [food]}")
SOUTH = OWN.format("south", "en, nl", "modules: {council: [sport]}")
ORDER = """
  - {group: main, sections: [main]}
  - {group: chosen, modules: {council: 1}}
  - {group: drawn, modules: {from: {films_a: 1, films_b: 1}, random: 1}}
  - {group: own, own_questions: true}
  - {group: end, sections: [last]}"""


def list_codes(tmp_path: Path, condition: str, north: str = NORTH, south: str = SOUTH) -> list[str]:
    head = change_head({"order": ORDER, "derived": "{lent: {sum: [books, films]}}"})
    head = head.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}")
    last = LAST.replace("CONDITION", condition)
    codes = write_sections(tmp_path, MAIN, *MODULES, last, north, south, head=head).codes
    return [code for code in codes if code in ("never-true", "always-true", "nobody-sees", "idle-part")]


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("food_mark >= 5 and sport_mark >= 5", ["never-true"]),
        ("food_mark >= 5 and institution == 'south'", ["never-true"]),
        ("food_mark >= 5 and institution == 'north'", []),
        ("mark_north >= 5 and answered(mark_south)", ["never-true"]),
        ("mark_north >= 5 and institution != 'north'", ["never-true"]),
        ("institution == 'north' and language == 'en'", ["never-true"]),
        ("institution == 'south' and language == 'en'", []),
        ("not ('films_a' in assigned) and not ('films_b' in assigned)", ["never-true"]),
        ("'films_a' in assigned or 'films_b' in assigned", ["always-true"]),
        ("'films_a' in assigned", []),
        ("lent >= 40 and films <= 9", ["never-true"]),
        ("lent >= 40", []),
        ("lent >= 39 and films <= 9", []),
        ("lent == 3 and books == 0 and films == 4", ["never-true"]),
        ("lent == 3 and books == 0 and films == 3", []),
    ],
)
def test_conditions_that_no_student_can_meet_are_reported(tmp_path: Path, condition: str, codes: list[str]) -> None:
    assert list_codes(tmp_path, condition) == codes


def test_a_group_from_which_nobody_has_chosen_limits_nobody(tmp_path: Path) -> None:
    north, south = (text.partition("modules:")[0] for text in (NORTH, SOUTH))

    assert list_codes(tmp_path, "food_mark >= 5 and institution == 'south'", north, south) == []


def test_a_local_condition_on_a_module_of_another_institution_is_reported(tmp_path: Path) -> None:
    south = SOUTH.replace("{page: own_south,", "{page: own_south, when: \"'food' in assigned\",")

    assert list_codes(tmp_path, "books >= 2", south=south) == ["nobody-sees"]


def test_a_module_that_no_institution_has_chosen_limits_nobody(tmp_path: Path) -> None:
    assert list_codes(tmp_path, "food_mark >= 5", NORTH.replace("food", "sport")) == []

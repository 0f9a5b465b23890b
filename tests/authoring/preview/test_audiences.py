"""The sentence on an item includes the requirements of its section."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.authoring.preview.audiences import list_audiences
from survey_engine.rendering.page_plan import Wording
from tests.writing import write

HEAD = """\
questionnaire: example
title: {en: Example, nl: Voorbeeld, fy: Foarbyld}
source_language: en
languages: {en: {name: English}, nl: {name: Nederlands}, fy: {name: Frysk, groups: [main]}}
background:
  level: {text: {en: Level, nl: Niveau, fy: Nivo}, from: 1, to: 4}
"""
PAGE = "pages: [{page: CODE, questions: [{mark: CODE_mark, text: {en: M?, nl: M?, fy: M?}}]}]\n"
NORTH, SOUTH = "institution: north\nname: North\n", "institution: south\nname: South\n"
HOUSING = "module: housing\ntitle: {en: Housing, nl: Wonen, fy: Wenjen}\nwhen: level >= 2\n" + PAGE.replace("CODE", "housing")
OWN = "own_questions:\n  " + PAGE.replace("CODE", "ours")
THEME = "blocks: [{theme: housing}]\n"
ROUTED = "blocks: [{theme: housing, when: level == 4}]\n"
HERE = "blocks:\n  - " + PAGE.replace("CODE", "ours")


def find_sentences(folder: Path, group: str, *files: str) -> dict[str, str]:
    """Section → sentence on its first item, for a core section and one more group."""
    order = f"order:\n  - {{group: main, sections: [main]}}\n  - {{group: more, {group}}}\n"
    texts = {f"{number}.yaml": text for number, text in enumerate(["section: main\n" + PAGE.replace("CODE", "main"), *files])}
    questionnaire = write(folder, {"questionnaire.yaml": HEAD + order, **texts}).questionnaire
    wording = Wording(questionnaire, questionnaire.languages["en"], None)
    return {title: rows[0].sentence for title, rows in list_audiences(questionnaire, wording, "en")}


NOT_FRISIAN = "the language is not Frysk"
SAID = {
    "a module": (
        ("modules: {random: 1}", HOUSING, NORTH),
        {"Housing": f"Asked when the student has the module “Housing” and {NOT_FRISIAN} and “Level” is at least 2."},
    ),
    "own questions": (
        ("own_questions: true", NORTH + OWN, SOUTH),
        {"North": f"Asked when the institution is North and {NOT_FRISIAN}."},
    ),
    "an own block": (
        ("blocks: {limit: 2}", NORTH + HERE, SOUTH),
        {"North": f"Asked when the institution is North and {NOT_FRISIAN}."},
    ),
    "a theme of one": (
        ("blocks: {limit: 2}", HOUSING, NORTH + THEME, SOUTH),
        {"Housing": f"Asked when the institution is North and {NOT_FRISIAN} and “Level” is at least 2."},
    ),
    "a theme of all": (
        ("blocks: {limit: 2}", HOUSING, NORTH + THEME, SOUTH + THEME),
        {"Housing": f"Asked when {NOT_FRISIAN} and “Level” is at least 2."},
    ),
    "a theme that one routes": (
        ("blocks: {limit: 2}", HOUSING, NORTH + THEME, SOUTH + ROUTED),
        {
            "Housing": "Asked when (the institution is North or (the institution is South and “Level” is 4))"
            f" and {NOT_FRISIAN} and “Level” is at least 2."
        },
    ),
}


@pytest.mark.parametrize("kind", SAID)
def test_the_sentence_has_the_requirements_of_the_section(tmp_path: Path, kind: str) -> None:
    files, said = SAID[kind]
    assert find_sentences(tmp_path, *files) == {"main": "Asked to everyone.", **said}


def test_a_section_of_some_languages_names_them(tmp_path: Path) -> None:
    section = "section: extra\nlanguages: [en]\n" + PAGE.replace("CODE", "extra")
    assert find_sentences(tmp_path, "sections: [extra]", section)["extra"] == "Asked when the language is English."


def test_an_item_of_some_institutions_names_them(tmp_path: Path) -> None:
    page = (
        "pages: [{page: extra, questions: [{grid: did, text: {en: D?, nl: D?}, options: {1: {en: A, nl: A}}, items_from: acts}]}]"
    )
    lists = "lists: {acts: {choir: {en: Choir, nl: Koor}}}\n"
    found = find_sentences(
        tmp_path, "sections: [extra]", f"section: extra\nwhen: institution == 'north'\n{page}\n", NORTH + lists
    )
    assert "the institution is North" in found["extra"]

"""Columns are in the order of asking, one for each variable, however often it is asked."""

from __future__ import annotations

from survey_engine.datasets.columns import lay_out
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.model.variables import RESPONSE_COLUMNS
from tests.datasets.filling import MAIN, write_example
from tests.writing import write_sections

BANK = """\
bank: more
questions:
  - mark: mark_week
    text: {en: A mark for the week?, easy: A mark?}
"""
EAST, WEST = (
    f"""\
institution: {name}
name: {name}
lists: {{clubs: {{choir: {{en: Choir, easy: Choir}}}}}}
own_questions:
  pages:
    - page: {name}_page
      questions:
        - bank: mark_week
"""
    for name in ("east", "west")
)
BLOCKS = """\
questionnaire: blocks
title: Blocks
source_language: en
languages: {en: {name: English}}
background: {level: {text: Level, options: {ba: Bachelor, ma: Master}}}
order: [{group: blocks, blocks: {limit: 6}}]
"""
THEMES = tuple(
    f"""\
module: {name}
pages:
  - page: {name}_page
    questions: [{{mark: mark_{name}, text: A mark?}}]
"""
    for name in ("art", "law", "tea")
)
TAKERS = (
    "institution: a\nname: A\nblocks: [{theme: art, when: level == 'ba'}, {theme: law}]\n",
    "institution: b\nname: B\nblocks: [{theme: art, when: level == 'ba'}]\n",
    "institution: c\nname: C\nblocks:\n  - theme: art\n"
    "  - {when: level == 'ma', pages: [{page: c_page, questions: [{mark: mark_c, text: A mark?}]}]}\n",
)


def write_blocks(folder) -> Questionnaire:
    return write_sections(folder, *THEMES, *TAKERS, head=BLOCKS).questionnaire


def test_columns_are_in_the_order_of_asking(tmp_path):
    assert lay_out(write_example(tmp_path)).names == [
        *RESPONSE_COLUMNS,
        *("module_sport", "module_food", "path", "programme"),
        *("job", "hours", "good", "busy", "why_money", "why_work", "why_else", "since_when", "mark_work"),
        *("may_ask", "may_ask__version", "mark_food", "club_chess", "club_choir"),
    ]


def test_texts_are_in_the_file_of_open_answers_only(tmp_path):
    assert [column.name for column in lay_out(write_example(tmp_path)).texts] == ["job__namely", "why__namely", "improve"]


def test_a_question_that_two_institutions_took_from_the_bank_is_one_column(tmp_path):
    layout = lay_out(write_example(tmp_path, BANK, EAST, WEST))
    (column,) = [column for column in layout.columns if column.name == "mark_week"]
    assert [location.institutions for location in column.locations] == [("east",), ("west",)]


def test_an_option_in_the_lists_of_two_institutions_is_one_column(tmp_path):
    layout = lay_out(write_example(tmp_path))
    (column,) = [column for column in layout.columns if column.name == "club_choir"]
    assert [option.text.wording["en"] for option in column.options] == ["The choir", "Choir"]


def test_a_fixed_column_is_renamed_for_a_question_with_its_name(tmp_path):
    layout = lay_out(write_example(tmp_path, main=MAIN.replace("number: hours", "number: status")))
    assert layout.fixed["status"] == "status_"
    assert "status" in layout.names


def test_a_questionnaire_without_modules_has_no_columns_for_them(tmp_path):
    assert not lay_out(write_blocks(tmp_path)).modules


def test_a_theme_that_no_institution_took_keeps_its_column(tmp_path):
    layout = lay_out(write_blocks(tmp_path))
    locations = {
        column.name: [(location.module, location.institutions) for location in column.locations] for column in layout.columns
    }
    assert locations == {
        "mark_art": [("art", ("a", "b")), ("art", ("c",))],
        "mark_law": [("law", ("a",))],
        "mark_tea": [("tea", ())],
        "mark_c": [(None, ("c",))],
    }

"""The universe of a column in the author's words, from institution to option."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_engine.datasets.columns import TableLayout, lay_out
from survey_engine.datasets.universe import describe_offer, describe_universe, list_asking_institutions
from survey_engine.language.condition_parser import parse_condition
from survey_engine.model.questionnaire import Place
from tests.datasets.filling import CONSENT, FOOD, HEAD, MAIN, NORTH, WORK, write_example
from tests.datasets.test_columns import BANK, EAST, WEST, write_blocks
from tests.writing import ask, write_sections


def describe(layout: TableLayout, name: str) -> tuple[str, ...]:
    (column,) = [column for column in layout.columns if column.name == name]
    return describe_universe(column)


@pytest.mark.parametrize(
    ("name", "universe"),
    [
        ("job", "everybody"),
        ("hours", "page hours_page: job == 'some'"),
        ("busy", "statement busy: job == 'some'"),
        ("why_work", "option work: job == 'some'"),
        ("mark_work", "section work: apprentice (where apprentice = path == 'bbl')"),
        ("mark_food", "language in ['en']; 'food' in assigned"),
        ("club_chess", "institution in ['north']; language in ['en']"),
    ],
)
def test_a_universe_has_every_condition_from_section_to_option(tmp_path, name, universe):
    assert describe(lay_out(write_example(tmp_path)), name) == (universe,)


def test_an_entry_of_the_lists_of_institutions_names_each_of_them(tmp_path):
    questions = "- {multiple: joined, text: Joined?, options: {other: Other}, options_from: clubs}"
    lists = {"north": "chess: Chess, shared: Music", "south": "shared: Music", "east": "rowing: Rowing"}
    institutions = [f"institution: {code}\nname: X\nlists: {{clubs: {{{entries}}}}}" for code, entries in lists.items()]
    layout = lay_out(write_sections(tmp_path, ask(questions), *institutions).questionnaire)
    assert describe(layout, "joined_shared") == ("option shared: institution in ['north'] or institution in ['south']",)
    assert describe(layout, "joined_chess") == ("option chess: institution in ['north']",)
    assert describe(layout, "joined_other") == ("everybody",)


def test_a_question_with_two_locations_has_a_line_for_each(tmp_path):
    layout = lay_out(write_example(tmp_path, BANK, EAST, WEST))
    assert describe(layout, "mark_week") == (
        "institution in ['east']; language in ['en']",
        "institution in ['west']; language in ['en']",
    )


def test_institutions_with_the_same_condition_on_a_theme_share_a_line(tmp_path):
    layout = lay_out(write_blocks(tmp_path))
    assert describe(layout, "mark_art") == ("institution in ['a', 'b']; section art: level == 'ba'", "institution in ['c']")
    assert describe(layout, "mark_tea") == ("at no institution in this edition",)
    assert describe(layout, "mark_c") == ("institution in ['c']; section block_c_2: level == 'ma'",)


def test_named_conditions_are_spelled_out_also_inside_each_other(tmp_path):
    head = HEAD.replace("order:", "  tired: apprentice and job == 'some'\norder:")
    work = WORK.replace("when: apprentice", "when: tired and path != 'tired'")
    questionnaire = write_sections(
        tmp_path, MAIN, work, NORTH.replace("council: [food]", ""), CONSENT, FOOD, head=head
    ).questionnaire
    assert describe(lay_out(questionnaire), "mark_work") == (
        "section work: tired and path != 'tired' (where tired = apprentice and job == 'some', apprentice = path == 'bbl')",
    )


def test_the_institutions_of_a_column_are_those_that_may_ask_it(tmp_path):
    layout = lay_out(write_blocks(tmp_path))
    assert {column.name: list_asking_institutions(column) for column in layout.columns} == {
        "mark_art": ("a", "b", "c"),
        "mark_law": ("a",),
        "mark_tea": (),
        "mark_c": ("c",),
    }


def test_a_code_in_a_condition_may_be_any_word(tmp_path):
    head = HEAD.replace("order:", "  learns: class == 'yes' and path != 'class'\norder:")
    main = """
        section: main
        pages:
          - page: first
            questions: [{yes_no: class, text: Do you have a class?}]
          - page: second
            when: learns
            questions: [{mark: lesson, text: How is it?}]
    """
    questionnaire = write_sections(tmp_path, main, WORK, NORTH, CONSENT, FOOD, head=head).questionnaire
    assert describe(lay_out(questionnaire), "lesson") == (
        "page second: learns (where learns = class == 'yes' and path != 'class')",
    )


@pytest.mark.parametrize(
    ("institutions", "condition", "offer"),
    [
        (None, "", ""),
        ({"north", "east"}, "", "institution in ['east', 'north']"),
        (None, "job == 'some'", "job == 'some'"),
        ({"north"}, "apprentice", "institution in ['north'] and apprentice (where apprentice = path == 'bbl')"),
    ],
)
def test_an_offer_names_its_institutions_and_its_condition(tmp_path, institutions, condition, offer):
    questionnaire = write_example(tmp_path)
    named = {"apprentice": questionnaire.sections["work"].when, "": None}
    when = named[condition] if condition in named else parse_condition(condition, Place(""))
    option = replace(questionnaire.scales["agree"][0], when=when, institutions=institutions and frozenset(institutions))
    assert describe_offer(option, questionnaire) == offer

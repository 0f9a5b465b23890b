"""The item of a variable depends on the institution, as do asked items and offered options."""

from __future__ import annotations

import pytest

from survey_engine.model.questionnaire import Question
from survey_engine.model.variables import find_item, is_asked, is_offered, list_items
from tests.writing import ask, write_sections

LISTS = tuple(
    f"institution: {name}\nname: {name}\nlists: {{clubs: {{{entries}}}}}\n"
    for name, entries in (("north", "chess: Chess, choir: The choir"), ("south", "choir: Choir"))
)


@pytest.fixture
def grid(tmp_path) -> Question:
    question = "- grid: club\n  text: How is it?\n  scale: agree\n  items: {whole: All of it}\n  items_from: clubs"
    return write_sections(tmp_path, ask(question), *LISTS).question


@pytest.mark.parametrize(
    ("name", "institution", "text"),
    [
        ("club_choir", "north", "The choir"),
        ("club_choir", "south", "Choir"),
        ("club_chess", "north", "Chess"),
        ("club_chess", "south", None),
        ("whole", "south", "All of it"),
        ("whole__namely", "south", "All of it"),
    ],
)
def test_an_entry_that_institutions_share_is_the_item_of_the_one_that_asks(grid, name, institution, text):
    item = find_item(grid, name, institution)
    assert (item and item.text.wording["en"]) == text


def test_a_shared_entry_has_an_item_for_each_institution(grid):
    assert [item.institutions for item in list_items(grid, "club_choir")] == [frozenset({"north"}), frozenset({"south"})]


def test_a_statement_of_another_institution_is_not_asked(grid):
    assert [is_asked(item, {}, "south") for item in grid.items] == [True, False, False, True]


def test_an_option_of_another_institution_is_not_offered(tmp_path):
    question = write_sections(tmp_path, ask("- choice: club\n  text: Which?\n  options_from: clubs"), *LISTS).question
    assert [is_offered(option, {}, "south") for option in question.options] == [False, False, True]

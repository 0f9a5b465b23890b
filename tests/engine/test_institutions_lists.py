"""Statements and options of one institution: asked and stored there, rejected elsewhere."""

from __future__ import annotations

import pytest

from survey_engine.engine.decisions import Decision
from survey_engine.engine.response_state import Response, StoredPage
from survey_engine.engine.routing import Respondent, list_possible_sections
from survey_engine.model.questionnaire import Questionnaire, Values
from tests.engine.test_decisions import submit
from tests.writing import change_head, write_sections

HEAD = change_head(
    {
        "languages": "{en: {name: English}, easy: {name: Easy English, locale: en, groups: [late]}}",
        "order": "[{group: early, sections: [main]}, {group: late, sections: [extra]}]",
    }
)
MAIN = """\
section: main
languages: [en]
pages:
  - page: clubs
    questions:
      - grid: known
        text: Do you know?
        options: {1: Well, 2: A bit}
        items: {known_library: The library}
        items_from: clubs
      - choice: best
        text: Which one?
        options: {none: None}
        options_from: clubs
      - multiple: joined
        text: Which have you joined?
        options: {other: {text: Another, namely: true}}
        options_from: clubs
"""
EXTRA = "section: extra\npages:\n  - page: last\n    questions: [{mark: week, text: A mark?}]\n"
NORTH = "institution: north\nname: North\nlists: {clubs: {chess: Chess, shared: Music}}"
SOUTH = "institution: south\nname: South\nlists: {clubs: {rowing: Rowing, shared: Music}}"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return write_sections(tmp_path_factory.mktemp("lists"), MAIN, EXTRA, NORTH, SOUTH, head=HEAD).questionnaire


def post(
    example: Questionnaire, institution: str, form: dict[str, object], stored: Values | None = None, **how: object
) -> Decision:
    pages = {"clubs": StoredPage(dict(stored), writer="before", number=1, done=True)} if stored else {}
    response = Response(1, "example", "v", Respondent(institution, "en", {"level": 3}), pages)
    return submit(example, response, "clubs", form, **how)


OWN = {
    "north": {"known_chess": "1", "known_shared": "2", "known_library": "1", "best": "chess", "joined": ["chess", "shared"]},
    "south": {"known_rowing": "1", "known_shared": "2", "known_library": "1", "best": "rowing", "joined": ["shared", "rowing"]},
}


KNOWN = {"known_library", "known_chess", "known_rowing", "known_shared"}


@pytest.mark.parametrize("wish", ["keep", "next"])
@pytest.mark.parametrize("institution", OWN)
def test_an_entry_of_the_respondents_institution_is_stored(example, institution, wish):
    decision = post(example, institution, OWN[institution], wish=wish)
    assert not decision.errors and not decision.missing
    assert {name: str(value) if name in KNOWN else value for name, value in decision.save.answers.items()} == OWN[institution]


@pytest.mark.parametrize(("institution", "other"), [("north", "south"), ("south", "north")])
def test_an_entry_of_another_institution_is_an_error_and_not_stored(example, institution, other):
    decision = post(example, institution, OWN[other], wish="next")
    assert set(decision.save.answers) == {"known_shared", "known_library"}
    assert set(decision.errors) == {"best", "joined"} and decision.outcome == "again"


@pytest.mark.parametrize("institution", OWN)
def test_a_change_of_another_answer_keeps_stored_entries_of_lists(example, institution):
    first = post(example, institution, OWN[institution], wish="next").save.answers
    changed = {**OWN[institution], "known_library": "2"}
    again = post(example, institution, changed, first, wish="keep", based_on=1)
    assert again.save.answers == {**first, "known_library": 2} and not again.errors


def test_a_section_is_asked_in_its_languages_and_groups_only(example):
    institution = example.institutions["north"]
    asked = {code: [s.code for s in list_possible_sections(example, institution, code, ())] for code in example.languages}
    assert asked == {"en": ["main", "extra"], "easy": ["extra"]}

"""Options added under the label of an answered code."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.rewordings import list_rewordings
from survey_engine.analysis.second_labels import list_second_labels
from tests.writing import ask, change_head, write_questions, write_sections

CLUBS = "a: {nl: Judo}, b: {nl: Roeien}"
HOME = "- choice: home\n  text: Home?\n  options: {a: Room, b: {text: Other, namely: true}}\n"


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        ("a: Room", "a: Room, c: Flat", []),
        ("a: Room", "a: Room, c: room.", [("a: Room", "a: Room · c: room.")]),
        ("a: Room", "a: Room, c: 'Ro\u00adom'", [("a: Room", "a: Room · c: Ro\u00adom")]),
        ("a: Room", "a: Room, c: 'R\u043eom'", [("a: Room", "a: Room · c: R\u043eom")]),
        ("a: Room", "a: Room, c: Something else", [("b: Other", "b: Other · c: Something else")]),
        ("a: Room", "c: Room", []),
        ("Home?", "House?", []),
    ],
    ids=[
        "another label",
        "the same words",
        "an invisible character",
        "a look-alike",
        "the same meaning",
        "another code",
        "no other option",
    ],
)
def test_an_option_with_the_label_of_an_answered_code_is_listed(tmp_path: Path, was: str, now: str, shown: list) -> None:
    old, new = (
        write_questions(tmp_path / name, text).questionnaire for name, text in (("old", HOME), ("new", HOME.replace(was, now)))
    )

    assert [(each.was, each.now) for each in list_second_labels(new, [old])] == shown
    assert list_second_labels(new, [new, old]) == []


def test_labels_that_are_not_in_the_source_language_are_not_compared(tmp_path: Path) -> None:
    """An institution without that language needs no label in it."""
    head = change_head(
        {"languages": "{en: {name: English}, nl: {name: N}}", "title": "{en: X, nl: X}", "background": "", "scales": ""}
    )
    question = "- choice: club\n  text: {en: Club?, nl: Club?}\n  options_from: clubs\n"
    old, new = (
        write_sections(
            tmp_path / name,
            ask(question.replace("Club?}", f"{title}?}}")).replace("pages:", f"title: {{nl: {title}}}\npages:"),
            f"institution: north\nname: North\nlanguages: [nl]\nlists: {{clubs: {{{clubs}}}}}\n",
            head=head,
        ).questionnaire
        for name, title, clubs in (("old", "Club", CLUBS), ("new", "Clubs", f"{CLUBS}, c: {{nl: Dans}}"))
    )

    assert list_second_labels(new, [old]) == []
    assert [each.codes for each in list_rewordings(new, [old])] == [("club",), ("title of section main",)]

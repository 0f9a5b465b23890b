"""Labels of answered codes in a new language variant."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from survey_engine.analysis.new_labels import list_new_labels
from survey_engine.analysis.rewordings import list_rewordings
from survey_engine.model.questionnaire import Questionnaire
from tests.writing import ask, change_head, write_questions, write_sections

HEAD = change_head(
    {
        "languages": "{en: {name: English}, nl: {name: Nederlands}}",
        "title": "{en: Example, nl: Voorbeeld}",
        "background": "{path: {text: {en: Path, nl: Route}, options: {bol: {en: School, nl: School}, bbl: {en: Work, nl: Werk}}}}",
        "scales": "{agree: {1: {en: Disagree, nl: Oneens}, 2: {en: Agree, nl: Eens}}}",
    }
)
QUESTIONS = """\
- grid: views
  text: {en: How is it?, nl: Hoe is het?}
  scale: agree
  items:
    clear: {en: Explains well, nl: Legt goed uit}
    kind: {en: Is friendly, nl: Is vriendelijk}
- choice: fun
  text: {en: Is it fun?, nl: Is het leuk?}
  scale: agree
- number: travel
  text: {en: How long do you travel?, nl: Hoe lang reis je?}
  unit: {en: minutes, nl: minuten}
  to: 300
- choice: ready
  text: {en: Are you ready?, nl: Ben je klaar?}
  options: {a: {en: HAVO, nl: havo}, b: {en: VWO, nl: vwo}}
"""


def make(folder: Path, head: str = HEAD, questions: str = QUESTIONS) -> Questionnaire:
    written = write_questions(folder, questions, head)
    assert not written.compilation.errors
    return written.questionnaire


def make_in_english(folder: Path) -> Questionnaire:
    head, questions = (re.sub(r", nl: (\{[^}]*\}|[^,}]*)", "", text) for text in (HEAD, QUESTIONS))
    return make(folder, head, questions)


def test_labels_of_a_new_language_are_listed_once_for_each_list(tmp_path: Path) -> None:
    found = list_new_labels(make(tmp_path / "new"), [make_in_english(tmp_path / "old")])

    assert [(each.codes, each.language, each.labels) for each in found] == [
        (("clear", "kind", "fun"), "nl", ((1, "Disagree", "Oneens"), (2, "Agree", "Eens"))),
        (("path",), "nl", (("bol", "School", "School"), ("bbl", "Work", "Werk"))),
    ]
    assert str(found[0]).splitlines()[1:] == ["    1 “Disagree” – “Oneens”", "    2 “Agree” – “Eens”"]


@pytest.mark.parametrize(("unit", "shown"), [("minuten", False), ("uren", True), ("keer", True)])
def test_a_unit_that_may_differ_in_a_new_language_is_listed(tmp_path: Path, unit: str, shown: bool) -> None:
    new = make(tmp_path / "new", questions=QUESTIONS.replace("nl: minuten", f"nl: {unit}"))
    found = list_new_labels(new, [make_in_english(tmp_path / "old")])

    assert [str(each).splitlines()[1:] for each in found if each.codes == ("unit of travel",)] == [
        [f"    “minutes” – “{unit}”"]
    ] * shown


def test_a_language_or_an_option_that_was_there_before_is_not_listed(tmp_path: Path) -> None:
    old, new = (
        make(tmp_path / "old"),
        make(tmp_path / "new", HEAD.replace("agree: {", "agree: {3: {en: Unsure, nl: Weet niet}, ")),
    )
    alone = make_in_english(tmp_path / "alone")

    assert list_new_labels(new, [old]) == list_new_labels(new, [alone, old]) == []


def test_a_language_that_an_institution_adds_is_listed_for_its_own_options(tmp_path: Path) -> None:
    question = QUESTIONS + "- choice: club\n  text: {en: Club?, nl: Vereniging?}\n  options_from: clubs\n"
    editions = [
        write_sections(
            tmp_path / name,
            ask(question),
            f"institution: north\nname: North\nlanguages: [{languages}]\nlists: {{clubs: {{a: {chess}, b: {judo}}}}}\n",
            "institution: south\nname: South\nlists: {clubs: {a: {en: Row, nl: Roeien}}}\n",
            head=HEAD,
        ).questionnaire
        for name, languages, chess, judo in (
            ("old", "en", "{en: Chess}", "{en: Swim}"),
            ("new", "en, nl", "{en: Chess, nl: Zwemmen}", "{en: Swim, nl: Schaken}"),
        )
    ]

    assert [(each.codes, each.labels) for each in list_new_labels(editions[1], editions[:1])] == [
        (("club",), (("a", "Chess", "Zwemmen"), ("b", "Swim", "Schaken")))
    ]
    assert list_rewordings(editions[1], editions[:1]) == []


def test_terms_stand_in_the_labels_of_a_new_language(tmp_path: Path) -> None:
    """Those of the institution in its own options."""
    terms = "terms: {school: {en: college, nl: school}}\n"
    question = """\
- choice: club
  text: {en: Club?, nl: Vereniging?}
  options_from: clubs
- choice: where
  text: {en: Where?, nl: Waar?}
  options: {a: {en: "At {school}", nl: "Op {school}"}, b: {en: Home, nl: Thuis}}
"""
    own = """\
institution: north
name: North
terms: {school: {en: ROC, nl: roc}}
lists: {clubs: {x: {en: "By {school}", nl: "Van {school}"}, y: {en: Nothing, nl: Niets}}}
"""
    written = write_sections(tmp_path, ask(question), own, head=HEAD + terms)
    assert not written.compilation.errors
    new = written.questionnaire
    old = replace(new, languages={"en": new.languages["en"]})
    found = {each.codes: each.labels[0][1:] for each in list_new_labels(new, [old])}

    assert (found["club",], found["where",]) == (("By ROC", "Van roc"), ("At college", "Op school"))

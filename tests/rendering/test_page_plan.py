"""Page plans: texts as HTML for one language and institution, with slots for the respondent's values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from babel import Locale
from babel.localedata import locale_identifiers

from survey_engine.model.questionnaire import Language, Page, Place, Questionnaire, Text
from survey_engine.model.text_direction import RIGHT_TO_LEFT
from survey_engine.rendering.page_plan import SLOT_BETWEEN, SLOT_CLOSE, SLOT_OPEN, PagePlan, Wording, format_value, plan_page
from tests.writing import write_sections

HEAD = """\
questionnaire: example
title: Example
source_language: en
languages: {en: {name: English}, nl: {name: Nederlands}}
background:
  programme: {text: {en: Programme, nl: Opleiding}, open: true}
terms:
  school: {en: school, nl: school}
notices:
  names: {en: "No names at {school}.", nl: "Geen namen op {school}."}
order:
  - {group: main, sections: [main]}
"""
MAIN = """\
section: main
title: {en: All about you, nl: Alles over jou}
pages:
  - page: first
    title: {en: "First at {school}", nl: Eerst}
    questions:
      - choice: travel
        text: {en: "How do you go to {school}?", nl: "Hoe ga je naar {school}?"}
        help: {en: "From *door* to door", nl: Van deur tot deur}
        options:
          bike: {text: {en: "By bike & foot", nl: Met de fiets}}
          other: {text: {en: "Other than {programme}", nl: Anders}, namely: true}
  - page: second
    questions:
      - mark: ride
        text: {en: "You said *{travel}*. A mark?", nl: "Je zei {travel}. Een cijfer?"}
      - open: why
        text: {en: Why?, nl: Waarom?}
        notice: names
      - multiple: clubs
        text: {en: Clubs?, nl: Clubs?}
        options_from: clubs
        options: {none: {text: {en: None, nl: Geen}, exclusive: true}}
      - information: note
        text: {en: "One.\\n\\nTwo [here](https://example.org).", nl: Een}
      - consent: agreed
        text: {en: "Three.\\n\\nFour.", nl: Drie}
        version: 1
        parts: {share: {text: {en: Share?, nl: Delen?}}}
"""
HERE = """\
institution: here
name: Here & There
terms: {school: {en: "college <b>", nl: het college}}
lists: {clubs: {chess: {en: Chess, nl: Schaken}}}
"""
THERE = "institution: there\nname: There\nlists: {clubs: {tennis: {en: Tennis, nl: Tennis}}}"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return write_sections(tmp_path_factory.mktemp("pages"), MAIN, HERE, THERE, head=HEAD).questionnaire


def speak(example: Questionnaire, language: str = "en", institution: str | None = "here") -> Wording:
    chosen = example.institutions[institution] if institution else None
    return Wording(example, example.languages[language], chosen)


def find_page(example: Questionnaire, number: int) -> Page:
    return example.sections["main"].pages[number]


def plan(example: Questionnaire, number: int, language: str = "en", institution: str = "here") -> PagePlan:
    heading = example.sections["main"].title
    return plan_page(example, find_page(example, number), heading, speak(example, language, institution))


def say(wording: str) -> Text:
    return Text("any", {"en": wording}, Place("any.yaml"))


def test_an_institutions_term_is_escaped_in_the_text(example):
    assert plan(example, 0).questions[0].html == "How do you go to college &lt;b&gt;?"
    assert plan(example, 0, "nl").questions[0].html == "Hoe ga je naar het college?"
    assert plan(example, 0, institution="there").questions[0].html == "How do you go to school?"


def test_an_institutions_term_can_be_a_link_and_is_its_words_in_a_title(example):
    school = replace(example.terms["school"], wording={"en": "[college](https://college.example.org/why)"})
    here = replace(example.institutions["here"], terms={"school": school})
    wording = Wording(example, example.languages["en"], here)
    text = replace(school, wording={"en": "See {school}."})
    assert wording.html(text) == 'See <a href="https://college.example.org/why" rel="noopener">college</a>.'
    assert wording.line(text) == "See college."


def test_terms_are_filled_into_headings_and_notices(example):
    assert plan(example, 0).heading == "First at college &lt;b&gt;"
    assert plan(example, 1, institution="there").questions[1].notice == "No names at school."


def test_a_page_without_a_title_has_its_sections_title(example):
    assert plan(example, 1, "nl").heading == "Alles over jou"


def test_respondent_values_are_slots_with_labels(example):
    page = plan(example, 1)

    assert page.questions[0].html == f"You said <em>{SLOT_OPEN}known{SLOT_BETWEEN}travel{SLOT_CLOSE}</em>. A mark?"
    assert page.labels["travel"]["bike"] == "By bike &amp; foot"


def test_a_label_that_fills_a_slot_contains_none(example):
    assert plan(example, 1).labels["travel"]["other"] == "Other than …"


def test_a_list_of_the_institution_is_offered_to_its_own_students_only(example):
    assert [option.code for option in plan(example, 1).questions[2].options] == ["chess", "none"]
    assert [option.code for option in plan(example, 1, institution="there").questions[2].options] == ["tennis", "none"]


def test_information_and_consent_become_paragraphs_other_texts_one_line(example):
    note, consent = (question.html for question in plan(example, 1).questions[3:])

    assert consent == "<p>Three.</p><p>Four.</p>"
    assert note == '<p>One.</p><p>Two <a href="https://example.org" rel="noopener">here</a>.</p>'


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("*so* and **so**", "<em>so</em> and <strong>so</strong>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](mailto:a@b.example)", '<a href="mailto:a@b.example" rel="noopener">x</a>'),
        ("![x](https://example.org/x.png)", '!<a href="https://example.org/x.png" rel="noopener">x</a>'),
        ("# no heading", "# no heading"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
    ],
)
def test_markup_is_emphasis_and_links_and_nothing_else(example, written, drawn):
    assert speak(example).html(say(written)) == drawn


def test_a_text_missing_in_a_language_is_in_the_source_language(example):
    assert speak(example, "nl").html(say("Only English")) == "Only English"
    assert speak(example).html(None) == ""


def test_a_line_for_a_title_bar_has_no_markup_and_no_slots(example):
    assert speak(example).line(say("At *{institution}* as {programme}")) == "At Here & There as …"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("bike", "By bike"), (["bike", "other"], "By bike, other"), (None, "…"), ("<b>", "&lt;b&gt;"), (3, "3")],
)
def test_an_earlier_answer_is_shown_by_its_label_and_anything_else_escaped(value, shown):
    assert format_value({"travel": {"bike": "By bike"}}, "travel", value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [("other", "by &lt;boat&gt;"), (["bike", "other"], "By bike, by &lt;boat&gt;"), ("bike", "By bike")]
)
def test_the_other_text_replaces_the_label_of_its_option(value: object, shown: str) -> None:
    labels = {"travel": {"bike": "By bike", "other": "Other, namely"}, "travel__namely": {"other": ""}}
    assert format_value(labels, "travel", value, "by <boat>") == shown
    assert "Other, namely" in format_value(labels, "travel", ["other"], None)


def test_the_right_to_left_languages_are_those_of_cldr():
    locales = [Locale.parse(name) for name in locale_identifiers() if "_" not in name]
    assert {locale.language for locale in locales if locale.text_direction == "rtl"} == RIGHT_TO_LEFT


@pytest.mark.parametrize(
    ("locale", "direction"), [("ar", "rtl"), ("he", "rtl"), ("fa_AF", "rtl"), ("nl@nt2", "ltr"), ("pap", "ltr")]
)
def test_a_language_has_its_writing_direction(locale: str, direction: str) -> None:
    assert Language("x", "X", locale, locale).direction == direction


MARKS = """\
section: main
title: {en: Marks, nl: Cijfers}
pages:
  - page: marks
    questions:
      - {mark: first, text: {en: First?, nl: Eerst?}, when: programme == 'x'}
      - {mark: second, text: {en: Second?, nl: Twee?}}
      - {mark: third, text: {en: Third?, nl: Drie?}}
"""


def test_a_hint_is_not_repeated_below_a_question_that_is_always_asked(tmp_path: Path) -> None:
    written = write_sections(tmp_path, MARKS, HERE, head=HEAD).questionnaire
    assert [question.hint_at for question in plan(written, 0).questions] == ["first", "second", "second"]

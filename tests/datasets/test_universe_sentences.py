"""The universe of a column as a sentence in Dutch and English."""

from __future__ import annotations

import pytest

from survey_engine.datasets.columns import lay_out
from survey_engine.datasets.universe import keep_asked_by
from survey_engine.datasets.universe_sentences import describe_in_words
from tests.datasets.filling import CONSENT, FOOD, HEAD, MAIN, NORTH, SOUTH, WORK, write_example
from tests.datasets.test_columns import BANK, EAST, write_blocks
from tests.datasets.test_columns import WEST as WESTERN
from tests.writing import write_sections


def describe(layout, name):
    return next(describe_in_words(column) for column in layout.columns if column.name == name)


@pytest.mark.parametrize(
    ("name", "english", "dutch"),
    [
        ("job", "Asked to everyone.", "Gevraagd aan iedereen."),
        ("hours", "Asked when “Do you have a job?” is Some.", "Gevraagd als “Do you have a job?” Some is."),
        ("busy", "Asked when “Do you have a job?” is Some.", "Gevraagd als “Do you have a job?” Some is."),
        ("why_work", "Asked when “Do you have a job?” is Some.", "Gevraagd als “Do you have a job?” Some is."),
        ("mark_work", "Asked when “Path” is Work.", "Gevraagd als “Path” Work is."),
        (
            "mark_food",
            "Asked when the language is English and the student has the module “Food”.",
            "Gevraagd als de taal English is en de student de module “Food” heeft.",
        ),
        (
            "club_chess",
            "Asked when the institution is North College and the language is English.",
            "Gevraagd als de instelling North College is en de taal English is.",
        ),
    ],
)
def test_a_sentence_has_every_condition_with_labels(tmp_path, name, english, dutch):
    assert describe(lay_out(write_example(tmp_path)), name) == {"en": english, "nl": dutch}


CLUBS = """\
  - page: clubs
    questions:
      - {choice: best, text: {en: Which?, easy: Which?}, options_from: clubs}
      - {grid: rate, text: {en: How?, easy: How?}, scale: agree, items_from: clubs}
  - page: follow_up
    when: best == 'choir' or rate_choir == 1
    questions: [{mark: sung, text: {en: How?, easy: How?}}]
  - page: there
    when: institution == 'north'
    questions: [{mark: northern, text: {en: How?, easy: How?}}]
"""
WEST = "institution: west\nname: West College\nlists: {clubs: {chess: {en: Chess of west, easy: Chess}}}\n"


@pytest.mark.parametrize(
    ("institution", "followed", "there"),
    [
        ("", "“Which?” is The choir / Choir or “The choir / Choir” is Disagree", "Asked when the institution is North College."),
        ("north", "“Which?” is The choir or “The choir” is Disagree", "Asked to everyone."),
        ("south", "“Which?” is Choir or “Choir” is Disagree", "Asked to nobody: no institution has it."),
        ("west", "“Which?” is choir or “rate_choir” is Disagree", "Asked to nobody: no institution has it."),
    ],
)
def test_a_shared_entry_has_the_labels_of_the_institutions_in_the_file(tmp_path, institution, followed, there):
    layout = lay_out(write_example(tmp_path, WEST, main=MAIN + CLUBS))
    layout = keep_asked_by(layout, institution) if institution else layout
    assert describe(layout, "sung")["en"] == f"Asked when {followed}."
    assert describe(layout, "northern")["en"] == there


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("institution == 'south'", "Asked to nobody: no institution has it."),
        ("institution != 'south'", "Asked when the institution is North College and the language is English."),
        (
            "institution == 'north' and path == 'bol'",
            "Asked when the institution is North College and the language is English and “Path” is School.",
        ),
    ],
)
def test_a_sentence_does_not_name_an_institution_twice(tmp_path, when, sentence):
    north = NORTH.replace("options_from: clubs", f"options_from: clubs\n          when: {when}")
    written = write_sections(tmp_path, MAIN, WORK, CONSENT, FOOD, north, SOUTH, head=HEAD)
    assert describe(lay_out(written.questionnaire), "club_chess")["en"] == sentence


def test_two_locations_are_one_sentence(tmp_path):
    layout = lay_out(write_example(tmp_path, BANK, EAST, WESTERN))
    assert describe(layout, "mark_week")["en"] == (
        "Asked when (the institution is east and the language is English) or (the institution is west and the language is English)."
    )


def test_a_theme_that_no_institution_took_is_asked_to_nobody(tmp_path):
    layout = lay_out(write_blocks(tmp_path))
    assert "Asked to nobody: no institution has it." in {describe_in_words(column)["en"] for column in layout.columns}


def test_another_universe_in_an_earlier_version_follows(tmp_path):
    old = write_example(tmp_path / "old", main=MAIN.replace("    when: job == 'some'\n", "", 1))
    new = write_example(tmp_path / "new")
    sentence = describe(lay_out(new, [old]), "hours")["en"]
    assert sentence == f"Asked when “Do you have a job?” is Some. Version {old.version}: Asked to everyone."


def test_sentences_are_in_the_codebook(store, tmp_path):
    exported = store.export(tmp_path / "out")
    (row,) = [row for row in exported.codebook if row["variable"] == "hours"]
    assert row["universe_nl"] == "Gevraagd als “Do you have a job?” Some is."
    assert "Asked when “Do you have a job?” is Some." in exported.files["codebook.html"].decode()

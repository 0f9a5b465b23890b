"""The question bank: test status, complete languages and use of each question."""

from survey_engine.analysis.question_bank import list_bank
from tests.writing import write_head

BANK = """\
bank: more
questions:
  - {mark: room, text: {en: How is your room?, nl: Hoe is je kamer?}, tested: true}
  - {mark: sleep, text: {en: How do you sleep?}}
  - {number: walks, text: {en: How often do you walk?, nl: Hoe vaak wandel je?}, from: 0, to: 9, unit: {en: times}}
"""
MAIN_ONLY = """\
institution: school
name: School
own_questions:
  pages:
    - {page: own_first, questions: [{bank: room}]}
"""
HEAD = {
    "languages": "{en: {name: English}, nl: {name: Nederlands}}",
    "order": "[{group: main, sections: [main]}, {group: own, own_questions: true}]",
}


def read_bank(folder):
    questionnaire = write_head(folder, HEAD, BANK, MAIN_ONLY).compilation.questionnaire
    return {entry.question.code: entry for entry in list_bank(questionnaire, [])}


def test_tested_and_unknown_are_different(tmp_path):
    entries = read_bank(tmp_path)
    assert entries["room"].tested is True
    assert entries["sleep"].tested is None


def test_a_language_counts_only_with_the_whole_wording(tmp_path):
    entries = read_bank(tmp_path)
    assert entries["room"].languages == ("en", "nl")
    assert entries["sleep"].languages == ("en",)
    assert entries["walks"].languages == ("en",), "its unit has no Dutch"


def test_the_history_names_who_asks_it(tmp_path):
    entries = read_bank(tmp_path)
    assert entries["room"].history == ("example: school",)
    assert entries["sleep"].history == ()

"""Sentences on the audience of an item."""

import pytest

from survey_engine.language.condition_parser import parse_condition
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import Place
from survey_engine.rendering.condition_sentences import make_condition_writer
from tests.writing import HEAD, MAIN, write

QUESTIONS = """\
      - multiple: needs
        text: What do you need?
        options: {time: More time, quiet: A quiet room}
      - number: days
        text: How many days?
        from: 0
        to: 7
"""


@pytest.fixture
def questionnaire(tmp_path):
    return write(tmp_path, {"questionnaire.yaml": HEAD, "main.yaml": MAIN + QUESTIONS}).questionnaire


SAID = {
    "path == 'bol'": "Asked when “Path” is School.",
    "path != 'bol'": "Asked when “Path” is not School.",
    "level >= 2": "Asked when “Level” is at least 2.",
    "level < 2": "Asked when “Level” is less than 2.",
    "level in [2, 3]": "Asked when “Level” is 2 or 3.",
    "level not in [2, 3]": "Asked when “Level” is none of 2 or 3.",
    "'time' in needs": "Asked when More time is among the answers to “What do you need?”.",
    "'time' not in needs": "Asked when More time is not among the answers to “What do you need?”.",
    "count(needs) >= 2": "Asked when the number of answers to “What do you need?” is at least 2.",
    "2 < level": "Asked when 2 is less than “Level”.",
    "2 <= count(needs)": "Asked when 2 is at most the number of answers to “What do you need?”.",
    "days > count(needs)": "Asked when “How many days?” is more than the number of answers to “What do you need?”.",
    "answered(days)": "Asked when “How many days?” was answered.",
    "not answered(days)": "Asked when it is not the case that “How many days?” was answered.",
    "path == 'bol' and level == 4": "Asked when “Path” is School and “Level” is 4.",
    "path == 'bol' and (level == 4 or level == 1)": "Asked when “Path” is School and (“Level” is 4 or “Level” is 1).",
    "path == 'bol' or level == 4 and level != 1": "Asked when “Path” is School or (“Level” is 4 and “Level” is not 1).",
    "not (path == 'bol' and level == 4)": "Asked when it is not the case that (“Path” is School and “Level” is 4).",
    "not (path == 'bol')": "Asked when “Path” is not School.",
    "not (level in [2, 3])": "Asked when “Level” is none of 2 or 3.",
    "not (level < 2)": "Asked when it is not the case that “Level” is less than 2.",
    "language == 'en'": "Asked when the language is English.",
}


@pytest.mark.parametrize("source", SAID)
def test_a_condition_is_worded_with_labels(questionnaire, source):
    condition = parse_condition(source, Place("x.yaml"))
    assert make_condition_writer(questionnaire, "en").describe_audience([condition]) == SAID[source]


@pytest.mark.parametrize(
    ("kind", "parts", "en", "nl"),
    [
        ("mean", ("level", "days"), "the mean of “Level” and “How many days?”", "het gemiddelde van “Level” en “How many days?”"),
        (
            "sum",
            ("level", "days", "path", "needs"),
            "the sum of “Level”, “How many days?” and 2 more",
            "de som van “Level”, “How many days?” en nog 2",
        ),
        (
            "count",
            ("needs",),
            "the number of answered questions among “What do you need?”",
            "het aantal beantwoorde vragen onder “What do you need?”",
        ),
        (
            "years",
            ("days", "today"),
            "the number of years from “How many days?” to the day of the start",
            "het aantal jaren van “How many days?” tot de dag van de start",
        ),
    ],
)
def test_a_derived_value_is_worded_with_the_labels_of_its_parts(questionnaire, kind, parts, en, nl):
    condition = parse_condition("value >= 3", Place("x.yaml"), derived={"value": Derived("value", kind, parts)})
    assert make_condition_writer(questionnaire, "en").describe_audience([condition]) == f"Asked when {en} is at least 3."
    assert make_condition_writer(questionnaire, "nl").describe_audience([condition]) == f"Gevraagd als {nl} minstens 3 is."


def test_an_item_without_conditions_is_asked_to_everyone(questionnaire):
    assert make_condition_writer(questionnaire, "en").describe_audience([None, None]) == "Asked to everyone."
    assert make_condition_writer(questionnaire, "nl").describe_audience([]) == "Gevraagd aan iedereen."


def test_conditions_of_section_page_and_item_are_joined(questionnaire):
    sources = ("path == 'bbl'", "level > 1 or level == 1", "path == 'bbl' and path == 'bbl'")
    conditions = [parse_condition(source, Place("x.yaml")) for source in sources]
    said = make_condition_writer(questionnaire, "nl").describe_audience([*conditions, None])
    assert said == "Gevraagd als “Path” Work is en (“Level” hoger dan 1 is of “Level” 1 is)."


@pytest.mark.parametrize(
    ("source", "en", "nl"),
    [
        ("noise != 1", "“Noise” is not Soft, or was not asked", "“Noise” niet Soft is, of niet gevraagd is"),
        ("not (noise == 1)", "“Noise” is not Soft, or was not asked", "“Noise” niet Soft is, of niet gevraagd is"),
        (
            "level == 1 and noise not in [1]",
            "“Level” is 1 and (“Noise” is none of Soft, or was not asked)",
            "“Level” 1 is en (“Noise” niet Soft is, of niet gevraagd is)",
        ),
        (
            "answered(noise) and noise != 1",
            "“Noise” was answered and “Noise” is not Soft",
            "“Noise” beantwoord is en “Noise” niet Soft is",
        ),
        ("level == 4 and noise != 1", "“Level” is 4 and “Noise” is not Soft", "“Level” 4 is en “Noise” niet Soft is"),
        (
            "count(noise) < 1",
            "the number of answers to “Noise” is less than 1, or “Noise” was not asked",
            "het aantal antwoorden op “Noise” lager dan 1 is, of “Noise” niet gevraagd is",
        ),
        ("noise == 1", "“Noise” is Soft", "“Noise” Soft is"),
        ("days != 1", "“How many days?” is not 1", "“How many days?” niet 1 is"),
    ],
)
def test_a_sentence_names_those_who_were_not_asked_if_they_pass(tmp_path, source, en, nl):
    noise = "      - {choice: noise, text: Noise, when: level == 4, options: {1: Soft, 2: Loud}}\n"
    written = write(tmp_path, {"questionnaire.yaml": HEAD, "main.yaml": MAIN + QUESTIONS + noise})
    condition = parse_condition(source, Place("x.yaml"))
    for language, said in (("en", f"Asked when {en}."), ("nl", f"Gevraagd als {nl}.")):
        assert make_condition_writer(written.questionnaire, language).describe_audience([condition]) == said


IN_SYMBOLS = {
    "path == 'bol'": "➔ “Path” = School",
    "level in [2, 3] and days >= 2": "➔ “Level” = 2 / 3 & “How many days?” ≥ 2",
    "path != 'bol' or level == 4 and not answered(days)": "➔ “Path” ≠ School / (“Level” = 4 & ¬ (“How many days?” ✓))",
    "'time' in needs and count(needs) < 2": "➔ “What do you need?” ☑ More time & # “What do you need?” < 2",
}


@pytest.mark.parametrize("source", IN_SYMBOLS)
def test_a_condition_has_a_form_without_words_of_a_language(questionnaire, source):
    condition = parse_condition(source, Place("x.yaml"))
    assert make_condition_writer(questionnaire, "symbols").describe_audience([condition]) == IN_SYMBOLS[source]

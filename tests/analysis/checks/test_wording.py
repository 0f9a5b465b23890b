"""Wording that reduces measurement quality, in languages with word lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.wording import check_wording
from tests.analysis.checks.advice import advise, name_codes
from tests.writing import HEAD, write_questions

BOTH = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}, xx: {name: Simpel, locale: nl@nt2}}")


def state(wording: str, more: str = "") -> str:
    return f'- grid: views\n  text: Views?\n  scale: agree\n  items:\n    fun: {{text: "{wording}"{more}}}\n'


@pytest.mark.parametrize(
    ("wording", "codes"),
    [
        ("The lessons are clear", []),
        ("The lessons and tests are clear", ["double-barrelled"]),
        ("The contact between school and company", []),
        ("The lessons are not clear", ["negated"]),
        ("I don't like it", ["negated"]),
        ("The notes are clear", []),
        ("Of course the lessons are clear", ["steering"]),
        ("Clearly the lessons are good", ["steering"]),
        ("The lessons, clearly, are good", ["steering"]),
        ("My coach explains things clearly", []),
        ("I behave naturally at school", []),
        ("Time and again, I try", []),
        ("The pace (slow or fast) of the lessons", []),
        ("The lessons and tests (of all kinds) are clear", ["double-barrelled"]),
        ("Damp and mould", []),
        ("Sooner or later he or she gives in", []),
        ("More time and more money", ["double-barrelled"]),
        ("Please choose “Not like me” here", []),
    ],
)
def test_a_statement_has_one_subject_and_no_negation(tmp_path: Path, wording: str, codes: list[str]) -> None:
    assert name_codes(check_wording(write_questions(tmp_path, state(wording)).questionnaire)) == codes


def test_tested_items_are_not_reported(tmp_path: Path) -> None:
    questions = state("The lessons and tests are not clear", ", tested: true")

    assert name_codes(check_wording(write_questions(tmp_path, questions).questionnaire)) == []


def test_a_question_may_join_things_but_not_lead(tmp_path: Path) -> None:
    questions = "- mark: a\n  text: How are school and work?\n- yes_no: b\n  text: Surely you like it?\n"

    assert advise(check_wording, write_questions(tmp_path, questions)) == [("steering", "b")]


@pytest.mark.parametrize(
    ("language", "stem", "codes"),
    [
        ("en", "Are you satisfied with your lessons?", ["steering"]),
        ("en", "How satisfied are you with your lessons?", []),
        ("en", "Do you agree?", ["steering"]),
        ("en", "Do you agree or disagree?", []),
        ("en", "To what extent do you agree?", []),
        ("en", "What do you agree with?", []),
        ("en", "What would you not want to miss?", []),
        ("en", "Overall, do you agree that it is good?", ["steering"]),
        ("en", "Would you not agree that it is good?", ["steering"]),
        ("de", "Würdest du nicht sagen, dass es gut ist?", ["steering"]),
        ("nl", "Ben je tevreden over je lessen?", ["steering"]),
        ("nl", "Hoe tevreden ben je over je lessen?", []),
        ("nl", "Ben je het eens met deze zinnen?", ["steering"]),
        ("nl", "Ben je het eens met deze zinnen, of niet?", []),
        ("nl", "In hoeverre ben je het eens met deze zinnen?", []),
        ("de", "Bist du zufrieden mit dem Unterricht?", ["steering"]),
        ("de", "Wie zufrieden bist du mit dem Unterricht?", []),
        ("de", "Stimmst du zu?", ["steering"]),
        ("de", "Inwieweit stimmst du zu oder nicht zu?", []),
    ],
)
def test_a_stem_names_both_ends_of_its_scale(tmp_path: Path, language: str, stem: str, codes: list[str]) -> None:
    head = HEAD.replace("source_language: en", f"source_language: {language}").replace("{en: {name", f"{{{language}: {{name")
    questions = f'- grid: views\n  text: "{stem}"\n  scale: agree\n  items: {{fun: Plezier}}\n'

    assert name_codes(check_wording(write_questions(tmp_path, questions, head).questionnaire)) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Do you plan to move and do you look forward to it?", ["double-barrelled"]),
        ("Do you pay for both heat and water?", []),
        ("Do you come and go as you please?", []),
    ],
)
def test_a_question_with_one_answer_asks_one_thing(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert name_codes(check_wording(write_questions(tmp_path, f"- yes_no: b\n  text: {text}").questionnaire)) == codes
    assert name_codes(check_wording(write_questions(tmp_path / "x", f"- open: b\n  text: {text}").questionnaire)) == []


@pytest.mark.parametrize(
    ("type_", "help_", "codes"),
    [
        ("multiple", "You may choose more than one answer.", ["said-by-page"]),
        ("multiple", "Think of last week.", []),
        ("choice", "If more than one fits, choose the first.", []),
    ],
)
def test_a_question_leaves_to_the_page_what_it_says_itself(tmp_path: Path, type_: str, help_: str, codes: list[str]) -> None:
    questions = f"- {type_}: plans\n  text: Your plans?\n  help: {help_}\n  options: {{a: A, b: B}}"

    assert name_codes(check_wording(write_questions(tmp_path, questions).questionnaire)) == codes


@pytest.mark.parametrize(
    ("language", "text", "reported"),
    [
        ("nl", "Gebruik je wel of geen spikes?", False),
        ("nl", "Gaat het niet alleen om winnen, maar ook om plezier?", False),
        ("nl", "Heb je een half jaar of langer niet gesport?", False),
        ("nl", "Waren de lessen dit jaar niet goed?", True),
        ("nl", "Was de training niet zonder problemen?", True),
        ("nl", "Ben je het er niet mee oneens?", True),
        ("en", "Have you not played for six months or longer?", False),
        ("en", "Is it not only about winning but also about fun?", False),
        ("en", "Do you use spikes or not?", False),
        ("en", "Did you not like the work for school?", True),
        ("de", "Geht es nicht nur ums Gewinnen, sondern auch um Spaß?", False),
        ("de", "Hast du ein Jahr oder länger nicht gespielt?", False),
        ("de", "Hast du nicht gespielt?", True),
    ],
)
def test_a_set_phrase_or_a_period_without_something_is_no_negation(
    tmp_path: Path, language: str, text: str, reported: bool
) -> None:
    head = HEAD.replace("source_language: en", f"source_language: {language}").replace("{en: {", f"{{{language}: {{")
    written = write_questions(tmp_path, f'- yes_no: b\n  text: "{text}"', head)
    assert ("negated" in [code for code, _ in advise(check_wording, written)]) == reported


def test_a_yes_no_question_with_a_negation_is_reported(tmp_path: Path) -> None:
    assert advise(check_wording, write_questions(tmp_path, "- yes_no: b\n  text: Did you not go?")) == [("negated", "b")]


def test_a_variant_is_judged_by_the_language_it_is_in_and_only_once(tmp_path: Path) -> None:
    text = "{en: Lessons are clear, nl: Lessen zijn helder, xx: Les en boek zijn goed}"
    questions = f"- grid: views\n  text: {{en: V?, nl: V?, xx: V?}}\n  scale: agree\n  items:\n    fun: {text}\n"
    found = list(check_wording(write_questions(tmp_path, questions, BOTH).questionnaire))

    assert [(problem.code, problem.facts["language"]) for problem in found] == [("double-barrelled", "xx")]


def test_in_dutch_a_statement_may_begin_with_whether(tmp_path: Path) -> None:
    head = HEAD.replace("source_language: en", "source_language: nl").replace("{en: {name: English}}", "{nl: {name: Nederlands}}")

    assert name_codes(check_wording(write_questions(tmp_path, state("Of je hulp krijgt"), head).questionnaire)) == []
    later = state("Je rooster of je lessen")
    assert name_codes(check_wording(write_questions(tmp_path / "b", later, head).questionnaire)) == ["double-barrelled"]


def test_a_reversed_statement_may_have_a_negation(tmp_path: Path) -> None:
    for more, codes in ((", reverse: true", []), ("", ["negated"])):
        assert (
            name_codes(check_wording(write_questions(tmp_path / str(len(more)), state("I do not rest", more)).questionnaire))
            == codes
        )

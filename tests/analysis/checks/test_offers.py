"""At every institution each question offers something, and no student gets a question twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.offers import check_institution_names, check_language_names
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, ask, write_head, write_sections

NORTH = "institution: north\nname: North\nlists: {clubs: {choir: Choir, chess: Chess}}"
SOUTH = "institution: south\nname: South"


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("- «multiple: clubs\n  text: Clubs?\n  options_from: clubs", "options"),
        ("- «choice: clubs\n  text: Clubs?\n  options_from: clubs", "options"),
        ("- «grid: clubs\n  text: Clubs?\n  scale: agree\n  items_from: clubs", "statements"),
    ],
)
def test_an_institution_without_the_list_is_pointed_out(tmp_path: Path, question: str, what: str) -> None:
    written = write_sections(tmp_path, ask(question), NORTH, SOUTH)
    problem = written.find("nothing-offered")
    assert problem.wrong == f"'clubs' has no {what} at the institution 'south', so it is not asked there"
    assert not written.compilation.errors
    assert "nothing-offered" not in write_sections(tmp_path / "fine", ask(question.replace("«", "")), NORTH).codes


def test_a_condition_on_the_institution_excuses_a_missing_list(tmp_path: Path) -> None:
    question = "- multiple: clubs\n  text: Clubs?\n  options_from: clubs\n  when: institution == 'north'"
    assert "nothing-offered" not in write_sections(tmp_path, ask(question), NORTH, SOUTH).codes


@pytest.mark.parametrize(
    ("options", "reported"),
    [
        ("{other: Another}", True),
        ("{chess: Chess, none: {text: None, exclusive: true}}", True),
        ("{none: {text: None, exclusive: true}, other: {text: 'Another, namely', namely: true}}", True),
        ("{chess: Chess, choir: Choir}", False),
    ],
)
def test_an_institution_without_the_list_needs_two_answers(tmp_path: Path, options: str, reported: bool) -> None:
    question = f"- «multiple: clubs\n  text: Clubs?\n  options_from: clubs\n  options: {options}"
    written = write_sections(tmp_path, ask(question), NORTH.replace("choir: Choir, chess: Chess", "judo: Judo"), SOUTH)
    assert ("list-missing" in written.codes) == reported
    if reported:
        assert written.find("list-missing").facts["institution"] == "south"


def test_options_for_all_institutions_are_enough(tmp_path: Path) -> None:
    question = "- multiple: clubs\n  text: Clubs?\n  options_from: clubs\n  options: {other: Another}"
    assert "nothing-offered" not in write_sections(tmp_path, ask(question), NORTH, SOUTH).codes


BANK = "bank: more\nquestions: [{mark: stress, text: S?}]"
OWN = "own_questions: {{pages: [{{page: {0}, {1}questions: [{{bank: stress}}]}}]}}"
CORE = "section: core\npages: [{page: first, questions: [{bank: stress}]}]"
ORDER = "[{group: main, sections: [core]}, {group: own, own_questions: true}]"


def test_a_bank_question_is_not_asked_twice_of_one_student(tmp_path: Path) -> None:
    own = OWN.format("«own", "")
    problem = write_head(tmp_path, {"order": ORDER}, CORE, BANK, f"{SOUTH}\n{own}").find("twice-in-order")
    assert problem.wrong == "question 'stress' is asked twice"


@pytest.mark.parametrize(("when", "reported"), [("level == 2", False), ("level == 1", True), ("path == 'bol'", True)])
def test_a_question_in_two_places_needs_conditions_that_exclude_each_other(tmp_path: Path, when: str, reported: bool) -> None:
    core = CORE.replace("page: first", "page: first, when: level == 1")
    own = OWN.format("own", f"when: {when}, ")
    assert ("twice-in-order" in write_head(tmp_path, {"order": ORDER}, core, BANK, f"{SOUTH}\n{own}").codes) == reported


@pytest.mark.parametrize(
    ("first", "second", "reported"),
    [("", "", True), ("", ", when: path == 'bol'", True), (", when: path == 'bol'", ", when: path == 'bbl'", False)],
)
def test_a_question_twice_on_one_page_is_reported(tmp_path: Path, first: str, second: str, reported: bool) -> None:
    core = f"section: core\npages: [{{page: first, questions: [{{bank: stress{first}}}, {{bank: stress{second}}}]}}]"
    order = "[{group: main, sections: [core]}]"
    assert ("twice-in-order" in write_head(tmp_path, {"order": order}, core, BANK, SOUTH).codes) == reported


@pytest.mark.parametrize(("council", "reported"), [("[food]", True), ("[]", False)])
def test_a_question_in_two_modules_is_reported_if_one_student_gets_both(tmp_path: Path, council: str, reported: bool) -> None:
    food, sleep = (f"module: {code}\npages: [{{page: {code}, questions: [{{bank: stress}}]}}]" for code in ("food", "sleep"))
    order = "[{group: main, sections: [main]}, {group: modules, modules: {council: 1, random: 1}}]"
    south = f"{SOUTH}\nmodules: {{council: {council}}}"
    assert ("twice-in-order" in write_head(tmp_path, {"order": order}, BANK, food, sleep, south).codes) == reported


def test_a_question_in_groups_of_different_variants_is_asked_once(tmp_path: Path) -> None:
    languages = "{en: {name: English}, nt2: {name: Simple, based_on: en, draft: true, groups: [simple]}}"
    change = {"languages": languages.replace("{name: English}", "{name: English, groups: [main]}")}
    change["order"] = "[{group: main, sections: [core]}, {group: simple, sections: [simple]}]"
    simple = CORE.replace("section: core", "section: simple").replace("first", "simple")
    written = write_head(tmp_path, change, CORE, simple, BANK, f"{SOUTH}\nlanguages: [en, nt2]")
    assert "twice-in-order" not in written.codes


def test_two_institutions_may_take_over_the_same_question(tmp_path: Path) -> None:
    order = "[{group: main, sections: [main]}, {group: own, own_questions: true}]"
    institutions = (f"{SOUTH}\n{OWN.format('south_page', '')}", f"{NORTH}\n{OWN.format('north_page', '')}")
    assert "twice-in-order" not in write_head(tmp_path, {"order": order}, BANK, *institutions).codes


def test_two_institutions_with_one_name_are_reported(tmp_path: Path) -> None:
    written = write_head(tmp_path, {}, "institution: north\nname: One College", "institution: south\nname: one college")
    (problem,) = check_institution_names(written.questionnaire)
    assert (problem.code, problem.facts["code"]) == ("same-name", "south")


@pytest.mark.parametrize(
    ("name", "codes"), [("Institution name", ["template-name"]), ("Naam van de instelling", ["template-name"]), ("School", [])]
)
def test_a_name_left_from_a_template_is_reported(tmp_path: Path, name: str, codes: list[str]) -> None:
    written = write_head(tmp_path, {}, f"institution: north\nname: {name}")
    assert [problem.code for problem in check_institution_names(written.questionnaire)] == codes


@pytest.mark.parametrize(
    ("text", "codes"), [("Is South fun?", ["other-institution"]), ("Is North fun?", []), ("Is Southend fun?", [])]
)
def test_a_local_question_that_names_another_institution_is_reported(tmp_path: Path, text: str, codes: list[str]) -> None:
    own = f"own_questions:\n  pages: [{{page: own, questions: [{{yes_no: fun, text: {text}}}]}}]"
    order = "[{group: main, sections: [main]}, {group: own, own_questions: true}]"
    written = write_head(tmp_path, {"order": order}, f"{NORTH}\n{own}", SOUTH)
    assert [problem.code for problem in check_institution_names(written.questionnaire)] == codes


@pytest.mark.parametrize(("name", "codes"), [("english", ["same-name"]), ("Nederlands", [])])
def test_language_variants_have_different_names(tmp_path: Path, name: str, codes: list[str]) -> None:
    head = HEAD.replace("{en: {name: English}}", f"{{en: {{name: English}}, nl: {{name: {name}, draft: true}}}}")
    written = write_sections(tmp_path, ask("- mark: week\n  text: {en: How?, nl: Hoe?}"), head=head)
    assert [problem.code for problem in check_language_names(written.questionnaire)] == codes


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ("html_lang: nl", ["html-language"]),
        ("html_lang: en-GB", []),
        ("html_lang: nl, locale: nl@nt2", []),
    ],
)
def test_html_lang_is_the_language_of_the_variant(tmp_path: Path, settings: str, codes: list[str]) -> None:
    written = write_head(tmp_path, {"languages": f"{{en: {{name: English, {settings}}}}}"})

    assert name_codes(check_language_names(written.questionnaire)) == codes


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("{school} North", True),
        ("*North* College", True),
        ("[North](https://example.org)", True),
        ("<b>North</b>", True),
        ("North*", False),
        ("College North (Delft) [A]", False),
    ],
)
def test_a_name_has_no_markup(tmp_path: Path, name: str, found: bool) -> None:
    written = write_head(tmp_path, {}, f'institution: north\nname: "{name}"')
    assert [problem.code for problem in check_institution_names(written.questionnaire)] == ["name-markup"] * found

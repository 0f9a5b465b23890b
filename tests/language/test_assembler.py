"""Assembling a questionnaire: languages, order, bank, institutions, variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.model.rules import BlockRule
from tests.writing import ANY_QUESTION, ask, write_head, write_sections

MODULE = "module: {code}\npages: [{{page: {code}_page, questions: [{{mark: {code}_mark, text: M?}}]}}]"


def test_a_language_variant_knows_its_locale_and_its_tag(tmp_path: Path) -> None:
    languages = "{en: {name: English}, pap: {name: P, html_lang: pap-BQ, draft: true}, nt2: {name: N, locale: nl@nt2}}"
    found = write_head(tmp_path, {"languages": languages}).questionnaire.languages
    assert (found["en"].locale, found["en"].html_lang) == ("en", "en")
    assert (found["pap"].locale, found["pap"].html_lang, found["pap"].draft) == ("pap", "pap-BQ", True)
    assert (found["nt2"].locale, found["nt2"].html_lang) == ("nl@nt2", "nl")


@pytest.mark.parametrize("languages", ["{en: {name: E}, «klingon: {name: K}}", "{en: {name: E, locale: «xx}}"])
def test_a_locale_that_babel_does_not_know_is_refused(tmp_path: Path, languages: str) -> None:
    problems = write_head(tmp_path, {"languages": languages})
    assert problems.find("unknown-locale").remedy.startswith("Give the language a `locale:`")


@pytest.mark.parametrize("settings", ["", ", based_on: nl", ", draft: true"])
def test_a_register_without_a_locale_is_one_message_with_its_locale(tmp_path: Path, settings: str) -> None:
    languages = f"{{en: {{name: E}}, nl: {{name: N, draft: true}}, «easy: {{name: Easy{settings}}}}}"
    written = write_head(tmp_path, {"languages": languages})
    locale = "nl@easy" if "nl" in settings else "en@easy"
    assert locale in written.find("unknown-locale").remedy and sorted(written.codes) == ["unknown-locale", "variant-withheld"]

    written = write_head(tmp_path, {"languages": languages.replace("name: Easy", f"name: Easy, locale: {locale}")})
    assert "unknown-locale" not in written.codes


@pytest.mark.parametrize(
    ("change", "kind", "guess"),
    [
        ({"source_language": "«een"}, "language", "en"),
        ({"languages": "{en: {name: E, based_on: «enn}}"}, "language", "en"),
        ({"languages": "{en: {name: E, groups: [main, «mian]}}"}, "group", "main"),
        ({"order": "[{group: main, sections: [main, «mian]}]"}, "section", "main"),
        ({"linked": "[[main, «mian]]"}, "section", "main"),
    ],
)
def test_an_unknown_name_is_reported_at_its_place(tmp_path: Path, change: dict[str, str], kind: str, guess: str) -> None:
    written = write_head(tmp_path, change)
    problem = next(p for p in written.problems if p.code == "unknown-name")
    assert problem.place == written.marks[0]
    assert f"there is no {kind} '" in problem.wrong and f"did you mean '{guess}'?" in problem.wrong


def test_a_module_in_the_place_of_a_section_is_named_as_such(tmp_path: Path) -> None:
    food = "module: food\npages: [{page: food, questions: [{mark: food_mark, text: F?}]}]"
    problem = write_head(tmp_path, {"order": "[{group: main, sections: [main, «food]}]"}, food).find("unknown-name")
    assert problem.wrong == "there is no section 'food' (it is a module: its file begins with `module:`)"


def test_a_section_is_asked_once(tmp_path: Path) -> None:
    assert write_head(tmp_path, {"order": "[{group: main, sections: [main, «main]}]"}).find("twice-in-order")
    order = "[{group: main, sections: [main]}, {group: more, sections: [«main]}]"
    assert write_head(tmp_path, {"order": order}).find("twice-in-order")


@pytest.mark.parametrize(
    "group", ["group: «g", "group: «g, sections: [main], own_questions: true", "group: «g, own_questions: false"]
)
def test_a_group_is_exactly_one_kind_of_step(tmp_path: Path, group: str) -> None:
    written = write_head(tmp_path, {"order": f"[{{{group}}}]"})
    assert "`own_questions: true`" in written.find("needs-one").wrong


def test_modules_and_blocks_have_their_rules(tmp_path: Path) -> None:
    order = "[{group: main, sections: [main]}, {group: m, modules: {council: 1, random: 1}}, {group: b, blocks: {limit: 6}}]"
    written = write_head(tmp_path, {"order": order}, MODULE.format(code="food"))
    groups = written.questionnaire.order
    rule = groups[1].modules
    assert rule and (rule.council, rule.institution, rule.random) == (1, 0, 1) and groups[2].blocks == BlockRule(6, 3, 3)
    assert list(written.questionnaire.modules) == ["food"]


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("«modules: {council: [food]}", "modules"),
        ("«blocks: [{theme: food}]", "blocks"),
        ("«own_questions: {pages: [{page: o, questions: [{mark: o_mark, text: O?}]}]}", "own_questions"),
    ],
)
def test_an_institution_can_only_use_what_the_order_has(tmp_path: Path, setting: str, kind: str) -> None:
    institution = f"institution: north\nname: North\n{setting}"
    problem = write_head(tmp_path, {}, MODULE.format(code="food"), institution).find("not-in-instrument")
    assert problem.facts["kind"] == kind


def test_every_column_is_a_variable_with_its_origin(tmp_path: Path) -> None:
    consent = "- consent: c\n  text: C?\n  parts: {c_data: Data}"
    questions = "- choice: t\n  text: T?\n  options: {a: A, o: {text: O, namely: true}}\n" + consent
    variables = write_sections(tmp_path, ask(questions), "institution: north\nname: N").questionnaire.variables
    assert {code: variable.origin for code, variable in variables.items()} == {
        **dict.fromkeys(["path", "level", "programme"], "background"),
        **dict.fromkeys(["language", "institution", "assigned"], "built-in"),
        **dict.fromkeys(["t", "t__namely", "c_data", "c_data__version"], "answer"),
    }
    assert variables["institution"].codes == ("north",) and variables["language"].codes == ("en",)


def test_a_bank_question_without_a_reference_is_not_asked(tmp_path: Path) -> None:
    bank = "bank: more\nquestions: [{mark: stress, text: S?}]"
    written = write_sections(tmp_path, ask(ANY_QUESTION), bank)
    assert "stress" not in written.questionnaire.variables and "stress" in written.questionnaire.bank


OWN = "\n  - {group: main, sections: [main]}\n  - {group: own, own_questions: true}\n  - {group: more, own_questions: true}"


@pytest.mark.parametrize(
    ("languages", "codes"),
    [
        ("{en: {name: English}}", ["second-own-group"]),
        ("{en: {name: English, groups: [main, own]}, nl: {name: Nederlands, groups: [main, more], draft: true}}", []),
    ],
)
def test_a_language_shows_the_local_questions_once(tmp_path: Path, languages: str, codes: list[str]) -> None:
    written = write_head(tmp_path, {"order": OWN, "languages": languages})
    assert [code for code in written.codes if code == "second-own-group"] == codes

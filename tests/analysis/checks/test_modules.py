"""Modules: institutions choose the allowed number and leave some to draw; a module is asked of somebody."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.modules import check_draws, check_module_choices
from tests.analysis.checks.advice import advise
from tests.writing import ANY_QUESTION, HEAD, Written, ask, write, write_head

MODULE = "module: {0}\npages: [{{page: {0}_page, questions: [{{mark: {0}_mark, text: M?}}]}}]"


def write_choice(folder: Path, choice: str, random: int = 1) -> Written:
    """Write three modules, of which the council may choose one and the institution two."""
    rule = f"  - {{group: modules, modules: {{council: 1, institution: 2, random: {random}}}}}\n"
    files = {f"{code}.yaml": MODULE.format(code) for code in ("food", "music", "sleep")}
    files |= {"questionnaire.yaml": HEAD + rule, "main.yaml": ask(ANY_QUESTION)}
    return write(folder, {**files, "north.yaml": f"institution: north\nname: North\n{choice}"})


@pytest.mark.parametrize(
    "choice",
    [
        "",
        "modules: {council: [food]}",
        "modules: {institution: [food, music]}",
        "modules: {council: [food], institution: [food]}",
    ],
)
def test_fewer_or_shared_choices_are_allowed(tmp_path: Path, choice: str) -> None:
    assert not write_choice(tmp_path, choice).compilation.errors


def test_a_choice_too_many_is_reported_at_its_place(tmp_path: Path) -> None:
    problem = write_choice(tmp_path, "modules: {council: [food, «music]}").find("too-many-choices")
    assert problem.wrong == "the council chose 2 modules" and "gives it 1" in problem.remedy
    own = "modules: {institution: [food, music, «sleep]}"
    assert "the institution chose 3" in write_choice(tmp_path / "own", own, random=0).find("too-many-choices").wrong


def test_a_choice_of_a_module_that_is_drawn_names_its_group(tmp_path: Path) -> None:
    problem = _write_groups(tmp_path, "{from: {food: 1}, random: 1}", "modules: {council: [«food]}").find("too-many-choices")
    assert problem.wrong == "the council chose module 'food'" and "none of group 'more'" in problem.remedy


def test_a_choice_of_a_module_of_another_edition_is_explained(tmp_path: Path) -> None:
    head = {"edition": "2026", "order": ORDER + CHOSEN}
    rested = MODULE.format("food").replace("\n", "\nyears: {every: 2, from: 2027}\n", 1)
    files = [MODULE.format("sleep"), rested, "institution: north\nname: North\nmodules: {council: [«food]}"]
    problem = write_head(tmp_path, head, *files).find("unknown-name")
    assert problem.wrong == "there is no module 'food' in this edition: see its `years`"


def test_one_chooser_does_not_choose_a_module_twice(tmp_path: Path) -> None:
    assert write_choice(tmp_path, "modules: {institution: [food, «food]}").find("twice-in-order").facts["kind"] == "module"


def test_a_module_must_be_left_to_draw(tmp_path: Path) -> None:
    choice = "modules: {council: [«food], institution: [music, sleep]}"
    assert write_choice(tmp_path, choice).find("empty-pool")
    assert not write_choice(tmp_path / "none", choice, random=0).compilation.errors


def _advise(folder: Path, rule: str, choices: str, module: str = "module: food") -> list[tuple[str, str]]:
    """Return the advice on the modules food and sleep, one institution and this rule; the last group has that rule."""
    pages = "pages: [{{page: {0}, questions: [{{mark: {0}_mark, text: T}}]}}]"
    head = {"languages": "{en: {name: English}, us: {name: American, locale: en}}", "order": ORDER + rule}
    files = [f"{module}\n{pages.format('food')}", f"module: sleep\n{pages.format('sleep')}"]
    return advise(check_module_choices, write_head(folder, head, *files, f"institution: north\nname: North\n{choices}"))


ORDER = "\n  - {group: main, sections: [main]}\n"
DRAWN = "  - {group: more, modules: {council: 1, institution: 1, random: 1}}"
CHOSEN = "  - {group: more, modules: {council: 1, institution: 1}}"
BLOCKS = "  - {group: more, blocks: {limit: 2}}"


def test_a_module_that_council_and_institution_chose_is_reported(tmp_path: Path) -> None:
    assert _advise(tmp_path, DRAWN, "modules: {council: [food], institution: [food]}") == [("chosen-twice", "3")]


def test_a_chosen_module_without_a_variant_of_its_institution_is_reported(tmp_path: Path) -> None:
    food = "module: food\nlanguages: [us]"
    assert _advise(tmp_path / "a", DRAWN, "modules: {council: [food]}", food) == [("module-language", "3")]
    assert _advise(tmp_path / "b", DRAWN, "languages: [us]\nmodules: {council: [food]}", food) == []


@pytest.mark.parametrize(
    ("rule", "choices", "expected"),
    [
        (DRAWN, "", []),
        (CHOSEN, "modules: {council: [food], institution: [sleep]}", []),
        (CHOSEN, "modules: {council: [food]}", ["modules-in-stock"]),
        (BLOCKS, "blocks: [{theme: food}, {theme: sleep}]", []),
        (BLOCKS, "blocks: [{theme: food}]", ["modules-in-stock"]),
        ("  - {group: more, own_questions: true}", "", ["unplaced-module", "unplaced-module"]),
    ],
)
def test_modules_in_stock_are_a_hint_and_modules_without_a_group_a_warning(
    tmp_path: Path, rule: str, choices: str, expected: list[str]
) -> None:
    assert [code for code, _ in _advise(tmp_path, rule, choices)] == expected


@pytest.mark.parametrize("choice", ["modules: {council: [food]}", "blocks: [{theme: food}]"])
def test_a_choice_that_no_student_of_the_institution_gets_is_reported(tmp_path: Path, choice: str) -> None:
    food = "module: food\nwhen: institution == 'south'\npages: [{page: food, questions: [{mark: food_mark, text: T}]}]"
    files = [food, f"institution: north\nname: North\n{choice}", "institution: south\nname: South"]
    written = write_head(tmp_path, {"order": ORDER + CHOSEN + "\n  - {group: blocks, blocks: {limit: 1}}"}, *files)
    assert written.codes == ["nobody-sees"]
    assert "at the institution 'north'" in str(written.problems[0])


def test_a_module_in_no_variant_that_shows_modules_is_reported(tmp_path: Path) -> None:
    head = {
        "languages": "{en: {name: English}, us: {name: American, locale: en, groups: [main]}}",
        "order": ORDER + CHOSEN,
    }
    food = "module: food\nlanguages: [us]\npages: [{page: food, questions: [{mark: food_mark, text: T}]}]"
    assert "nobody-sees" in write_head(tmp_path, head, food).codes


TWO_GROUPS = """\
order:
  - {group: main, sections: [main]}
  - {group: modules, modules: {council: 1, random: 1}}
  - {group: more, modules: RULE}
"""


def _write_groups(folder: Path, rule: str, choice: str = "") -> Written:
    head = HEAD[: HEAD.index("order:")] + TWO_GROUPS.replace("RULE", rule)
    files = {f"{code}.yaml": MODULE.format(code) for code in ("food", "music", "sleep")}
    files |= {"questionnaire.yaml": head, "main.yaml": ask(ANY_QUESTION)}
    return write(folder, {**files, "north.yaml": f"institution: north\nname: North\n{choice}"})


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("«{random: 1}", "shared-modules"),
        ("{from: {«sport: 1}, random: 1}", "unknown-name"),
        ("{from: {food: «0}, random: 1}", "wrong-value"),
    ],
)
def test_a_group_that_draws_lists_its_own_modules(tmp_path: Path, rule: str, code: str) -> None:
    assert _write_groups(tmp_path, rule).find(code)


def test_a_module_is_in_one_group(tmp_path: Path) -> None:
    head = HEAD[: HEAD.index("order:")] + TWO_GROUPS.replace("{council: 1", "{from: {food: 1}").replace(
        "RULE", "{from: {«food: 1, sleep: 1}, random: 1}"
    )
    files = {f"{code}.yaml": MODULE.format(code) for code in ("food", "music", "sleep")}
    written = write(tmp_path, {**files, "questionnaire.yaml": head, "main.yaml": ask(ANY_QUESTION)})
    assert written.find("twice-in-order").facts == {"kind": "module", "name": "food"}


def test_choices_count_in_the_group_that_has_the_module(tmp_path: Path) -> None:
    rule = "{from: {sleep: 1, music: 2}, institution: 1, random: 1}"
    assert not _write_groups(tmp_path, rule, "modules: {institution: [music]}").compilation.errors
    assert _write_groups(tmp_path / "much", rule, "modules: {institution: [«food, music]}").find("too-many-choices")
    assert _write_groups(tmp_path / "none", rule, "modules: {council: [«food]}").find("empty-pool")


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ("modules: {council: [], institution: [food, music]}", ["no-choice"]),
        ("modules: {council: [foood], institution: [food, music]}", []),
        ("modules: {council: [food]}", []),
        ("modules: {council: [food], institution: [music]}", []),
        ("", []),
    ],
)
def test_an_empty_list_of_chosen_modules_is_reported(tmp_path: Path, choice: str, found: list[str]) -> None:
    problems = advise(check_module_choices, write_choice(tmp_path, choice))

    assert [code for code, _ in problems if code == "no-choice"] == found


@pytest.mark.parametrize(
    ("when", "rule", "codes"),
    [
        ("job == 'yes'", "{random: 1}", ["never-drawn"]),
        ("path == 'bol' and answered(job)", "{random: 1}", ["never-drawn"]),
        ("job != 'no'", "{random: 1}", []),
        ("path == 'bol'", "{random: 1}", []),
        ("path == 'bol' or job == 'yes'", "{random: 1}", []),
        ("job == 'yes'", "{council: 1}", []),
        ("job == 'yes'", "{council: 1, random: 1}", []),
        ("job == 'yes' and job == 'no'", "{random: 1}", []),
    ],
)
def test_a_condition_on_an_answer_keeps_a_module_out_of_draws(tmp_path: Path, when: str, rule: str, codes: list[str]) -> None:
    """A module that the council chose is in no draw; a condition that is never true is reported as such."""
    files = {f"{code}.yaml": MODULE.format(code) for code in ("food", "music")}
    files["food.yaml"] = files["food.yaml"].replace("\n", f"\nwhen: {when}\n", 1)
    files |= {
        "questionnaire.yaml": f"{HEAD}  - {{group: modules, modules: {rule}}}\n",
        "main.yaml": ask("- yes_no: job\n  text: J?"),
    }
    choice = "modules: {council: [food]}" if "council" in rule else ""
    written = write(tmp_path, {**files, "north.yaml": f"institution: north\nname: North\n{choice}"})
    assert [problem.code for problem in check_draws(written.questionnaire)] == codes

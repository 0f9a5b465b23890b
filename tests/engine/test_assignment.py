"""Assignment of modules, with reasons."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.engine.assignment import Assigned, choose_modules, list_draws, list_pool, list_rules, split_names
from survey_engine.engine.assignment import assign as assign_all
from survey_engine.model.questionnaire import Questionnaire
from tests.writing import change_head, write_sections

HEAD = change_head(
    {
        "languages": "{en: {name: English}, easy: {name: Easy English, locale: en, groups: [closing]}}",
        "order": "[{group: modules, modules: {council: 1, institution: 2, random: 1}}, {group: closing, sections: [closing]}]",
    }
)
CLOSING = """\
section: closing
pages:
  - page: end
    questions:
      - mark: week
        text: A mark?
"""
MODULES = [f"m{number}" for number in range(10)]
INSTITUTIONS = {
    "both": "council: [m0], institution: [m1, m2]",
    "overlap": "council: [m0], institution: [m0, m2]",
    "nothing": "",
    "council": "council: [m9]",
}


def write_module(code: str, more: str = "") -> str:
    question = f"- mark: mark_{code}\n    text: A mark for {code}?"
    return f"module: {code}\n{more}\npages:\n- page: page_{code}\n  questions:\n  {question}\n"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    modules = [write_module(code, "when: path == 'bbl'" if code == "m8" else "") for code in MODULES]
    chosen = [f"institution: {code}\nname: X\nmodules: {{{choice}}}" for code, choice in INSTITUTIONS.items()]
    return write_sections(tmp_path_factory.mktemp("a"), CLOSING, *modules, *chosen, head=HEAD).questionnaire


def assign(example: Questionnaire, institution: str, counts: dict[str, int] | None = None, seed: str = "s", **known: object):
    known = {"language": "en", "institution": institution, **known}
    return assign_all(example, example.institutions[institution], known, counts or {}, seed)


def pool(example: Questionnaire, institution: str, **known: object) -> set[str]:
    (rule,) = list_rules(example)
    return set(list_pool(example, example.institutions[institution], rule, {"language": "en", **known}))


def test_a_student_gets_chosen_modules_and_a_random_one_with_reasons(example):
    *chosen, drawn = assign(example, "both")

    assert chosen == [Assigned("m0", "council"), Assigned("m1", "institution"), Assigned("m2", "institution")]
    assert drawn.reason == "random" and drawn.name not in {"m0", "m1", "m2"}


def test_a_module_that_both_chose_counts_once_and_the_pool_grows(example):
    assert choose_modules(example, example.institutions["overlap"], *list_rules(example)) == (
        Assigned("m0", "council"),
        Assigned("m2", "institution"),
    )
    assert pool(example, "overlap", path="bbl") == set(MODULES) - {"m0", "m2"}
    assert len(assign(example, "overlap")) == 3


def test_without_any_choice_all_ten_may_be_drawn_and_each_student_gets_one(example):
    assert pool(example, "nothing", path="bbl") == set(MODULES)
    assert [assigned.reason for assigned in assign(example, "nothing")] == ["random"]


def test_a_module_with_a_false_condition_is_not_drawn(example):
    assert "m8" not in pool(example, "nothing", path="bol")
    assert "m8" not in pool(example, "nothing")


@given(counts=st.dictionaries(st.sampled_from(MODULES), st.integers(0, 3)), institution=st.sampled_from(sorted(INSTITUTIONS)))
def test_the_draw_goes_to_one_of_the_least_filled_modules_of_the_pool(example, counts, institution):
    drawn = assign(example, institution, counts)[-1].name
    offered = pool(example, institution)

    assert drawn in offered
    assert counts.get(drawn, 0) == min(counts.get(code, 0) for code in offered)


def test_counts_of_chosen_modules_do_not_matter(example):
    assert assign(example, "both", {"m0": 0, "m1": 0}) == assign(example, "both", {"m0": 500, "m1": 500})


@given(seed=st.text(max_size=40))
def test_the_same_seed_breaks_a_tie_in_the_same_way(example, seed):
    assert assign(example, "nothing", seed=seed) == assign(example, "nothing", seed=seed)


def test_different_seeds_spread_ties_over_the_whole_pool(example):
    drawn = Counter(assign(example, "nothing", seed=str(number), path="bbl")[-1].name for number in range(2000))

    assert set(drawn) == set(MODULES)
    assert max(drawn.values()) < 2 * min(drawn.values())


def test_successive_draws_fill_the_pool_evenly(example):
    drawn: Counter[str] = Counter()
    for number in range(101):
        drawn[assign(example, "both", drawn, str(number), path="bbl")[-1].name] += 1

    assert len(drawn) == 7
    assert max(drawn.values()) - min(drawn.values()) == 1


def test_a_start_in_a_language_without_modules_assigns_none(example):
    assert assign(example, "both", language="easy") == ()


def test_draws_are_those_of_the_groups_that_the_language_shows(example):
    both = example.institutions["both"]
    assert list_draws(example, both, {"language": "easy"}) == []
    ((chosen, drawn),) = list_draws(example, both, {"language": "en"})
    assert chosen == ("m0", "m1", "m2") and set(drawn) == {"m3", "m4", "m5", "m6", "m7", "m9"}


def test_a_module_in_other_languages_only_is_not_drawn(tmp_path):
    head = HEAD.replace("groups: [closing]", "groups: [modules]")
    modules = [write_module("m0"), write_module("m1", "languages: [en]")]
    written = write_sections(tmp_path, CLOSING, *modules, "institution: nothing\nname: X", head=head).questionnaire

    assert pool(written, "nothing") == {"m0", "m1"}
    assert pool(written, "nothing", language="easy") == {"m0"}


def test_names_of_assignments_are_modules_or_arms_of_experiments():
    assert split_names(["m1", "layout=fold", "m2", "bar=a=b"]) == (("m1", "m2"), {"layout": "fold", "bar": "a=b"})


def test_a_questionnaire_without_modules_assigns_none(tmp_path):
    written = write_sections(tmp_path, CLOSING.replace("closing", "main"), "institution: nothing\nname: X").questionnaire
    assert assign(written, "nothing") == ()


def test_when_every_module_was_chosen_nothing_is_drawn(tmp_path):
    chosen = "institution: all\nname: X\nmodules: {council: [m0], institution: [m1, m2]}"
    modules = [write_module(code) for code in MODULES[:3]]
    written = write_sections(tmp_path, CLOSING, *modules, chosen, head=HEAD).questionnaire

    assert [assigned.reason for assigned in assign(written, "all")] == ["council", "institution", "institution"]


TWO = change_head(
    {
        "experiments": "[{experiment: layout, arms: {fold: 3, list: 1}}]",
        "order": "[{group: modules, modules: {council: 1, random: 1}},"
        " {group: more, modules: {from: {m1: 2, m2: 1, m3: 1}, institution: 1, random: 1}}, {group: closing, sections: [closing]}]",
    }
)


def write_two(folder: Path, *more: str, choice: str = "council: [m0], institution: [m3]") -> Questionnaire:
    modules = [write_module("m0"), *(write_module(code) for code in MODULES[2:6]), *more]
    return write_sections(folder, CLOSING, *modules, f"institution: both\nname: X\nmodules: {{{choice}}}", head=TWO).questionnaire


def test_each_group_draws_from_its_own_modules(tmp_path):
    example = write_two(tmp_path, write_module("m1"))
    found = [assign(example, "both", seed=str(number)) for number in range(40)]

    assert {each[0] for each in found} == {Assigned("m0", "council")}
    assert {each[1].name for each in found} == {"m4", "m5"}
    assert {each[2] for each in found} == {Assigned("m3", "institution")}
    assert {each[3].name for each in found} == {"m1", "m2"}


def test_draws_follow_the_shares_of_modules_and_arms(tmp_path):
    example = write_two(tmp_path, write_module("m1"), choice="")
    drawn: Counter[str] = Counter()
    for number in range(400):
        drawn.update(each.name for each in assign(example, "both", dict(drawn), str(number)))

    assert {name: drawn[name] for name in ("m1", "m2", "m3")} == {"m1": 200, "m2": 100, "m3": 100}
    assert {name: drawn[name] for name in ("layout=fold", "layout=list")} == {"layout=fold": 300, "layout=list": 100}


def test_the_first_of_many_institutions_get_arms_in_these_shares_too(tmp_path):
    example = write_two(tmp_path, write_module("m1"))
    first = Counter(assign(example, "both", seed=str(number))[-1].name for number in range(1000))

    assert 700 < first["layout=fold"] < 800


def test_a_module_may_be_drawn_in_one_arm_only(tmp_path):
    example = write_two(tmp_path, write_module("m1", "when: experiment.layout == 'list'"))
    found = [split_names(each.name for each in assign(example, "both", seed=str(number))) for number in range(60)]

    assert {arms["layout"] for modules, arms in found if "m1" in modules} == {"list"}
    assert {arms["layout"] for modules, arms in found} == {"fold", "list"}

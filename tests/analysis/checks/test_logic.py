"""Conditions without effect, and unreachable parts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

import pytest

from survey_engine.analysis.checks.logic import check_logic
from tests.writing import Written, change_head, write_head, write_questions, write_sections


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("path == 'bol' and path == 'bbl'", "never-true"),
        ("level >= 3 and level < 3", "never-true"),
        ("not answered(level) and level == 1", "never-true"),
        ("path == 'bol' or path != 'bol'", "always-true"),
        ("not answered(level) or level >= 1", "always-true"),
        ("path == 'bol' and (level >= 1 or not answered(level))", "idle-part"),
        ("path == 'bol' or (level == 1 and level == 2)", "idle-part"),
    ],
)
def test_a_constant_condition_is_reported(tmp_path: Path, condition: str, code: str) -> None:
    written = write_questions(tmp_path, f'- mark: week\n  text: Week?\n  when: "{condition}"')

    assert written.codes == [code]


DERIVED = """\
edition: 2026
derived:
  age: {years: [born, today]}
  travel: {sum: [there, back]}
  mood: {mean: [there, back]}
"""
DATES = """\
section: main
pages:
  - page: first
    questions:
      - {date: born, text: Born?, from: 2000-01-01, to: 2010-12-31}
      - {number: there, text: There?, from: 0, to: 240}
      - {number: back, text: Back?, from: 0, to: 240}
  - page: second
    when: CONDITION
    questions: [{mark: week, text: Week?}]
"""


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("age >= 90", ["never-true"]),
        ("age <= 10", ["never-true"]),
        ("age in [12, 13]", ["never-true"]),
        ("age > 25 and age < 25", ["never-true"]),
        ("age >= 27", ["never-true"]),
        ("age >= 26 or age < 15", ["idle-part"]),
        ("not answered(born) and age >= 18", []),
        ("age >= 18", []),
        ("travel > 480", ["never-true"]),
        ("travel >= 480", []),
        ("travel < 0 or there == 3", ["idle-part"]),
        ("mood > 3 and mood < 4", []),
        ("mood > 3 and mood < 3", ["never-true"]),
        ("mood > 240", ["never-true"]),
    ],
)
def test_a_derived_value_has_the_bounds_of_its_parts(tmp_path: Path, condition: str, codes: list[str]) -> None:
    head = change_head({}) + DERIVED
    assert write_sections(tmp_path, DATES.replace("CONDITION", condition), head=head).codes == codes


def test_dates_with_exchanged_bounds_decide_nothing(tmp_path: Path) -> None:
    dates = DATES.replace("CONDITION", "age >= 18").replace(
        "from: 2000-01-01, to: 2010-12-31", "from: 2010-12-31, to: 2000-01-01"
    )
    assert write_sections(tmp_path, dates, head=change_head({}) + DERIVED).codes == ["bad-bounds"]


def test_the_fieldwork_of_an_institution_counts_for_ages(tmp_path: Path) -> None:
    later = "institution: north\nname: North\nopens: 2027-01-10\ncloses: 2027-02-01"
    files = (DATES.replace("CONDITION", "age >= 27"), later)
    assert write_sections(tmp_path, *files, head=change_head({}) + DERIVED).codes == []


@pytest.mark.parametrize(
    "condition",
    [
        *("path == 'bol'", "not (path == 'bol')", "answered(path)", "not answered(programme)", "level >= 2 and level <= 3"),
        *("path in ['bol', 'bbl']", "not path in ['bol', 'bbl']", "path != 'bol' and path != 'bbl'", "level >= 1"),
        *("level == 2 and path in ['bol', 'bbl']", "path == 'bol' or level > 3"),
    ],
)
def test_a_condition_that_varies_is_not_reported(tmp_path: Path, condition: str) -> None:
    """Background may be empty, so a list of all its values does not hold for everybody."""
    assert write_questions(tmp_path, f'- mark: week\n  text: Week?\n  when: "{condition}"').codes == []


def test_a_named_condition_is_reported_once_at_its_definition(tmp_path: Path) -> None:
    head = {"conditions": "\n  both: «path == 'bol' and path == 'bbl'"}
    written = write_head(tmp_path, head, "section: more\npages: [{page: b, when: both, questions: [{mark: day, text: Day?}]}]")

    assert written.find("never-true").severity == "error"
    assert "nobody-sees" not in written.codes


def test_a_message_quotes_the_words_of_the_author(tmp_path: Path) -> None:
    conditions = {"conditions": "\n  low: level in [1, 2]\n  pair: low and path == 'bol'\n"}
    conditions["order"] = "[{group: main, sections: [main, more]}]"
    page = 'section: more\npages: [{{page: b, when: "{}", questions: [{{mark: day, text: Day?}}]}}]'
    source = "low and not (level <= 3)"
    never = write_head(tmp_path / "never", conditions, page.format(source)).find("never-true")
    assert never.facts["condition"] == source
    part = write_head(tmp_path / "part", conditions, page.format("pair or (low and level >= 3)")).find("idle-part")
    assert part.facts["part"] == "low and level >= 3"


def test_a_count_is_never_zero_and_the_message_says_why(tmp_path: Path) -> None:
    head = {"derived": "\n  rated: {count: [week, day]}\n"}
    more = "section: more\npages:\n  - {page: a, questions: [{mark: day, text: D?}]}\n"
    more += "  - {page: b, when: rated == 0, questions: [{mark: night, text: N?}]}\n"
    order = {"order": "[{group: main, sections: [main, more]}]"}
    problem = write_head(tmp_path, head | order, more).find("never-true")
    assert problem.facts["advice"] == "A count without answers is empty, not 0: write `not (answered(week) or answered(day))`"


def test_nobody_sees_a_page_whose_condition_excludes_its_section(tmp_path: Path) -> None:
    written = write_sections(
        tmp_path,
        """
        section: main
        when: path == 'bol'
        pages:
          - page: one
            questions: [{mark: week, text: Week?}]
          - page: «two
            when: path == 'bbl'
            questions: [{mark: day, text: Day?}, {mark: night, text: Night?}]
        """,
    )

    problem = written.find("nobody-sees")
    assert problem.wrong == "nobody can reach page 'two': it needs `path == 'bol'` and `path == 'bbl'`"


def test_nobody_sees_a_page_that_depends_on_an_unasked_question(tmp_path: Path) -> None:
    written = write_sections(
        tmp_path,
        """
        section: main
        pages:
          - page: one
            when: path == 'bol'
            questions: [{yes_no: job, text: Job?}]
          - page: two
            when: path == 'bbl'
            questions:
              - mark: day
                text: Day?
                when: job == 'yes'
        """,
    )

    assert written.codes == ["nobody-sees"]


def test_nobody_sees_an_item_or_chooses_an_option_that_the_page_excludes(tmp_path: Path) -> None:
    written = write_sections(
        tmp_path,
        """
        section: main
        when: level >= 3
        pages:
          - page: one
            questions:
              - grid: views
                text: Views?
                scale: agree
                items: {fun: Fun, calm: {text: Calm, when: level == 2}}
              - choice: place
                text: Place?
                options: {home: Home, work: {text: Work, when: level < 3}}
        """,
    )

    assert [problem.facts["what"] for problem in written.problems] == ["item 'calm'", "option 'work'"]


def test_an_option_that_is_offered_decides_what_can_be_answered(tmp_path: Path) -> None:
    written = write_sections(
        tmp_path,
        """
        section: main
        pages:
          - page: one
            questions:
              - choice: place
                text: Place?
                options: {home: Home, work: {text: Work, when: path == 'bbl'}}
          - page: two
            when: place == 'work' and path == 'bol'
            questions: [{mark: day, text: Day?}]
        """,
    )

    assert written.codes == ["never-true"]


def test_an_option_for_some_can_be_what_others_depend_on(tmp_path: Path) -> None:
    written = write_sections(
        tmp_path,
        """
        section: main
        pages:
          - page: one
            questions:
              - choice: place
                text: Place?
                options: {home: Home, work: {text: Work, when: path == 'bbl'}}
          - page: two
            when: place == 'work'
            questions: [{mark: day, text: Day?}]
        """,
    )

    assert written.codes == []


def test_a_group_that_no_language_shows_is_for_nobody(tmp_path: Path) -> None:
    head = {
        "languages": "{en: {name: English, groups: [main]}}",
        "order": "\n  - {group: main, sections: [main]}\n  - «{group: rest, sections: [more]}",
    }
    written = write_head(tmp_path, head, "section: more\npages: [{page: b, questions: [{mark: day, text: Day?}]}]")

    assert written.find("nobody-sees").facts["what"] == "group 'rest'"


def test_a_theme_is_also_tried_with_the_condition_of_its_block(tmp_path: Path) -> None:
    head = {"order": "\n  - {group: main, sections: [main]}\n  - {group: blocks, blocks: {limit: 2}}"}
    theme = "module: art\nwhen: path == 'bol'\npages: [{page: art, questions: [{mark: art_mark, text: Art?}]}]"
    block = "institution: north\nname: North\nblocks: [{theme: art, when: path == 'bbl'}]"

    assert "never-true" in write_head(tmp_path, head, theme, block).codes


def test_too_many_cases_give_no_problem(tmp_path: Path) -> None:
    background = "".join(f"\n  v{number}: {{text: V, from: 1, to: 8}}" for number in range(6))
    high = " and ".join(f"v{number} > 3" for number in range(6))
    written = write_head(tmp_path, {"background": background, "conditions": f"\n  hard: ({high}) and not ({high})"})

    assert written.codes == []


def write_chain(folder: Path, length: int, last: str = "q0 == 'yes'") -> Written:
    """Write pages that each depend on the previous answer, and one more with its own condition."""
    pages = ["  - {page: p0, questions: [{yes_no: q0, text: Yes?}]}"]
    pages += [f"  - {{page: p{n}, when: q{n - 1} == 'yes', questions: [{{yes_no: q{n}, text: Yes?}}]}}" for n in range(1, length)]
    pages.append(f'  - {{page: end, when: "{last}", questions: [{{mark: day, text: Day?}}]}}')
    return write_sections(folder / str(length), "\n".join(["section: main", "pages:", *pages]))


def test_a_contradiction_with_the_beginning_of_a_long_chain_is_found(tmp_path: Path) -> None:
    written = write_chain(tmp_path, 30, "q29 == 'yes' and q0 == 'no'")

    assert [problem.code for problem in written.problems] == ["never-true"]


def test_twice_as_long_a_chain_takes_twice_the_work(tmp_path: Path) -> None:
    short, long = (count_calls(partial(list, check_logic(write_chain(tmp_path, n).questionnaire))) for n in (100, 200))

    assert short > 10_000
    assert long < 2.5 * short


def count_calls(work: Callable[[], object]) -> int:
    """Count the Python functions that are called during the work."""
    calls = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


MODULES = """\
section: main
pages:
  - page: first
    questions:
      - consent: agreed
        text: Agreed?
        parts: {store: {text: Keep my answers., required: true}, share: Share my answers.}
"""
LAST = """\
section: last
pages:
  - page: last
    when: "CONDITION"
    questions: [{mark: day, text: Day?}]
"""


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("'food' in assigned and 'sport' in assigned", ["never-true"]),
        ("food_mark == 3 and sport_mark == 3", ["never-true"]),
        ("food_mark == 3 and 'sport' in assigned", ["never-true"]),
        ("food_mark == 3 and not ('food' in assigned)", ["never-true"]),
        ("count(assigned) >= 3", ["never-true"]),
        ("'food' in assigned and 'digital' in assigned", []),
        ("food_mark == 3 and digital_mark == 3", []),
        ("count(assigned) >= 2", []),
        ("store == 'no'", ["never-true"]),
        ("store == 'yes'", []),
        ("share == 'no'", []),
        ("answered(experiment.frame)", ["always-true"]),
        ("experiment.frame == 'gain' or experiment.frame == 'loss'", ["always-true"]),
        ("experiment.frame != 'gain'", []),
    ],
)
def test_the_draw_consent_and_arms_limit_what_can_be(tmp_path: Path, condition: str, codes: list[str]) -> None:
    head = change_head(
        {
            "experiments": "[{experiment: frame, arms: {gain: 1, loss: 1}}]",
            "order": "\n  - {group: main, sections: [main]}\n  - {group: one, modules: {random: 1, from: {food: 1, sport: 1}}}"
            "\n  - {group: two, modules: {random: 1, from: {digital: 1, music: 1}}}\n  - {group: end, sections: [last]}",
        }
    )
    modules = [
        f"module: {code}\npages: [{{page: {code}, questions: [{{mark: {code}_mark, text: Mark?}}]}}]"
        for code in ("food", "sport", "digital", "music")
    ]
    written = write_sections(tmp_path, MODULES, *modules, LAST.replace("CONDITION", condition), head=head)
    assert [code for code in written.codes if code != "no-institution"] == codes


@pytest.mark.parametrize("institution", ["modules: {institution: [food, sport]}", ""])
def test_modules_that_an_institution_chooses_may_come_together(tmp_path: Path, institution: str) -> None:
    steps = ("main, sections: [main]", "one, modules: {institution: 2, random: 1}", "end, sections: [last]")
    order = "".join(f"\n  - {{group: {step}}}" for step in steps)
    modules = [
        f"module: {code}\npages: [{{page: {code}, questions: [{{mark: {code}_mark, text: Mark?}}]}}]"
        for code in ("food", "sport", "digital")
    ]
    last = LAST.replace("CONDITION", "food_mark == 3 and sport_mark == 3")
    north = f"institution: north\nname: North\n{institution}\n"
    written = write_sections(tmp_path, MODULES, *modules, last, north, head=change_head({"order": order}))
    assert "never-true" not in written.codes


FOLLOWED = """\
- {number: people, text: People?, from: 1, to: 12}
- {yes_no: crowded, text: Crowded?, when: people > 3}
- {yes_no: moving, text: Moving?, when: crowded == 'yes'}
- {yes_no: where, text: Elsewhere?, when: moving == 'yes'}
"""


def test_what_follows_an_unreachable_question_is_not_reported(tmp_path: Path) -> None:
    assert write_questions(tmp_path / "right", FOLLOWED).codes == []
    assert write_questions(tmp_path / "wrong", FOLLOWED.replace("> 3", "> 12")).codes == ["never-true"]


def test_from_an_impossible_named_condition_nothing_else_follows(tmp_path: Path) -> None:
    head = change_head({"conditions": "{heavy: level == 1 and level == 2}"})
    uses = ("not heavy", "heavy", "heavy and path == 'bol'", "heavy or path == 'bol'")
    questions = "\n".join(f'- mark: m{n}\n  text: M{n}?\n  when: "{use}"' for n, use in enumerate(uses))
    assert write_questions(tmp_path, questions, head).codes == ["never-true"]


def test_beside_a_condition_that_is_always_true_errors_stay(tmp_path: Path) -> None:
    """`always-true` is a warning, which does not keep a questionnaire from publication."""
    head = change_head({"conditions": '{all: "level >= 1 or not answered(level)"}'})
    written = write_questions(tmp_path, "- mark: m\n  text: M?\n  when: not all", head)
    assert sorted(written.codes) == ["always-true", "never-true"]

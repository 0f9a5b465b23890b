"""What robots answer: plausible, repeatable, and nothing that is not shown to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from statistics import correlation, mean, stdev

import pytest

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.model.questionnaire import Page, Questionnaire
from survey_engine.operations.simulation.answers import ANSWERS, Given, find_point, make_persona, simulate_answers
from survey_engine.operations.simulation.browsing import RobotError
from survey_engine.operations.simulation.profiles import PROFILES
from survey_engine.operations.simulation.reading import Drawn, Field
from tests.writing import ask as ask_questions
from tests.writing import write_sections

MAIN = """\
section: main
pages:
  - page: grid
    questions:
      - grid: g
        text: How?
        options: {1: a, 2: b, 3: c, 4: d, 5: e}
        does_not_apply: none
        items: {g1: one, g2: two, g3: three, g4: {text: four, reverse: true}}
      - mark: m
        text: Mark?
  - page: other
    questions:
      - multiple: x
        text: Which?
        options: {a: A, b: B, c: {text: C, namely: true}, none: {text: None, exclusive: true}}
      - number: n
        text: How many?
        from: 3
        to: 9
      - date: d
        text: When?
        from: 2024-01-01
        to: 2024-02-29
      - open: o
        text: Why?
        max_length: 30
      - consent: c
        text: May we?
        parts: {c1: {text: Use, required: true}, c2: Keep}
      - panel: p
        text: Address?
      - information: i
        text: Read this.
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return write_sections(tmp_path_factory.mktemp("answers"), MAIN, "institution: demo\nname: Demo").questionnaire


def draw(page: Page, without: tuple[str, ...] = ()) -> Drawn:
    """The page as it would be drawn, but for some fields."""
    fields = []
    for question in page.questions:
        names = [item.code for item in question.items] or [question.code]
        kind = "checkbox" if question.type == "multiple" else "radio" if question.options else "text"
        for name in names:
            values = [str(option.code) for option in question.options] or [""]
            fields += [Field(FIELD_PREFIX + name, kind, value) for value in values]
        fields.append(Field(f"{FIELD_PREFIX}{question.code}__namely", "text"))
    return Drawn(fields=[field for field in fields if field.name.removeprefix(FIELD_PREFIX) not in without])


def ask(
    example: Questionnaire, page: int, profile: str, robot: object = 0, theme: str = "main", **more: tuple[str, ...]
) -> Given:
    place = example.sections["main"].pages[page]
    return simulate_answers(make_persona(PROFILES[profile], f"seed/{robot}"), place, theme, draw(place, **more))


def test_the_same_robot_answers_the_same_and_another_one_differently(example):
    assert ask(example, 0, "honest", 1) == ask(example, 0, "honest", 1)
    assert len({tuple(ask(example, 0, "honest", robot).values.items()) for robot in range(20)}) > 15


@pytest.mark.parametrize("profile", PROFILES)
def test_every_answer_is_one_that_the_engine_reads_as_it_was_given(example, profile):
    for page, robot in [(page, robot) for page in (0, 1) for robot in range(150)]:
        given = ask(example, page, profile, robot)
        form = _Form(given.fields)
        read = {}
        for question in example.sections["main"].pages[page].questions:
            reading = QUESTION_TYPES[question.type].read(question, form)
            assert not reading.errors
            read |= reading.values
        assert read == given.values


class _Form(list):
    """Fields as a form, plainly."""

    def get(self, name: str, default: str = "") -> str:
        return next((value for field, value in self if field == name), default)

    def getlist(self, name: str) -> list[str]:
        return [value for field, value in self if field == name]


def test_what_is_not_shown_is_not_answered(example):
    for robot in range(50):
        given = ask(example, 0, "honest", robot, without=("g2", "m"))
        assert not {"g2", "m"} & (set(given.values) | given.seen)
        assert "g1" in given.seen


def test_a_type_that_no_robot_can_answer_stops_the_simulation(example, monkeypatch):
    monkeypatch.delitem(ANSWERS, "mark")
    with pytest.raises(RobotError, match="'mark': ANSWERS has no line for it"):
        ask(example, 0, "honest")


def test_answers_correlate_within_a_theme_more_than_between_themes(example):
    robots = range(800)
    here = [ask(example, 0, "honest", robot, "here").values for robot in robots]
    there = [ask(example, 0, "honest", robot, "there").values for robot in robots]

    def correlate(first: list[dict], second: list[dict], one: str, two: str) -> float:
        pairs = [
            (a[one], b[two])
            for a, b in zip(first, second, strict=True)
            if all(isinstance(x, int) for x in (a.get(one), b.get(two)))
        ]
        return correlation(*zip(*pairs, strict=True))

    within = [correlate(here, here, one, two) for one, two in combinations(["g1", "g2", "g3", "m"], 2)]
    across = [correlate(here, there, one, two) for one, two in combinations(["g1", "g2", "g3", "m"], 2)]
    assert min(within) > 0.4
    assert mean(across) < mean(within) - 0.15
    assert correlate(here, here, "g1", "g4") < -0.4, "a reversed statement goes the other way"


def test_a_straightliner_gives_all_one_point_and_a_speeder_does_not(example):
    def spread(profile: str) -> float:
        given = [
            [v for v in ask(example, 0, profile, robot).values.values() if isinstance(v, int) and v <= 5] for robot in range(200)
        ]
        return mean(len(set(values[:4])) == 1 for values in given)

    assert spread("straightliner") > 0.8
    assert spread("speeder") < 0.2


def test_marks_are_like_report_marks(example):
    marks = [ask(example, 0, "honest", robot).values.get("m") for robot in range(100)]
    found = [mark for mark in marks if mark is not None]

    assert 6.3 < mean(found) < 7.3 and 1 < stdev(found) < 2.6
    assert 0 < marks.count(None) < 40


def test_required_consent_is_always_given_and_the_others_sometimes_not(example):
    given = [ask(example, 1, "random", robot).values for robot in range(200)]

    assert all(values["c1"] == "yes" for values in given)
    assert {values["c2"] for values in given} == {"yes", "no"}


def test_only_some_sign_up_and_the_address_is_no_answer(example):
    given = [ask(example, 1, "honest", robot) for robot in range(300)]
    addresses = {one.address for one in given if one.address}

    assert 10 < len(addresses) < 60
    assert not any("p" in one.values for one in given)


def test_slips_are_inputs_that_the_engine_refuses(example):
    slips = [slip for robot in range(300) for slip in ask(example, 1, "random", robot).slips.items()]
    questions = {question.code: question for question in example.sections["main"].pages[1].questions}

    assert {name for name, _ in slips} == {"n", "d"}
    for name, wrong in slips:
        assert QUESTION_TYPES[questions[name].type].read(questions[name], _Form([(name, wrong)])).errors


def test_an_option_that_several_institutions_list_is_ticked_once(tmp_path):
    section = (
        MAIN[: MAIN.index("  - page: other")]
        + """\
  - page: clubs
    questions:
      - multiple: clubs
        text: Which?
        options_from: clubs
"""
    )
    lists = "lists: {clubs: {chess: Chess, choir: Choir}}"
    schools = [f"institution: {name}\nname: {name}\n{lists}" for name in ("here", "there")]
    page = write_sections(tmp_path, section, *schools).questionnaire.sections["main"].pages[1]
    given = [
        simulate_answers(make_persona(PROFILES["honest"], str(robot)), page, "main", draw(page)).values for robot in range(60)
    ]
    ticked = [values["clubs"] for values in given if "clubs" in values]

    assert ["chess", "choir"] in ticked
    assert all(len(codes) == len(set(codes)) for codes in ticked)


@pytest.mark.parametrize("points", [3, 4, 5, 7])
def test_a_scale_has_one_peak_above_its_middle(points):
    chosen = Counter(find_point((number + 0.5) / 10_000, points) for number in range(10_000))
    shares = [chosen[point] for point in range(points)]
    peak = shares.index(max(shares))
    assert shares[: peak + 1] == sorted(shares[: peak + 1]) and shares[peak:] == sorted(shares[peak:], reverse=True)
    assert peak > (points - 1) / 2


def test_five_points_have_a_mean_of_3_6_and_seven_in_ten_at_4_or_5(example):
    given = [ask(example, 0, "honest", robot, f"theme {robot % 7}").values for robot in range(2000)]
    answers = [values[name] for values in given for name in ("g1", "g2", "g3") if isinstance(values.get(name), int)]
    assert mean(answers) == pytest.approx(3.62, abs=0.1)
    assert mean(answer >= 4 for answer in answers) == pytest.approx(0.69, abs=0.05)


CHOICE = """
section: main
pages:
  - page: p
    questions:
      - choice: shell
        text: Shell?
        options: {cone: Cone, other: {text: Other, namely: true}}
"""


def test_an_other_text_has_its_option_where_earlier_answers_are_kept(tmp_path):
    (page,) = write_sections(tmp_path, CHOICE, "institution: demo\nname: Demo").questionnaire.sections["main"].pages
    for robot in range(100):
        persona = make_persona(replace(PROFILES["honest"], skip=0.5), f"seed/{robot}")
        before, again = (simulate_answers(persona, page, "main", draw(page), times) for times in (0, 1))
        again.keep(before)
        assert "shell__namely" not in again.values or again.values.get("shell") == "other"


def test_marks_with_own_bounds_are_answered_within_them_and_outside(tmp_path):
    marks = "- {mark: m, text: M?, from: 0, to: 4, from_label: Bad, to_label: Good, dont_know: No idea}"
    example = write_sections(tmp_path, ask_questions(marks)).questionnaire
    given = Counter(ask(example, 0, "honest", robot).values.get("m") for robot in range(300))
    assert given.keys() - {None} <= {0, 1, 2, 3, 4, "dk"} and given["dk"] > 0 and given[2] + given[3] > 100

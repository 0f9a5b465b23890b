"""Routing: the pages of one respondent, and the answers that count."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_engine.engine.routing import (
    Path,
    Respondent,
    filter_counted_answers,
    find_consulted_pages,
    list_possible_steps,
    route,
)
from survey_engine.model.questionnaire import Questionnaire
from tests import THOROUGH
from tests.writing import JOB_PAGES, ask, change_head, write_sections

HEAD = change_head(
    {
        "languages": "{en: {name: English}, easy: {name: Easy English, locale: en, groups: [main]}}",
        "order": "[{group: main, sections: [main, work]}, {group: extra, sections: [extra]}]",
    }
)
MAIN = (
    JOB_PAGES
    + """\
  - page: much
    when: hours >= 20
    questions:
      - yes_no: too_much
        text: Is that too much?
  - page: evening
    questions:
      - multiple: plans
        text: What do you do?
        options: {sport: Sport, work: {text: Work, when: has_job == 'yes'}, other: {text: Other, namely: true}}
"""
)
WORK = """\
section: work
when: path == 'bbl'
pages:
  - page: boss
    questions:
      - grid: work
        text: How is work?
        options: {1: Bad, 2: Good}
        items:
          boss: My boss
          training: {text: My training, when: level >= 3}
"""
EXTRA = """\
section: extra
pages:
  - page: sport
    when: "'sport' in plans and training != 1"
    questions:
      - yes_no: club
        text: In a club?
  - page: end
    questions:
      - mark: week
        text: A mark for your week?
"""
INSTITUTION = "institution: demo\nname: Demo"
CLUBS = """
- multiple: clubs
  text: Which?
  options_from: clubs
- grid: known
  text: Known?
  options: {1: "No", 2: "Yes"}
  items_from: clubs
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return write_sections(tmp_path_factory.mktemp("routing"), MAIN, WORK, EXTRA, INSTITUTION, head=HEAD).questionnaire


def codes(path: Path) -> list[str]:
    return [step.page.code for step in path.steps]


def who(language: str = "en", **background: object) -> Respondent:
    return Respondent("demo", language, background)


ROUTES = [
    ({}, "job evening end"),
    ({"job": {"has_job": "no"}}, "job evening end"),
    ({"job": {"has_job": "yes"}}, "job hours evening end"),
    ({"job": {"has_job": "yes"}, "hours": {"hours": 19}}, "job hours evening end"),
    ({"job": {"has_job": "yes"}, "hours": {"hours": 20}}, "job hours much evening end"),
    ({"job": {"has_job": "no"}, "hours": {"hours": 20}}, "job evening end"),
    ({"evening": {"plans": ["sport"]}}, "job evening sport end"),
    ({"evening": {"plans": ["other"]}}, "job evening end"),
    ({"gone": {"has_job": "yes"}}, "job evening end"),
]


@pytest.mark.parametrize(("answers", "expected"), ROUTES, ids=[f"{answers}" for answers, _ in ROUTES])
def test_a_page_is_asked_when_its_condition_holds_for_earlier_answers(example, answers, expected):
    assert codes(route(example, who(path="bol"), answers)) == expected.split()


@pytest.mark.parametrize(
    ("background", "asked"), [({"path": "bbl"}, True), ({"path": "bol"}, False), ({}, False), ({"path": "BBL"}, False)]
)
def test_a_section_depends_on_background_and_unknown_counts_as_empty(example, background, asked):
    assert ("boss" in codes(route(example, who(**background), {}))) is asked


def test_an_answer_off_the_path_does_not_count(example):
    answers = {"job": {"has_job": "yes"}, "hours": {"hours": 40}, "evening": {"plans": ["sport"]}}
    away = {**answers, "job": {"has_job": "no"}}

    assert "much" in codes(route(example, who(), answers))
    assert "much" not in codes(route(example, who(), away))
    assert "hours" not in route(example, who(), away).known
    assert codes(route(example, who(), {**away, "job": {"has_job": "yes"}})) == codes(route(example, who(), answers))


def test_an_answer_to_a_statement_not_asked_does_not_count(example):
    answers = {"boss": {"boss": 1, "training": 1}, "evening": {"plans": ["sport"]}}

    assert "sport" not in codes(route(example, who(path="bbl", level=3), answers))
    assert "sport" in codes(route(example, who(path="bbl", level=2), answers))


def test_an_option_that_is_no_longer_offered_does_not_count(example):
    question = example.sections["main"].pages[3].questions[0]

    assert filter_counted_answers(question, {"plans": ["sport", "work"]}, {"has_job": "yes"}, "demo") == {
        "plans": ["sport", "work"]
    }
    assert filter_counted_answers(question, {"plans": ["sport", "work"]}, {"has_job": "no"}, "demo") == {"plans": ["sport"]}
    assert filter_counted_answers(question, {"plans": ["work"]}, {}, "demo") == {}


def test_an_other_text_counts_with_its_option(example):
    question = example.sections["main"].pages[3].questions[0]
    written = {"plans__namely": "chess"}

    assert filter_counted_answers(question, {"plans": ["other"], **written}, {}, "demo") == {"plans": ["other"], **written}
    assert filter_counted_answers(question, {"plans": ["sport"], **written}, {}, "demo") == {"plans": ["sport"]}
    assert filter_counted_answers(question, written, {}, "demo") == {}


def test_an_option_or_statement_of_another_institution_is_not_offered(tmp_path):
    here, there = "{chess: Chess}", "{tennis: Tennis}"
    written = write_sections(
        tmp_path,
        ask(CLUBS),
        f"institution: here\nname: Here\nlists: {{clubs: {here}}}",
        f"institution: there\nname: There\nlists: {{clubs: {there}}}",
    )
    clubs, known = written.questionnaire.sections["main"].pages[0].questions

    assert filter_counted_answers(clubs, {"clubs": ["tennis", "chess"]}, {}, "here") == {"clubs": ["chess"]}
    assert filter_counted_answers(known, {"known_chess": 2, "known_tennis": 2}, {}, "there") == {"known_tennis": 2}


def test_a_code_that_several_institutions_list_counts_at_each_of_them(tmp_path):
    lists = [f"institution: {name}\nname: {name}\nlists: {{clubs: {{chess: Chess at {name}}}}}" for name in ("here", "there")]
    clubs, known = write_sections(tmp_path, ask(CLUBS), *lists).questionnaire.sections["main"].pages[0].questions

    for institution in ("here", "there"):
        assert filter_counted_answers(clubs, {"clubs": ["chess"]}, {}, institution) == {"clubs": ["chess"]}
        assert filter_counted_answers(known, {"known_chess": 2}, {}, institution) == {"known_chess": 2}


def test_a_language_variant_omits_the_groups_it_does_not_show(example):
    assert codes(route(example, who("easy"), {})) == ["job", "evening"]
    assert codes(route(example, who("en"), {})) == ["job", "evening", "end"]


def test_respondents_of_one_kind_share_a_sequence_object(example):
    assert list_possible_steps(example, who(path="bol")) is list_possible_steps(example, who(path="bbl"))
    assert list_possible_steps(example, who("easy")) is not list_possible_steps(example, who("en"))


BLOCKS = """\
questionnaire: example
title: Example
source_language: en
languages: {en: {name: English}}
background:
  level: {text: Level, from: 1, to: 4}
order:
  - {group: blocks, blocks: {limit: 6, questions: 3, statements: 3}}
"""
THEME = """\
module: theme
pages:
  - page: rooms
    questions:
      - mark: rooms
        text: Rooms?
"""
TWICE = """\
institution: demo
name: Demo
blocks:
  - {theme: theme, when: level >= 2}
  - when: level >= 1
    pages:
      - page: own
        questions:
          - mark: own
            text: Own?
  - {theme: theme, when: level >= 3 or level == 1}
"""


@pytest.mark.parametrize(("level", "expected"), [(1, "own rooms"), (2, "rooms own"), (3, "rooms own"), (4, "rooms own")], ids=str)
def test_a_page_of_two_blocks_is_asked_once_at_its_first_position(tmp_path, level, expected):
    example = write_sections(tmp_path, THEME, TWICE, head=BLOCKS).questionnaire

    assert codes(route(example, who(level=level), {})) == expected.split()


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "job": st.fixed_dictionaries({}, optional={"has_job": st.sampled_from(["yes", "no"])}),
        "hours": st.fixed_dictionaries({}, optional={"hours": st.sampled_from([1, 19, 20, 60])}),
        "much": st.fixed_dictionaries({}, optional={"too_much": st.sampled_from(["yes", "no"])}),
        "evening": st.fixed_dictionaries(
            {}, optional={"plans": st.lists(st.sampled_from(["sport", "work", "other"]), min_size=1, unique=True)}
        ),
        "boss": st.fixed_dictionaries({}, optional={"boss": st.sampled_from([1, 2]), "training": st.sampled_from([1, 2])}),
        "sport": st.fixed_dictionaries({}, optional={"club": st.sampled_from(["yes", "no"])}),
    },
)
BACKGROUND = st.fixed_dictionaries({}, optional={"path": st.sampled_from(["bol", "bbl"]), "level": st.integers(1, 4)})


def list_expected(answers: dict, background: dict) -> list[str]:
    """Return the path of the example, worked out by hand."""

    def read(page: str, name: str) -> object:
        return answers.get(page, {}).get(name) if page in pages else None

    pages = ["job"]
    works = read("job", "has_job") == "yes"
    pages += ["hours"] if works else []
    hours = read("hours", "hours")
    pages += ["much"] if isinstance(hours, int) and hours >= 20 else []
    pages += ["evening"]
    pages += ["boss"] if background.get("path") == "bbl" else []
    trained = read("boss", "training") if background.get("level", 0) >= 3 else None
    pages += ["sport"] if "sport" in (read("evening", "plans") or []) and trained != 1 else []
    return [*pages, "end"]


@settings(max_examples=1000 if THOROUGH else 100, deadline=None)
@given(answers=ANSWERS, background=BACKGROUND)
def test_the_path_equals_one_worked_out_by_hand(example, answers, background):
    assert codes(route(example, Respondent("demo", "en", background), answers)) == list_expected(answers, background)


@settings(max_examples=100, deadline=None)
@given(answers=ANSWERS, background=BACKGROUND)
def test_answers_off_the_path_change_nothing(example, answers, background):
    respondent = Respondent("demo", "en", background)
    path = route(example, respondent, answers)
    on_path = {page: given for page, given in answers.items() if page in codes(path)}

    assert codes(route(example, respondent, on_path)) == codes(path)


# the pages that a posted page needs ---------------------------------------------------------------------------------

ROUTED = """\
institution: demo
name: Demo
blocks:
  - {theme: theme, when: club == 'yes'}
"""
ART = "section: main\npages:\n  - page: art\n    questions: [{yes_no: club, text: In a club?}]\n"


def test_a_page_that_decides_on_a_block_of_an_institution_is_consulted(tmp_path):
    head = BLOCKS.replace("order:", "order:\n  - {group: main, sections: [main]}")
    example = write_sections(tmp_path, THEME, ART, ROUTED, head=head).questionnaire

    assert codes(route(example, who(), {"art": {"club": "yes"}})) == ["art", "rooms"]
    assert "art" in find_consulted_pages(example)


@settings(max_examples=100, deadline=None)
@given(answers=ANSWERS, background=BACKGROUND)
def test_the_consulted_pages_alone_decide_on_the_path(example, answers, background):
    respondent = Respondent("demo", "en", background)
    consulted = {page: given for page, given in answers.items() if page in find_consulted_pages(example)}

    assert codes(route(example, respondent, consulted)) == codes(route(example, respondent, answers))
    assert route(example, respondent, consulted).known == route(example, respondent, answers).known

"""Local questions: their duration, and references to them."""

from dataclasses import replace

from survey_engine.analysis.local_questions import iter_local_items, list_local_budgets, list_local_references
from survey_engine.analysis.offered_sections import remove_local_questions
from tests.writing import write_head

MAIN = """\
section: main
pages:
  - page: first
    questions:
      - {mark: week, text: How was your week?}
"""
LATER = """\
section: later
pages:
  - page: last
    WHEN
    questions:
      - {mark: year, text: How was your year?}
"""
SCHOOL = """\
institution: school
name: School
own_questions:
  pages:
    - page: own_first
      questions:
        - {yes_no: own_job, text: Do you have a job?}
    - page: own_second
      when: own_job == 'yes'
      questions:
        - {mark: own_job_mark, text: How is your job?, seconds: 40}
"""
ORDER = "[{group: own, own_questions: true}, {group: main, sections: [main, later]}]"


def build(folder, later_when=""):
    head = {"order": ORDER, "budget": "{minutes: 2}"}
    return write_head(folder, head, LATER.replace("    WHEN\n", later_when), SCHOOL).compilation.questionnaire


def test_every_local_question_is_listed_with_its_guard(tmp_path):
    questionnaire = build(tmp_path)
    items = list(iter_local_items(questionnaire.institutions["school"]))
    assert [(item.question.code, [condition.source for condition in item.guard]) for item in items] == [
        ("own_job", []),
        ("own_job_mark", ["own_job == 'yes'"]),
    ]


def test_local_questions_may_use_each_other(tmp_path):
    questionnaire = build(tmp_path)
    assert list_local_references(questionnaire, questionnaire.institutions["school"]) == []


def test_a_core_page_that_uses_a_local_question_is_found(tmp_path):
    questionnaire = build(tmp_path, "    when: own_job == 'yes'\n")
    touches = list_local_references(questionnaire, questionnaire.institutions["school"])
    assert [(touch.name, touch.condition.source) for touch in touches] == [("own_job", "own_job == 'yes'")]


def test_remaining_minutes_are_the_budget_minus_the_longest_path(tmp_path):
    questionnaire = build(tmp_path)
    (room,) = list_local_budgets(questionnaire, questionnaire.institutions["school"])
    assert round(room.without * 60) == 40
    assert round(room.with_own * 60) == 100
    assert round(room.left * 60) == 20


def test_without_a_budget_nothing_is_left_over(tmp_path):
    questionnaire = replace(build(tmp_path), budget_minutes=None)
    (room,) = list_local_budgets(questionnaire, questionnaire.institutions["school"])
    assert room.left is None


def test_removing_takes_one_institutions_local_questions(tmp_path):
    questionnaire = build(tmp_path)
    bare = remove_local_questions(questionnaire, questionnaire.institutions["school"])
    assert [section.code for section in bare.all_sections] == ["main", "later"]
    assert "own_school" in [section.code for section in questionnaire.all_sections]

"""After a language switch each page is read as it was asked: kept answers are exported, and decide no condition."""

from __future__ import annotations

import pytest

from tests.datasets.filling import MAIN, write_example

CLOSING = """\
  - page: closing
    questions:
      - mark: end
        text: {en: End, easy: End}
      - yes_no: dep
        text: {en: Dep, easy: Dep}
        when: talk == 'yes'
      - yes_no: neg
        text: {en: Neg, easy: Neg}
        when: not answered(talk)
      - multiple: mix
        text: {en: Mix, easy: Mix}
        options:
          always: {en: Always, easy: Always}
          then: {text: {en: Then, easy: Then}, when: talk == 'yes'}
          now: {text: {en: Now, easy: Now}, when: not answered(talk)}
  - page: only_then
    when: talk == 'yes'
    questions: [{mark: late, text: {en: Late, easy: Late}}]
"""
TALK = "  - page: talk_page\n    when: language == 'en'\n    questions: [{yes_no: talk, text: {en: Talk, easy: Talk}}]\n"
COLUMNS = ("dep", "neg", "mix_always", "mix_then", "mix_now")


@pytest.fixture
def follow(store, tmp_path):
    """Answer `talk` and the closing page in English, then switch at the end."""
    main = MAIN[: MAIN.index("  - page: start")] + TALK + CLOSING
    store.questionnaire = write_example(tmp_path / "closing", main=main)

    def export(*after: str, done: bool = True, **answers: object) -> list[str]:
        id = store.start("south", path="bol")
        store.save(id, "talk_page", talk="yes")
        store.save(id, "closing", done=done, **answers)
        for page in after:
            store.save(id, page, done=False)
        store.set_language(id, "easy")
        row = store.row(tmp_path / "out")
        return [*(row[name] for name in COLUMNS), row["before_switch"]]

    return export


def test_a_condition_on_a_kept_answer_asks_nothing_after_the_switch(follow):
    assert follow(end=5, neg="no", mix=["always"]) == ["-1", "no", "1", "-1", "0", "1"]


def test_a_kept_answer_makes_no_question_skipped(follow):
    assert follow(end=5, mix=["always"]) == ["-1", "-3", "1", "-1", "0", "1"]


def test_questions_of_the_later_language_are_not_asked_before(follow):
    assert follow(end=5, dep="yes", mix=["always"]) == ["yes", "-1", "1", "0", "-1", "3"]


def test_pages_before_one_of_the_earlier_language_are_finished(follow):
    assert follow("only_then", end=5, mix=["always"]) == ["-3", "-1", "1", "0", "-1", "2"]


def test_answers_of_both_languages_on_one_page_are_kept_as_values(follow):
    assert follow(dep="yes", neg="no", mix=["then", "now"]) == ["yes", "no", "0", "1", "1", "3"]


def test_open_questions_after_a_switch_are_broken_off(follow):
    assert follow(done=False, dep="yes") == ["yes", "-4", "-4", "-1", "-4", "2"]

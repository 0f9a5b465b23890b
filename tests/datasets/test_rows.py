"""Every response is re-routed, and every missing value says why it is missing."""

from __future__ import annotations

import pytest

from survey_engine.datasets.rows import ExportError
from tests.datasets.filling import MAIN, write_example

NOT_ASKED, NOT_ASSIGNED, SKIPPED, BROKEN_OFF, WITHDRAWN = "-1", "-2", "-3", "-4", "-5"


def test_an_answer_is_exported_as_its_code(store, tmp_path):
    id = store.start(path="bol")
    store.save(id, "start", job="some")
    store.save(id, "hours_page", hours=12)
    store.save(id, "opinions", good=3, busy="na")
    store.save(id, "words", since_when="2026-01-09")
    row = store.row(tmp_path / "out")
    assert [row[name] for name in ("job", "hours", "good", "busy", "since_when")] == ["some", "12", "3", "na", "2026-01-09"]


def test_a_page_off_the_path_is_not_asked(store, tmp_path):
    store.save(store.start(path="bol"), "start", job="none")
    row = store.row(tmp_path / "out")
    assert row["hours"] == row["mark_work"] == NOT_ASKED


def test_an_answer_that_fell_off_the_path_is_not_asked(store, tmp_path):
    id = store.start(path="bol")
    store.save(id, "start", job="some")
    store.save(id, "hours_page", hours=12)
    store.save(id, "opinions", good=3, busy=1, why=["work"])
    store.save(id, "start", job="none")
    row = store.row(tmp_path / "out")
    assert row["hours"] == row["busy"] == row["why_work"] == NOT_ASKED
    assert row["good"] == "3"


def test_a_module_that_the_respondent_does_not_have_is_not_assigned(store, tmp_path):
    store.start(modules={"food": "council"})
    row = store.row(tmp_path / "out")
    assert row["may_ask"] == row["may_ask__version"] == NOT_ASSIGNED
    assert row["mark_food"] == BROKEN_OFF


def test_modules_stand_with_their_reason(store, tmp_path):
    store.start(modules={"food": "council", "sport": "random"})
    store.start("south", modules={"sport": "random"})
    by_place = {row["institution"]: row for row in store.export(tmp_path / "out").rows}
    assert (by_place["north"]["module_food"], by_place["north"]["module_sport"]) == ("council", "random")
    assert by_place["south"]["module_food"] == NOT_ASSIGNED


def test_an_empty_answer_on_a_finished_page_is_skipped(store, tmp_path):
    id = store.start()
    store.save(id, "start")
    store.save(id, "opinions", good=1)
    row = store.row(tmp_path / "out")
    assert row["job"] == row["why_money"] == row["why_else"] == SKIPPED


def test_what_comes_after_the_last_finished_page_is_broken_off(store, tmp_path):
    store.save(store.start(), "start", job="none")
    row = store.row(tmp_path / "out")
    assert row["good"] == row["why_money"] == row["since_when"] == BROKEN_OFF
    assert row["status"] == "broken_off"


def test_answers_on_the_page_where_somebody_stopped_count(store, tmp_path):
    id = store.start()
    store.save(id, "start", job="none")
    store.save(id, "opinions", done=False, good=2)
    row = store.row(tmp_path / "out")
    assert (row["good"], row["why_money"]) == ("2", BROKEN_OFF)


def test_after_a_withdrawn_link_the_rest_is_withdrawn(store, tmp_path):
    id = store.start(pseudonym="gone")
    store.save(id, "start", job="none")
    row = store.row(tmp_path / "out", withdrawn=frozenset({"gone"}))
    assert (row["status"], row["job"], row["good"], row["hours"]) == ("withdrawn", "none", WITHDRAWN, NOT_ASKED)


def test_what_was_complete_stays_complete_when_its_link_is_withdrawn(store, tmp_path):
    id = store.start(pseudonym="gone")
    store.save(id, "start", job="none")
    store.save(id, "opinions", good=1)
    store.save(id, "words", complete=True)
    row = store.row(tmp_path / "out", withdrawn=frozenset({"gone"}))
    assert (row["status"], row["since_when"]) == ("complete", SKIPPED)


def test_several_answers_stand_in_a_column_for_each_option(store, tmp_path):
    id = store.start()
    store.save(id, "start", job="some")
    store.save(id, "hours_page", hours=3)
    store.save(id, "opinions", why=["money", "work"])
    row = store.row(tmp_path / "out")
    assert [row[f"why_{option}"] for option in ("money", "work", "else")] == ["1", "1", "0"]


def test_an_option_that_is_not_offered_is_not_asked(store, tmp_path):
    id = store.start()
    store.save(id, "start", job="none")
    store.save(id, "opinions", why=["money", "work"])
    row = store.row(tmp_path / "out")
    assert [row[f"why_{option}"] for option in ("money", "work", "else")] == ["1", NOT_ASKED, "0"]


def test_a_choice_whose_option_is_no_longer_offered_is_skipped(store, tmp_path):
    store.save(store.start(path="bol"), "start", job="firm")
    assert store.row(tmp_path / "out")["job"] == SKIPPED


def test_a_text_beside_an_option_that_is_no_longer_offered_does_not_go_out(store, tmp_path):
    store.save(store.start(path="bbl"), "start", job="other", job__namely="a circus")
    store.save(store.start(path="bol"), "start", job="other", job__namely="a farm")
    assert [text["text"] for text in store.export(tmp_path / "out").texts] == ["a farm"]


def test_own_questions_of_another_institution_are_not_asked(store, tmp_path):
    store.start("south")
    row = store.row(tmp_path / "out")
    assert row["club_chess"] == row["club_choir"] == NOT_ASKED


def test_a_variant_that_leaves_out_a_group_does_not_ask_it_whatever_was_answered_before(store, tmp_path):
    id = store.start("south", modules={"food": "random"})
    for page in ("start", "opinions", "words"):
        store.save(id, page)
    store.save(id, "food_page", mark_food=8)
    store.speak(id, "easy")
    row = store.row(tmp_path / "out")
    assert (row["mark_food"], row["language"], row["languages"]) == (NOT_ASKED, "easy", "en easy")


def test_a_consent_is_exported_with_the_version_of_its_text(store, tmp_path):
    id = store.start(modules={"sport": "random"})
    for page in ("start", "opinions", "words"):
        store.save(id, page)
    store.save(id, "sport_page", may_ask="yes", may_ask__version=3)
    row = store.row(tmp_path / "out")
    assert (row["may_ask"], row["may_ask__version"]) == ("yes", "3")


def test_background_that_was_not_delivered_is_empty(store, tmp_path):
    store.start(path="bol")
    row = store.row(tmp_path / "out")
    assert (row["path"], row["programme"]) == ("bol", "")


def test_moments_are_exported_as_days(store, tmp_path):
    id = store.start()
    for page in ("start", "opinions"):
        store.save(id, page)
    store.save(id, "words", complete=True)
    row = store.row(tmp_path / "out")
    assert len(row["started"]) == len(row["completed"]) == len("2026-01-09")


def test_a_page_that_is_newer_than_a_completed_response_was_not_asked(store, tmp_path):
    id = store.start("south", version="older")
    for page in ("start", "opinions"):
        store.save(id, page)
    store.save(id, "words", complete=True)
    newer = MAIN + "  - page: extra\n    questions:\n      - mark: extra_mark\n        text: {en: A mark?, easy: A mark?}\n"
    store.questionnaire = write_example(tmp_path / "newer", main=newer)
    assert store.row(tmp_path / "out")["extra_mark"] == NOT_ASKED


def test_a_page_that_was_seen_but_not_finished_is_skipped_once_the_response_is_complete(store, tmp_path):
    id = store.start("south")
    store.save(id, "start", done=False)
    store.save(id, "words", complete=True)
    row = store.row(tmp_path / "out")
    assert (row["job"], row["good"]) == (SKIPPED, NOT_ASKED)


def test_what_the_questionnaire_no_longer_asks_is_counted_and_left_out(store, tmp_path):
    id = store.start(version="older")
    store.save(id, "start", job="none", shoe_size=43)
    store.save(id, "dropped_page", good=1)
    exported = store.export(tmp_path / "out")
    assert exported.delivered.lost == {"shoe_size": 1, "good": 1}


def test_an_institution_that_is_gone_is_named_instead_of_being_left_out(store, tmp_path):
    store.start("west")
    with pytest.raises(ExportError, match=r"institution 'west'.*Put it back"):
        store.export(tmp_path / "out")


def test_the_missing_values_move_away_from_numbers_that_can_be_answers(store, tmp_path):
    cold = MAIN.replace("from: 1\n", "from: -2\n")
    store.questionnaire = write_example(tmp_path / "cold", main=cold)
    store.save(store.start(path="bol"), "start", job="none")
    row = store.row(tmp_path / "out")
    assert (row["hours"], row["good"], row["may_ask"]) == ("-91", "-94", "-92")

"""Every response is routed again, and every missing value has its reason."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from survey_engine.engine.random_order import list_order
from tests.datasets.filling import HEAD, MAIN, write_example

NOT_ASKED, NOT_ASSIGNED, SKIPPED, BROKEN_OFF, WITHDRAWN = "-1", "-2", "-3", "-4", "-5"


def test_an_answer_is_exported_as_its_code(store, tmp_path):
    id = store.start(path="bol")
    store.save(id, "start", job="some")
    store.save(id, "hours_page", hours=12)
    store.save(id, "opinions", good=3, busy="na")
    store.save(id, "words", since_when="2026-01-09")
    row = store.row(tmp_path / "out")
    assert [row[name] for name in ("job", "hours", "good", "busy", "since_when")] == ["some", "12", "3", "-8", "2026-01-09"]


def test_a_page_off_the_path_is_not_asked(store, tmp_path):
    store.save(store.start(path="bol"), "start", job="none")
    row = store.row(tmp_path / "out")
    assert row["hours"] == row["mark_work"] == NOT_ASKED


def test_an_answer_that_left_the_path_is_not_asked(store, tmp_path):
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


def test_modules_have_their_reason(store, tmp_path):
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


def test_questions_after_the_last_finished_page_are_broken_off(store, tmp_path):
    store.save(store.start(), "start", job="none")
    row = store.row(tmp_path / "out")
    assert row["good"] == row["why_money"] == row["since_when"] == BROKEN_OFF
    assert row["status"] == "broken_off"


def test_answers_on_the_last_unfinished_page_count(store, tmp_path):
    id = store.start()
    store.save(id, "start", job="none")
    store.save(id, "opinions", done=False, good=2)
    row = store.row(tmp_path / "out")
    assert (row["good"], row["why_money"]) == ("2", BROKEN_OFF)


def test_open_questions_after_a_withdrawn_link_are_withdrawn(store, tmp_path):
    id = store.start(pseudonym="gone")
    store.save(id, "start", job="none")
    row = store.row(tmp_path / "out", withdrawn=frozenset({"gone"}))
    assert (row["status"], row["job"], row["good"], row["hours"]) == ("withdrawn", "none", WITHDRAWN, NOT_ASKED)


def test_a_complete_response_stays_complete_without_its_link(store, tmp_path):
    id = store.start(pseudonym="gone")
    store.save(id, "start", job="none")
    store.save(id, "opinions", good=1)
    store.save(id, "words", complete=True)
    row = store.row(tmp_path / "out", withdrawn=frozenset({"gone"}))
    assert (row["status"], row["since_when"]) == ("complete", SKIPPED)


def test_several_answers_have_a_column_for_each_option(store, tmp_path):
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


@pytest.mark.parametrize(("why", "expected"), [(["work"], ["0", NOT_ASKED, "0"]), (None, [SKIPPED, NOT_ASKED, SKIPPED])])
def test_other_options_are_not_chosen_if_the_only_one_is_no_longer_offered(store, tmp_path, why, expected):
    id = store.start()
    store.save(id, "start", job="none")
    store.save(id, "opinions", **({"why": why} if why else {}))
    row = store.row(tmp_path / "out")
    assert [row[f"why_{option}"] for option in ("money", "work", "else")] == expected


def test_a_choice_whose_option_is_no_longer_offered_is_skipped(store, tmp_path):
    store.save(store.start(path="bol"), "start", job="firm")
    assert store.row(tmp_path / "out")["job"] == SKIPPED


def test_an_other_text_without_its_option_is_not_exported(store, tmp_path):
    store.save(store.start(path="bbl"), "start", job="other", job__namely="a circus")
    store.save(store.start(path="bol"), "start", job="other", job__namely="a farm")
    assert [text["text"] for text in store.export(tmp_path / "out", least_group=1).texts] == ["a farm"]


def test_local_questions_of_another_institution_are_not_asked(store, tmp_path):
    store.start("south")
    row = store.row(tmp_path / "out")
    assert row["club_chess"] == row["club_choir"] == NOT_ASKED


@pytest.mark.parametrize(("share", "expected"), [(0, "no"), (100, "yes")])
def test_the_group_of_the_progress_bar_is_exported(store, tmp_path, share, expected):
    store.start(progress_share=share)
    assert store.row(tmp_path / "out")["progress_bar"] == expected


def switch(store, *, done: bool = True, **answers: object) -> None:
    """Answer a page that the easy variant does not ask, then continue in that variant."""
    id = store.start("south", modules={"sport": "random"})
    for page in ("start", "opinions", "words"):
        store.save(id, page)
    store.save(id, "sport_page", done=done, **answers)
    store.set_language(id, "easy")


def test_answers_before_a_switch_to_a_shorter_variant_are_kept(store, tmp_path):
    switch(store, may_ask="yes", may_ask__version=3)
    row = store.row(tmp_path / "out")
    assert (row["may_ask"], row["may_ask__version"], row["languages"], row["before_switch"]) == ("yes", "3", "en easy", "2")


@pytest.mark.parametrize(("done", "expected"), [(True, SKIPPED), (False, NOT_ASKED)])
def test_a_gap_on_a_page_finished_before_a_switch_is_skipped(store, tmp_path, done, expected):
    switch(store, done=done, may_ask__version=3)
    row = store.row(tmp_path / "out")
    assert (row["may_ask"], row["before_switch"]) == (expected, "1")


def test_after_a_switch_that_changes_nothing_no_answer_is_marked(store, tmp_path):
    id = store.start("south")
    store.save(id, "start", job="some")
    store.set_language(id, "easy")
    assert (row := store.row(tmp_path / "out"))["before_switch"] == "0"
    assert row["job"] == "some"


def test_pages_that_were_not_reached_before_a_switch_are_not_asked(store, tmp_path):
    id = store.start("south", modules={"food": "random"})
    store.set_language(id, "easy")
    row = store.row(tmp_path / "out")
    assert (row["mark_food"], row["may_ask"], row["job"]) == (NOT_ASKED, NOT_ASSIGNED, BROKEN_OFF)


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


def test_times_are_exported_as_dates(store, tmp_path):
    id = store.start()
    for page in ("start", "opinions"):
        store.save(id, page)
    store.save(id, "words", complete=True)
    row = store.row(tmp_path / "out")
    assert len(row["started"]) == len(row["completed"]) == len("2026-01-09")


def test_an_unfinished_page_is_skipped_once_the_response_is_complete(store, tmp_path):
    id = store.start("south")
    store.save(id, "start", done=False)
    store.save(id, "words", complete=True)
    row = store.row(tmp_path / "out")
    assert (row["job"], row["good"]) == (SKIPPED, NOT_ASKED)


def test_missing_value_codes_avoid_possible_answers(store, tmp_path):
    cold = MAIN.replace("from: 1\n", "from: -2\n")
    store.questionnaire = write_example(tmp_path / "cold", main=cold)
    store.save(store.start(path="bol"), "start", job="none")
    row = store.row(tmp_path / "out")
    assert (row["hours"], row["good"], row["may_ask"]) == ("-91", "-94", "-92")


CLUBS = """\
  - page: clubs_seen
    questions:
      - grid: liked
        text: {en: What did you like?, easy: What did you like?}
        when: job == 'some'
        scale: agree
        items: {rest: {text: {en: The rest, easy: The rest}, when: path == 'bol'}}
        items_from: clubs
"""


@pytest.fixture
def clubs(store, tmp_path):
    store.questionnaire = write_example(tmp_path / "clubs", main=MAIN + CLUBS)
    return store


@pytest.mark.parametrize(
    ("institution", "expected"), [("north", ["1", "2", "3"]), ("south", [NOT_ASKED, "2", "3"])], ids=["north", "south"]
)
def test_a_statement_in_the_lists_of_two_institutions_is_exported_for_both(clubs, tmp_path, institution, expected):
    id = clubs.start(institution, path="bol")
    clubs.save(id, "start", job="some")
    clubs.save(id, "clubs_seen", liked_chess=1, liked_choir=2, rest=3)
    row = clubs.row(tmp_path / "out")
    assert [row[name] for name in ("liked_chess", "liked_choir", "rest")] == expected


def test_the_codebook_names_every_institution_whose_list_has_a_statement(clubs, tmp_path):
    codebook = clubs.export(tmp_path / "out").codebook
    (choir,) = {(row["institutions"], row["universe"], row["label_en"]) for row in codebook if row["variable"] == "liked_choir"}
    assert choir == ("north south", "question liked: job == 'some'; institution in ['north', 'south']", "The choir / Choir")


@pytest.mark.parametrize(
    ("job", "path", "expected"),
    [("some", "bol", SKIPPED), ("some", "bbl", NOT_ASKED), ("none", "bol", NOT_ASKED), ("none", "bbl", NOT_ASKED)],
)
def test_a_statement_is_asked_under_its_own_condition_and_its_questions(clubs, tmp_path, job, path, expected):
    id = clubs.start("south", path=path)
    clubs.save(id, "start", job=job)
    clubs.save(id, "clubs_seen")
    assert clubs.row(tmp_path / "out")["rest"] == expected


@pytest.mark.parametrize("path", ["bol", "bbl"])
def test_follow_ups_of_a_filter_that_was_not_reached_are_broken_off(clubs, tmp_path, path):
    clubs.start("south", path=path)
    row = clubs.row(tmp_path / "out")
    assert row["hours"] == row["busy"] == row["why_work"] == row["liked_choir"] == BROKEN_OFF
    assert row["rest"] == (BROKEN_OFF if path == "bol" else NOT_ASKED)
    assert row["liked_chess"] == NOT_ASKED


@pytest.mark.parametrize(("done", "expected"), [(True, NOT_ASKED), (False, BROKEN_OFF)])
def test_a_filter_that_was_passed_without_an_answer_decides(store, tmp_path, done, expected):
    store.save(store.start(), "start", done=done)
    assert store.row(tmp_path / "out")["hours"] == expected


def test_an_answer_on_the_last_unfinished_page_decides(store, tmp_path):
    store.save(store.start(), "start", done=False, job="none")
    row = store.row(tmp_path / "out")
    assert (row["hours"], row["good"]) == (NOT_ASKED, BROKEN_OFF)


def test_questions_after_an_open_follow_up_are_broken_off(store, tmp_path):
    """`busy` depends on `hours`, which depends on `job`."""
    chain = MAIN.replace("when: job == 'some', reverse", "when: hours >= 20 or path == 'bbl', reverse")
    store.questionnaire = write_example(tmp_path / "chain", main=chain)
    store.start(path="bol")
    store.save(store.start("south", path="bol"), "start", job="none")
    by_place = {row["institution"]: row["busy"] for row in store.export(tmp_path / "out").rows}
    assert by_place == {"north": BROKEN_OFF, "south": NOT_ASKED}


def test_a_withdrawn_link_before_a_filter_makes_its_follow_ups_withdrawn(store, tmp_path):
    store.start(pseudonym="gone")
    assert store.row(tmp_path / "out", withdrawn=frozenset({"gone"}))["hours"] == WITHDRAWN


def test_every_cell_of_a_number_column_is_a_number(store, tmp_path):
    for number in range(8):
        id = store.start("north" if number % 2 else "south", path="bol", modules={"food": "random"})
        store.save(id, "start", job="some" if number % 3 else None)
        store.save(id, "hours_page", hours=number + 1)
        store.save(id, "opinions", good="na" if number % 4 else 2, busy="na", why=["work"])
    exported = store.export(tmp_path / "out")
    numbers = {row["variable"] for row in exported.codebook if row["kind"] in ("number", "0/1") and row["file"] == "responses"}
    cells = {(name, row[name]) for row in exported.rows for name in numbers}
    assert len(numbers) > 10
    assert [cell for cell in cells if not cell[1].lstrip("-").isdecimal()] == [("duration_seconds", "")]


def test_an_answer_shown_only_in_a_text_is_exported_as_its_code(store, tmp_path):
    shown = MAIN.replace("{en: Since when?, easy: Since when?}", '{en: "Since when {job}?", easy: "Since when {job}?"}')
    store.questionnaire = write_example(tmp_path / "shown", main=shown.replace("when: job == 'some'", "when: path == 'bol'"))
    store.save(store.start(), "start", job="some")
    exported = store.export(tmp_path / "out")
    assert exported.rows[0]["job"] == "some"
    assert {row["label_en"] for row in exported.codebook if row["variable"] == "since_when"} == {"Since when {job}?"}


def test_a_page_without_answers_does_not_hide_those_after_it(store, tmp_path):
    """A completed response lacks a page that its last language asks, and has the one behind it."""
    id = store.start("south", modules={"food": "random", "sport": "council"})
    store.save(id, "start")
    store.save(id, "words", since_when="2026-01-09", complete=True)
    row = store.row(tmp_path / "out")
    assert (row["good"], row["since_when"]) == (NOT_ASKED, "2026-01-09")


def test_a_closed_question_does_not_decide_what_is_open_behind_it(clubs, tmp_path):
    """`rest` is not asked of this path; the statements of the same grid behind it are still open."""
    clubs.save(clubs.start("south", path="bbl"), "start", job="some")
    row = clubs.row(tmp_path / "out")
    assert (row["rest"], row["liked_choir"], row["since_when"]) == (NOT_ASKED, BROKEN_OFF, BROKEN_OFF)


def test_answers_of_a_page_that_only_the_first_language_has_are_kept(store, tmp_path):
    id = store.start("south", modules={"sport": "random"})
    store.save(id, "start", job="none")
    store.save(id, "sport_page", done=False, may_ask="yes", may_ask__version=3)
    store.set_language(id, "easy")
    row = store.row(tmp_path / "out")
    assert (row["job"], row["may_ask"], row["may_ask__version"], row["before_switch"]) == ("none", "yes", "3", "2")


def test_an_export_can_leave_out_background(store, tmp_path):
    store.start(path="bol", programme="Dans")
    assert {"path", "programme"} <= store.row(tmp_path / "all").keys()
    assert {"path", "programme"} & store.row(tmp_path / "one", background=frozenset({"path"})).keys() == {"path"}
    assert {"path", "programme"} & store.row(tmp_path / "none", background=frozenset()).keys() == set()


def test_a_random_order_is_exported_as_the_page_showed_it(store, tmp_path):
    mixed = MAIN.replace("        scale: agree\n        does", "        scale: agree\n        random_order: true\n        does")
    mixed = mixed.replace(
        '          else: {text: {en: "Else, namely"',
        '          never: {text: {en: Never, easy: Never}, fixed: true}\n          else: {text: {en: "Else, namely"',
    )
    mixed = mixed.replace("      - multiple: why\n", "      - multiple: why\n        random_order: true\n")
    store.questionnaire = write_example(tmp_path / "mixed", main=mixed)
    ids = [store.start("south") for _ in range(12)]
    for id in ids:
        store.save(id, "start", job="some")
        store.save(id, "opinions")
    exported = store.export(tmp_path / "out")
    assert {row["opinion__order"] for row in exported.rows} == {"good busy", "busy good"}
    assert {row["why__order"] for row in exported.rows} == {"money work never else", "work money never else"}
    grid, several = (q for q in store.questionnaire.all_sections[0].iter_questions() if q.random_order)
    shown = Counter(" ".join(map(str, list_order(grid, id, "south"))) for id in ids)
    assert shown == Counter(row["opinion__order"] for row in exported.rows)
    assert {row["label_en"] for row in exported.codebook if row["variable"] == f"{several.code}__order"} == {
        "Codes in the order in which the question showed them"
    }


def test_a_random_order_has_only_what_this_response_was_offered(store, tmp_path):
    mixed = MAIN.replace("      - multiple: why\n", "      - multiple: why\n        random_order: true\n")
    mixed = mixed.replace(
        "        scale: agree\n", "        scale: agree\n        random_order: true\n        when: apprentice\n", 1
    )
    store.questionnaire = write_example(tmp_path / "mixed", main=mixed)
    id = store.start("south", path="bol")
    store.save(id, "start", job="none")
    store.save(id, "opinions")
    row = store.row(tmp_path / "out")
    assert (row["opinion__order"], sorted(row["why__order"].split())) == ("", ["else", "money"])


def test_a_page_that_was_not_saved_has_no_order(store, tmp_path):
    store.questionnaire = write_example(
        tmp_path / "mixed", main=MAIN.replace("      - multiple: why\n", "      - multiple: why\n        random_order: true\n")
    )
    for pages in (["start"], ["start", "opinions"]):
        id = store.start("south")
        for page in pages:
            store.save(id, page)
    assert Counter(bool(row["why__order"]) for row in store.export(tmp_path / "out").rows) == {True: 1, False: 1}


def test_a_version_without_the_random_order_has_no_order(store, tmp_path):
    old, mixed = (
        store.questionnaire,
        MAIN.replace("      - multiple: why\n", "      - multiple: why\n        random_order: true\n"),
    )
    store.questionnaire = write_example(tmp_path / "mixed", main=mixed)
    store.save(store.start("south", version=old.version), "opinions")
    (row,) = store.export(tmp_path / "out", versions={old.version: old, store.questionnaire.version: store.questionnaire}).rows
    assert row["why__order"] == ""


def test_the_arm_of_an_experiment_is_exported_with_the_reason_of_its_draw(store, tmp_path):
    old = store.questionnaire
    store.start("south", version=old.version)
    head = HEAD + "experiments: [{experiment: wording, arms: {short: 2, long: 1}}]\n"
    main = MAIN.replace(
        "  - page: hours_page\n    when: job", "  - page: hours_page\n    when: experiment.wording == 'long' and job"
    )
    store.questionnaire = write_example(tmp_path / "arms", main=main, head=head)
    for arm in ("short", "long"):
        id = store.start("south", modules={"food": "random", f"wording={arm}": "random"})
        store.save(id, "start", job="some")
        store.save(id, "opinions")
    exported = store.export(tmp_path / "out", versions={old.version: old, store.questionnaire.version: store.questionnaire})
    found = {(row["experiment_wording"], row["module_food"], row["hours"]) for row in exported.rows}
    assert found == {("", "-2", "-4"), ("short", "random", "-1"), ("long", "random", "-4")}
    rows = [row for row in exported.codebook if row["variable"] == "experiment_wording"]
    assert [(row["code"], row["label_en"]) for row in rows] == [
        (arm, "Arm of the experiment, drawn at random: wording") for arm in ("short", "long")
    ]


@pytest.mark.parametrize("hours", [4, 6, 8, 60])
def test_a_mean_has_the_same_bytes_in_csv_beside_other_formats(store, tmp_path, hours):
    head = HEAD + "derived: {views: {mean: [good, busy, hours]}, worked: {sum: [hours]}}\n"
    store.questionnaire = write_example(tmp_path / "derived", head=head)
    id = store.start("south", path="bol")
    store.save(id, "start", job="some")
    store.save(id, "hours_page", hours=hours)
    store.save(id, "opinions", good=3, busy=2)
    alone, beside = (
        store.export(tmp_path / name, formats=formats) for name, formats in (("a", ["csv"]), ("b", ["csv", "jsonl"]))
    )
    assert alone.files["responses.csv"] == beside.files["responses.csv"]
    assert (alone.rows[0]["views"], alone.rows[0]["worked"]) == (str((hours + 5) / 3), str(hours))


def test_derived_values_are_exported_as_numbers(store, tmp_path):
    head = HEAD + "derived: {views: {mean: [good, busy]}, worked: {sum: [hours]}, years_ago: {years: [since_when, today]}}\n"
    mixed = MAIN.replace("      - multiple: why\n", "      - multiple: why\n        random_order: true\n")
    store.questionnaire = write_example(tmp_path / "derived", head=head, main=mixed)
    id = store.start("south", path="bol", programme="=1+1")
    store.save(id, "start", job="some")
    store.save(id, "hours_page", hours=12)
    store.save(id, "opinions", good=3, busy=2)
    store.start("south")
    exported = store.export(tmp_path / "out", formats=["csv", "parquet"])
    assert sorted((row["views"], row["worked"], row["years_ago"]) for row in exported.rows) == [("", "", ""), ("2.5", "12", "")]
    assert {row["programme"] for row in exported.rows} == {"", "'=1+1"}
    labels = {row["variable"]: row["label_en"] for row in exported.codebook}
    assert labels["views"] == "Mean of the answers to: good, busy"
    frame = pl.read_parquet(tmp_path / "out" / "responses.parquet")
    assert frame["views"].to_list().count(2.5) == 1 and set(frame["path"]) == {"bol", None}
    assert frame.columns == list(exported.rows[0])

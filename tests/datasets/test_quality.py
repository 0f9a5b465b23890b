"""Robots with known behaviour are told apart, and a person decides."""

from __future__ import annotations

import random
import statistics
from dataclasses import replace

import polars as pl
import pytest

from survey_engine.datasets.quality import (
    FLAG_RULES,
    QUALITY_MEASURES,
    Answers,
    FlagRule,
    flag_responses,
    list_excluded,
    measure_quality,
    read_approved,
    report_rules,
    write_proposals,
)
from survey_engine.datasets.quality_page import MEASURE_MEANINGS, build_quality_page
from survey_engine.datasets.reading import read_frame
from tests.datasets.filling import MAIN, write_example
from tests.datasets.made_responses import make_responses

ITEMS = "abcdefgh"
REVERSE = "dh"


def make(*rows, reverse=REVERSE, **columns):
    return make_responses(dict(zip(ITEMS, zip(*rows, strict=True), strict=False)), reverse=reverse, **columns)


def measure(name, *rows, **wanted):
    return measure_quality(make(*rows, **wanted))[name].to_list()


def answer(chance, attitude):
    """Answer eight items consistently; the reversed ones the other way round."""
    answers = [min(5, max(1, round(attitude + chance.gauss(0, 0.6)))) for _ in ITEMS]
    return [6 - one if name in REVERSE else one for name, one in zip(ITEMS, answers, strict=True)]


def test_the_longest_run_skips_items_without_an_answer():
    assert measure("longest_run", [4, 4, -1, 4, 2, 2, -8, 1], [1, 2, 1, 2, 1, 2, 1, 2], [-1] * 8) == [3, 1, 0]


def test_variability_is_the_deviation_of_one_respondents_answers():
    given = [1, 5, 2, 4, 4, 3, -1, -8]
    assert measure("variability", given, [3] * 8, [2, *[-1] * 7]) == [pytest.approx(statistics.stdev(given[:6])), 0, None]


@pytest.mark.parametrize(
    ("row", "identical", "contradicting"),
    [
        ([5] * 8, 1, 1),
        ([3] * 8, 1, 0),
        ([5, 5, 5, 1, 5, 5, 5, 1], 0, 0),
        ([5, 5, 5, -1, 5, 5, 5, -8], 1, None),
        ([5, 5, -1, -1, -1, -1, -1, -1], None, None),
    ],
)
def test_identical_answers_contradict_across_directions_off_the_middle(row, identical, contradicting):
    assert measure("identical_grids", row) == [identical]
    assert measure("contradicting_grids", row) == [contradicting]


def test_a_grid_of_one_direction_cannot_contradict_itself():
    assert measure("contradicting_grids", [5] * 8, reverse="") == [None]


def test_the_share_outside_the_scale_is_of_answers():
    assert measure("outside_scale", [-8, -8, 1, -3, -1, 2, 3, 3], [-1] * 8) == [pytest.approx(2 / 6), None]


def test_the_distance_of_usual_answers_is_one_and_of_contrary_ones_more():
    chance = random.Random(1)
    usual = [answer(chance, chance.choice((1.5, 2.5, 3.5, 4.5))) for _ in range(400)]
    contrary = [[1, 5, 1, 5, 5, 1, 5, 1], [5, 1, 5, 5, 1, 5, 1, 1]]
    found = measure("distance", *usual, *contrary)
    assert statistics.mean(found[:400]) == pytest.approx(1, abs=0.2)
    assert min(found[400:]) > max(statistics.quantiles(found[:400], n=50))


def test_the_distance_of_two_items_is_that_of_the_formula():
    """(x² + y² − 2rxy) / (1 − r²) of standardised answers."""
    chance = random.Random(2)
    first = [chance.randint(1, 5) for _ in range(200)]
    second = [min(5, max(1, one + chance.randint(-1, 1))) for one in first]
    found = measure_quality(make_responses({"a": first, "b": second}))["distance"].to_list()
    r = statistics.correlation(first, second)
    x, y = ((rows[0] - statistics.mean(rows)) / statistics.stdev(rows) for rows in (first, second))
    assert found[0] == pytest.approx((x * x + y * y - 2 * r * x * y) / (1 - r * r) / 2)


def test_straightliners_are_flagged_and_careful_respondents_are_not():
    chance = random.Random(3)
    careful = [answer(chance, chance.choice((2, 3, 4))) for _ in range(200)]
    liners = [[chance.choice((1, 2, 4, 5))] * 8 for _ in range(20)]
    data = make(*careful, *liners)
    flags = flag_responses(measure_quality(data), [FlagRule("contradicting_grids", 1)])
    assert flags["contradicting_grids >= 1"].to_list() == [False] * 200 + [True] * 20


def test_a_response_without_a_measure_is_not_flagged():
    flags = flag_responses(measure_quality(make([-1] * 8, [2] * 8)), [FlagRule("variability", 0.25, at_most=True)])
    assert flags["variability <= 0.25"].to_list() == [False, True]


def test_a_measure_at_its_limit_is_flagged():
    flags = flag_responses(
        measure_quality(make([2] * 8, [1, 2] * 4)), [FlagRule("variability", 0.0, at_most=True), FlagRule("longest_run", 8)]
    )
    assert [row[1:] for row in flags.rows()] == [(True, True), (False, False)]


def test_a_report_without_groups_has_its_columns():
    data = make([5] * 8, school=["x"])
    report = report_rules(data, flag_responses(measure_quality(data), []), ["school"])
    assert report.schema == {
        "rule": pl.String,
        "school": pl.String,
        "responses": pl.Int64,
        "flagged": pl.Int64,
        "only this rule": pl.Int64,
    }


def test_every_rule_has_a_measure():
    assert {rule.measure for rule in FLAG_RULES} <= set(QUALITY_MEASURES)


def test_the_report_counts_what_each_rule_would_exclude_per_group():
    data = make([5] * 8, [1, 2, 3, 4, 5, 1, 2, 3], [3] * 8, school=["x", "x", "y"])
    flags = flag_responses(measure_quality(data), [FlagRule("longest_run", 8), FlagRule("contradicting_grids", 1)])
    assert report_rules(data, flags, ["school"], least=1).rows() == [
        ("longest_run >= 8", "x", 2, 1, 0),
        ("longest_run >= 8", "y", 1, 1, 1),
        ("contradicting_grids >= 1", "x", 2, 1, 0),
        ("contradicting_grids >= 1", "y", 1, 0, 0),
    ]


def test_the_report_shows_no_small_number_nor_one_that_reveals_it():
    careless, careful = [5] * 8, [1, 2, 3, 4, 5, 1, 2, 3]
    rows = [*[careless] * 2, *[careful] * 18, *[careless] * 30, *[careful] * 40, careful, *[careful] * 9]
    data = make(*rows, school=["x"] * 20 + ["y"] * 70 + ["z"] + ["w"] * 9)
    flags = flag_responses(measure_quality(data), [FlagRule("longest_run", 8)])
    assert report_rules(data, flags, ["school"]).select("school", "responses", "flagged", "only this rule").rows() == [
        ("w", None, None, None),
        ("x", 20, None, None),
        ("y", 70, None, None),
        ("z", None, None, None),
    ]


def test_a_proposal_counts_flagged_responses_unless_few_are_or_are_not(tmp_path):
    for flagged, shown in ((5, "5"), (4, ""), (0, "0"), (17, "")):
        data = make(*[[5] * 8] * flagged, *[[1, 2, 3, 4, 5, 1, 2, 3]] * (20 - flagged))
        write_proposals(
            tmp_path / "rules.csv",
            flag_responses(measure_quality(data), [FlagRule("longest_run", 8)]),
            [FlagRule("longest_run", 8)],
        )
        assert pl.read_csv(tmp_path / "rules.csv", infer_schema=False)["flagged"].fill_null("").to_list() == [shown]


def test_only_rules_that_a_person_approved_exclude(tmp_path):
    measured = measure_quality(make([5] * 8, [3] * 8))
    path = tmp_path / "rules.csv"
    write_proposals(path, flag_responses(measured))
    assert read_approved(path) == []
    rows = pl.read_csv(path, infer_schema=False)
    approved = rows.with_columns(approved_by=pl.when(pl.col("measure") == "contradicting_grids").then(pl.lit("Kim")))
    approved.write_csv(path)
    (rule,) = read_approved(path)
    assert rule == FlagRule("contradicting_grids", 0.5)
    assert list_excluded(flag_responses(measured, [rule]))["respondent"].to_list() == ["r0"]


def test_no_rules_exclude_nobody():
    assert list_excluded(flag_responses(measure_quality(make([5] * 8)), [])).height == 0


def test_an_unknown_measure_is_reported(tmp_path):
    (tmp_path / "rules.csv").write_text("measure,at_most,limit,approved_by\nspeed,,3,Kim\n")
    with pytest.raises(ValueError, match="There is no measure speed"):
        read_approved(tmp_path / "rules.csv")


@pytest.mark.parametrize(("limit", "read"), [("0.75", 0.75), ("0.125", 0.125), ("2.5E+1", 25.0)])
def test_rules_are_read_from_a_file_of_a_dutch_spreadsheet(tmp_path, limit, read):
    (tmp_path / "rules.csv").write_text(f"measure;at_most;limit;approved_by\nwords_per_second;yes;{limit};Kim\n", "utf-8-sig")
    assert read_approved(tmp_path / "rules.csv") == [FlagRule("words_per_second", read, at_most=True)]


@pytest.mark.parametrize("limit", ["0,75", "1.500", ""])
def test_a_limit_that_can_be_read_in_two_ways_is_refused(tmp_path, limit):
    (tmp_path / "rules.csv").write_text(f"measure;at_most;limit;approved_by\ndistance;;{limit};Kim\n")
    with pytest.raises(ValueError, match=f"line 2: '{limit}' "):
        read_approved(tmp_path / "rules.csv")


def test_fewer_responses_than_items_have_no_distance():
    assert measure("distance", [1] * 8) == [None]


def read_at(seconds, page="page", language="en"):
    """Return words per second of one response to eight statements with two words and a question with three."""
    made = make([4] * 8, language=[language])
    named = {
        name: replace(
            made.variables[name], label={"en": "two words", "nl": "in dit geval vier"}, question_text={"en": "one two three"}
        )
        for name in ITEMS
    }
    row = {"respondent": ["r0"], "page": [page], "visits": [1], "seconds": [seconds], "changes": [8], "double_taps": [0]}
    paradata = pl.DataFrame(row, schema=made.paradata.schema)
    return measure_quality(replace(made, variables={**made.variables, **named}, paradata=paradata))["words_per_second"].to_list()


def test_words_per_second_count_the_question_once_and_each_statement_asked():
    assert read_at(10) == [1.9]
    assert read_at(10, language="nl") == [3.5]


def test_a_page_that_was_left_within_a_second_counts_as_one_second():
    assert read_at(0) == [19]


def test_there_is_no_speed_without_seconds_of_a_page():
    assert read_at(None) == read_at(10, page="elsewhere") == [None]
    assert measure("words_per_second", [4] * 8) == [None]


def test_a_page_without_seconds_does_not_count_in_the_speed_of_others():
    """Each page has a question of three words and four statements of two; the second page of the first response has no seconds."""
    made = make([4] * 8, [4] * 8, language=["en", "en"])
    texts = {"label": {"en": "two words"}, "question_text": {"en": "one two three"}}
    named = {
        name: replace(
            made.variables[name], page="other" if name in "efgh" else "page", question=f"grid {name in 'efgh'}", **texts
        )
        for name in ITEMS
    }
    seconds = [("r0", "page", 10), ("r0", "other", None), ("r1", "page", 10), ("r1", "other", 12)]
    rows = [(respondent, page, 1, spent, 4, 0) for respondent, page, spent in seconds]
    paradata = pl.DataFrame(rows, made.paradata.schema, orient="row")
    measured = measure_quality(replace(made, variables={**made.variables, **named}, paradata=paradata))
    assert measured["words_per_second"].to_list() == [1.1, 1]


RATED = """\
  - page: rated
    questions:
      - choice: tier
        text: {en: Which tier?, easy: Which tier?}
        options: {10: {en: Ten, easy: Ten}, 20: {en: Twenty, easy: Twenty}}
      - choice: rating
        text: {en: How is it?, easy: How is it?}
        scale: agree
      - consent: agreed
        text: {en: May we?, easy: May we?}
        version: 1
        parts: {may_use: {en: Use, easy: Use}}
"""


def test_only_statements_and_questions_on_a_scale_are_items(store, tmp_path):
    """Codes that are numbers, and two versions of a consent, have no point of a scale."""
    old = write_example(tmp_path / "old", main=MAIN + RATED)
    store.questionnaire = write_example(tmp_path / "new", main=MAIN + RATED.replace("version: 1", "version: 2"))
    store.start("south", version=old.version)
    store.start("south")
    store.export(tmp_path / "out", formats=["parquet"], versions={old.version: old})
    data = read_frame(tmp_path / "out")
    assert Answers(data).items == ["good", "busy", "rating"]
    assert (data.variables["tier"].level, data.variables["may_use__version"].level) == ("nominal", "nominal")


def test_the_page_has_a_bar_per_rule_and_group_and_explains_each(tmp_path):
    data = make_responses({"a": [3, 4] * 20, "b": [3, 1] * 20}, institution=["north"] * 20 + ["south"] * 20)
    flags = flag_responses(measure_quality(data))
    build_quality_page(data, report_rules(data, flags, ["institution"]), ["institution"]).write(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") == 2 * len(FLAG_RULES) and MEASURE_MEANINGS.keys() == QUALITY_MEASURES.keys()
    assert "only this rule: 10 (50.0%)" in page and 'aria-label="50.0% flagged"' in page


def test_the_page_withholds_what_the_report_withholds(tmp_path):
    data = make_responses({"a": [3, 4] * 8, "b": [3, 1] * 8}, institution=["north"] * 14 + ["south"] * 2)
    report = report_rules(data, flag_responses(measure_quality(data)), ["institution"])
    assert report["responses"].null_count() == report.height
    build_quality_page(data, report, ["institution"]).write(tmp_path / "report.html")
    assert "<rect" not in (tmp_path / "report.html").read_text()

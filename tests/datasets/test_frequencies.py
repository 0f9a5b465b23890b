"""The codebook counts what the table of responses has."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.codes import CodeEntry
from survey_engine.datasets.frequencies import Frequency
from survey_engine.datasets.pictures import BINS, WIDTH, draw_histogram, draw_shares, join_classes
from tests.writing import write_sections

MISSING = {"not_asked": -1, "skipped": -3}


CODES = tuple(CodeEntry(code, {}) for code in (1, 2, 3))


def count(cells, least=1, **wanted):
    return Frequency(CodebookEntry("x", "number", {}, "main", missing=MISSING, **wanted), Counter(cells), least)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=50))
def test_statistics_are_those_of_an_independent_implementation(numbers):
    spread = count([*numbers, -1, -3, -3]).spread
    assert spread.mean == pytest.approx(statistics.mean(numbers))
    assert spread.deviation == pytest.approx(statistics.stdev(numbers))
    assert spread.median == statistics.median(numbers)
    assert (spread.least, spread.most) == (min(numbers), max(numbers))


def test_shares_are_of_valid_answers():
    found = count([1, 1, 1, 2, -1, -3])
    assert (found.valid, found.share(1), found.share(2), found.share(3)) == (4, 0.75, 0.25, 0)
    assert found.share(-3) is None
    assert found.list_missing() == [("not_asked", 1), ("skipped", 1)]


def test_a_column_without_valid_answers_has_no_shares_and_no_spread():
    found = count([-1, -3])
    assert (found.valid, found.share(1), found.spread) == (0, None, None)
    assert draw_histogram(found) == []


def test_codes_without_an_order_have_no_mean():
    codes = (CodeEntry("a", {}), CodeEntry("b", {}))
    assert Frequency(CodebookEntry("x", "code", {}, "main", codes=codes), Counter(["a", "b"])).spread is None


@given(st.lists(st.integers(1, 5), min_size=1))
def test_a_bar_of_shares_is_as_wide_as_the_picture(cells):
    bars = draw_shares(count(cells), dict.fromkeys(range(1, 6), ""))
    assert sum(bar.width for bar in bars) == pytest.approx(WIDTH, abs=0.3)
    assert len(bars) == len(set(cells))


def test_a_code_keeps_its_shade_if_another_is_withheld():
    labels = dict.fromkeys((1, 2, 3), "")
    shades = [
        [bar.opacity for bar in draw_shares(count([1] * 9 + [2] * 3 + [3] * 9, least, codes=CODES), labels)] for least in (1, 5)
    ]
    assert shades == [[0.2, 0.6, 1.0], [1.0]]


@given(st.lists(st.integers(-30, 10_000), min_size=1))
def test_a_histogram_counts_every_number_once(cells):
    bars = draw_histogram(count([cell for cell in cells if cell not in MISSING.values()] or [0]))
    assert len(bars) <= BINS
    assert max(bar.x + bar.width for bar in bars) <= WIDTH
    assert sum(int(bar.title.rpartition(": ")[2]) for bar in bars) == (len([c for c in cells if c not in MISSING.values()]) or 1)


def test_the_codebook_counts_what_the_table_has(filled, tmp_path):
    exported = filled.export(tmp_path / "out", least_group=1, sensitive_factor=1)
    for row in exported.codebook:
        if row["file"] == "responses" and row["count"]:
            cells = [cells[row["variable"]] for cells in exported.rows]
            assert int(row["count"]) == cells.count(row["code"]), row["variable"]
    assert sum(1 for row in exported.codebook if row["count"] not in ("", "0")) > 15


def test_the_page_draws_answers_and_nothing_without_responses(filled, tmp_path):
    page = filled.export(tmp_path / "out", least_group=1).files["codebook.html"].decode()
    assert "<title>Agree: 100%</title>" in page
    assert "1 valid · mean 12.00 · sd 0.00 · median 12 · 12 to 12" in page
    with filled.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM page")
        connection.exec_driver_sql("DELETE FROM response")
    assert "<svg" not in filled.export(tmp_path / "none").files["codebook.html"].decode()


def attack(found: Frequency, codes: tuple[int, ...]) -> dict[int, range]:
    """Return the possible counts of each code, as far as shown counts and the number of responses tell."""
    solver = z3.Optimize()
    unknown = {code: z3.Int(str(code)) for code in codes}
    solver.add([each >= 0 for each in unknown.values()])
    solver.add(z3.Sum(list(unknown.values())) == sum(found.counts.values()))
    solver.add([unknown[code] == found.count(code) for code in codes if found.count(code) is not None])
    if found.valid is not None:
        solver.add(z3.Sum([unknown[code] for code in codes if code not in MISSING.values()]) == found.valid)
    possible = {}
    for code, variable in unknown.items():
        bounds = []
        for search in (solver.minimize, solver.maximize):
            solver.push()
            handle = search(variable)
            solver.check()
            bounds.append(handle.value().as_long())
            solver.pop()
        possible[code] = range(bounds[0], bounds[1] + 1)
    return possible


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from((1, 2, 3, -1, -3)), st.integers(1, 12)).filter(lambda counts: sum(counts.values()) >= 5))
def test_shown_counts_do_not_reveal_a_small_one(counts):
    found = Frequency(CodebookEntry("x", "number", {}, "main", missing=MISSING, codes=CODES), counts, 5)
    possible = attack(found, (1, 2, 3, -1, -3))
    small = [code for code, number in counts.items() if number < 5 and code != -3]
    assert all(found.count(code) is None and len(possible[code]) > 5 for code in small)
    assert found.spread is None or all(found.count(code) is not None for code in (1, 2, 3))


@pytest.mark.parametrize(("cells", "shown"), [([7] * 5 + [9] * 6 + [-3], (11, 1)), ([7] * 4 + [-1] * 20, (None, None))])
def test_numbers_are_summarised_from_the_least_group_on(cells, shown):
    found = count(cells, 5)
    assert (found.valid, found.count(-3) or None) == shown
    assert (found.spread is None) is (shown[0] is None)
    assert bool(draw_histogram(found)) is (shown[0] is not None)


def test_the_lowest_number_of_a_few_is_not_shown_and_their_class_is_joined():
    found = count([1, 20, 20, 20, 20, 20, 21, 21, 21, 21, 40, 40, 40, 40, 40], 5)
    assert (found.spread.least, found.spread.most) == (None, 40)
    assert [bar.title.rpartition(": ")[2] for bar in draw_histogram(found)] == ["6", "9"]


@pytest.mark.parametrize(
    ("counts", "classes"),
    [
        ([5, 5, 5, 1], [(0, 1), (1, 2), (2, 4)]),
        ([1, 1], [(0, 2)]),
        ([0, 0, 5], [(0, 1), (1, 2), (2, 3)]),
        ([4, 1, 9], [(0, 2), (2, 3)]),
    ],
)
def test_a_small_class_joins_its_neighbour(counts, classes):
    assert join_classes(counts, 5) == classes


def test_a_sensitive_item_needs_larger_groups(store, tmp_path):
    for _ in range(7):
        store.save(store.start("south"), "opinions", good=2, busy=2)
        id = store.start("south")
        store.save(id, "start", job="some")
        store.save(id, "opinions", good=1, busy=1)
    rows = store.export(tmp_path / "out").codebook
    shown = {row["variable"]: (row["count"], row["withheld"]) for row in rows if row["code"] == "1"}
    assert shown["good"] == ("7", "")
    assert shown["busy"] == ("", "yes")


SPLIT = """\
section: main
title: Safe
pages:
  - page: first
    questions: [{yes_no: bullied, text: Bullied?}]
  - page: second
    when: bullied == 'no'
    questions:
      - {yes_no: safe_school, text: Safe?, when: path == 'bol'}
      - {yes_no: safe_work, text: Safe?, when: path == 'bbl'}
      - {number: hours, text: Hours?, from: 0, to: 40}
  - page: third
    when: safe_school == 'yes'
    questions: [{yes_no: calm, text: Calm?}]
"""


def test_numbers_asked_of_follow_ups_do_not_sum_up_to_a_withheld_count(store, tmp_path):
    """Three of 83 were bullied: all others are asked one of two questions."""
    store.questionnaire = write_sections(tmp_path / "split", SPLIT, "institution: south\nname: South\n").questionnaire
    for number in range(83):
        id = store.start("south", path="bol" if number % 2 else "bbl")
        store.save(id, "first", bullied="yes" if number < 3 else "no")
        answers = {"safe_school" if number % 2 else "safe_work": "yes" if number % 3 else "no"}
        store.save(id, "second", hours=20, **(answers if number >= 3 else {}))
        store.save(id, "third", complete=True, calm="yes")
    codebook = store.export(tmp_path / "out").codebook
    counts = {(row["variable"], row["code"]): row["count"] for row in codebook}
    assert counts["status", "complete"] == "83" and counts["bullied", "yes"] == ""
    for name in ("safe_school", "safe_work", "calm"):
        assert "" in (counts[name, "yes"], counts[name, "no"])

"""The paradata of a page: visits by writer, and the larger of stored and posted totals."""

from __future__ import annotations

import pytest

from survey_engine.engine.paradata import format_measures, merge_paradata, read_paradata

BROKEN = ("", " ", "1 2", "1 2 3 4", "-1 2 3", "1.5 2 3", "100000 0 0", "1 10000 0", "1 2 ٣", "1  2 3", "1 2 3\n", "a b c")


@pytest.mark.parametrize("posted", BROKEN)
def test_anything_but_three_bounded_whole_numbers_changes_no_total(posted):
    assert merge_paradata("2 30 4 1", posted, new_visit=False) == "2 30 4 1"


@pytest.mark.parametrize(("posted", "expected"), [("30 4 1", "1 30 4 1"), ("29 4 1", "1 30 4 1"), ("31 3 2", "1 31 4 2")])
def test_repeated_and_late_totals_count_once(posted, expected):
    assert merge_paradata("1 30 4 1", posted, new_visit=False) == expected


def test_visits_count_without_measures():
    assert merge_paradata(merge_paradata(None, "", new_visit=True), "", new_visit=True) == "2"


def test_measures_of_a_later_visit_join_visits_without_any():
    assert merge_paradata("1", "5 1 0", new_visit=True) == "2 5 1 0"


def test_a_page_of_an_older_release_begins_with_one_visit():
    assert merge_paradata(None, "5 1 0", new_visit=False) == "1 5 1 0"


def test_stored_paradata_always_fit_their_column():
    assert len(merge_paradata("999 99999 9999 9999", "99999 9999 9999", new_visit=True)) < 32


def test_a_form_contains_the_measures_without_the_visits():
    assert (format_measures("3 20 2 0"), format_measures("3"), format_measures(None)) == ("20 2 0", "", "")


def test_what_is_not_known_is_never_0():
    assert read_paradata("3") == (3, None, None, None)
    assert read_paradata(None) == (None, None, None, None)

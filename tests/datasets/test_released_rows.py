"""Releases of rows are compared by a hash of each response, for what both files are about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_engine.datasets.released_rows import ReleasedRows, hash_response
from survey_engine.engine.routing import Respondent
from survey_engine.storage.snapshot import Record

KEY = "k" * 32
RECORD = Record(
    *(7, "v1", Respondent("north", "nl", {}), {}, ("nl",), "2026-01-09", "", None),
    answers={"first": {"a": 1, "b": 2}, "last": {"c": 3}},
    done={"first", "last"},
    paradata={"first": "1 20", "last": None},
)


def test_the_hash_of_a_response_does_not_depend_on_an_order() -> None:
    turned = replace(
        RECORD,
        answers={"last": {"c": 3}, "first": {"b": 2, "a": 1}},
        done={"last", "first"},
        paradata={"last": None, "first": "1 20"},
    )
    assert hash_response(KEY, turned, withdrawn=False) == hash_response(KEY, RECORD, withdrawn=False)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 8},
        {"completed": "2026-01-10"},
        {"languages": ("nl", "en")},
        {"answers": {"first": {"a": 1, "b": 2}, "last": {"c": 4}}},
        {"done": {"first"}},
        {"paradata": {"first": "1 21", "last": None}},
    ],
)
def test_whatever_an_export_tells_of_a_response_changes_its_hash(change: dict) -> None:
    assert hash_response(KEY, replace(RECORD, **change), withdrawn=False) != hash_response(KEY, RECORD, withdrawn=False)


def test_a_withdrawn_response_and_another_key_have_other_hashes() -> None:
    found = {hash_response(key, RECORD, withdrawn=withdrawn) for key in (KEY, "o" * 32) for withdrawn in (False, True)}
    assert len(found) == 4


def rows(institution: str = "", **hashes: str) -> ReleasedRows:
    """Rows of responses that have one letter each."""
    return ReleasedRows("q", institution, {place: frozenset(letters) for place, letters in hashes.items()})


@pytest.mark.parametrize(
    ("now", "earlier", "changed"),
    [
        (rows(north="abc", south="x"), rows(north="ab", south="xyz"), 1),
        (rows(north="bcdefghij"), rows(north="abcd"), 1),
        (rows(north="Abcdefghij"), rows(north="abcd"), 1),
        (rows(north="abc"), rows(north="abcde"), 2),
        (rows(north="abd"), rows(north="abc"), 1),
        (rows("north", north="abc"), rows("south", south="xyz"), 0),
        (rows("north", north="abcd"), rows(north="abc", south="xyz"), 1),
        (rows(north="abc", south="xyz"), rows("south", south="x"), 2),
        (rows("north", north="abc"), rows(south="xyz"), 0),
        (rows("north", north="abcd"), rows(**{"": "abxyz"}), 2),
        (rows("north", north="abcd"), rows(**{"": "xyz"}), 0),
    ],
)
def test_the_responses_that_differ_are_counted_where_both_files_have_any(
    now: ReleasedRows, earlier: ReleasedRows, changed: int
) -> None:
    assert now.count_changed(earlier) == changed


def test_the_part_of_an_institution_has_its_responses_only() -> None:
    whole = rows(north="abc", south="x")
    assert whole.limit("south") == rows("south", south="x") and whole.limit("east") == rows("east", east="")

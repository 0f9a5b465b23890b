"""Paradata in an export: one row per response and page, and columns in the table of responses."""

from __future__ import annotations

import pytest

USAGE = ("device", "language_switches", "last_page", "breakoff_page", "duration_seconds")


def usage(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in USAGE)


def test_each_stored_page_is_a_row_in_the_order_of_the_path(store, tmp_path):
    id = store.start(path="bol")
    store.save(id, "opinions", good=3, paradata="1")
    store.save(id, "start", job="some", paradata="2 15 3 1")
    store.save(id, "hours_page", hours=3)
    exported = store.export(tmp_path / "out")
    number = exported.rows[0]["respondent"]
    assert [tuple(row.values()) for row in exported.pages] == [
        (number, "start", "2", "15", "", "1"),
        (number, "hours_page", "", "", "", ""),
        (number, "opinions", "1", "", "", ""),
    ]


def test_changes_on_a_page_with_an_open_field_are_not_told(store, tmp_path):
    """They would tell who wrote: `start` has an option with its other text, `words` an open question."""
    id = store.start("south", path="bol")
    for page in ("start", "hours_page", "words"):
        store.save(id, page, **({"job": "some"} if page == "start" else {}), paradata="1 9 4 0")
    for institution in ("", "south"):
        pages = store.export(tmp_path / f"out{institution}", institution=institution).pages
        assert {row["page"]: row["changes"] for row in pages} == {"start": "", "hours_page": "4", "words": ""}


def test_a_page_that_left_the_path_keeps_its_row_and_its_time(store, tmp_path):
    id = store.start(path="bol")
    store.save(id, "start", job="some", paradata="1 10 1 0")
    store.save(id, "hours_page", hours=3, paradata="1 5 1 0")
    store.save(id, "start", job="none", paradata="2 12 2 0")
    exported = store.export(tmp_path / "out")
    assert [row["page"] for row in exported.pages] == ["start", "hours_page"]
    assert exported.rows[0]["duration_seconds"] == "17"


def test_a_response_has_its_device_switches_last_page_and_breakoff(store, tmp_path):
    id = store.start(path="bol", device="small")
    store.save(id, "start", job="some", paradata="1 10 1 0")
    store.save(id, "hours_page", done=False, paradata="1 4 0 0")
    for language in ("easy", "en"):
        store.set_language(id, language)
    assert usage(store.row(tmp_path / "out")) == ("small", "2", "hours_page", "hours_page", "14")


def test_a_response_without_a_page_broke_off_on_the_first_one(store, tmp_path):
    store.start(path="bol")
    exported = store.export(tmp_path / "out")
    assert usage(exported.rows[0]) == ("", "0", "", "start", "")
    assert exported.pages == []


def test_a_completed_response_has_no_breakoff(store, tmp_path):
    id = store.start(path="bol")
    store.save(id, "start", job="none", complete=True)
    assert usage(store.row(tmp_path / "out")) == ("", "0", "start", "", "")


@pytest.mark.parametrize("paradata", [None, "1"])
def test_a_page_without_measures_adds_no_seconds(store, tmp_path, paradata):
    id = store.start(path="bol")
    store.save(id, "start", job="none", paradata=paradata)
    assert store.row(tmp_path / "out")["duration_seconds"] == ""


def test_the_codebook_describes_the_columns_of_pages(store, tmp_path):
    exported = store.export(tmp_path / "out")
    described = [row["variable"] for row in exported.codebook if row["file"] == "paradata"]
    assert described == exported.files["paradata.csv"].decode().splitlines()[0].split(",")

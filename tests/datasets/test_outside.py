"""Answers outside the scale, marks with own bounds, and comments in the export."""

from __future__ import annotations

import pytest

from tests.datasets.filling import MAIN, Store, write_example

MORE = """\
  - page: unsure
    questions:
      - multiple: needs
        text: {en: Needs?, easy: Needs?}
        options: {quiet: {en: Quiet, easy: Quiet}, time: {en: Time, easy: Time}}
        dont_know: {en: No idea, easy: No idea}
        does_not_apply: {en: Not for me, easy: Not for me}
      - mark: friend
        text: {en: Friend?, easy: Friend?}
        from: 0
        to: 10
        from_label: {en: Never, easy: Never}
        to_label: {en: Certainly, easy: Certainly}
        dont_know: {en: No idea, easy: No idea}
        comment: {en: Why?, easy: Why?}
"""


@pytest.fixture
def unsure(store: Store, tmp_path) -> Store:
    return Store(store.database, write_example(tmp_path / "unsure", main=MAIN + MORE))


@pytest.mark.parametrize(("given", "cells"), [(["quiet"], ["1", "0"]), (["dk"], ["-6", "-6"]), (["na"], ["-8", "-8"])])
def test_an_answer_outside_fills_every_column_of_a_multiple_question(unsure, tmp_path, given, cells):
    unsure.save(unsure.start(), "unsure", needs=given)
    exported = unsure.export(tmp_path / "out")
    assert [exported.rows[0][name] for name in ("needs_quiet", "needs_time")] == cells
    assert "needs_dk" not in exported.rows[0] and not exported.delivered.findings.lost


@pytest.mark.parametrize(("given", "cell"), [(0, "0"), (10, "10"), ("dk", "-6")])
def test_a_mark_with_own_bounds_is_a_number_or_a_missing_code(unsure, tmp_path, given, cell):
    unsure.save(unsure.start(), "unsure", friend=given)
    assert unsure.row(tmp_path / "out")["friend"] == cell


def test_the_codebook_has_the_ends_of_a_mark_and_its_code_for_dont_know(unsure, tmp_path):
    unsure.start()
    rows = [row for row in unsure.export(tmp_path / "out").codebook if row["variable"] == "friend"]
    labels = {row["code"]: row["code_label_en"] for row in rows}
    assert (labels["0"], labels["1"], labels["10"], labels["-6"]) == ("Never", "1", "Certainly", "No idea")
    assert {row["level"] for row in rows} == {"scale"} and rows[0]["missing_dont_know"] == "-6"


def test_a_comment_is_an_open_answer(unsure, tmp_path):
    unsure.save(unsure.start(), "unsure", friend=3, friend__comment="Because")
    exported = unsure.export(tmp_path / "out", least_group=1)
    assert [(row["variable"], row["text"]) for row in exported.texts] == [("friend__comment", "Because")]
    assert "friend__comment" not in exported.rows[0]


def test_spss_knows_both_codes_outside_the_scale_as_missing(unsure, tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    unsure.save(unsure.start(), "unsure", needs=["dk"])
    unsure.export(tmp_path / "out", formats=["sav"])
    _, read = pyreadstat.read_sav(tmp_path / "out" / "responses.sav", user_missing=True)
    assert read.missing_ranges["needs_quiet"] == [{"lo": -6.0, "hi": -1.0}, {"lo": -8.0, "hi": -8.0}]

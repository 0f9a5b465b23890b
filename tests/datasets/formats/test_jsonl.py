"""Each line is one response, with labels in a file beside it."""

from __future__ import annotations

import json


def test_each_line_is_a_response(filled, tmp_path):
    files = filled.export(tmp_path / "out", formats=["jsonl"]).files
    rows = [json.loads(line) for line in files["responses.jsonl"].splitlines()]
    (row,) = [row for row in rows if row["path"] == "bbl"]
    assert [row[name] for name in ("job", "hours", "busy", "completed", "mark_work")] == ["some", 12, -8, None, -4]
    assert len(rows) == 3


def test_labels_and_missing_codes_are_beside_the_lines(filled, tmp_path):
    labels = json.loads(filled.export(tmp_path / "out", formats=["jsonl"]).files["responses.labels.json"])
    assert labels["columns"]["job"]["codes"][0] == {"code": "some", "label": {"en": "Some", "easy": "Some"}, "number": 1}
    assert labels["missing"]["not_asked"] == -1


def test_units_and_ranges_are_beside_the_lines(filled, tmp_path):
    labels = json.loads(filled.export(tmp_path / "out", formats=["jsonl"]).files["responses.labels.json"])
    hours = labels["columns"]["hours"]
    assert (hours["unit"], hours["range"]) == ({"en": "hours", "easy": "hrs"}, [1, 60])

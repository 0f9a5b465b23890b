"""The scripts beside the data load it in whatever format it was delivered."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

IN_PYTHON = """
import json, load
print(json.dumps({
    "hours": load.valid("hours").dropna().tolist(),
    "job": load.labelled("job", "easy").dropna().tolist(),
    "busy": int(load.valid("busy").notna().sum()),
    "missing": load.missing_codes("mark_food"),
    "rows": len(load.responses),
}))
"""
IN_R = """
source("load.R")
cat(sum(!is.na(valid("hours"))), max(valid("hours"), na.rm = TRUE), as.character(na.omit(labelled("job", "easy"))),
    sum(!is.na(valid("busy"))), missing_codes("mark_food")["not_assigned"], nrow(responses), sep = "|")
"""


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl", "xlsx", "sav", "zsav"])
def test_python_loads_each_format(filled, tmp_path, format):
    filled.export(tmp_path / "out", formats=[format])
    done = subprocess.run([sys.executable, "-c", IN_PYTHON], cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "hours": [12.0],
        "job": ["Some"],
        "busy": 0,
        "missing": {"not_asked": -1, "not_assigned": -2, "skipped": -3, "broken_off": -4, "withdrawn": -5},
        "rows": 3,
    }


@pytest.mark.parametrize("format", ["csv", "sav"])
def test_r_loads_each_format(filled, tmp_path, format):
    filled.export(tmp_path / "out", formats=[format])
    done = subprocess.run(["Rscript", "-e", IN_R], cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert done.stdout == "1|12|Some|0|-2|3", done.stderr

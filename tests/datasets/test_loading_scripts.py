"""The scripts beside the data load it in whatever format it was delivered."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from survey_engine.datasets import read
from tests.datasets.filling import MAIN, write_example

IN_PYTHON = """
import json, load
print(json.dumps({
    "hours": load.valid("hours").dropna().tolist(),
    "job": load.labelled("job", "easy").dropna().tolist(),
    "busy": int(load.valid("busy").notna().sum()),
    "missing": load.missing_codes("mark_food"),
    "opinion": load.labelled("good", "en").dropna().tolist(),
    "since": load.valid("since_when").dropna().tolist(),
    "skipped": [str(cell).removesuffix(".0") for cell in load.responses["since_when"]].count("-3"),
    "pages": len(load.paradata),
    "rows": len(load.responses),
}))
"""
IN_R = """
source("load.R")
since <- valid("since_when")
write_line <- function(...) cat(..., sep = "|", fill = 1000)
write_line(sum(!is.na(valid("hours"))), max(valid("hours"), na.rm = TRUE), sum(!is.na(valid("busy"))))
write_line(as.character(na.omit(labelled("job", "easy"))), as.character(na.omit(labelled("good", "en"))))
write_line(as.character(na.omit(labelled("hours", "en"))), as.character(na.omit(labelled("since_when", "en"))))
write_line(class(since), as.character(na.omit(since)), sum(responses$since_when == "-3"))
write_line(missing_codes("mark_food")["not_assigned"], nrow(responses), nrow(paradata))
"""
FORMATS = {"csv": "", "sav": "haven", "zsav": "haven", "dta": "haven", "parquet": "arrow", "xlsx": "readxl", "jsonl": "jsonlite"}
"""Format → the package that R needs for it."""


def has_package(package: str) -> bool:
    asked = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
    return not package or subprocess.run(["Rscript", "-e", asked], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("format", FORMATS)
def test_python_loads_each_format(filled, tmp_path, format):
    filled.export(tmp_path / "out", formats=[format])
    done = subprocess.run([sys.executable, "-c", IN_PYTHON], cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "hours": [12.0],
        "job": ["Some"],
        "busy": 0,
        "missing": {"not_asked": -1, "not_assigned": -2, "skipped": -3, "broken_off": -4, "withdrawn": -5},
        "opinion": ["Agree"],
        "since": ["2026-01-09"],
        "skipped": 1,
        "pages": 7,
        "rows": 3,
    }


@pytest.mark.parametrize("format", FORMATS)
def test_r_loads_each_format_or_names_the_package(filled, tmp_path, format):
    filled.export(tmp_path / "out", formats=[format])
    done = subprocess.run(["Rscript", "-e", IN_R], cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    if has_package(FORMATS[format]):
        assert done.stdout.splitlines() == ["1|12|0", "Some|Agree", "12|2026-01-09", "Date|2026-01-09|1", "-2|3|7"], done.stderr
    else:
        assert f'responses.{format} needs the package {FORMATS[format]}: install.packages("{FORMATS[format]}")' in done.stderr


@pytest.mark.parametrize("command", [[sys.executable, "-c", "import load"], ["Rscript", "load.R"]])
def test_a_delivery_without_a_table_of_responses_is_reported(filled, tmp_path, command):
    filled.export(tmp_path / "out")
    (tmp_path / "out" / "responses.csv").unlink()
    done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert "There is no file of responses here" in done.stderr


def test_names_that_stata_cannot_hold_are_those_of_the_codebook(store, tmp_path):
    long = f"hours_{'x' * 26}"
    store.questionnaire = write_example(tmp_path / "long", main=MAIN.replace("number: hours", f"number: {long}"))
    store.start("south")
    store.export(tmp_path / "out", formats=["dta"])
    for command in (
        [sys.executable, "-c", f"import load; print(load.responses['{long}'].tolist()[0])"],
        ["Rscript", "-e", f'source("load.R"); cat(responses[["{long}"]])'],
    ):
        done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "-4", done.stderr


@pytest.mark.parametrize("format", ["csv", "sav", "dta"])
def test_a_date_that_equals_a_missing_code_is_a_date(store, tmp_path, format):
    """Stata counts 1959-12-29 as day −3, which is also the code of a skipped question."""
    for day in ("1959-12-29", "1582-10-11", None):
        store.save(store.start("south"), "words", **({"since_when": day} if day else {}))
    store.export(tmp_path / "out", formats=[format])
    for command in (
        [sys.executable, "-c", "import load; print(*load.responses['since_when']); print(*load.valid('since_when').dropna())"],
        ["Rscript", "-e", 'source("load.R"); cat(responses$since_when, "\n"); cat(as.character(na.omit(valid("since_when"))))'],
    ):
        done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
        cells, valid = (sorted(line.replace("-3.0", "-3").split()) for line in done.stdout.splitlines())
        assert (cells, valid) == (["-3", "1582-10-11", "1959-12-29"], ["1582-10-11", "1959-12-29"]), done.stderr


CLUBS = """\
  - page: clubs
    questions:
      - choice: best
        text: {en: Which is best?, easy: Which is best?}
        options_from: clubs
"""


@pytest.mark.parametrize("format", ["csv", "sav", "dta"])
def test_wordings_that_institutions_give_one_code_are_joined(store, tmp_path, format):
    store.questionnaire = write_example(tmp_path / "clubs", main=MAIN + CLUBS)
    for institution, best in (("north", "choir"), ("south", "choir"), ("north", "chess")):
        store.save(store.start(institution), "clubs", best=best)
    store.export(tmp_path / "out", formats=[format, "parquet"])
    (tmp_path / "out" / "responses.parquet").rename(tmp_path / "responses.parquet")
    joined = read(tmp_path / "responses.parquet").labelled("best")["best"].drop_nulls()
    for command in (
        [sys.executable, "-c", "import load; print(*load.labelled('best', 'en').dropna(), sep='|')"],
        ["Rscript", "-e", 'source("load.R"); cat(as.character(na.omit(labelled("best", "en"))), sep="|")'],
    ):
        done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
        assert sorted(done.stdout.strip().split("|")) == sorted(joined), done.stderr
    assert "The choir / Choir" in set(joined)

"""The scripts beside the data load it in whatever format it was delivered."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

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
    "unit": load.unit("hours", "easy") + load.unit("job", "easy"),
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
write_line(unit("hours", "easy"), unit("job", "easy"))
"""
FORMATS = {"csv": "", "sav": "haven", "zsav": "haven", "dta": "haven", "parquet": "arrow", "xlsx": "readxl", "jsonl": "jsonlite"}
"""Format → the package that R needs for it."""


IN_EACH = {
    "Python": """
import os, sys
for folder in sys.argv[1:]:
    os.chdir(folder)
    sys.modules.pop("load", None)
    exec(%r, {})
    print("--")
""",
    "R": """
for (folder in commandArgs(trailingOnly = TRUE)) {
  setwd(folder)
  tryCatch(local({%s}), error = function(error) cat(conditionMessage(error)))
  cat("\\n--\\n")
  rm(list = ls())
}
""",
}
"""Language → what executes the same statements in each of several folders: a process takes a second to start."""
COMMANDS = {"Python": [sys.executable, "-c"], "R": ["Rscript", "-e"]}


def run_in_each(language: str, statements: str, folders: Sequence[Path]) -> list[list[str]]:
    """The lines that the statements print in each folder; in R also the message of an error, which ends them."""
    command = [*COMMANDS[language], IN_EACH[language] % statements, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and (language == "R" or done.stderr == ""), done.stderr
    return [part.strip().splitlines() for part in done.stdout.split("--\n")[:-1]]


def test_python_loads_each_format(filled, tmp_path):
    for format in FORMATS:
        filled.export(tmp_path / format, formats=[format])
    loaded = run_in_each("Python", IN_PYTHON, [tmp_path / format for format in FORMATS])
    expected = {
        "hours": [12.0],
        "job": ["Some"],
        "busy": 0,
        "missing": {"not_asked": -1, "not_assigned": -2, "skipped": -3, "broken_off": -4, "withdrawn": -5},
        "opinion": ["Agree"],
        "since": ["2026-01-09"],
        "skipped": 1,
        "pages": 7,
        "rows": 3,
        "unit": "hrs",
    }
    assert {format: json.loads(line) for format, (line,) in zip(FORMATS, loaded, strict=True)} == dict.fromkeys(FORMATS, expected)


def list_packages() -> set[str]:
    """The packages that R finds."""
    (found,) = run_in_each("R", "cat(rownames(installed.packages()))", [Path.cwd()])
    return set(" ".join(found).split())


def test_r_loads_each_format_or_names_the_package(filled, tmp_path):
    for format in FORMATS:
        filled.export(tmp_path / format, formats=[format])
    loaded = run_in_each("R", IN_R, [tmp_path / format for format in FORMATS])
    values, installed = ["1|12|0", "Some|Agree", "12|2026-01-09", "Date|2026-01-09|1", "-2|3|7", "hrs|"], list_packages()
    assert dict(zip(FORMATS, loaded, strict=True)) == {
        format: values
        if not package or package in installed
        else [f'responses.{format} needs the package {package}: install.packages("{package}")']
        for format, package in FORMATS.items()
    }


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


KINDS = ("csv", "sav", "dta")
"""Formats that store dates and codes in different ways."""


@pytest.mark.parametrize(
    ("language", "statements"),
    [
        ("Python", "import load; print(*load.responses['since_when']); print(*load.valid('since_when').dropna())"),
        ("R", 'source("load.R"); cat(responses$since_when, "\n"); cat(as.character(na.omit(valid("since_when"))))'),
    ],
    ids=COMMANDS,
)
def test_a_date_that_equals_a_missing_code_is_a_date(store, tmp_path, language, statements):
    """Stata counts 1959-12-29 as day −3, which is also the code of a skipped question."""
    for day in ("1959-12-29", "1582-10-11", None):
        store.save(store.start("south"), "words", **({"since_when": day} if day else {}))
    for format in KINDS:
        store.export(tmp_path / format, formats=[format])
    loaded = run_in_each(language, statements, [tmp_path / format for format in KINDS])
    found = [[sorted(line.replace("-3.0", "-3").split()) for line in lines] for lines in loaded]
    expected = [["-3", "1582-10-11", "1959-12-29"], ["1582-10-11", "1959-12-29"]]
    assert dict(zip(KINDS, found, strict=True)) == dict.fromkeys(KINDS, expected)


CLUBS = """\
  - page: clubs
    questions:
      - choice: best
        text: {en: Which is best?, easy: Which is best?}
        options_from: clubs
"""


@pytest.mark.parametrize(
    ("language", "statements"),
    [
        ("Python", "import load; print(*load.labelled('best', 'en').dropna(), sep='|')"),
        ("R", 'source("load.R"); cat(as.character(na.omit(labelled("best", "en"))), sep="|")'),
    ],
    ids=COMMANDS,
)
def test_wordings_that_institutions_give_one_code_are_joined(store, tmp_path, language, statements):
    store.questionnaire = write_example(tmp_path / "clubs", main=MAIN + CLUBS)
    for institution, best in (("north", "choir"), ("south", "choir"), ("north", "chess")):
        store.save(store.start(institution), "clubs", best=best)
    for format in KINDS:
        store.export(tmp_path / format, formats=[format])
    store.export(tmp_path / "parquet", formats=["parquet"])
    joined = sorted(read(tmp_path / "parquet" / "responses.parquet").labelled("best")["best"].drop_nulls())
    loaded = run_in_each(language, statements, [tmp_path / format for format in KINDS])
    found = [sorted(line.split("|")) for (line,) in loaded]
    assert dict(zip(KINDS, found, strict=True)) == dict.fromkeys(KINDS, joined)
    assert "The choir / Choir" in joined

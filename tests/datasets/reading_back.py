"""Reads exported files with programs that share no code with what wrote them."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

from survey_engine.datasets.codebook import list_codebook_entries
from survey_engine.datasets.columns import lay_out
from survey_engine.datasets.table_columns import TableColumn, describe_table
from survey_engine.model.questionnaire import Questionnaire

Rows = list[dict[str, str]]


def convert(path: Path, *options: str) -> Rows:
    """Read an SPSS file with PSPP, a second implementation of the format; an empty number is a blank."""
    target = path.with_name(f"{path.name}.csv")
    done = subprocess.run(["pspp-convert", *options, path, target], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    with target.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def describe(path: Path, command: str = "DISPLAY DICTIONARY.") -> list[list[str]]:
    """Return what PSPP says about an SPSS file, as rows of cells."""
    syntax, output = path.with_name("display.sps"), path.with_name("display.csv")
    syntax.write_text(f'GET FILE="{path}".\n{command}\n', encoding="utf-8")
    subprocess.run(["pspp", "-O", "format=csv", "-o", output, syntax], capture_output=True, check=True)
    with output.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def find_column(name: str, questionnaire: Questionnaire, *earlier: Questionnaire) -> TableColumn:
    layout = lay_out(questionnaire, earlier)
    columns = describe_table(layout, list_codebook_entries(layout)).columns
    return next(column for column in columns if column.name == name)

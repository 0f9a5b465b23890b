"""pandas, a second implementation of the format, reads what ReadStat wrote."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest
from pandas.io.stata import StataReader

from tests.datasets.filling import MAIN, Store, write_example

LONG = MAIN.replace("multiple: why", "multiple: reasons_for_paid_work_in_a_week")


@pytest.fixture
def file(filled, tmp_path):
    filled.export(tmp_path / "out", formats=["dta"])
    return tmp_path / "out" / "responses.dta"


def test_codes_are_numbers_and_missing_codes_stay(file):
    (row,) = pd.read_stata(file, convert_categoricals=False).query("path == 2").to_dict("records")
    assert [row[name] for name in ("job", "hours", "busy", "module_food", "programme")] == [1, 12, -8, 1, "=1+1"]
    assert (row["since_when"], row["mark_work"]) == (pd.Timestamp("2026-01-09"), -4)


def test_values_and_variables_have_labels(file):
    with StataReader(file) as reader:
        assert reader.variable_labels()["busy"] == "I am busy – What do you think?"
        labels = next(labels for name, labels in reader.value_labels().items() if name.startswith("busy"))
    assert labels == {
        1: "Disagree",
        2: "Neutral",
        3: "Agree",
        -8: "Not for me",
        -1: "Not asked",
        -3: "Skipped",
        -4: "Broken off",
        -5: "Withdrawn",
    }


def test_every_code_of_the_codebook_is_a_number_with_its_label(filled, tmp_path):
    """In the codebook, Stata and SPSS: also background, institution, language, status and arms."""
    own = filled.export(tmp_path / "out", formats=["csv", "dta", "sav"])
    codes: dict[str, dict[int, str]] = {}
    for row in own.codebook:
        if row["code_number"] and row["file"] == "responses":
            codes.setdefault(row["variable"], {})[int(row["code_number"])] = row["code_label_en"]
    assert {"path", "institution", "language", "status", "device", "channel", "progress_bar", "job"} <= codes.keys()
    for read in (pyreadstat.read_dta, pyreadstat.read_sav):
        frame, facts = read(tmp_path / "out" / f"responses.{read.__name__[-3:]}", user_missing=True)
        for name, labels in codes.items():
            assert labels.items() <= facts.variable_value_labels[name].items() and facts.readstat_variable_types[name] != "string"
        told = frame["path"].map(facts.variable_value_labels["path"]).dropna()
        assert sorted(told) == sorted({"bol": "School", "bbl": "Work"}[row["path"]] for row in own.rows if row["path"])


def test_the_loading_script_turns_missing_codes_into_missing_values(file):
    opened, decoded = file.with_name("load.do").read_text().splitlines()[1:]
    assert opened == 'use "responses.dta", clear'
    assert decoded.startswith("mvdecode module_sport module_food job hours")
    assert decoded.endswith(r"mv(-1=.a \ -2=.b \ -3=.c \ -4=.d \ -5=.e \ -8=.f \ -6=.g)")


def test_missing_dates_are_missing_values_with_labels(store, tmp_path):
    """1959-12-29 is day −3, which is also the code of a skipped question."""
    for day in ("1959-12-29", None):
        store.save(store.start("south"), "words", **({"since_when": day} if day else {}))
    store.export(tmp_path / "out", formats=["dta"])
    file = tmp_path / "out" / "responses.dta"
    cells = pd.read_stata(file, convert_missing=True, convert_dates=False, convert_categoricals=False)["since_when"].map(str)
    assert sorted(cells) == ["-3", ".c"]
    with StataReader(file) as reader:
        labels = next(labels for name, labels in reader.value_labels().items() if name.startswith("since_when"))
    third = 2_147_483_621 + ord("c") - ord("a") + 1
    assert labels[third] == "Skipped"
    assert "since_when" not in file.with_name("load.do").read_text()


def test_a_name_that_is_too_long_is_cut(store, tmp_path):
    long = Store(store.database, write_example(tmp_path / "long", main=LONG))
    long.export(tmp_path / "out", formats=["dta"])
    names = [name for name in pd.read_stata(tmp_path / "out" / "responses.dta").columns if name.startswith("reasons")]
    assert names == ["reasons_for_paid_work_in_a_w", "reasons_for_paid_work_in_a_2", "reasons_for_paid_work_in_a_3"]


def test_the_same_answers_give_the_same_stata_file(filled, tmp_path):
    one, two = (filled.export(tmp_path / name, formats=["dta"]).files["responses.dta"] for name in ("one", "two"))
    assert one == two
    assert b" 00:00</timestamp>" in one


def test_the_unit_is_in_the_label_also_if_the_question_is_long(store, tmp_path):
    long = MAIN.replace("text: {en: How many hours?", f"text: {{en: {'How many ' * 12}?")
    store.questionnaire = write_example(tmp_path / "long", main=long.replace("en: hours, easy", "en: €, easy"))
    store.export(tmp_path / "out", formats=["dta"])
    with StataReader(tmp_path / "out" / "responses.dta") as reader:
        label = reader.variable_labels()["hours"]
    assert label.endswith("… (€)") and len(label.encode()) <= 80

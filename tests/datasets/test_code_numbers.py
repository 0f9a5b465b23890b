"""An edition that reorders options keeps the numbers that their codes have in SPSS and Stata."""

from __future__ import annotations

from dataclasses import replace

import pyreadstat
import pytest

from survey_engine.datasets.code_numbers import read_code_numbers
from tests.datasets.filling import MAIN, Store, write_example

SOME, NONE = "some: {text: {en: Some, easy: Some}}", "none: {text: {en: None, easy: None}}"
INDENT = "\n          "
REORDERED = MAIN.replace(f"{SOME}{INDENT}{NONE}", f"new: {{en: New, easy: New}}{INDENT}{NONE}{INDENT}{SOME}")


@pytest.fixture
def next_edition(store, tmp_path) -> Store:
    """An edition with the same options in another order, and a new one before them; the last edition is in the folder `old`."""
    store.export(tmp_path / "old")
    return Store(store.database, write_example(tmp_path / "next", main=REORDERED))


def list_numbers(folder) -> dict[str, int]:
    return read_code_numbers(folder)["job"]


def test_codes_keep_the_numbers_of_an_earlier_delivery_and_new_ones_follow(next_edition, tmp_path):
    numbers = read_code_numbers(tmp_path / "old")
    next_edition.export(tmp_path / "new", numbers=numbers, formats=["csv", "sav"])
    assert numbers["job"] == {"some": 1, "none": 2, "firm": 3, "other": 4}
    assert list_numbers(tmp_path / "new") == {**numbers["job"], "new": 5}
    labels = pyreadstat.read_sav(tmp_path / "new" / "responses.sav")[1].variable_value_labels["job"]
    assert {number: label for number, label in labels.items() if number > 0} == {
        **{1: "Some", 2: "None", 3: "With my firm"},
        **{4: "Other, namely", 5: "New"},
    }


def test_numbers_that_are_kept_once_are_kept_again(next_edition, tmp_path):
    next_edition.export(tmp_path / "new", numbers=read_code_numbers(tmp_path / "old"))
    next_edition.export(tmp_path / "again", numbers=read_code_numbers(tmp_path / "new"))
    assert list_numbers(tmp_path / "again") == list_numbers(tmp_path / "new")


def test_the_file_of_an_institution_has_the_same_numbers(next_edition, tmp_path):
    next_edition.start("south")
    numbers = read_code_numbers(tmp_path / "old")
    for name, institution in (("all", ""), ("own", "south")):
        next_edition.export(tmp_path / name, numbers=numbers, institution=institution)
    own, whole = (read_code_numbers(tmp_path / name) for name in ("own", "all"))
    assert own == {name: {code: whole[name][code] for code in codes} for name, codes in own.items()}


@pytest.mark.parametrize(("written", "message"), [(None, "no codebook.csv"), ("variable;code;code_number\na;b;x\n", "line 2")])
def test_a_folder_without_numbers_is_refused(tmp_path, written, message):
    if written:
        (tmp_path / "codebook.csv").write_text(written)
    with pytest.raises(ValueError, match=message):
        read_code_numbers(tmp_path)


def test_numbers_come_from_an_edition_of_the_same_questionnaire(store, tmp_path):
    store.export(tmp_path / "old")
    later, other = (replace(store.questionnaire, code=code) for code in ("example2", "home"))
    assert read_code_numbers(tmp_path / "old", later) == read_code_numbers(tmp_path / "old")
    with pytest.raises(ValueError, match="example, which is not an edition of home"):
        read_code_numbers(tmp_path / "old", other)
    for record in (tmp_path / "old").glob("least-group-*"):
        record.unlink()
    with pytest.raises(ValueError, match="questionnaire is not known"):
        read_code_numbers(tmp_path / "old", later)

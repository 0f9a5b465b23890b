"""The codebook documents every column."""

from __future__ import annotations

import pytest

from survey_engine.datasets.codebook import list_codebook_entries
from survey_engine.datasets.columns import lay_out
from tests.datasets.filling import HEAD, MAIN, write_example


@pytest.fixture
def codebook(store, tmp_path):
    return store.export(tmp_path / "out").codebook


def find(codebook, variable):
    return [row for row in codebook if row["variable"] == variable]


def test_every_column_of_the_data_is_in_the_codebook_and_nothing_else(store, tmp_path):
    store.start()
    exported = store.export(tmp_path / "out")
    described = list(dict.fromkeys(row["variable"] for row in exported.codebook if row["file"] == "responses"))
    assert described == list(exported.rows[0])
    assert {row["variable"] for row in exported.codebook if row["file"] == "open_answers"} == {
        "job__namely",
        "why__namely",
        "improve",
    }


def test_a_variable_has_a_row_per_code_with_labels_in_every_language(codebook):
    rows = find(codebook, "good")
    assert [(row["code"], row["code_label_en"], row["code_label_easy"]) for row in rows] == [
        ("1", "Disagree", "No"),
        ("2", "Neutral", "So so"),
        ("3", "Agree", "Yes"),
        ("-8", "Not for me", "Not for me"),
    ]
    assert {(row["question_en"], row["label_en"]) for row in rows} == {("What do you think?", "It is good")}


def test_a_number_has_one_row_with_its_bounds(codebook):
    (row,) = find(codebook, "hours")
    assert (row["kind"], row["lowest"], row["highest"], row["code"]) == ("number", "1", "60", "")


@pytest.mark.parametrize(
    ("written", "table", "page"),
    [
        ("weeks", "weeks", "weeks"),
        ("€ per *month*", "€ per month", "€ per month"),
        ("<b>$</b> & cents", "<b>$</b> & cents", "&lt;b&gt;$&lt;/b&gt; &amp; cents"),
        ("=weeks", "'=weeks", "=weeks"),
    ],
)
def test_a_number_has_its_unit_as_labels_are(store, tmp_path, written, table, page):
    store.questionnaire = write_example(tmp_path / "unit", main=MAIN.replace("{en: hours, easy", f"{{en: '{written}', easy"))
    exported = store.export(tmp_path / "out")
    units = {row["variable"]: (row["unit_en"], row["unit_easy"]) for row in exported.codebook if row["unit_en"]}
    assert units == {"hours": (table, "hrs")}
    assert f'1 to 60 <span class="unit"><span lang="en">{page}</span>' in " ".join(
        exported.files["codebook.html"].decode().replace('unit">\n', 'unit">').split()
    )


def test_sums_and_means_of_one_unit_have_it(store, tmp_path):
    derived = "{total: {sum: [hours]}, average: {mean: [hours]}, mixed: {sum: [hours, good]}, number: {count: [hours]}}"
    store.questionnaire = write_example(tmp_path / "derived", head=f"{HEAD}derived: {derived}\n")
    codebook = store.export(tmp_path / "out").codebook
    units = {name: find(codebook, name)[0]["unit_easy"] for name in ("total", "average", "mixed", "number")}
    assert units == {"total": "hrs", "average": "hrs", "mixed": "", "number": ""}


def test_an_option_of_several_is_chosen_or_not(codebook):
    rows = find(codebook, "why_work")
    assert [(row["code"], row["code_label_en"]) for row in rows] == [("0", "Not chosen"), ("1", "Chosen")]
    assert rows[0]["label_en"] == "Work"


def test_an_option_that_institutions_word_differently_carries_each_wording(codebook):
    assert find(codebook, "club_choir")[0]["label_en"] == "The choir / Choir"


def test_a_code_says_who_is_offered_it(codebook):
    offers = {row["code"]: row["offered_to"] for row in find(codebook, "job")}
    assert offers == {
        "some": "",
        "none": "",
        "firm": "apprentice (where apprentice = path == 'bbl')",
        "other": "not apprentice (where apprentice = path == 'bbl')",
    }


def test_the_missing_codes_of_a_variable_are_those_that_it_can_have(codebook):
    asked = {"not_asked": "-1", "skipped": "-3", "broken_off": "-4", "withdrawn": "-5"}
    assert find_missing(codebook, "hours") == asked
    assert find_missing(codebook, "good") == {**asked, "does_not_apply": "-8"}
    assert find_missing(codebook, "mark_food") == {**asked, "not_assigned": "-2"}
    assert find_missing(codebook, "module_food") == {"not_assigned": "-2"}
    assert find_missing(codebook, "improve") == find_missing(codebook, "path") == {}


def find_missing(codebook, variable):
    return {
        name.removeprefix("missing_"): code for name, code in find(codebook, variable)[0].items() if "missing_" in name and code
    }


def test_an_answer_has_its_page_and_question(codebook):
    assert [find(codebook, "busy")[0][name] for name in ("page", "question", "variable")] == ["opinions", "opinion", "busy"]
    assert [find(codebook, "path")[0][name] for name in ("page", "question")] == ["", ""]


@pytest.mark.parametrize(
    ("variable", "level"),
    [
        ("good", "ordinal"),
        ("job", "nominal"),
        ("hours", "scale"),
        ("why_money", "nominal"),
        ("since_when", "scale"),
        ("path", "nominal"),
    ],
)
def test_a_variable_has_a_level_of_measurement(codebook, variable, level):
    assert find(codebook, variable)[0]["level"] == level


def test_items_with_an_order_have_a_direction(codebook):
    assert [find(codebook, name)[0]["direction"] for name in ("good", "busy", "job", "hours")] == ["1", "-1", "", ""]


def test_text_codes_have_numbers_and_the_option_outside_the_scale_a_mark(codebook):
    assert [(row["code"], row["code_number"]) for row in find(codebook, "job")][:2] == [("some", "1"), ("none", "2")]
    assert [row["outside_scale"] for row in find(codebook, "good")] == ["", "", "", "yes"]
    assert [(row["code"], row["code_number"]) for row in find(codebook, "good")][-1] == ("-8", "-8")


def test_an_item_has_its_metadata(codebook):
    assert find(codebook, "job")[0]["purpose"] == "To see who works."
    assert find(codebook, "job")[0]["break_variable"] == "yes"
    (busy, *_) = find(codebook, "busy")
    assert (busy["reverse"], busy["sensitive"], busy["indicators"]) == ("yes", "health", "quality")
    assert find(codebook, "good")[0]["reverse"] == ""


def test_a_consent_has_the_version_of_its_text(codebook):
    assert find(codebook, "may_ask")[0]["consent_version"] == "3"
    assert find(codebook, "good")[0]["consent_version"] == ""


def test_labels_have_no_markup_or_line_breaks(codebook):
    assert find(codebook, "mark_work")[0]["label_en"] == "A mark for work?"


def test_a_namely_text_is_named_after_its_option(codebook):
    assert find(codebook, "job__namely")[0]["label_en"] == "Other, namely"


def test_no_cell_of_the_codebook_runs_in_a_spreadsheet(codebook):
    cells = {cell for row in codebook for cell in row.values() if cell.startswith(("=", "+", "-", "@"))}
    assert cells == {"-1", "-2", "-3", "-4", "-5", "-8"}  # a negative number is no formula


def test_entries_are_in_the_order_of_asking_with_texts(tmp_path):
    names = [entry.name for entry in list_codebook_entries(lay_out(write_example(tmp_path)))]
    assert (
        names.index("job") < names.index("job__namely") < names.index("good") < names.index("improve") < names.index("mark_food")
    )

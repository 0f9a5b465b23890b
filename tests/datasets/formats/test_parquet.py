"""pyarrow reads what polars wrote: types, codes and the labels in the metadata."""

from __future__ import annotations

import json
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@pytest.fixture
def file(filled, tmp_path):
    filled.export(tmp_path / "out", formats=["parquet"])
    return tmp_path / "out" / "responses.parquet"


def read_row(file, path):
    (row,) = [row for row in pq.read_table(file).to_pylist() if row["path"] == path]
    return row


def test_numbers_are_numbers_and_codes_are_texts(file):
    row = read_row(file, "bbl")
    names = ("job", "hours", "busy", "why_work", "since_when", "module_food", "programme", "edition", "completed")
    assert [row[name] for name in names] == ["some", 12, -8, 0, "2026-01-09", "council", "=1+1", 2026, None]


def test_days_of_a_response_are_dates(file):
    assert isinstance(read_row(file, "bbl")["started"], date)
    assert isinstance(read_row(file, "bol")["completed"], date)


def test_an_unknown_background_is_null(file):
    assert read_row(file, None)["programme"] == "München – hélène"


def test_types_do_not_depend_on_the_answers(filled, store, tmp_path):
    """Power BI and Qlik load the columns of a later delivery as they loaded the first."""
    filled.export(tmp_path / "some", formats=["parquet"])
    with store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM page")
        connection.exec_driver_sql("DELETE FROM response")
    filled.export(tmp_path / "none", formats=["parquet"])
    some, none = (pq.read_schema(tmp_path / name / "responses.parquet") for name in ("some", "none"))
    assert some.equals(none)
    assert some.field("hours").type == pa.int32()


def test_labels_and_missing_codes_are_in_the_metadata(file):
    described = json.loads(pq.read_metadata(file).metadata[b"survey_engine"])
    assert described["missing"]["skipped"] == -3
    assert described["columns"]["good"]["codes"][2] == {"code": 3, "label": {"en": "Agree", "easy": "Yes"}, "number": None}
    assert described["columns"]["good"]["question_text"]["en"] == "What do you think?"
    assert list(described["columns"]) == pq.read_schema(file).names


def test_the_same_answers_give_the_same_parquet_file(filled, tmp_path):
    one, two = (filled.export(tmp_path / name, formats=["parquet"]).files["responses.parquet"] for name in ("one", "two"))
    assert one == two


def test_the_metadata_describe_the_questionnaire_and_each_column(file, filled):
    described = json.loads(pq.read_metadata(file).metadata[b"survey_engine"])
    columns, version = described.pop("columns"), filled.questionnaire.version
    assert described.pop("missing").keys() >= {"not_asked", "skipped", "broken_off", "does_not_apply"}
    assert described == {
        **{"questionnaire": "example", "title": f"Example ({version})", "version": version, "edition": 2026},
        **{"language": "en", "languages": {"en": "English", "easy": "Easy English"}},
    }
    assert columns["busy"].pop("codes")[3] == {"code": -8, "label": dict.fromkeys(("en", "easy"), "Not for me"), "number": -8}
    assert columns["busy"] == {
        **{"kind": "number", "level": "ordinal", "label": dict.fromkeys(("en", "easy"), "I am busy")},
        "question_text": dict.fromkeys(("en", "easy"), "What do you think?"),
        "missing": {"not_asked": -1, "skipped": -3, "broken_off": -4, "withdrawn": -5, "does_not_apply": -8},
        **{"range": [None, None], "version_ranges": [], "unit": {}, "earlier_units": []},
        **{"indicators": ["quality"], "reverse": True, "sensitive": "health", "on_scale": True},
        **{"page": "opinions", "question": "opinion", "draw": 0},
    }
    assert (columns["path"]["page"], columns["path"]["question"], columns["module_food"]["draw"]) == ("", "", 1)


def test_the_metadata_have_units_and_ranges_of_each_version(export_units, tmp_path):
    _, old, new = export_units("parquet")
    metadata = pq.read_metadata(tmp_path / "units" / "responses.parquet").metadata[b"survey_engine"]
    hours = json.loads(metadata)["columns"]["hours"]
    assert (hours["unit"], hours["range"]) == ({"en": "days & <parts>", "easy": "dys"}, [1, 60])
    assert hours["earlier_units"] == [f"en, version {old}: hours", f"easy, version {old}: hrs"]
    assert hours["version_ranges"] == [f"version {new}: 1 to 7", f"version {old}: 1 to 60"]

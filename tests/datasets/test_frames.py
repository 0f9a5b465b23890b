"""Answers that do not fit the type of their column stop an export in a typed format; none is lost silently."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from survey_engine.datasets.table_columns import CellError


@pytest.mark.parametrize(
    ("page", "answers", "format"),
    [
        ("hours_page", '{"hours": "many"}', "parquet"),
        ("hours_page", '{"hours": 99999999999999999999}', "parquet"),
        ("words", '{"since_when": "once"}', "sav"),
        ("words", '{"since_when": "once"}', "dta"),
    ],
)
def test_an_answer_of_another_type_is_reported_without_its_value(filled, tmp_path, page, answers, format):
    with filled.database.write() as connection:
        connection.execute(text("UPDATE page SET answers = :answers WHERE page = :page"), {"answers": answers, "page": page})
    with pytest.raises(CellError, match="Restore the version") as raised:
        filled.export(tmp_path / "out", formats=[format])
    assert not any(value in str(raised.value) for value in ("many", "once", "9999"))
    assert [path.name for path in (tmp_path / "out").iterdir() if path.is_dir()] == []

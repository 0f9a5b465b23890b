"""Labels, units and missing codes of a table as plain data, for formats that keep them beside the columns."""

from __future__ import annotations

from typing import Any

from survey_engine.datasets.frames import Table
from survey_engine.engine.assignment import list_rules
from survey_engine.model.missing_values import choose_missing

METADATA_KEY = "survey_engine"
"""Key in the metadata of a Parquet file."""


def describe_columns(table: Table) -> dict[str, Any]:
    """Return labels, units and missing codes of all columns, in every language, as plain data."""
    layout = table.layout
    rules = [(version, number, rule) for version in layout.questionnaires for number, rule in enumerate(list_rules(version), 1)]
    numbers = {code: number for version, number, rule in reversed(rules) for code in version.find_shares(rule)}
    draws = {name: numbers[code] for code, name in layout.modules.items()}
    return {
        "questionnaire": layout.questionnaire.code,
        "title": table.title,
        "version": layout.questionnaire.version,
        "edition": layout.questionnaire.edition,
        "language": table.language,
        "languages": {code: language.name for code, language in layout.languages.items()},
        "missing": choose_missing(layout.questionnaires).numbers(),
        "columns": {
            column.name: {
                "kind": column.entry.kind,
                "level": column.entry.level,
                "label": dict(column.entry.labels),
                "question_text": dict(column.entry.stem),
                "codes": [{"code": code.code, "label": dict(code.labels), "number": code.number} for code in column.entry.codes],
                "missing": dict(column.entry.missing),
                "range": [column.entry.low, column.entry.high],
                "version_ranges": list(column.entry.version_ranges),
                "unit": dict(column.entry.unit),
                "earlier_units": list(column.entry.earlier_units),
                "indicators": list(column.entry.about.indicators),
                "reverse": bool(column.entry.about.reverse),
                "sensitive": column.entry.about.sensitive,
                "page": column.entry.page,
                "on_scale": column.entry.on_scale,
                "question": column.entry.question if column.entry.page else "",
                "draw": draws.get(column.name, 0),
            }
            for column in table.columns
        },
    }

"""Makes a table of responses with known truth, without a questionnaire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from survey_engine.datasets.reading import Responses, VariableInfo

MISSING = {"not_asked": -1, "not_assigned": -2, "skipped": -3, "does_not_apply": -8}


def make_responses(items: Mapping[str, Sequence[int]], *, reverse: Sequence[str] = (), **columns: Sequence[object]) -> Responses:
    """Make responses to items of one grid and one indicator, with codes 1 to 5, and other columns."""
    codes = tuple({"code": code, "label": {"en": str(code)}} for code in range(1, 6))
    variables = {
        name: VariableInfo(
            "number", "ordinal", {"en": name}, {}, codes, MISSING, ("theme",), name in reverse, page="page", question="grid"
        )
        for name in items
    }
    others = {name: VariableInfo("text", "nominal", {"en": name}, {}, (), {}) for name in columns}
    length = len(next(iter(items.values())))
    frame = pl.DataFrame({"respondent": [f"r{number}" for number in range(length)], **columns, **items})
    return Responses(frame, "made", "Made", "1", "en", MISSING, {**others, **variables})

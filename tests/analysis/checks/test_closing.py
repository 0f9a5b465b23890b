"""The closing group is not the first one."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.closing import check_closing
from tests.writing import ANY_QUESTION, ask, change_head, write_sections


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("[{group: closing, sections: [bye]}, {group: core, sections: [main]}]", True),
        ("[{group: a, sections: [afsluiting]}, {group: b, sections: [main]}]", True),
        ("[{group: core, sections: [main]}, {group: closing, sections: [bye]}]", False),
        ("[{group: closing, sections: [main]}]", False),
        ("[{group: closing_time, sections: [main]}, {group: core, sections: [bye]}]", False),
        ("[{group: a, sections: [main, closing]}, {group: b, sections: [bye]}]", False),
    ],
)
def test_a_closing_group_before_all_others_is_reported(tmp_path: Path, order: str, found: bool) -> None:
    sections = [
        ask(ANY_QUESTION.replace("week", f"{name}_mark")).replace("main", name).replace("page: first", f"page: {name}")
        for name in ("main", "bye", "closing", "afsluiting")
    ]
    written = write_sections(tmp_path, *sections, head=change_head({"order": order}))

    assert [problem.code for problem in check_closing(written.questionnaire)] == ["closing-first"] * found

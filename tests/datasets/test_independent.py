"""Every cell of an export equals that of a second implementation; `python -m tests.datasets.independent` compares more."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import SHIPPED, THOROUGH
from tests.datasets import independent
from tests.datasets.independent.comparing import Compared, Comparison
from tests.datasets.independent.made import write_made

RESPONSES = 600 if THOROUGH else 75


@pytest.mark.slow
@pytest.mark.parametrize("name", ["job-2026", "job-2027", "nse-2026", "belonging-2024", "gallery"])
def test_every_cell_of_a_shipped_questionnaire_is_as_expected(name):
    found = Compared()
    Comparison(SHIPPED / name).compare(RESPONSES, 7, found)
    assert found.differences == []
    assert found.responses == RESPONSES
    assert found.kinds.keys() >= {"answers", "-1", "-3", "-4", "-5"}


@pytest.mark.slow
def test_every_cell_of_responses_to_three_versions_is_as_expected(tmp_path):
    found = Compared()
    Comparison(*write_made(tmp_path)).compare(3 * RESPONSES, 7, found)
    assert found.differences == []
    assert found.responses == 3 * RESPONSES
    assert found.kinds.keys() == {"answers", "-1", "-2", "-3", "-4", "-5", "-6", "-8"}
    assert found.kept > 10
    assert found.pages > 5 * RESPONSES


def test_the_independent_reading_shares_no_code_with_the_export():
    folder = Path(independent.__file__).parent
    imported = set()
    for path in folder.glob("[a-z]*.py"):
        if path.stem != "comparing":
            imported |= {node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in imported if name and name.startswith("survey_engine")}

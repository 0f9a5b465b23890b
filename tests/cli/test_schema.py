"""The schema command."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from survey_engine.cli import main
from survey_engine.language.json_schema import make_schema


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["schema"])
    written = CliRunner().invoke(main, ["schema", "-o", str(tmp_path / "schema.json")])

    assert (printed.exit_code, written.exit_code, written.output) == (0, 0, "")
    assert json.loads(printed.output) == json.loads((tmp_path / "schema.json").read_text("utf-8")) == make_schema()


def test_a_schema_can_know_the_names_of_one_questionnaire() -> None:
    own = json.loads(CliRunner().invoke(main, ["schema", "--for", "job-2026"]).output)

    assert "satisfied" in own["$defs"]["GridDefinition"]["properties"]["scale"]["enum"]
    assert "no_names" in own["$defs"]["OpenDefinition"]["properties"]["notice"]["enum"]

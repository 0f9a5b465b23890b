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

"""Logs go to the standard error of the moment, one JSON object per line."""

from __future__ import annotations

import json
from contextlib import redirect_stderr
from io import StringIO

import pytest
import structlog

from survey_engine.telemetry.logs import start_logging


def test_a_line_goes_to_the_standard_error_of_its_moment(capsys: pytest.CaptureFixture[str]) -> None:
    with redirect_stderr(StringIO()) as replaced:
        start_logging()
        structlog.get_logger().info("first", count=1)
        found = json.loads(replaced.getvalue())
    replaced.close()
    structlog.get_logger().info("second")
    assert (found["event"], found["count"], json.loads(capsys.readouterr().err)["event"]) == ("first", 1, "second")

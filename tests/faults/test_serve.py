"""The nursery from which tests fork servers and commands."""

import subprocess
import sys
from pathlib import Path

import pytest

from survey_engine.settings import ROOT

FIRST_COMMAND = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.faults.serve import call_command
call_command(["--version"], dict(os.environ), Path("log"))
"""


@pytest.mark.slow
def test_the_first_command_of_a_process_is_forked_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").write_text("")
    subprocess.run([sys.executable, "-c", FIRST_COMMAND, str(ROOT)], cwd=tmp_path, check=True, timeout=60)
    assert "version" in (tmp_path / "log").read_text()

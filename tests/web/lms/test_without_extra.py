"""Without the extra `lms` the respondents' process starts and serves, and has no pages for learning environments."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.web.conftest import write_short

SCRIPT = """
import sys
for name in ("pylti1p3", "jwt", "jwcrypto", "requests"):
    sys.modules[name] = None  # as if it was not installed
from pathlib import Path
from survey_engine.operations.worker import JOBS
from survey_engine.settings import read_settings
from survey_engine.web.app import create_app
folder = Path(sys.argv[1])
app = create_app(read_settings({"SURVEY_QUESTIONNAIRES": str(folder / "q")}, folder / "data"))
client = app.test_client()
assert client.get("/q/short/demo").status_code == 200
assert client.post("/q/short/demo", data={"lang": "en"}).status_code == 303
assert client.get("/lti/keys").status_code == client.post("/lti/login").status_code == 404
assert "report-completions" not in JOBS
"""


def test_the_site_serves_without_the_extra(tmp_path: Path) -> None:
    write_short(tmp_path / "q", "short")
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]

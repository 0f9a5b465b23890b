"""The preview command serves pages to its author without a warning about the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from tests.databases import find_port
from tests.waiting import wait_until
from tests.writing import ANY_QUESTION, HEAD, ask, write_files


def test_the_preview_prints_its_address_only(tmp_path: Path) -> None:
    write_files(tmp_path, {"questionnaire.yaml": HEAD, "1.yaml": ask(ANY_QUESTION)}, code="example")
    port, said = find_port(), tmp_path / "said"
    command = [Path(sys.executable).parent / "survey-engine", "preview", tmp_path / "q" / "example", "--port", str(port)]
    with said.open("w") as log, subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ}) as process:
        wait_until(lambda: said.read_text().endswith("\n"))
        urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert said.read_text() == f"http://127.0.0.1:{port}/   (stop with Ctrl-C)\n"

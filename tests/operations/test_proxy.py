"""The shipped Caddyfile, while no process answers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from survey_engine.web.security_headers import HTTPS_ONLY
from tests import ROOT
from tests.databases import find_port, wait_open
from tests.operations.test_container import CADDY

SECRET = "k3yOfOneStudent"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Its port and the file with all that it logs."""
    port, log = find_port(), tmp_path / "log"
    written = (ROOT / ".container" / "Caddyfile").read_text().replace("app-1:8000 app-2:8000", f"127.0.0.1:{find_port()}")
    written = written.replace("{\n\tlog", "{\n\tadmin off\n\tlog", 1).replace("lb_try_duration 5s", "lb_try_duration 0s")
    (tmp_path / "Caddyfile").write_text(written)
    command = [CADDY, "run", "--config", tmp_path / "Caddyfile", "--adapter", "caddyfile"]
    environment = {**os.environ, "SURVEY_HOST": f"http://127.0.0.1:{port}", "HOME": str(tmp_path)}
    with log.open("wb") as file, subprocess.Popen(command, env=environment, stdout=file, stderr=file) as process:
        wait_open(port, 20)
        yield port, log
        process.terminate()


def test_an_error_page_says_what_to_do_and_no_log_has_the_address(proxy: tuple[int, Path]) -> None:
    port, log = proxy
    for method, body in (("GET", None), ("POST", f"q.a={SECRET}")):
        line = HTTPConnection("127.0.0.1", port, timeout=20)
        line.request(method, f"/l/{SECRET}", body)
        reply = line.getresponse()
        text = reply.read().decode()
        assert dict([HTTPS_ONLY]).items() <= dict(reply.getheaders()).items() and reply.getheader("Alt-Svc") is None
        assert reply.status in (502, 503) and reply.getheader("Cache-Control") == "no-store"
        assert "probeer het over een minuut" in text and "try again in a minute" in text
        line.close()
    assert log.stat().st_size and SECRET not in log.read_text()

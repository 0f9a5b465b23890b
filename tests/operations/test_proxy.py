"""The shipped Caddyfile, while no process answers."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from survey_engine.storage.database import CONNECT_SECONDS
from survey_engine.web.security_headers import HTTPS_ONLY
from tests import ROOT
from tests.databases import find_port, wait_open
from tests.operations.test_container import CADDY

SECRET = "k3yOfOneStudent"


@contextmanager
def run_proxy(tmp_path: Path, upstream: int) -> Iterator[tuple[int, Path]]:
    """Its port and the file with all that it logs. Args: upstream: the port of the process behind it."""
    port, log = find_port(), tmp_path / "log"
    written = (ROOT / ".container" / "Caddyfile").read_text().replace("app-1:8000 app-2:8000", f"127.0.0.1:{upstream}")
    written = written.replace("{\n\tlog", "{\n\tadmin off\n\tlog", 1).replace("lb_try_duration 5s", "lb_try_duration 0s")
    written = written.replace("response_header_timeout 10s", "response_header_timeout 1s")
    (tmp_path / "Caddyfile").write_text(written)
    command = [CADDY, "run", "--config", tmp_path / "Caddyfile", "--adapter", "caddyfile"]
    environment = {**os.environ, "SURVEY_HOST": f"http://127.0.0.1:{port}", "HOME": str(tmp_path)}
    with log.open("wb") as file, subprocess.Popen(command, env=environment, stdout=file, stderr=file) as process:
        try:
            wait_open(port, 20)
            yield port, log
        finally:
            process.terminate()


def ask(port: int, method: str, body: str | None) -> int:
    """Ask for a link; check the error page, and return its status."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as line:
        line.request(method, f"/l/{SECRET}", body)
        reply = line.getresponse()
        text = reply.read().decode()
        assert dict([HTTPS_ONLY]).items() <= dict(reply.getheaders()).items() and reply.getheader("Alt-Svc") is None
        assert reply.getheader("Cache-Control") == "no-store"
        assert "probeer het over een minuut" in text and "try again in a minute" in text
        return reply.status


def test_the_proxy_waits_longer_than_a_process_waits_for_its_database() -> None:
    """The page of the process keeps what was typed; that of the proxy does not."""
    written = (ROOT / ".container" / "Caddyfile").read_text()
    (waits,) = re.findall(r"response_header_timeout (\d+)s", written)
    assert int(waits) >= 2 * CONNECT_SECONDS


def test_an_error_page_says_what_to_do_and_no_log_has_the_address(tmp_path: Path) -> None:
    with run_proxy(tmp_path, find_port()) as (port, log):
        for method, body in (("GET", None), ("POST", f"q.a={SECRET}")):
            assert ask(port, method, body) in (502, 503)
        assert log.stat().st_size and SECRET not in log.read_text()


def test_a_process_that_accepts_and_is_silent_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, run_proxy(tmp_path, silent.getsockname()[1]) as (port, log):
        assert ask(port, "POST", f"q.a={SECRET}") == 504
        assert SECRET not in log.read_text()


def test_pages_for_operators_are_refused_in_every_spelling(tmp_path: Path) -> None:
    with run_proxy(tmp_path, find_port()) as (port, _):
        for path in ("/readyz", "/readyz/", "/readyz%2f", "/metrics", "/metrics/"):
            with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as line:
                line.request("GET", path)
                assert line.getresponse().status == 404, path


def test_what_follows_in_a_form_that_is_too_large_is_no_request(tmp_path: Path) -> None:
    """Whatever of the form is still under way when the proxy refuses it, at each offset of the requests that it contains."""
    with socket.create_server(("127.0.0.1", 0)) as upstream, run_proxy(tmp_path, upstream.getsockname()[1]) as (port, log):
        planted = f"GET /{SECRET} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        for offset in range(0, len(planted), 7):
            form = (b"y" * offset + planted * (600_000 // len(planted))).ljust(600_000, b"y")
            with socket.create_connection(("127.0.0.1", port), 20) as line:
                head = f"POST /a/x/y HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(form)}\r\n\r\n"
                reply = exchange(line, head.encode() + form)
            assert reply.count(b"HTTP/1.1 ") <= 1, reply[:2000]
            assert not reply or (b" 413 " in reply and b"no-store" in reply and b"maak de tekst korter" in reply)
        assert SECRET not in log.read_text()


def exchange(line: socket.socket, sent: bytes) -> bytes:
    """Send bytes until the other side closes; return all that it says, nothing if it closed before it was read."""
    found = b""
    try:
        line.sendall(sent)
        while received := line.recv(65536):
            found += received
    except OSError:
        pass
    return found

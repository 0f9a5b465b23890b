"""The questionnaire over HTTPS on a host of its own, in a frame of a learning environment that may show it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import FLAGS, PHONE, find_browser
from tests.browser.robot import tap
from tests.browser.server import Server, write_short_gallery
from tests.browser.test_frames import STRICT, FramedRespondent, embed
from tests.mailbox import make_certificate

HOST = "survey.example.net"
ANY_CERTIFICATE = "--ignore-certificate-errors"
"""For the whole browser: Playwright's option of a context reaches a frame of another site only after its process has started."""


class ProxyServer(ThreadingHTTPServer):
    request_queue_size = 100


class Proxy(BaseHTTPRequestHandler):
    """Passes each request to the application, as a reverse proxy with TLS does."""

    protocol_version = "HTTP/1.1"
    port = 0

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line = HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.request(self.command, self.path, body or None, {**dict(self.headers), "X-Forwarded-Proto": "https"})
        reply = line.getresponse()
        content = reply.read()
        self.send_response_only(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        line.close()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def speak_tls(folder: Path, port: int) -> Iterator[int]:
    """Serve a local port over TLS; yield the port."""
    proxy = ProxyServer(("127.0.0.1", 0), type("Bound", (Proxy,), {"port": port}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(folder))
    # the handshake waits in the thread of its connection: one that Chromium opened for later would stop all others
    proxy.socket = context.wrap_socket(proxy.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
    yield proxy.server_port
    proxy.shutdown()
    proxy.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An application whose public address has HTTPS and another host name."""
    folder = tmp_path_factory.mktemp("server")
    running = Server(folder, write_short_gallery(folder / "q"), SURVEY_BASE_URL=f"https://{HOST}")
    running.url = running.settings.base_url
    yield running
    running.stop()


@pytest.fixture
def chromium(chromium: Browser, server: Server) -> Iterator[Browser]:
    """One that finds the host at a proxy with a self-signed certificate, and keeps no cookie in a frame of another site."""
    with speak_tls(server.folder, server.port) as port:
        rule = f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{port}"
        browser = chromium.browser_type.launch(executable_path=find_browser(), args=[*FLAGS, *STRICT, ANY_CERTIFICATE, rule])
        yield browser
        browser.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_student_in_a_frame_over_https_reaches_the_receipt(chromium: Browser, server: Server, script: bool) -> None:
    with chromium.new_context(viewport=PHONE, java_script_enabled=script) as context:
        page = context.new_page()
        student = FramedRespondent(embed(page, server))
        assert student.page.url.startswith(f"https://{HOST}/")
        student.press("main form .button.next")
        while not student.page.locator(".receipt").count():
            student.answer_page()
            student.go_on()
        expect(student.page.locator(".receipt")).to_be_visible()
        assert context.cookies() == []


def test_a_device_resumes_over_https_despite_a_cookie_of_another_host(chromium: Browser, server: Server) -> None:
    with chromium.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{server.url}/q/gallery/demo?lang=en")
        tap(page.locator("main form .button.next"))
        expect(page.locator("[name=ticket]")).to_have_count(1)
        owner = page.locator("[name=ticket]").input_value().partition(".")[0]
        planted, _ = server.begin("gallery", "demo", "en", "yes_no_page")
        context.add_cookies(
            [{"name": planted["name"], "value": planted["value"], "domain": ".example.net", "path": "/a/gallery"}]
        )
        assert owner != str(server.signatures.read_cookie("gallery", planted["value"]).response)
        for path in ("/a/gallery", urlsplit(page.url).path):
            page.goto(server.url + path)
            assert page.locator("[name=ticket]").input_value().partition(".")[0] == owner
        assert len(context.cookies(f"{server.url}/a/gallery")) == 2

"""Spans in a real OpenTelemetry receiver during a whole visit, and their lack of personal data."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.databases import find_port, wait_open
from tests.waiting import wait_until
from tests.web.conftest import House, send, start, walk, write_short

STORY, ADDRESS = "my secret story", "secret@example.org"
ROUTES = {"/l/<token>", "/a/<code>/<slug>", "/done/<code>", "/healthz", "/readyz"}
FOREIGN = "ab" * 16
"""A trace that a client names in its headers."""
TOLD = {
    "http.request.method": {"GET", "POST", "_OTHER"},
    "http.route": ROUTES,
    "db.system.name": {"sqlite"},
    "db.namespace": {"answers", "identity"},
}
"""Every allowed attribute of a span with its values; the status is the only other one."""


class Collector:
    """Receives and keeps traces as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        keep = self.bodies.append

        class Receive(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                keep(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
                self.send_response(200 if self.path == "/v1/traces" else 404)
                self.end_headers()

            def log_message(self, *what: object) -> None:
                """Log nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def read(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [span for one in requests for told in one.resource_spans for scope in told.scope_spans for span in scope.spans]

    def wait(self, name: str) -> list[Span]:
        """Return all spans as soon as one has this name."""
        wait_until(lambda: any(span.name == name for span in self.read()), told=f"no span {name} came")
        return self.read()


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Collector, list[Span], str]]:
    """A collector after a visit from link to receipt with errors on the way, its spans, and the link."""
    folder, collector = tmp_path_factory.mktemp("traced"), Collector()
    write_short(folder / "q", "short")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")  # milliseconds until spans are sent
        house = House(folder, SURVEY_OTLP_ENDPOINT=collector.url)
    link = house.invite()
    device = house.device(script=True)
    walk(device, start(device, link), {"has_job": "no"}, {"story": STORY}, {"panel": ADDRESS})
    story = walk(device, start(device, house.invite()), {"has_job": "no"})
    house.site.answers.engine.dispose()
    with house.site.answers.write() as connection:
        connection.exec_driver_sql("ALTER TABLE page RENAME TO away")
    assert send(device, story, {"story": STORY}).status == 503
    device.get(f"/nowhere/{link}/secret?secret=1")
    device.line("SECRET", "/secret", {"User-Agent": "secret"}, b"")
    device.line("GET", "/readyz", {"traceparent": f"00-{FOREIGN}-{'cd' * 8}-01"}, b"")
    device.get("/healthz")
    yield collector, collector.wait("GET /healthz"), link
    house.close()
    collector.server.shutdown()


def test_a_request_is_a_span_named_by_route_with_a_span_of_its_storage(visited):
    _, spans, _ = visited
    (posted, *_) = [span for span in spans if span.name == "POST /a/<code>/<slug>"]
    within = [span.name for span in spans if span.parent_span_id == posted.span_id]

    assert within == ["load answers", "save answers"]
    assert {span.name for span in spans if span.parent_span_id == b""} >= {"POST /l/<token>", "GET /done/<code>", "GET", "_OTHER"}


def test_a_failed_request_is_marked_as_an_error(visited):
    _, spans, _ = visited
    marked = {span.name for span in spans if span.status.code == 2}
    assert marked == {"POST /a/<code>/<slug>"}


def test_spans_have_no_address_answer_token_or_device(visited):
    collector, spans, link = visited
    sent = b"".join(collector.bodies)
    for secret in (link.removeprefix("/l/"), "secret", "story", "has_job", "example.org", "short", "robot", "survey_"):
        assert secret.encode() not in sent.replace(b"survey_engine", b""), secret
    for span in spans:
        assert not span.events and not span.links
        for told in span.attributes:
            if told.key == "http.response.status_code":
                assert 200 <= told.value.int_value < 600
            else:
                assert told.value.string_value in TOLD[told.key]


def test_trace_headers_of_clients_are_ignored(visited):
    _, spans, _ = visited
    (ready,) = [span for span in spans if span.name == "GET /readyz"]
    assert (ready.trace_id.hex() == FOREIGN, ready.parent_span_id) == (False, b"")


@pytest.mark.slow
def test_last_spans_are_sent_before_the_workers_end(tmp_path):
    write_short(tmp_path / "q", "short")
    collector, port = Collector(), find_port()
    environment = {"SURVEY_DATA": str(tmp_path), "SURVEY_QUESTIONNAIRES": str(tmp_path / "q")}
    server = subprocess.Popen(
        [str(Path(sys.executable).parent / "survey-engine"), "run", "--port", str(port), "--workers", "1"],
        env={**os.environ, **environment, "SURVEY_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "600000"},
        stderr=subprocess.DEVNULL,
    )
    wait_open(port, 60)
    line = HTTPConnection("127.0.0.1", port)
    line.request("GET", "/healthz")
    assert line.getresponse().status == 200 and collector.read() == []
    server.terminate()
    server.wait(timeout=30)

    assert "GET /healthz" in {span.name for span in collector.wait("GET /healthz")}
    collector.server.shutdown()


SERVE = """
import sys
from pathlib import Path
from survey_engine.settings import SettingsError, read_settings
from survey_engine.web.app import create_app
{before}
try:
    create_app(read_settings({environment}, Path(sys.argv[1])))
except SettingsError as error:
    print(error)
print([name for name in sys.modules if name.startswith({extra}) and sys.modules[name]])
"""
DATA = ("polars", "_polars", "pyreadstat", "narwhals", "numpy", "pandas", "pyarrow")


def run_python(
    folder: Path, environment: dict[str, str], before: str = "", extra: str | tuple[str, ...] = "opentelemetry"
) -> str:
    code = SERVE.format(environment=environment, before=before, extra=repr(extra))
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


@pytest.mark.slow
def test_opentelemetry_is_imported_only_with_a_collector(tmp_path):
    assert run_python(tmp_path, {"SURVEY_QUESTIONNAIRES": str(tmp_path)}) == "[]\n"


def test_the_respondents_process_imports_nothing_of_the_extra_data(tmp_path):
    assert run_python(tmp_path, {"SURVEY_QUESTIONNAIRES": str(tmp_path)}, extra=DATA) == "[]\n"


@pytest.mark.parametrize("name", ["SURVEY_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_without_the_extra_the_error_names_it(tmp_path, name):
    settings = {"SURVEY_QUESTIONNAIRES": str(tmp_path), name: "http://127.0.0.1:4318"}
    said = run_python(tmp_path, settings, "sys.modules['opentelemetry'] = None")
    assert name in said and "pip install 'survey-engine[tracing]'" in said

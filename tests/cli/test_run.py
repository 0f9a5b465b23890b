"""`survey-engine run`: one server per port, processes that end together, errors in one line."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from survey_engine.cli import main
from survey_engine.cli.run import THREADS_WARNING, is_relevant, share_metrics
from survey_engine.cli.support.command_errors import log_failures
from survey_engine.settings import SHARED_METRICS, read_settings
from tests.browser.server import RunServer, write_short_gallery
from tests.databases import find_port, list_family
from tests.faults.scenarios.disks import fill, small_disk
from tests.faults.serve import make_command
from tests.waiting import wait_until


def run(folder: Path, port: int, **settings: str) -> tuple[int | None, str]:
    """Run a server that cannot start, in a process forked for it; return its exit code and what it wrote."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SURVEY_")}
    environment |= {"SURVEY_DATA": str(folder), **settings}
    folder.mkdir(exist_ok=True)
    log = folder / f"run-{port}.log"
    process = make_command(["run", "--port", str(port)], environment, log)
    process.start()
    process.join(60)
    return process.exitcode, log.read_text()


def is_open(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunServer]:
    folder = tmp_path_factory.mktemp("data")
    running = RunServer(folder, write_short_gallery(folder / "q"))
    yield running
    running.process.kill()
    running.process.wait()


def assert_one_line(done: tuple[int | None, str], part: str) -> None:
    code, written = done
    (line,) = written.strip().splitlines()
    entry = json.loads(line)
    assert code == 1 and entry["event"] == "start_failed" and part in entry["error"], written


def test_a_second_server_on_a_port_fails_with_one_line(server: RunServer, tmp_path: Path) -> None:
    for folder in (server.folder, tmp_path / "other"):
        assert_one_line(run(folder, server.port), f"Port {server.port} is in use")
    assert is_open(server.port)


def test_processes_that_serve_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    server = RunServer(tmp_path, write_short_gallery(tmp_path / "q"))
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    wait_until(lambda: not is_open(server.port))


def test_a_process_whose_parent_ended_before_it_loaded_does_not_serve(tmp_path: Path) -> None:
    code = "import time; from survey_engine.cli.run import load_server; load_server(1, -1); time.sleep(60)"
    environment = {**os.environ, "SURVEY_DATA": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, timeout=50, check=False)
    assert done.returncode == -signal.SIGTERM


@pytest.mark.parametrize(("size", "status"), [(16_000, 200), (80_000, 431), (400_000, 431)])
def test_only_headers_of_some_kilobytes_are_read(server: RunServer, size: int, status: int) -> None:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as line:
        line.request("GET", "/healthz", headers={"Accept-Language": "nl," * (size // 3)})
        assert line.getresponse().status == status


DAMAGED = b"SQLite format 3\0" + b"\xff" * 5000


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"SURVEY_SECRET_KEYS": "short"}, "Make one with: openssl rand -hex 32"),
        ({"SURVEY_DATABASE_URL": "postgresql+psycopg://nobody:secret@127.0.0.1:1/none"}, "connection"),
        ({"SURVEY_DATABASE_URL": "nothing://at-all"}, "A database cannot be used"),
        ({"SURVEY_BASE_URL": "ftp://x"}, "begins with http"),
        ({"SURVEY_RESUME_DAYS": "0"}, "from 1 to 365"),
        ({"SURVEY_METRICS_TOKEN": "t" * 32, "PROMETHEUS_MULTIPROC_DIR": "/nowhere"}, "PROMETHEUS_MULTIPROC_DIR"),
        ({}, "A database cannot be used"),
    ],
    ids=["short key", "no PostgreSQL", "no such kind", "address", "no days", "no metrics folder", "damaged"],
)
def test_a_known_error_at_the_start_prints_one_line(tmp_path: Path, settings: dict[str, str], part: str) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" not in settings:
        (tmp_path / "identity.db").write_bytes(DAMAGED)
    done = run(tmp_path, find_port(), **settings)
    assert_one_line(done, part)
    assert "secret" not in done[1]


def test_a_server_warns_of_simulated_answers_and_of_those_of_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for mark in ("SIMULATED", "DEMO"):
        (tmp_path / mark).touch()
    monkeypatch.setenv("SURVEY_DATA", str(tmp_path))
    written = CliRunner().invoke(main, ["run", "--host", "192.0.2.1"]).output

    assert "The answers in this folder are simulated." in written and f"{tmp_path}/DEMO" in written
    refused = CliRunner().invoke(main, ["demo", "--links-only", "--data", str(tmp_path)])
    assert refused.exit_code == 1 and "was used as an installation" in refused.output


@pytest.mark.parametrize("option", ["--port 0", "--port 65536", "--workers 0", "--workers 257", "--threads 0", "--threads 65"])
def test_options_of_a_server_have_bounds(option: str) -> None:
    done = CliRunner().invoke(main, ["run", *option.split()])
    assert done.exit_code == 2 and "is not in the range" in done.output


def test_an_error_in_a_serving_process_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), log_failures():
        raise ValueError("a secret")
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "start_failed" and "ValueError" in line and "secret" not in line


def test_the_processes_of_a_server_count_together(tmp_path: Path) -> None:
    """Each scrape reaches one of them, and has the counts of both."""
    running = RunServer(tmp_path, write_short_gallery(tmp_path / "q"), SURVEY_METRICS_TOKEN="t" * 32)
    try:
        folders = {path for path in find_opened(running.process.pid) if "survey-metrics-" in path}
        assert folders, "no process writes its counts to a shared folder"
    finally:
        running.stop()
    assert not any(Path(path).exists() for path in folders)


def find_opened(pid: int) -> set[str]:
    """The files that a process and its descendants have mapped."""
    return {line.split()[-1] for member in list_family(pid) for line in Path(f"/proc/{member}/maps").read_text().splitlines()}


def test_a_server_starts_without_messages_of_granian(server: RunServer) -> None:
    lines = (server.folder / "log").read_text().splitlines()
    assert lines and [line for line in lines if not line.startswith("{")] == []


@pytest.mark.parametrize(
    ("level", "said", "passes"),
    [
        (logging.WARNING, THREADS_WARNING, False),
        (logging.WARNING, "Another warning", True),
        (logging.ERROR, THREADS_WARNING, True),
    ],
)
def test_only_granians_message_on_waiting_threads_is_dropped(level: int, said: str, passes: bool) -> None:
    record = logging.LogRecord("_granian", level, "", 0, said + " 516 Python threads", None, None)
    assert is_relevant(record) is passes


@pytest.mark.parametrize("name", ["TMPDIR", "PROMETHEUS_MULTIPROC_DIR"])
def test_a_server_reloads_with_a_full_folder_of_metrics(tmp_path: Path, name: str) -> None:
    with small_disk(3) as disk:
        running = RunServer(tmp_path, write_short_gallery(tmp_path / "q"), SURVEY_METRICS_TOKEN="t" * 32, **{name: str(disk)})
        try:
            fill(disk)
            running.process.send_signal(signal.SIGHUP)
            wait_until(lambda: ask_metrics(running) == "full", 60)
        finally:
            running.stop()
    log = read_log(running)
    assert log.count("metrics_lost") == 1 and "crash loop" not in log


def test_a_server_starts_without_a_temporary_folder_for_metrics(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setenv(SHARED_METRICS, "")
    settings = read_settings({"SURVEY_METRICS_TOKEN": "t" * 32, "SURVEY_DATA": str(tmp_path)})
    with capture_logs() as lines, share_metrics(settings):
        assert os.environ[SHARED_METRICS] == os.devnull
    assert [line["event"] for line in lines] == ["metrics_lost"]


def ask_metrics(server: RunServer) -> str | None:
    """What the process says about its metrics; None while none replies."""
    try:
        with urlopen(f"{server.url}/readyz", timeout=20) as reply:
            return str(json.load(reply)["metrics"])
    except OSError:
        return None


def read_log(server: RunServer) -> str:
    return (server.folder / "log").read_text()

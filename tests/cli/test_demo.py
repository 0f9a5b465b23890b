"""`survey-engine demo`: the printed links open a questionnaire, with any data folder."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from itertools import takewhile
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest
from click.testing import CliRunner

from survey_engine.cli import main
from survey_engine.storage.database import Database
from tests.databases import find_port
from tests.waiting import wait_until

PATIENCE = 30


class Demo(NamedTuple):
    """A running demonstration: its process ID, its output until it serves, its data, and the folder of another installation."""

    process: int
    printed: str
    data: Path
    beside: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The command on a free port, with settings of another installation."""
    folder = tmp_path_factory.mktemp("demo")
    data, beside = folder / "demo", folder / "installation"
    command = [Path(sys.executable).parent / "survey-engine", "demo", "--port", str(find_port()), "--data", data]
    environment = {**os.environ, "SURVEY_DATA": str(beside), "SURVEY_BASE_URL": "https://survey.example.org"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True) as process:
        try:
            assert process.stdout
            yield Demo(process.pid, "".join(takewhile(lambda line: "Ctrl-C" not in line, process.stdout)), data, beside)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # with its workers, of which one may still be starting


def fetch(address: str) -> str:
    """Return the page at an address, as soon as it is served."""
    end = monotonic() + PATIENCE
    while True:
        try:
            with urlopen(address, timeout=PATIENCE) as reply:
                return reply.read().decode()
        except URLError as error:
            if isinstance(error.reason, str) or monotonic() > end:  # a reply that is an error, or no reply at all
                raise
            sleep(0.2)


@pytest.mark.slow
def test_printed_links_work_whatever_installation_is_beside_the_demo(demo: Demo) -> None:
    link = re.findall(r"English +(http\S+/l/\S+)", demo.printed)[0]
    assert "Start" in fetch(link)
    assert (demo.data / "answers.db").exists() and not demo.beside.exists()
    assert not [file for file in list_open_files(demo.process) if ".db" in file], (
        "server workers are forked from a process with open stores"
    )


@pytest.mark.slow
def test_the_demo_serves_a_course_whose_card_launches_the_gallery(demo: Demo) -> None:
    course = re.findall(r"as a card: (http\S+)", demo.printed)[0]
    page = fetch(course)
    login = unescape(re.findall(r'title="Card" src="([^"]+)"', page)[0])
    fetch(re.findall(r'title="Open link"[^>]*src="([^"]+)"', page)[0])
    jar = build_opener(HTTPCookieProcessor())
    launch = jar.open(unescape(re.findall(r'id="go" href="([^"]+)"', jar.open(login).read().decode())[0])).read().decode()
    action = re.findall(r'action="([^"]+)"', launch)[0]
    fields = dict(re.findall(r'name="(id_token|state)" value="([^"]+)"', launch))
    started = jar.open(action, urlencode(fields).encode()).read().decode()
    assert 'action="/lti/start/gallery/demo"' in started


def list_open_files(process: int) -> list[str]:
    return [str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir()]


@pytest.mark.slow
def test_the_demo_carries_out_its_jobs(demo: Demo) -> None:
    with closing(Database(f"sqlite:///{demo.data}/identity.db", "identity")) as identity:
        wait_until(lambda: identity.fetch("SELECT id FROM job WHERE due_at > 100 + CAST(strftime('%s', 'now') AS INTEGER)", {}))


@pytest.mark.slow
def test_the_links_name_the_address_that_a_phone_can_reach(tmp_path: Path) -> None:
    command = [Path(sys.executable).parent / "survey-engine", "demo", "--host", "192.0.2.7", "--data", tmp_path, "--links-only"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"http://[^/ ]+", printed)) == {"http://192.0.2.7:8000"}


def test_a_port_in_use_is_reported_before_the_compilation(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["demo", "--port", str(taken.getsockname()[1]), "--data", str(tmp_path / "data")]
        command = [Path(sys.executable).parent / "survey-engine", *words]
        ignored = {"SURVEY_DATA": str(tmp_path / "other"), "SURVEY_IDLE_MINUTES": "5"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | ignored)
    assert all(f" {name}" in done.stdout.splitlines()[0] for name in ("ignores:", *ignored))
    assert done.returncode == 1 and "is in use" in done.stderr and (tmp_path / "data" / "DEMO").exists()
    assert not list((tmp_path / "data").glob("*.db"))


@pytest.mark.parametrize("store", ["answers.db", "identity.db"])
def test_the_demo_refuses_an_installation_and_says_what_to_do(tmp_path: Path, store: str) -> None:
    (tmp_path / store).touch()
    refused = CliRunner().invoke(main, ["demo", "--data", str(tmp_path), "--links-only"])

    assert refused.exit_code == 1 and "is an installation" in refused.output and f"touch {tmp_path}/DEMO" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == [store]

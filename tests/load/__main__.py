"""`make load`: so many open respondents who save a page, think, and save again, while classes start together.

Students are wrk connections with a pause between saves; starts are posted beside them through the open link. App,
database and load generator share this machine, so the figures are a lower bound for each.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from survey_engine.capacity.measuring import prepare
from survey_engine.settings import ROOT, read_settings
from survey_engine.web.app import create_app
from tests.bench.load import SERVER, serve
from tests.bench.synthetic import write_questionnaire
from tests.databases import PostgresServer, list_family

SCRIPT = Path(__file__).parent / "students.lua"
PAGES, AT = 20, 5
MARGIN = 1.05
"""How much sooner students save than the goal asks: a pause begins only when the reply is there."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the students met: saves, seconds, latencies in ms, failures; and what came of the starts."""

    saves: int
    seconds: float
    p50: float
    p95: float
    p99: float
    longest: float
    failed: int


class Starters(threading.Thread):
    """Classes: starts through the open link, all from one address, at a steady rate."""

    def __init__(self, port: int, per_minute: int) -> None:
        super().__init__(daemon=True)
        self.port, self.pause = port, 60 / per_minute
        self.started, self.failed = 0, 0
        self.waits: list[float] = []
        self.ended = threading.Event()

    def run(self) -> None:
        due = time.monotonic()
        while not self.ended.is_set():
            began = time.monotonic()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                headers = {"Content-Type": "application/x-www-form-urlencoded"}
                connection.request("POST", "/load/i1", "lang=en", headers)
                self.started += connection.getresponse().status == 303
                connection.close()
            except OSError:
                self.failed += 1
            self.waits.append((time.monotonic() - began) * 1000)
            due += self.pause
            self.ended.wait(max(0, due - time.monotonic()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long (default: 600)")
    parser.add_argument("--students", type=int, default=5000, help="open respondents (default: 5000)")
    parser.add_argument("--rate", type=int, default=500, help="page saves a second that they make together (default: 500)")
    parser.add_argument("--starts", type=int, default=500, help="starts a minute beside them (default: 500)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer(synchronous_commit="on", shared_buffers="256MB").initialise().start()
        try:
            run(Path(folder), server, chosen)
        finally:
            server.remove()


def run(data: Path, server: PostgresServer, chosen: argparse.Namespace) -> None:
    questionnaires = data / "questionnaires"
    write_questionnaire(questionnaires, "load", PAGES, institutions=20)
    environment = {
        "SURVEY_DATA": str(data / "data"),
        "SURVEY_DATABASE_URL": server.url(server.create_database()),
        "SURVEY_IDENTITY_URL": server.url(server.create_database()),
        "SURVEY_QUESTIONNAIRES": str(questionnaires),
        "SURVEY_TRANSLATIONS": str(ROOT / "translations"),
    }
    app = create_app(read_settings(environment, data / "data"))
    print(f"Preparing {chosen.students} open respondents …", flush=True)
    forms = data / "forms.tsv"
    forms.write_text("".join("\t".join(prepare(app, "load", AT)) + "\n" for _ in range(chosen.students)))
    with serve(SERVER, environment, chosen.workers, chosen.threads) as port:
        family = find_family(port)
        memory, cpu = measure_memory(family), measure_cpu(family)
        database_cpu = measure_cpu(list_family(server.process.pid))
        starters = Starters(port, chosen.starts)
        starters.start()
        outcome = send_students(port, forms, chosen)
        starters.ended.set()
        app_cpu = measure_cpu(family) - cpu
        database_cpu = measure_cpu(list_family(server.process.pid)) - database_cpu
        report(chosen, outcome, starters, app_cpu, database_cpu, memory, measure_memory(family))


def send_students(port: int, forms: Path, chosen: argparse.Namespace) -> Outcome:
    think = 1000 * chosen.students / (MARGIN * chosen.rate)
    command = ["wrk", "-t1", f"-c{chosen.students}", f"-d{chosen.seconds}s", "--timeout", "20s", "-s", str(SCRIPT)]
    environment = {**os.environ, "LOAD_FORMS": str(forms), "LOAD_THINK": str(think)}
    printed = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    line = next(line for line in printed.splitlines() if line.startswith("RESULT"))
    saves, duration, p50, p95, p99, longest, failed = (float(word) for word in line.split()[1:])
    return Outcome(int(saves), duration / 1e6, p50 / 1000, p95 / 1000, p99 / 1000, longest / 1000, int(failed))


def find_family(port: int) -> list[int]:
    """The server that listens on a port, and its workers."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"--port" in words and str(port).encode() in words:
            return list_family(int(process.name))
    raise LookupError(f"nobody serves port {port}")


def measure_cpu(pids: list[int]) -> float:
    """CPU seconds that these processes and their collected children used so far."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def measure_memory(pids: list[int]) -> float:
    """Resident memory in MB."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def report(
    chosen: argparse.Namespace,
    outcome: Outcome,
    starters: Starters,
    app_cpu: float,
    database_cpu: float,
    before: float,
    after: float,
) -> None:
    saves = max(1, outcome.saves)
    waits = sorted(starters.waits) or [0.0]
    print(f"\n{chosen.students} open respondents, {outcome.seconds:.0f} s, app and PostgreSQL and students on one machine")
    print(f"  saves     {outcome.saves / outcome.seconds:7.0f}/s   goal {chosen.rate}/s   failed {outcome.failed}")
    print(
        f"  latency   p50 {outcome.p50:.0f} ms   p95 {outcome.p95:.0f} ms (goal 200)   p99 {outcome.p99:.0f} ms"
        f"   longest {outcome.longest:.0f} ms"
    )
    print(
        f"  starts    {starters.started} ({60 * starters.started / outcome.seconds:.0f} a minute), failed {starters.failed},"
        f" p95 {waits[int(len(waits) * 0.95)]:.0f} ms"
    )
    print(f"  CPU       app {1000 * app_cpu / saves:.2f} ms a page, database {1000 * database_cpu / saves:.2f} ms a page")
    print(f"  memory    {before:.0f} MB before, {after:.0f} MB after ({chosen.workers} workers and their master)")


if __name__ == "__main__":
    main()

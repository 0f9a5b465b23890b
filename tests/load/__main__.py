"""`make load`: so many open respondents who save a page, think, and save again, while classes start together.

Every student has a line of their own; starts are posted beside them through the open link. App, database and load generator
share this machine, so the figures are a lower bound for each. At the end a bare Flask page, and one with a durable commit on
the same PostgreSQL, show what a page costs at least.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from survey_engine.operations.capacity.measuring import prepare
from survey_engine.operations.simulation.browsing import Browser, HttpLine, RobotError
from survey_engine.settings import ROOT, read_settings
from survey_engine.web.app import create_app
from tests.bench.load import SERVER, serve
from tests.bench.rates import BASELINE
from tests.bench.synthetic import write_questionnaire
from tests.databases import PostgresServer, list_family
from tests.load.students import Outcome, study

PAGES, AT = 20, 5
MARGIN = 1.02
"""How much sooner students save than the goal asks."""
BARE_SECONDS = 20
TICKS = os.sysconf("SC_CLK_TCK")


class Starters(threading.Thread):
    """Classes: starts through the open link, all from one address, at a steady rate."""

    def __init__(self, port: int, per_minute: int) -> None:
        super().__init__(daemon=True)
        self.port, self.per_minute = port, per_minute
        self.started, self.failed = 0, 0
        self.waits: list[float] = []
        self.ended = threading.Event()

    def run(self) -> None:
        due = time.monotonic()
        while self.per_minute and not self.ended.is_set():
            began = time.monotonic()
            try:
                with closing(HttpLine(f"http://127.0.0.1:{self.port}", tries=1)) as line:
                    started = Browser(line, "en").send("POST", "/q/load/i1", [("lang", "en")], background=True).status == 303
            except RobotError:
                started = False
            self.started, self.failed = self.started + started, self.failed + (not started)
            self.waits.append((time.monotonic() - began) * 1000)
            due += 60 / self.per_minute
            self.ended.wait(max(0, due - time.monotonic()))


@dataclass(frozen=True, slots=True)
class Machine:
    """The server on a port and its PostgreSQL: what they use."""

    port: int
    database: PostgresServer

    def memory(self) -> float:
        """Resident MB of the server and its workers."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in find_family(self.port))
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def cpu(self) -> tuple[float, float]:
        """CPU seconds that the server, and the database, used so far."""
        return measure_cpu(find_family(self.port)), measure_cpu(list_family(self.database.process.pid))

    def tell_cpu(self, name: str, pages: float, before: tuple[float, float]) -> None:
        app, database = (1000 * (now - then) / max(1, pages) for now, then in zip(self.cpu(), before, strict=True))
        print(f"  CPU a page  {name:<32} app {app:.2f} ms  database {database:.2f} ms", flush=True)


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
        send_students(Machine(port, server), forms, chosen)
    environment["BENCH_POSTGRESQL"] = server.dsn(server.create_database())
    with serve(BASELINE, environment, chosen.workers, chosen.threads) as port:
        send_bare(Machine(port, server), forms, chosen)


def send_students(machine: Machine, forms: Path, chosen: argparse.Namespace) -> None:
    """The students save, and what came of it is printed."""
    memory, cpu = machine.memory(), machine.cpu()
    starters = Starters(machine.port, chosen.starts)
    starters.start()

    def tell(seconds: float, outcome: Outcome, first: int) -> None:
        print(
            f"  {seconds:4.0f} s  {len(outcome.waits) / seconds:5.0f} saves/s  p95 of late {outcome.percentile(0.95, first):4.0f} ms"
            f"  failed {outcome.failed}  memory {machine.memory():.0f} MB",
            flush=True,
        )

    outcome = asyncio.run(study(machine.port, forms, chosen.seconds, pause(chosen), tell))
    starters.ended.set()
    waits = sorted(starters.waits) or [0.0]
    p50, p95, p99, longest = (outcome.percentile(share) for share in (0.5, 0.95, 0.99, 1))
    print(f"\n{chosen.students} open respondents, {outcome.seconds:.0f} s, app and PostgreSQL and students on one machine")
    print(f"  saves       {len(outcome.waits) / outcome.seconds:.0f}/s (goal {chosen.rate}), failed {outcome.failed}")
    print(f"  latency     p50 {p50:.0f} ms, p95 {p95:.0f} ms (goal 200), p99 {p99:.0f} ms, longest {longest:.0f} ms")
    print(
        f"  starts      {starters.started} ({60 * starters.started / outcome.seconds:.0f} a minute), failed {starters.failed},"
        f" p95 {waits[int(len(waits) * 0.95)]:.0f} ms"
    )
    print(f"  memory      {memory:.0f} MB before, {machine.memory():.0f} MB after ({chosen.workers} workers and their master)")
    machine.tell_cpu("our page, starts counted in" if chosen.starts else "our page", len(outcome.waits), cpu)


def send_bare(machine: Machine, forms: Path, chosen: argparse.Namespace) -> None:
    """What a page of 10 KB costs at the same pace on the same server, and what with a commit."""
    for name, path in (("bare Flask, 10 KB", "/page"), ("bare Flask + one durable commit", "/commit")):
        bare = forms.with_name("bare.tsv")
        bare.write_text("".join(f"{path}\t{line.split(chr(9))[1]}\n" for line in forms.read_text().splitlines()))
        before = machine.cpu()
        outcome = asyncio.run(study(machine.port, bare, BARE_SECONDS, pause(chosen), lambda *_: None))
        machine.tell_cpu(name, len(outcome.waits), before)


def pause(chosen: argparse.Namespace) -> float:
    """Seconds that a student thinks, on average."""
    return float(chosen.students / (MARGIN * chosen.rate))


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


if __name__ == "__main__":
    main()

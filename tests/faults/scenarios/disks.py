"""Disks: an fsync precedes every acknowledgement; saves fail while a disk is full, and work again when it has space."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from survey_engine.operations.simulation.browsing import Reply
from tests.databases import MissingServer, PostgresServer, make_folder, server_user
from tests.faults.grounds import Ground
from tests.faults.ledger import Answers, Ledger, balance
from tests.faults.robots import Form, Line, Robot, crowd
from tests.faults.stage import Scenario, Stage, Trial, describe_strange
from tests.waiting import wait_until

BALLAST = "ballast"


def trace_syncs(trace: Path) -> tuple[str, ...]:
    """Return the command that logs every fsync of another command; it writes a line when the call has returned."""
    if not shutil.which("strace"):
        raise MissingServer("This scenario needs strace. Install it with `make tools`, or: apt-get install strace")
    return ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o", str(trace))


class Watcher(Robot):
    """A robot that counts the fsyncs between sending a page and its acknowledgement."""

    trace: Path
    syncs: list[int]

    def post(self, page: Form, answers: Answers, wish: str) -> Reply:
        before = self.trace.read_text().count(" = 0")
        reply = super().post(page, answers, wish)
        self.syncs.append(self.trace.read_text().count(" = 0") - before)
        return reply


def count_syncs(stage: Stage, engine: str, *, careful: bool = True) -> Trial:
    """Run one robot at a time, so that every fsync can be assigned to a page."""
    respondents, variant = stage.size(3, 60), "careful" if careful else "forgets to sync"
    with ExitStack() as after:
        folder = make_folder("trace-")
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        trace = folder / "syncs"
        server = None
        if engine == "postgresql":
            server = PostgresServer(tracer=trace_syncs(trace), synchronous_commit="on" if careful else "off")
            after.callback(server.remove)
            server.initialise().start()
        ground = after.enter_context(Ground(server))
        seats, ledger = ground.seat(respondents), Ledger()
        app = ground.start(workers=1, variant=variant, tracer=() if server else trace_syncs(trace))
        syncs: list[int] = []
        for number, (token, pseudonym) in enumerate(seats.items()):
            robot = Watcher(Line((app.port,), ledger), token, pseudonym, number)
            robot.trace, robot.syncs = trace, syncs
            robot.run()
        found = balance(ground, ledger)
    without = sum(count == 0 for count in syncs)
    return Trial(
        f"{len(syncs)} acknowledged pages, {sum(syncs)} fsyncs, {without} pages without one",
        found.even and len(syncs) == ledger.pages and not without,
    )


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a separate disk in memory."""
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mount = [*sudo, "mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingServer(f"This scenario mounts a small disk, which only root may do: {done.stderr.strip()}. Run it as root.")
    try:
        yield folder
    finally:
        subprocess.run([*sudo, "umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill(disk: Path) -> None:
    """Fill the disk."""
    with (disk / BALLAST).open("wb", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12):
            with contextlib.suppress(OSError):
                while ballast.write(bytes(size)):
                    pass
    try:
        (disk / "probe").write_bytes(bytes(1 << 13))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    (disk / "probe").unlink(missing_ok=True)


def fill_disk(stage: Stage, engine: str, variant: str = "careful") -> Trial:
    """Fill the disk while robots answer, and free it after a while. Nothing is restarted."""
    times = stage.size(1, 5)
    with ExitStack() as after:
        disk = after.enter_context(small_disk(96 if engine == "postgresql" else 16))
        server = None
        if engine == "postgresql":  # its log of changes on another disk, as PostgreSQL's manual advises
            server = PostgresServer()
            after.callback(server.remove)
            place = disk / "data"
            place.mkdir()
            if user := server_user():
                shutil.chown(place, user, user)
            server.data.symlink_to(place)
            server.initialise(f"--waldir={server.folder / 'wal'}").start()
        ground = after.enter_context(Ground(server, disk))
        seats, ledger = ground.seat(stage.size(300, 9000)), Ledger()
        app = ground.start(variant=variant)
        with crowd(Line((app.port,), ledger), seats):
            for _ in range(times):
                ledger.wait(stage.size(40, 400))
                fill(disk)
                refused = ledger.events["503"] + stage.size(40, 200)
                wait_until(lambda refused=refused: ledger.events["503"] >= refused, 60, "few requests are refused")
                (disk / BALLAST).unlink()
                ledger.wait(stage.size(40, 400))
        found = balance(ground, ledger)
    strange = describe_strange(ledger.events)
    return Trial(
        f"{times} × full: {ledger.events['503']} times 503, {ledger.pages} pages: {found.figures}{strange}",
        found.even and not strange,
    )


def describe(engine: str) -> list[Scenario]:
    return [
        Scenario(
            f"fsync before acknowledgement, {engine}",
            "≥ 1 for each acknowledged page",
            lambda stage: count_syncs(stage, engine),
            "synchronous=OFF" if engine == "sqlite" else "synchronous_commit=off",
            lambda stage: count_syncs(stage, engine, careful=False),
        ),
        Scenario(
            f"disk full and free again, {engine}",
            "0 lost, only 503; goes on without a restart",
            lambda stage: fill_disk(stage, engine),
            "overlooks that a page could not be stored",
            lambda stage: fill_disk(stage, engine, "overlooks failure"),
            short=engine == "sqlite",
        ),
    ]


DISKS = [*describe("sqlite"), *describe("postgresql")]

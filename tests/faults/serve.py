"""The engine's own server, optionally as a careless variant or with a wrong clock.

A nursery process imports the engine once and forks every server and command, so that they start at once. With a tracer, a
server is a separate command: `python -m tests.faults.serve`.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from multiprocessing import forkserver
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from survey_engine import cli
from survey_engine.cli.run import serve
from survey_engine.rendering.assets import Assets
from survey_engine.settings import ROOT
from tests.faults.careless import VARIANTS

Assets(ROOT / "static")  # compressed here, and kept for all servers


def shift_clock(seconds: float) -> None:
    """Shift the clock of this process, and of processes that it forks, by `seconds`."""
    true_time = time.time
    time.time = lambda: true_time() + seconds


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--variant", choices=VARIANTS, default="careful")
    parser.add_argument("--clock", type=float, default=0, metavar="SECONDS")
    given = parser.parse_args(arguments)
    VARIANTS[given.variant]()
    if given.clock:
        shift_clock(given.clock)
    serve("127.0.0.1", given.port, given.workers, given.threads)


def call_in_child(main: Callable[[Sequence[str]], None], words: Sequence[str], environment: dict[str, str], log: Path) -> None:
    """Call `main` in a process just forked from the nursery; what it writes goes to the log."""
    gc.freeze()  # the modules stay: a server that collects garbage need not look through them
    os.setsid()
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    os.environ.clear()
    os.environ.update(environment)
    multiprocessing.set_start_method("fork", force=True)  # which a server then uses for its workers
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache()}  # in the folder of temporary files, shared by all servers
    main(words)


def open_nursery() -> multiprocessing.context.ForkServerContext:
    """Return the context that creates processes in which the engine is already imported."""
    nursery = multiprocessing.get_context("forkserver")
    nursery.set_forkserver_preload(["survey_engine.web.lms.launch_pages", __name__])  # with all of `web`
    with chdir(ROOT):  # where it finds `tests`: another package of this name may be installed
        forkserver.ensure_running()
    return nursery


def _make_process(
    main: Callable[[Sequence[str]], None], words: Sequence[str], environment: dict[str, str], log: Path
) -> multiprocessing.process.BaseProcess:
    log.touch()  # also of a process that ends before it writes
    return open_nursery().Process(target=call_in_child, args=(main, words, environment, log))


def make_server(arguments: Sequence[str], environment: dict[str, str], log: Path) -> multiprocessing.process.BaseProcess:
    """Make the process of a server, which is not started yet."""
    return _make_process(main, arguments, environment, log)


def make_command(words: Sequence[str], environment: dict[str, str], log: Path) -> multiprocessing.process.BaseProcess:
    """Make the process of `survey-engine` with these words, which is not started yet."""
    return _make_process(run_command, words, environment, log)


def call_command(words: Sequence[str], environment: dict[str, str], log: Path) -> None:
    """Run `survey-engine` with these words.

    Raises:
        RuntimeError: the command fails.
    """
    process = make_command(words, environment, log)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"survey-engine {' '.join(words)} failed: {log.read_text()[-3000:]}")


def run_command(words: Sequence[str]) -> None:
    cli.main(words)


if __name__ == "__main__":
    main()

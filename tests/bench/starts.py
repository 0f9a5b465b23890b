"""A server process of a large installation: seconds until it is ready, and until all is compiled; CPU and memory."""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

from survey_engine.publication.versions import publish
from survey_engine.settings import ROOT, read_settings
from survey_engine.storage.database import Database
from tests.bench.load import SERVER, serve
from tests.bench.sites import PAGES, Bench
from tests.bench.synthetic import write_questionnaire
from tests.databases import list_family, prepare_store

QUESTIONNAIRES, INSTITUTIONS = 60, 200
_MEMORY = re.compile(r"^(Rss|Private_Clean|Private_Dirty): +(\d+) kB", re.MULTILINE)
_TICKS = os.sysconf("SC_CLK_TCK")


def show_starts(bench: Bench) -> None:
    environment = bench.environment()
    codes = publish_many(Path(environment["SURVEY_DATA"]), environment)
    print(f"\nStart of a process: {QUESTIONNAIRES} questionnaires × {INSTITUTIONS} institutions, {PAGES} grids of 8 statements")
    began = time.monotonic()
    with serve(SERVER, environment, workers=1) as port:
        while "ok" not in read_ready(port)["status"]:
            time.sleep(0.1)
        show("ready", began)
        while read_ready(port)["not_compiled"]:
            time.sleep(0.5)
        show("all versions compiled", began)
        for code in codes:
            urlopen(f"http://127.0.0.1:{port}/q/{code}/i1").close()
        show("all start pages shown", began)


def publish_many(data: Path, environment: dict[str, str]) -> list[str]:
    settings = read_settings(environment, data)
    for store, url in (("answers", settings.database_url), ("identity", settings.identity_url)):
        prepare_store(url, store)
    codes = [f"large{number:02}" for number in range(QUESTIONNAIRES)]
    with closing(Database(settings.database_url, "answers")) as answers:
        for code in codes:
            publish(write_questionnaire(data / "written", code, PAGES, INSTITUTIONS), ROOT / "translations", answers)
    return codes


def read_ready(port: int) -> dict[str, str]:
    with urlopen(f"http://127.0.0.1:{port}/readyz") as reply:
        found: dict[str, str] = json.load(reply)
        return found


def show(name: str, began: float) -> None:
    """Print the figures of the largest process: the worker."""
    worker = max(list_family(os.getpid())[1:], key=lambda pid: read_memory(pid)[0])
    resident, private = read_memory(worker)
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    cpu = sum(map(int, fields[11:13])) / _TICKS
    memory = f"{resident / 1000:4.0f} MB in memory, {private / 1000:4.0f} MB of its own"
    print(f"  {name:<34}{time.monotonic() - began:6.1f} s   {cpu:5.1f} s of CPU   {memory}", flush=True)


def read_memory(pid: int) -> tuple[int, int]:
    """Return the kB that a process has in memory, and those that it shares with no other."""
    sizes = dict(_MEMORY.findall(Path(f"/proc/{pid}/smaps_rollup").read_text()))
    return int(sizes["Rss"]), int(sizes["Private_Clean"]) + int(sizes["Private_Dirty"])

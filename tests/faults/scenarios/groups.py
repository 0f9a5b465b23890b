"""Two groups of processes behind the shipped proxy: each is replaced or killed in turn while robots answer."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests import ROOT
from tests.databases import find_port, wait_open
from tests.faults.grounds import App, Ground, order
from tests.faults.ledger import Ledger, balance
from tests.faults.robots import Line, crowd
from tests.faults.scenarios.deploys import EXTRA, copy_questionnaires, edit, publish_from
from tests.faults.stage import Scenario, Stage, Trial, describe_strange

OLD, NEW = secrets.token_hex(32), secrets.token_hex(32)
ROTATION = (OLD, f"{OLD},{NEW}", f"{NEW},{OLD}")
"""The signing keys in each step: a new key is accepted by all processes before one of them signs with it."""


@contextmanager
def open_proxy(ground: Ground, apps: Sequence[App]) -> Iterator[int]:
    """Start Caddy with the shipped Caddyfile in front of these servers; yield its port."""
    port, places = find_port(), " ".join(f"127.0.0.1:{app.port}" for app in apps)
    written = (ROOT / ".container" / "Caddyfile").read_text().replace("app-1:8000 app-2:8000", places)
    (ground.folder / "Caddyfile").write_text(written.replace("{\n\tlog", "{\n\tadmin off\n\tlog", 1))
    command = [Path(sys.executable).parent / "caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
    environment = {**os.environ, "SURVEY_HOST": f"http://127.0.0.1:{port}", "HOME": str(ground.folder)}
    with (
        (ground.folder / "proxy.log").open("wb") as log,
        subprocess.Popen(command, cwd=ground.folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            wait_open(port)
            yield port
        finally:
            process.kill()


def replace_groups(stage: Stage, *, rotation: Sequence[str] = ROTATION) -> Trial:
    """In each step, publish a version, stop one group and start it with the next keys; then kill the other and start it likewise."""
    with stage.ground("sqlite") as ground:
        ground.secret_key = OLD
        copy_questionnaires(ground)
        order(ground, "init")
        publish_from(ground)
        seats, ledger = ground.seat(stage.size(300, 9000)), Ledger()
        groups = [ground.start(workers=1) for _ in range(2)]
        with (
            open_proxy(ground, groups) as port,
            crowd(Line((port,), ledger, pause=stage.pause), seats, robots=stage.size(2, 8)),
        ):
            for number, keys in enumerate(rotation):
                old = EXTRA.format(number=number - 1) if number else ""
                edit(ground, "closing.yaml", old + "  - page: last_page\n", EXTRA.format(number=number) + "  - page: last_page\n")
                publish_from(ground)
                ground.secret_key = keys
                for group, end in zip(groups, (App.stop, App.kill_all), strict=True):
                    ledger.wait(20)
                    end(group)
                    group.start()
            ledger.wait(20)
        found = balance(ground, ledger)
    strange = describe_strange(ledger.events)
    return Trial(
        f"{len(rotation)} × publish and keys, {ledger.pages} pages: {found.figures}, {ledger.events['502']} times 502, "
        f"{ledger.events['cut']} cut{strange}",
        found.even and ledger.pages > 0 and not strange,
    )


GROUPS = [
    Scenario(
        "two groups behind the proxy: publish, rotate keys, stop one, kill the other",
        "0 lost, 0 double, nobody gets an empty page",
        replace_groups,
        "replaces the keys, one group after the other",
        lambda stage: replace_groups(stage, rotation=(OLD, NEW)),
    ),
]

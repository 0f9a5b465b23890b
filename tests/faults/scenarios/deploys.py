"""Deployments under load: workers are replaced one by one (SIGHUP), or instances one after the other behind a proxy."""

from __future__ import annotations

import signal
import time

from tests.faults.grounds import App
from tests.faults.ledger import Ledger, balance
from tests.faults.robots import Line, crowd
from tests.faults.stage import Scenario, Stage, Trial, describe_strange

RELOAD_SECONDS = 60


def reload_workers(stage: Stage, engine: str, *, gracefully: bool = True) -> Trial:
    """One server gets SIGHUP; robots try nothing twice, so that they notice every request that is not answered."""
    times = stage.size(1, 10)
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(stage.size(2500, 9000)), Ledger()
        app = ground.start()
        with crowd(Line((app.port,), ledger, retries=False), seats, robots=4):
            for _ in range(times):
                time.sleep(0.5)
                if gracefully:
                    replace_workers(app)
                else:
                    app.kill_all()
                    app.supervise()
            time.sleep(0.5)
        found = balance(ground, ledger)
    strange, failed = describe_strange(ledger.events), ledger.events["cut"] + ledger.events["503"]
    return Trial(
        f"{times} reloads, {ledger.pages} pages: {failed} requests without an answer, {found.figures}{strange}",
        found.even and not failed and not strange,
    )


def replace_workers(app: App) -> None:
    before = set(app.workers())
    app.signal(signal.SIGHUP)
    ends = time.monotonic() + RELOAD_SECONDS
    while before & set(app.workers()):
        if time.monotonic() > ends:
            raise TimeoutError(f"Old workers still run {RELOAD_SECONDS} s after SIGHUP. Look at {app.log}.")
        time.sleep(0.1)


DEPLOYS = [
    Scenario(
        "reload under load",
        "0 requests without an answer",
        lambda stage: reload_workers(stage, "sqlite"),
        "stops at once (kill -9) and starts again",
        lambda stage: reload_workers(stage, "sqlite", gracefully=False),
    ),
]

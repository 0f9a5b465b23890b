"""kill -9: of the engine's processes, and of all of PostgreSQL's, while robots answer."""

from __future__ import annotations

import random
import time

from tests.databases import PostgresServer
from tests.faults.grounds import Ground
from tests.faults.ledger import Ledger, balance
from tests.faults.robots import Line, crowd
from tests.faults.stage import Scenario, Stage, Trial, describe_strange


def kill_apps(stage: Stage, engine: str, variant: str = "careful", workers: int = 2) -> Trial:
    """Kill a worker at random moments, and sometimes all processes; a supervisor restarts a server that has ended."""
    wanted_kills, wanted_pages = stage.size(3 if variant == "careful" else 5, 100), stage.size(100, 10_000)
    chance, kills = random.Random(engine), 0
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(stage.size(300, 6000)), Ledger()
        app = ground.start(variant=variant, workers=workers)
        with crowd(Line((app.port,), ledger), seats):
            while (kills < wanted_kills or ledger.pages < wanted_pages) and not ledger.events["out of seats"]:
                if chance.random() < 0.2:
                    app.kill_all()
                else:
                    app.kill_worker(chance)
                kills, next_kill = kills + 1, ledger.pages + chance.randint(1, stage.size(50, 300))
                while ledger.pages < next_kill and not ledger.events["out of seats"]:
                    time.sleep(0.02)
                    app.supervise()
        found = balance(ground, ledger)
    strange = describe_strange(ledger.events)
    return Trial(
        f"{ledger.pages} pages, {kills} kills: {found.figures}{strange}",
        found.even and not strange and kills >= wanted_kills and ledger.pages >= wanted_pages,
    )


def crash_server(stage: Stage, *, synchronous_commit: str = "on", variant: str = "careful") -> Trial:
    """Kill all processes of PostgreSQL at the same time and start it again; the engine keeps running."""
    wanted = stage.size(2 if variant == "careful" else 3, 30)
    server = PostgresServer(synchronous_commit=synchronous_commit).initialise().start()
    try:
        with Ground(server) as ground:
            seats, ledger, chance = ground.seat(stage.size(300, 9000)), Ledger(), random.Random(synchronous_commit)
            app = ground.start(variant=variant)
            with crowd(Line((app.port,), ledger), seats):
                for _ in range(wanted):
                    ledger.wait(chance.randint(20, stage.size(60, 500)))
                    server.crash()
                    server.start()
                ledger.wait(20)
            found = balance(ground, ledger)
    finally:
        server.remove()
    strange = describe_strange(ledger.events)
    return Trial(
        f"{ledger.pages} pages, {wanted} crashes: {found.figures}, "
        f"{ledger.events['503']} times 503, {ledger.events['cut']} cut{strange}",
        found.even and not strange and ledger.events["503"] > 0 and not ledger.events["cut"],
    )


KILLS = [
    Scenario(
        "kill -9 of the engine, SQLite",
        "≥ 10,000 pages, ≥ 100 kills: 0 lost, 0 double",
        lambda stage: kill_apps(stage, "sqlite"),
        "acknowledges before it stores",
        lambda stage: kill_apps(stage, "sqlite", "acknowledges first", 1),
    ),
    Scenario(
        "kill -9 of the engine, PostgreSQL",
        "≥ 10,000 pages, ≥ 100 kills: 0 lost, 0 double",
        lambda stage: kill_apps(stage, "postgresql"),
        "acknowledges before it stores",
        lambda stage: kill_apps(stage, "postgresql", "acknowledges first", 1),
    ),
    Scenario(
        "kill -9 of all of PostgreSQL",
        "≥ 30 crashes: 0 lost, only 503 and retries",
        crash_server,
        "synchronous_commit=off",
        lambda stage: crash_server(stage, synchronous_commit="off", variant="forgets to sync"),
    ),
]

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
    """Kill a worker at random moments, now and then all processes; a supervisor starts again what has ended."""
    wanted_kills, wanted_pages = stage.size(3 if variant == "careful" else 5, 100), stage.size(100, 10_000)
    chance, kills = random.Random(engine), 0
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(stage.size(600, 6000)), Ledger()
        app = ground.start(variant=variant, workers=workers)
        with crowd(Line((app.port,), ledger), seats):
            while (kills < wanted_kills or ledger.pages < wanted_pages) and not ledger.events["out of seats"]:
                time.sleep(chance.uniform(0.2, 1.2))
                if chance.random() < 0.2:
                    app.kill_all()
                else:
                    app.kill_worker(chance)
                kills += 1
                app.supervise()
        found = balance(ground, ledger)
    strange = describe_strange(ledger.events)
    return Trial(
        f"{ledger.pages} pages, {kills} kills: {found.figures}{strange}",
        found.even and not strange and kills >= wanted_kills and ledger.pages >= wanted_pages,
    )


def crash_server(stage: Stage, *, synchronous_commit: str = "on", variant: str = "careful") -> Trial:
    """Kill every process of PostgreSQL at one moment and start it again; the engine runs on."""
    wanted = stage.size(2 if variant == "careful" else 3, 30)
    server = PostgresServer(synchronous_commit=synchronous_commit).initialise().start()
    try:
        with Ground(server) as ground:
            seats, ledger, chance = ground.seat(stage.size(1500, 9000)), Ledger(), random.Random(synchronous_commit)
            app = ground.start(variant=variant)
            with crowd(Line((app.port,), ledger), seats):
                for _ in range(wanted):
                    time.sleep(chance.uniform(0.8, 1.6))
                    server.crash()
                    server.start()
                time.sleep(0.5)
            found = balance(ground, ledger)
    finally:
        server.remove()
    strange = describe_strange(ledger.events)
    return Trial(
        f"{ledger.pages} pages, {wanted} crashes: {found.figures}, "
        f"{ledger.events['503']} times 503, {ledger.events['cut']} cut{strange}",
        found.even and not strange and ledger.events["503"] > 0 and not ledger.events["cut"] and ledger.pages > 20 * wanted,
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

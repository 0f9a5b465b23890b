"""Promotion: the server of the answers is killed under load, and its standby takes over."""

from __future__ import annotations

import time
from contextlib import closing

import psycopg

from tests.databases import PostgresServer
from tests.faults.grounds import Ground
from tests.faults.ledger import Ledger, balance
from tests.faults.robots import Line, crowd
from tests.faults.stage import Scenario, Stage, Trial, describe_strange
from tests.waiting import wait_until

OPTIONS = {"wal_level": "replica", "max_wal_senders": "4", "hot_standby": "on", "max_connections": "60"}
"""Of both servers."""


def follow(primary: PostgresServer) -> PostgresServer:
    """Return a standby that has replayed everything."""
    standby = PostgresServer(**OPTIONS)
    primary.call("pg_basebackup", "-d", primary.dsn("postgres"), "-D", str(standby.data), "-R", "-X", "stream", "-c", "fast")
    return standby.start()


def name_both(url: str, standby: PostgresServer) -> str:
    """Return the address of two servers: each connection goes to the server that accepts changes."""
    server, _, database = url.partition("://")[2].rpartition("/")
    user, _, place = server.partition("@")
    hosts = f"host={place}&host=127.0.0.1:{standby.port}"
    return f"postgresql+psycopg://{user}@/{database}?{hosts}&target_session_attrs=read-write"


def promote(stage: Stage, *, synchronous: bool = True) -> Trial:
    """Kill the primary and promote; without synchronous replication the standby had lost its line before."""
    wanted = stage.size(60, 3000)
    primary = PostgresServer(**OPTIONS).initialise().start()
    standby = follow(primary)
    try:
        with Ground(primary) as ground:
            ground.database_url, ground.identity_url = (
                name_both(url, standby) for url in (ground.database_url, ground.identity_url)
            )
            seats, ledger = ground.seat(stage.size(200, 3000)), Ledger()
            if synchronous:
                primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                primary.execute("SELECT pg_reload_conf()")
                wait_until(lambda: is_synchronous(primary), 60)
            app = ground.start()
            with crowd(Line((app.port,), ledger), seats):
                ledger.wait(wanted, 600)
                if not synchronous:
                    standby.execute("ALTER SYSTEM SET primary_conninfo = ''")
                    standby.execute("SELECT pg_reload_conf()")
                    ledger.wait(20)
                primary.crash()
                began = time.monotonic()
                standby.call("pg_ctl", "promote", "-D", str(standby.data), "-w")
                ledger.wait(20)
                seconds = time.monotonic() - began
            found = balance(ground, ledger)
    finally:
        standby.remove()
        primary.remove()
    strange = describe_strange(ledger.events)
    return Trial(
        f"{ledger.pages} pages, on again after {seconds:.0f} s: {found.figures}, {ledger.events['503']} times 503{strange}",
        found.even and not strange,
    )


def is_synchronous(primary: PostgresServer) -> bool:
    with closing(psycopg.connect(primary.dsn("postgres"))) as line:
        return line.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone() is not None


STANDBYS = [
    Scenario(
        "the server of both stores is killed, its synchronous standby is promoted",
        "0 lost, 0 double; goes on without a restart",
        promote,
        "an asynchronous standby that lost its line before",
        lambda stage: promote(stage, synchronous=False),
    ),
]

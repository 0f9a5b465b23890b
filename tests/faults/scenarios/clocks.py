"""Time: processes with different clocks, and a device whose right to resume ends while a page is open."""

from __future__ import annotations

import secrets
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from tests.faults.grounds import CODE
from tests.faults.ledger import Ledger, balance
from tests.faults.robots import GaveUp, Line, Robot, crowd
from tests.faults.stage import Scenario, Stage, Trial, describe_strange

SKEW = 300
"""Maximum error of each clock in seconds, in both directions."""
DAY = 86_400


def skew_clocks(stage: Stage, engine: str, seconds: float = SKEW) -> Trial:
    """Three servers, whose clocks are slow, right and fast; each request of a respondent goes to the next server."""
    wanted = stage.size(40, 1500)
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(stage.size(100, 800)), Ledger()
        apps = [ground.start(workers=1, clock=clock) for clock in (-seconds, 0, seconds)]
        with crowd(Line(tuple(app.port for app in apps), ledger), seats, robots=4):
            while ledger.pages < wanted and not ledger.events["out of seats"]:
                time.sleep(0.05)
        found = balance(ground, ledger)
        with closing(ground.open()) as database, database.read() as connection:
            starts = [row[0] for row in connection.execute(text("SELECT started_at FROM response"))]
    wrong = sum(abs(read_time(start) - datetime.now(UTC)) > timedelta(seconds=SKEW / 2) for start in starts)
    strange = describe_strange(ledger.events)
    return Trial(
        f"{ledger.pages} pages: {found.figures}, {wrong} of {len(starts)} starts stored with a wrong time{strange}",
        found.even and not wrong and not strange,
    )


def read_time(stored: str | datetime) -> datetime:
    moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def expire_inside_page(stage: Stage, engine: str, *, keep_keys: bool = True) -> Trial:
    """Open a page, and post it fifteen days after the device's right to resume has ended.

    The posted answers must be stored. The device continues, or is asked for the personal link, which leads to the next page.
    """
    respondents, good, turned_away = stage.size(3, 100), 0, 0
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(respondents), Ledger()
        today = ground.start(workers=1)
        robots = [Robot(Line((today.port,), ledger), *seat, number) for number, seat in enumerate(seats.items())]
        pages = [robot.begin() for robot in robots]
        today.stop()
        if not keep_keys:
            ground.secret_key = secrets.token_hex(32)
        later = ground.start(workers=1, clock=15 * DAY)
        for robot, page in zip(robots, pages, strict=True):
            robot.line = Line((later.port,), ledger)
            try:
                robot.post(page, robot.fill(page), "next")
                turned_away += robot.send("GET", f"/a/{CODE}").status == 403
                good += robot.begin().slug != page.slug
            except GaveUp:
                continue
        ledger.begun = respondents
        found = balance(ground, ledger)
    strange = describe_strange(ledger.events)
    return Trial(
        f"{respondents} pages sent after expiry: {ledger.pages} acknowledged, {turned_away} asked for their link, "
        f"{good} go on at the next page; {found.figures}{strange}",
        found.even and good == ledger.pages == respondents and not strange,
    )


CLOCKS = [
    scenario
    for engine in ("sqlite", "postgresql")
    for scenario in (
        Scenario(
            f"clocks ±5 minutes apart, {engine}",
            "0 lost, nobody turned away, times by the database",
            lambda stage, engine=engine: skew_clocks(stage, engine),  # type: ignore[misc]
            "clocks a day apart",
            lambda stage, engine=engine: skew_clocks(stage, engine, DAY),  # type: ignore[misc]
            short=engine == "postgresql",
        ),
        Scenario(
            f"session expires inside a page, {engine}",
            "the page is kept, the link leads on",
            lambda stage, engine=engine: expire_inside_page(stage, engine),  # type: ignore[misc]
            "the keys are replaced, not rotated",
            lambda stage, engine=engine: expire_inside_page(stage, engine, keep_keys=False),  # type: ignore[misc]
            short=engine == "sqlite",
        ),
    )
]

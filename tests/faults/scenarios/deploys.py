"""Deployments under load: workers are replaced one by one (SIGHUP), with the same questionnaire or an edited one."""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import signal
import time
from collections import Counter
from contextlib import closing

from sqlalchemy import text

from survey_engine.engine.routing import route
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.versions import read_versions
from survey_engine.storage.answers import load_response
from survey_engine.storage.database import Database
from tests.faults.grounds import CODE, HERE, App, Ground, order
from tests.faults.ledger import Ledger, balance
from tests.faults.robots import Form, GaveUp, Line, Robot, crowd
from tests.faults.stage import Scenario, Stage, Trial, describe_strange
from tests.waiting import wait_until

RELOAD_SECONDS = 60
SENT_TWICE = 0.005
"""Maximum share of requests that need a second try because of a reload."""


def reload_workers(stage: Stage, engine: str, *, gracefully: bool = True) -> Trial:
    """Send SIGHUP to a server. Robots repeat an interrupted request once, as the page's script does, but not twice.

    A worker that stops answers the requests that it has read, and closes other connections, as HTTP servers do. This affects few
    requests, which distinguishes a reload from a server that was down.
    """
    times = stage.size(1, 10)
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(stage.size(300, 9000)), Ledger()
        app = ground.start()
        with crowd(Line((app.port,), ledger, tries=2, pause=stage.pause), seats, robots=4):
            for _ in range(times):
                ledger.wait(40)
                if gracefully:
                    replace_workers(app)
                else:
                    app.kill_all()
                    app.supervise()
            ledger.wait(40)
        found = balance(ground, ledger)
    strange, again = describe_strange(ledger.events), ledger.events["cut"] + ledger.events["503"]
    return Trial(
        f"{times} reloads, {ledger.pages} pages: {again} requests sent twice, {found.figures}{strange}",
        found.even and again <= ledger.pages * SENT_TWICE and not strange,
    )


def replace_workers(app: App) -> None:
    before = set(app.workers())
    app.signal(signal.SIGHUP)
    ends = time.monotonic() + RELOAD_SECONDS
    while before & set(app.workers()):
        if time.monotonic() > ends:
            raise TimeoutError(f"Old workers still run {RELOAD_SECONDS} s after SIGHUP. Look at {app.log}.")
        time.sleep(0.1)


EDITS = (
    ("sections.yaml", "Describe your lessons in a word or two.", "Which word describes your lessons best?"),
    ("sections.yaml", "      - {open: homework_wish, text: What would you like to be different?}\n", ""),
    (
        "closing.yaml",
        "  - page: last_page\n",
        "  - page: wish_page\n    questions: [{open: homework_wish, text: What else?}]\n  - page: last_page\n",
    ),
)
"""(file, old text, new text): a changed wording, and a question that moves to a page of its own in another section."""


def edit_during_fieldwork(stage: Stage, engine: str, *, variant: str = "careful") -> Trial:
    """An edit is published when some respondents are half-way. All finish, and each answers the pages of one version."""
    respondents = stage.size(3, 200)
    with stage.ground(engine) as ground:
        copy_questionnaires(ground)
        order(ground, "init")
        publish_from(ground)
        before, seats, ledger = ground.compile(), ground.seat(2 * respondents), Ledger()
        app = ground.start(variant=variant, workers=stage.size(1, 2))
        line = Line((app.port,), ledger)
        robots = [Robot(line, *seat, number) for number, seat in enumerate(seats.items())]
        half_way = [(robot, robot.answer(robot.begin())) for robot in robots[:respondents]]
        for name, old, new in EDITS:
            edit(ground, name, old, new)
        said = publish_from(ground)
        replace_workers(app)
        after = ground.compile()
        for robot, page in half_way:
            finish(robot, page)
        for robot in robots[respondents:]:
            finish(robot, robot.begin())
        kept = count_kept(ground, {before.version: before, after.version: after})
        moved = re.search(r"Moved \(1\)\n.*\n +homework_wish  from lessons to closing", said) is not None
    strange = describe_strange(ledger.events)
    return Trial(
        f"{respondents} half-way and {respondents} new: {kept[before.version]} and {kept[after.version]} answered all pages of "
        f"their version; moved item {'listed' if moved else 'not listed'}{strange}",
        kept == {before.version: respondents, after.version: respondents} and moved and not strange,
    )


def publish_under_load(stage: Stage, engine: str, *, how: str, variant: str = "careful") -> Trial:
    """Publish new versions while robots answer. Each removes the page that the previous version added.

    Args:
        how: what follows each publication: all workers are reloaded, one of two servers is restarted, a worker is killed, or nothing.
    """
    times, robots = stage.size(2, 5), stage.size(2, 8)
    with stage.ground(engine) as ground:
        copy_questionnaires(ground)
        order(ground, "init")
        publish_from(ground)
        seats, ledger = ground.seat(stage.size(300, 9000)), Ledger()
        apps = [ground.start(variant=variant) for _ in range(2 if how == "one server after the other" else 1)]
        tries = 100 if how == "a worker dies" else 4  # until another worker listens
        with crowd(Line(tuple(app.port for app in apps), ledger, tries=tries, pause=stage.pause), seats, robots=robots):
            for number in range(times):
                ledger.wait(10 * robots)
                old = "" if number == 0 else EXTRA.format(number=number - 1)
                edit(ground, "closing.yaml", old + "  - page: last_page\n", EXTRA.format(number=number) + "  - page: last_page\n")
                publish_from(ground)
                if how == "a worker dies":
                    apps[0].kill_worker(random.Random(number))
                elif how != "nothing":
                    replace_workers(apps[number % len(apps)])
            newest = ground.compile().version
            with closing(ground.open()) as database:
                wait_until(lambda: count_completed(database)[newest] >= 2 * robots, 60, "few complete the newest version")
        found = balance(ground, ledger)
        with closing(ground.open()) as database:
            versions, completed = read_versions(database, CODE), count_completed(database)
        kept = count_kept(ground, versions)
    strange = describe_strange(ledger.events)
    short = sum(completed.values()) - sum(kept.values())
    return Trial(
        f"{times} × publish, {sum(completed.values())} completed in {len(completed)} versions: {short} without all their pages, "
        f"{found.figures}{strange}",
        found.even and short == 0 and len(completed) > 1 and not strange,
    )


EXTRA = "  - page: extra{number}_page\n    questions: [{{open: extra{number}_word, text: And what else?}}]\n"


def copy_questionnaires(ground: Ground) -> None:
    """Copy the served questionnaire so that the scenario can edit it."""
    ground.questionnaires = ground.folder / "questionnaires"
    shutil.copytree(HERE / "questionnaires", ground.questionnaires)


def edit(ground: Ground, name: str, old: str, new: str) -> None:
    path = ground.questionnaires / CODE / name
    path.write_text(path.read_text().replace(old, new))


def count_completed(database: Database) -> Counter[str]:
    """Return version → number of complete responses."""
    with database.read() as connection:
        rows = connection.execute(text("SELECT version, count(*) FROM response WHERE completed_at IS NOT NULL GROUP BY version"))
        return Counter({row[0]: row[1] for row in rows})


def publish_from(ground: Ground) -> str:
    """Run `survey-engine publish`; return its output. Publish again, as it asks, if a version got its first response meanwhile."""
    while True:
        try:
            return order(ground, "publish", "--same-meaning", str(ground.questionnaires / CODE))
        except RuntimeError as error:
            if "while this one was compared" not in str(error):
                raise


def finish(robot: Robot, page: Form | None) -> None:
    with contextlib.suppress(GaveUp):
        while page:
            page = robot.answer(page)
        robot.finish()


def count_kept(ground: Ground, versions: dict[str, Questionnaire]) -> Counter[str]:
    """Return version → number of completed responses with answers to all open questions on their path, and to no others."""
    kept: Counter[str] = Counter()
    with closing(ground.open()) as database, database.read() as connection:
        ids = [row[0] for row in connection.execute(text("SELECT id FROM response"))]
        for response in filter(None, (load_response(database, id) for id in ids)):
            path = route(versions[response.version], response.respondent, response.answers())
            asked = {q.code for step in path.steps for q in step.page.questions if q.type == "open"}
            given = {name for answers in response.answers().values() for name in answers if name.endswith(("_word", "_wish"))}
            kept[response.version] += response.completed and asked == given
    return kept


DEPLOYS = [
    Scenario(
        "reload under load",
        "all answered, ≤ 5 in 1,000 at the second try; 0 lost, 0 double",
        lambda stage: reload_workers(stage, "sqlite"),
        "stops at once (kill -9) and starts again",
        lambda stage: reload_workers(stage, "sqlite", gracefully=False),
    ),
    Scenario(
        "questionnaire edited during fieldwork",
        "each stays on the version begun with; moved items listed",
        lambda stage: edit_during_fieldwork(stage, "sqlite"),
        "takes the newest version",
        lambda stage: edit_during_fieldwork(stage, "sqlite", variant="takes the newest version"),
    ),
    *(
        Scenario(
            f"published under load, then {how}{' (PostgreSQL)' if engine == 'postgresql' else ''}",
            "0 lost, every response has all pages of its version",
            lambda stage, how=how, engine=engine: publish_under_load(stage, engine, how=how),
            "takes the newest version",
            lambda stage, how=how, engine=engine: publish_under_load(stage, engine, how=how, variant="takes the newest version"),
            short=engine == "sqlite" and how == "a reload",
        )
        for engine in ("sqlite", "postgresql")
        for how in ("a reload", "one server after the other", "a worker dies", "nothing")
    ),
]

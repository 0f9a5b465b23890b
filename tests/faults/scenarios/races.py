"""Races: the last page posted many times at the same moment, and one page open in two tabs."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import cycle, repeat

from sqlalchemy import text

from survey_engine.engine.decisions import Save
from survey_engine.engine.routing import Respondent, route
from survey_engine.fieldwork.signing import make_proof
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.simulation.browsing import Reply
from survey_engine.storage.answers import load_response, save_page, start_response
from survey_engine.storage.database import Database
from tests.faults.grounds import CODE, Ground
from tests.faults.ledger import Ledger
from tests.faults.robots import Form, GaveUp, Line, Robot, read_form
from tests.faults.stage import Scenario, Stage, Trial, describe_strange

MOST = 8
"""Maximum number of posts at the same moment."""
WATCH = {
    "sqlite": (
        "CREATE TABLE handed_out (response BIGINT)",
        "CREATE TRIGGER watch AFTER UPDATE OF completed_at ON response BEGIN INSERT INTO handed_out VALUES (NEW.id); END",
    ),
    "postgresql": (
        "CREATE TABLE handed_out (response BIGINT)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO handed_out VALUES (NEW.id); RETURN NEW; END'",
        "CREATE TRIGGER watch AFTER UPDATE OF completed_at ON response FOR EACH ROW EXECUTE FUNCTION note()",
    ),
}
"""Trigger by which the database records every completion of a response."""


def prepare_last_page(database: Database, questionnaire: Questionnaire, pseudonym: str, **background: int) -> int:
    """Return a response of which only the last page is open."""
    respondent = Respondent("school", "en", {"level": 2, **background}, ("food",))
    id = start_response(
        database,
        questionnaire=CODE,
        version=questionnaire.version,
        institution=respondent.institution,
        language=respondent.language,
        background=respondent.background,
        pseudonym=pseudonym,
        abandoned_hours=24,
        assign=lambda counts: (),
    )
    for step in route(questionnaire, respondent, {}).steps[:-1]:
        save_page(database, id, Save(step.page.code, {}, "before", 1, 0, done=True, seconds_left=60))
    return id


def press_together(actions: list[Callable[[], Reply]]) -> list[Reply]:
    """Call all functions at the same moment."""
    gate = threading.Barrier(len(actions))

    def press(action: Callable[[], Reply]) -> Reply:
        gate.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as hands:
        return list(hands.map(press, actions))


class Racer(Robot):
    """One tab, which posts a form once, without retries, and returns the reply."""

    def press(self, page: Form, word: str) -> Reply:
        answers = {name: values[0] if values else word for name, values in page.fields.items()}
        return self.send("POST", page.path, page.fill(answers, "next"))

    def read_receipt(self) -> set[str]:
        """Return the receipts on the proof of completion; empty if there is no proof."""
        response = Ledger()
        reader = Robot(Line(self.line.ports, response), "", self.pseudonym, 0)
        reader.cookies, reader.seen = self.cookies, [Form("", "0.", 0, {})]
        try:
            reader.finish()
        except GaveUp:
            return set()
        return response.receipts[0]


def race(ground: Ground, line: Line, seat: tuple[str, str], chance: random.Random) -> bool:
    """Whether every tab reaches the proof of completion and shows the same proof."""
    first = Racer(line, *seat, 0)
    page = first.begin()
    tabs = [Racer(line, *seat, number) for number in range(chance.randint(2, MOST))]
    for tab in tabs:
        tab.cookies, tab.script = dict(first.cookies), first.script
    double_click = chance.random() < 0.5
    drawn = [page if double_click else tab.open(page.path) or page for tab in tabs]
    words = ["the same"] * len(tabs) if double_click else [f"tab {number}" for number in range(len(tabs))]
    acts = [
        lambda tab=tab, page=page, word=word: tab.press(page, word) for tab, page, word in zip(tabs, drawn, words, strict=True)
    ]
    replies = press_together(acts)
    receipts = [tab.read_receipt() for tab in tabs]
    with closing(ground.open()) as database:
        stored = load_response(database, page.response)
    proof = make_proof(ground.pseudonym_key, CODE, page.response)
    one = stored is not None and stored.completed and all(shown == {proof} for shown in receipts)
    return bool(one and all(reply.target == f"/done/{CODE}" for reply in replies))


def race_finals(stage: Stage, engine: str, variant: str = "careful") -> Trial:
    races, chance = stage.size(8, 1000), random.Random(engine)
    with stage.ground(engine) as ground:
        seats, ledger, questionnaire = ground.seat(races), Ledger(), ground.compile()
        app = ground.start(variant=variant)
        with closing(ground.open()) as database:
            with database.write() as connection:
                for statement in WATCH[engine]:
                    connection.execute(text(statement))
            for pseudonym in seats.values():
                prepare_last_page(database, questionnaire, pseudonym)
        line = Line((app.port,), ledger)
        good = sum(race(ground, line, seat, chance) for seat in seats.items())
        with closing(ground.open()) as database, database.read() as connection:
            completed = connection.execute(text("SELECT count(*) FROM response WHERE completed_at IS NOT NULL")).scalar_one()
            receipts = connection.execute(text("SELECT count(*) FROM handed_out")).scalar_one()
    strange = describe_strange(ledger.events)
    return Trial(
        f"{races} races: {completed} completed, {receipts} receipts, {races - good} with another end for some tab{strange}",
        good == completed == receipts == races and not strange,
    )


def meet_in_tabs(line: Line, seat: tuple[str, str], together: bool) -> int:
    """Count how often, with one page in two tabs, the answers of one tab silently replaced those of the other."""
    left = Racer(line, *seat, 1)
    page = left.begin()
    right = Racer(line, *seat, 2)
    right.cookies = dict(left.cookies)
    other = right.open(page.path) or page
    actions = [lambda: left.press(page, "left"), lambda: right.press(other, "right")]
    replies = press_together(actions) if together else [action() for action in actions]
    stored = [reply.status in (200, 303) for reply in replies]
    told = [reply.status == 409 for reply in replies]
    if sorted(stored) != [False, True] or sorted(told) != [False, True]:
        return 1
    late, word = ((left, "left"), (right, "right"))[told.index(True)]
    again = read_form(replies[told.index(True)])
    return 0 if again and late.press(again, word).status in (200, 303) else 1


def open_tabs(stage: Stage, engine: str, variant: str = "careful") -> Trial:
    """Post a page from two tabs; in half of the trials at the same moment."""
    trials = stage.size(8, 600)
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(trials), Ledger()
        app = ground.start(variant=variant)
        silent = sum(map(meet_in_tabs, repeat(Line((app.port,), ledger)), seats.items(), cycle((False, True))))
    strange = describe_strange(ledger.events)
    return Trial(f"{trials} pages in two tabs: {silent} silent overwrites{strange}", not silent and not strange)


RACES = [
    scenario
    for engine in ("sqlite", "postgresql")
    for scenario in (
        Scenario(
            f"2–8 final submits at once, {engine}",
            "1,000 races: one completion, one receipt",
            lambda stage, engine=engine: race_finals(stage, engine),  # type: ignore[misc]
            "completes what is complete",
            lambda stage, engine=engine: race_finals(stage, engine, "completes again"),  # type: ignore[misc]
            short=engine == "postgresql",
        ),
        Scenario(
            f"two tabs, {engine}",
            "0 silent overwrites",
            lambda stage, engine=engine: open_tabs(stage, engine),  # type: ignore[misc]
            "forgets on which version a page was based",
            lambda stage, engine=engine: open_tabs(stage, engine, "forgets versions"),  # type: ignore[misc]
            short=engine == "sqlite",
        ),
    )
]

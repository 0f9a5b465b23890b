"""Robot respondents that repeat a request with the same body until it is acknowledged, and record the acknowledgement in the ledger."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from math import inf

from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.operations.simulation.browsing import Browser, Exchange, HttpLine, Reply, RobotError
from tests.faults.grounds import CODE
from tests.faults.ledger import Answers, Ledger


class GaveUp(Exception):  # noqa: N818 - what a robot does
    """A request was never acknowledged, or its reply is one that no respondent should get."""


@dataclass
class Line:
    """Connection of robots to the servers: each attempt uses the next port; failures are counted and tried again."""

    ports: tuple[int, ...]
    ledger: Ledger
    patience: float = 60
    """Seconds until a robot gives up on one request."""
    trusting: bool = False
    """Whether robots are careless: they treat a lost connection as an acknowledgement, and start from the open link, which does not
    identify them."""
    tries: float = inf
    """How often they send one request at the most."""
    pause: float = 0
    """Seconds before each request, so that servers have time left for what the scenario does."""
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._turn = cycle(self.ports)
        self._lock = threading.Lock()

    def __call__(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Exchange:
        """Return the first reply that is not a failure.

        Raises:
            GaveUp: `patience` is over, or the scenario ends.
        """
        self.stop.wait(self.pause)
        ends = time.monotonic() + self.patience
        for tried in count(1):
            try:
                exchange = self.try_once(method, path, headers, content)
                if exchange[0] not in (502, 503):
                    return exchange
                self.ledger.note(str(exchange[0]) if exchange[2] else "empty page")
            except RobotError:
                self.ledger.note("cut")
                if self.trusting and path.startswith("/a/"):
                    return 303, [("Location", path)], b""
            if tried >= self.tries:
                self.ledger.note("unanswered")
            if self.stop.wait(0.05) or tried >= self.tries or time.monotonic() > ends:
                raise GaveUp
        raise GaveUp

    def try_once(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Exchange:
        with self._lock:
            port = next(self._turn)
        with closing(HttpLine(f"http://127.0.0.1:{port}", tries=1)) as line:
            return line(method, path, headers, content)


@dataclass
class Form:
    """The form of one page."""

    path: str
    ticket: str
    number: int
    fields: dict[str, list[str]]
    """Variable → its possible values; empty for a text."""

    @property
    def slug(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def response(self) -> int:
        return int(self.ticket.split(".", 1)[0])

    def fill(self, answers: Answers, wish: str) -> list[tuple[str, str]]:
        """Return the fields that a browser sends for the form."""
        given = {FIELD_PREFIX + name: value for name, value in answers.items()}
        return [*given.items(), ("ticket", self.ticket), ("number", str(self.number)), ("wish", wish)]


def read_form(reply: Reply) -> Form | None:
    """Return the form of a page of questions; None for other pages."""
    drawn = reply.drawn
    if not drawn.slug:
        return None
    asked = [found.name.removeprefix(FIELD_PREFIX) for found in drawn.fields if found.name.startswith(FIELD_PREFIX)]
    ticket, number = drawn.read_hidden("ticket"), drawn.read_hidden("number")
    return Form(str(drawn.action), str(ticket), int(str(number)), {name: drawn.list_offered(name) for name in asked})


class Robot(Browser):
    """One respondent: starts from a personal link, answers page by page, sometimes saves early, goes back or changes an answer."""

    line: Line

    def __init__(self, line: Line, token: str, pseudonym: str, seed: int) -> None:
        self.chance = random.Random(seed)
        super().__init__(line, "en", script=self.chance.random() < 0.5)
        self.pseudonym, self.link = pseudonym, f"/q/{CODE}/school" if line.trusting else f"/l/{token}"
        self.seen: list[Form] = []
        self.words = 0

    def expect(self, reply: Reply, *statuses: int) -> Reply:
        if reply.status not in statuses:
            self.line.ledger.note(f"unexpected {reply.status}")
            raise GaveUp
        return reply

    def begin(self) -> Form:
        """Press Start; return the form of the first open page."""
        self.line.ledger.begin()
        page = self.open(self.expect(self.send("POST", self.link, background=True), 303).target)
        if page is None:
            raise GaveUp
        self.line.ledger.start(self.pseudonym, page.response)
        return page

    def open(self, path: str) -> Form | None:
        """Open a page and follow redirects; None for the proof of completion."""
        return self.arrive(self.send("GET", path))

    def arrive(self, reply: Reply) -> Form | None:
        try:
            return read_form(self.expect(self.follow(reply), 200))
        except RobotError:
            self.line.ledger.note("led in a circle")
            raise GaveUp from None

    def fill(self, page: Form) -> Answers:
        """Return answers to all fields of the page, with texts that occur on no other page."""
        self.words += 1
        word = f"{self.pseudonym} {page.slug} {self.words}"
        return {name: self.chance.choice(values) if values else word for name, values in page.fields.items()}

    def post(self, page: Form, answers: Answers, wish: str) -> Reply:
        """Send a page until it is acknowledged, and record the acknowledged answers in the ledger."""
        ledger, key = self.line.ledger, (page.response, page.slug)
        ledger.send(key, answers)
        reply = self.send("POST", page.path, page.fill(answers, wish), background=wish == "keep")
        self.expect(reply, 200, 204, 303)
        ledger.acknowledge(key, answers)
        page.number += 1
        return reply

    def answer(self, page: Form) -> Form | None:
        """Answer one page; return the form of the next one, or None after the last page."""
        if self.chance.random() < 0.2:
            self.post(page, self.fill(page), "keep")
        reply = self.post(page, self.fill(page), "next")
        self.seen.append(page)
        following = self.arrive(reply)
        if following and following.slug in {before.slug for before in self.seen}:
            self.line.ledger.note("rewound")
            raise GaveUp
        return following

    def change_mind(self) -> None:
        """Open an earlier page and answer it again, unless it decides on the path."""
        free = [page for page in self.seen if not any(len(values) == 2 for values in page.fields.values())]
        page = self.open(self.chance.choice(free).path) if free else None
        if page:
            self.post(page, self.fill(page), "keep")

    def finish(self) -> None:
        """Read the receipt on the proof of completion."""
        receipt = self.expect(self.send("GET", f"/done/{CODE}"), 200).drawn.receipt
        if not receipt:
            self.line.ledger.note("no receipt")
            raise GaveUp
        self.line.ledger.receive(self.seen[0].response, receipt)

    def run(self) -> None:
        page: Form | None = self.begin()
        while page:
            page = self.answer(page)
            if page and self.chance.random() < 0.1:
                self.change_mind()
        self.finish()


def run_robots(line: Line, seats: Iterator[tuple[str, str]], seed: int = 0) -> None:
    """Run one robot after another, until the scenario ends or no seat is left."""
    for number, (token, pseudonym) in enumerate(seats):
        if line.stop.is_set():
            return
        with suppress(GaveUp):
            Robot(line, token, pseudonym, seed * 100_003 + number).run()


@contextmanager
def crowd(line: Line, seats: dict[str, str], robots: int = 8) -> Iterator[Ledger]:
    """Run robots during the `with` block; they stop at its end."""
    queue = iter(list(seats.items()))
    lock = threading.Lock()

    def take() -> Iterator[tuple[str, str]]:
        while True:
            with lock:
                found = next(queue, None)
            if found is None:
                line.ledger.note("out of seats")
                return
            yield found

    threads = [threading.Thread(target=run_robots, args=(line, take(), seed), daemon=True) for seed in range(robots)]
    for thread in threads:
        thread.start()
    try:
        yield line.ledger
    finally:
        line.stop.set()
        for thread in threads:
            thread.join(line.patience + 60)

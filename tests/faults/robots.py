"""Robot respondents that speak HTTP: they try again with the same body until a page is acknowledged, and keep the ledger."""

from __future__ import annotations

import html
import http.client
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from math import inf
from urllib.parse import urlencode

from survey_engine.language.question_types.question_type import FIELD_PREFIX
from tests.faults.grounds import CODE
from tests.faults.ledger import Answers, Ledger

_TAG = re.compile(r"<(form|input|textarea)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_RECEIPT = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


class GaveUp(Exception):  # noqa: N818 - what a robot does
    """It was never acknowledged, or something came that no respondent should meet."""


@dataclass
class Reply:
    status: int
    body: str
    target: str
    """Where to go next: from Location or HX-Redirect."""
    cookies: list[str]


@dataclass
class Line:
    """How robots reach the servers: each attempt goes to the next port; trouble is tried again, and counted."""

    ports: tuple[int, ...]
    ledger: Ledger
    patience: float = 60
    """Seconds until a robot gives up on one request."""
    trusting: bool = False
    """Robots on it are careless: they take a cut line for an acknowledgement, and start from the open link, which tells
    nobody apart."""
    tries: float = inf
    """How often they send one request at the most."""
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._turn = cycle(self.ports)
        self._lock = threading.Lock()

    def request(self, method: str, path: str, form: dict[str, str] | None, headers: dict[str, str]) -> Reply:
        """The first reply that is not trouble.

        Raises:
            GaveUp: after `patience`, or when the scenario ends.
        """
        body = urlencode(form) if form is not None else None
        if body is not None:
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        ends = time.monotonic() + self.patience
        for tried in count(1):
            try:
                reply = self.try_once(method, path, body, headers)
                if reply.status not in (502, 503):
                    return reply
                self.ledger.note(str(reply.status))
            except (OSError, http.client.HTTPException):
                self.ledger.note("cut")
                if self.trusting and path.startswith("/answer"):
                    return Reply(303, "", path, [])
            if tried >= self.tries:
                self.ledger.note("unanswered")
            if self.stop.wait(0.05) or tried >= self.tries or time.monotonic() > ends:
                raise GaveUp
        raise GaveUp

    def try_once(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Reply:
        with self._lock:
            port = next(self._turn)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read().decode()
            target = answer.getheader("Location") or answer.getheader("HX-Redirect") or ""
            cookies = [cookie.split(";")[0] for cookie in answer.headers.get_all("Set-Cookie") or []]
            return Reply(answer.status, content, target, cookies)
        finally:
            connection.close()


@dataclass
class Drawn:
    """One page as a robot got it."""

    path: str
    ticket: str
    number: int
    fields: dict[str, list[str]]
    """Variable → the values it may take; none for a text."""

    @property
    def slug(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def response(self) -> int:
        return int(self.ticket.split(".", 1)[0])


def read_page(body: str) -> Drawn | None:
    """The form on a page; None when there is none."""
    path, hidden, fields = "", dict[str, str](), dict[str, list[str]]()
    for tag, inside in _TAG.findall(body):
        has = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(inside)}
        if tag == "form" and has.get("id") == "answers":
            path = has["action"]
        elif has.get("type") == "hidden":
            hidden[has["name"]] = has["value"]
        elif has.get("type") == "radio":
            fields.setdefault(has["name"].removeprefix(FIELD_PREFIX), []).append(has["value"])
        elif tag == "textarea":
            fields[has["name"].removeprefix(FIELD_PREFIX)] = []
    return Drawn(path, hidden["ticket"], int(hidden["number"]), fields) if path else None


def name_fields(answers: Answers) -> dict[str, str]:
    return {FIELD_PREFIX + name: value for name, value in answers.items()}


class Robot:
    """One respondent: starts from a personal link, answers page by page, sometimes saves early, goes back, changes its mind."""

    def __init__(self, line: Line, token: str, pseudonym: str, seed: int) -> None:
        self.line, self.link, self.pseudonym = line, f"/l/{token}", pseudonym
        if line.trusting:
            self.link = f"/q/{CODE}/school"
        self.chance = random.Random(seed)
        self.fragments = self.chance.random() < 0.5
        self.cookies: dict[str, str] = {}
        self.seen: list[Drawn] = []
        self.words = 0

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> Reply:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if self.fragments and path.startswith("/a/") and method == "POST":
            headers["HX-Request"] = "true"
        reply = self.line.request(method, path, form, headers)
        self.cookies.update(cookie.split("=", 1) for cookie in reply.cookies)  # type: ignore[misc]
        return reply

    def expect(self, reply: Reply, *statuses: int) -> Reply:
        if reply.status not in statuses:
            self.line.ledger.note(f"unexpected {reply.status}")
            raise GaveUp
        return reply

    def begin(self) -> Drawn:
        """Press Start, and get the first page that is open."""
        self.line.ledger.begin()
        page = self.open(self.expect(self.send("POST", self.link, {}), 303).target)
        if page is None:
            raise GaveUp
        self.line.ledger.start(self.pseudonym, page.response)
        return page

    def open(self, path: str) -> Drawn | None:
        """Follow to a page; None on the proof of completion."""
        for _ in range(5):
            reply = self.expect(self.send("GET", path), 200, 303)
            if reply.status == 200:
                return read_page(reply.body)
            path = reply.target
        self.line.ledger.note("led in a circle")
        raise GaveUp

    def fill(self, page: Drawn) -> Answers:
        """New answers to everything on the page, which no other page ever got."""
        self.words += 1
        word = f"{self.pseudonym} {page.slug} {self.words}"
        return {name: self.chance.choice(values) if values else word for name, values in page.fields.items()}

    def post(self, page: Drawn, answers: Answers, wish: str) -> Reply:
        """Send a page until it is acknowledged; what was acknowledged stands in the ledger."""
        ledger, key = self.line.ledger, (page.response, page.slug)
        ledger.send(key, answers)
        form = {**name_fields(answers), "ticket": page.ticket, "number": str(page.number), "wish": wish}
        reply = self.expect(self.send("POST", page.path, form), 200, 204, 303)
        ledger.acknowledge(key, answers)
        page.number += 1
        return reply

    def answer(self, page: Drawn) -> Drawn | None:
        """Answer one page and get the next one; None after the last."""
        if self.chance.random() < 0.2:
            self.post(page, self.fill(page), "keep")
        reply = self.post(page, self.fill(page), "next")
        self.seen.append(page)
        following = read_page(reply.body) if reply.status == 200 else self.open(reply.target)
        if following and following.slug in {before.slug for before in self.seen}:
            self.line.ledger.note("rewound")
            raise GaveUp
        return following

    def change_mind(self) -> None:
        """Open an earlier page and answer it anew, unless it decides on the route."""
        free = [page for page in self.seen if not any(len(values) == 2 for values in page.fields.values())]
        page = self.open(self.chance.choice(free).path) if free else None
        if page:
            self.post(page, self.fill(page), "keep")

    def finish(self) -> None:
        """Read the receipt on the proof of completion."""
        reply = self.expect(self.send("GET", f"/done/{CODE}"), 200)
        found = _RECEIPT.search(reply.body)
        if found is None:
            self.line.ledger.note("no receipt")
            raise GaveUp
        self.line.ledger.receive(self.seen[0].response, found[0])

    def run(self) -> None:
        page: Drawn | None = self.begin()
        while page:
            page = self.answer(page)
            if page and self.chance.random() < 0.1:
                self.change_mind()
        self.finish()


def run_robots(line: Line, seats: Iterator[tuple[str, str]], seed: int = 0) -> None:
    """One robot after another, until the scenario ends or the seats do."""
    for number, (token, pseudonym) in enumerate(seats):
        if line.stop.is_set():
            return
        with suppress(GaveUp):
            Robot(line, token, pseudonym, seed * 100_003 + number).run()


@contextmanager
def crowd(line: Line, seats: dict[str, str], robots: int = 8) -> Iterator[Ledger]:
    """Robots at work while the block runs; they stop at its end."""
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

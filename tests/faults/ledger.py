"""Record of everything acknowledged to robots, to compare with the database at the end."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field

from sqlalchemy import text

from survey_engine.fieldwork.signing import make_proof
from survey_engine.publication.versions import read_versions
from tests.faults.grounds import CODE, Ground
from tests.waiting import wait_until

Answers = dict[str, str]
PageKey = tuple[int, str]
"""Response and slug."""


@dataclass
class Ledger:
    """Acknowledged starts, pages and receipts. Many robots add to it at the same time."""

    starts: dict[str, int] = field(default_factory=dict)
    """Pseudonym → id of the response whose start was acknowledged."""
    acknowledged: dict[PageKey, list[Answers]] = field(default_factory=lambda: defaultdict(list))
    """Page → acknowledged answers, oldest first."""
    sent: dict[PageKey, list[Answers]] = field(default_factory=lambda: defaultdict(list))
    """Page → answers that were sent since and may or may not be stored."""
    receipts: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    begun: int = 0
    """Number of robots that tried to start."""
    pages: int = 0
    """Number of acknowledged saves."""
    events: Counter[str] = field(default_factory=Counter)
    """Event → count: retries by reason, and unexpected replies."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, event: str) -> None:
        with self._lock:
            self.events[event] += 1

    def begin(self) -> None:
        with self._lock:
            self.begun += 1

    def start(self, pseudonym: str, response: int) -> None:
        with self._lock:
            self.starts[pseudonym] = response

    def send(self, key: PageKey, answers: Answers) -> None:
        with self._lock:
            self.sent[key].append(answers)

    def acknowledge(self, key: PageKey, answers: Answers) -> None:
        with self._lock:
            self.acknowledged[key].append(answers)
            self.sent.pop(key, None)
            self.pages += 1

    def receive(self, response: int, receipt: str) -> None:
        with self._lock:
            self.receipts[response].add(receipt)

    def wait(self, number: int, seconds: float = 120) -> None:
        """Until that many more saves are acknowledged."""
        wanted = self.pages + number
        wait_until(lambda: self.pages >= wanted, seconds, f"fewer than {number} more pages are acknowledged in {seconds} s")

    def count(self) -> dict[PageKey, int]:
        """Return page → number of acknowledgements so far."""
        with self._lock:
            return {key: len(answers) for key, answers in self.acknowledged.items()}

    def allow(self, key: PageKey, since: int) -> list[Answers]:
        """List the answers that may be stored for a page: those acknowledged from number `since` on (1 is the first), or sent later."""
        return [*self.acknowledged.get(key, [])[since - 1 :], *self.sent.get(key, [])]


@dataclass
class Balance:
    """Comparison of the database with the ledger."""

    lost: int
    """Number of acknowledged starts, pages and receipts that are not stored."""
    double: int
    """Number of responses beyond one per robot, and of receipts beyond one per response."""
    torn: int
    """Number of pages with answers that no robot sent."""
    figures: str = field(init=False)

    def __post_init__(self) -> None:
        self.figures = f"{self.lost} lost, {self.double} double" + (f", {self.torn} torn" if self.torn else "")

    @property
    def even(self) -> bool:
        return not (self.lost or self.double or self.torn)


def read_pages(ground: Ground) -> dict[PageKey, Answers]:
    """Every stored page."""
    with closing(ground.open()) as database:
        versions = [ground.compile(), *read_versions(database, CODE).values()]
    slugs = {page.code: slug for version in versions for slug, (_, page) in version.placed_pages.items()}
    with closing(ground.open()) as database, database.read() as connection:
        rows = connection.execute(text("SELECT response_id, page, answers FROM page"))
        return {(row[0], slugs[row[1]]): flatten(json.loads(row[2])) for row in rows}


def count_missing(ground: Ground, ledger: Ledger, counts: dict[PageKey, int]) -> int:
    """Return the number of pages that are not stored as they were acknowledged at `counts` or later."""
    stored = read_pages(ground)
    return sum(stored.get(key) not in ledger.allow(key, count) for key, count in counts.items())


def balance(ground: Ground, ledger: Ledger) -> Balance:
    """Compare all acknowledged and stored starts, pages and receipts."""
    stored = read_pages(ground)
    with closing(ground.open()) as database, database.read() as connection:
        responses = {row[0]: row for row in connection.execute(text("SELECT id, pseudonym, completed_at FROM response"))}
    owners = {row[1] for row in responses.values()}
    lost_starts = sum(pseudonym not in owners for pseudonym in ledger.starts)
    lost_receipts = sum(
        id not in responses or responses[id][2] is None or make_proof(ground.pseudonym_key, CODE, id) not in shown
        for id, shown in ledger.receipts.items()
    )
    double_receipts = sum(len(shown) - 1 for shown in ledger.receipts.values())
    foreign = (answers not in ledger.allow(key, 0) for key, answers in stored.items() if key not in ledger.acknowledged)
    return Balance(
        lost=lost_starts + lost_receipts + count_missing(ground, ledger, ledger.count()),
        double=max(0, len(responses) - ledger.begun) + double_receipts,
        torn=sum(foreign),
    )


def flatten(answers: dict[str, object]) -> Answers:
    """Return stored answers as a form sends them."""
    return {name: str(value) for name, value in answers.items()}

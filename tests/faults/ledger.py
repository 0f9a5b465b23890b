"""What was acknowledged to respondents, to be compared with what the database holds in the end."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field

from sqlalchemy import text

from tests.faults.grounds import Ground

Answers = dict[str, str]
PageKey = tuple[int, str]
"""Response and slug."""


@dataclass
class Ledger:
    """Filled by many robots at once."""

    starts: dict[str, int] = field(default_factory=dict)
    """Pseudonym → response, once its start was acknowledged."""
    acknowledged: dict[PageKey, Answers] = field(default_factory=dict)
    """The answers that were acknowledged last."""
    sent: dict[PageKey, list[Answers]] = field(default_factory=lambda: defaultdict(list))
    """Answers sent since then: they may or may not be stored."""
    receipts: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    pages: int = 0
    """How many saves were acknowledged."""
    events: Counter[str] = field(default_factory=Counter)
    """How often what happened on the line: retries by reason, what robots did not expect."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, event: str) -> None:
        with self._lock:
            self.events[event] += 1

    def start(self, pseudonym: str, response: int) -> None:
        with self._lock:
            self.starts[pseudonym] = response

    def send(self, key: PageKey, answers: Answers) -> None:
        with self._lock:
            self.sent[key].append(answers)

    def acknowledge(self, key: PageKey, answers: Answers) -> None:
        with self._lock:
            self.acknowledged[key] = answers
            self.sent.pop(key, None)
            self.pages += 1

    def receive(self, response: int, receipt: str) -> None:
        with self._lock:
            self.receipts[response].add(receipt)


@dataclass
class Balance:
    """What the database holds, beside the ledger."""

    lost: int
    """Starts, pages and receipts that were acknowledged and are not there."""
    double: int
    """Responses that one seat has too many, and receipts that one response has too many."""

    def __add__(self, other: Balance) -> Balance:
        return Balance(self.lost + other.lost, self.double + other.double)


def balance(ground: Ground, ledger: Ledger, seats: set[str]) -> Balance:
    """Compare; `seats` are the pseudonyms that could have started."""
    codes = {slug: page.code for slug, (_, page) in ground.compile().placed_pages.items()}
    with closing(ground.open()) as database, database.read() as connection:
        responses = {row[0]: row for row in connection.execute(text("SELECT id, pseudonym, receipt FROM response"))}
        stored = {
            (row[0], row[1]): flatten(json.loads(row[2]))
            for row in connection.execute(text("SELECT response_id, page, answers FROM page"))
        }
    owners = Counter(row[1] for row in responses.values())
    lost_starts = sum(owners[pseudonym] == 0 for pseudonym in ledger.starts)
    lost_pages = sum(
        stored.get((response, codes[slug])) not in [answers, *ledger.sent.get((response, slug), [])]
        for (response, slug), answers in ledger.acknowledged.items()
    )
    lost_receipts = sum(
        response not in responses or responses[response][2] not in shown for response, shown in ledger.receipts.items()
    )
    double_starts = sum(count - 1 for owner, count in owners.items() if owner) + sum(owner not in seats for owner in owners)
    double_receipts = sum(len(shown) - 1 for shown in ledger.receipts.values())
    return Balance(lost_starts + lost_pages + lost_receipts, double_starts + double_receipts)


def flatten(answers: dict[str, object]) -> Answers:
    """Stored answers as a form would send them."""
    return {name: str(value) for name, value in answers.items()}

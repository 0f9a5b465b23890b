"""Students as connections: each saves a page on a line of their own, thinks, and saves again, whatever the others do."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

TIMEOUT = 20
"""Seconds after which a student counts a save as failed."""
TICK = 30
"""Seconds between two lines about how it goes."""
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Outcome:
    """What the students met: latencies in seconds, and the saves that came to nothing."""

    seconds: float = 0
    waits: list[float] = field(default_factory=list)
    failed: int = 0

    def percentile(self, share: float, first: int = 0) -> float:
        """Milliseconds within which this share of the saves was acknowledged, from the given one on."""
        waits = sorted(self.waits[first:]) or [0.0]
        return 1000 * waits[min(len(waits) - 1, int(len(waits) * share))]


class Student(asyncio.Protocol):
    """One browser, which saves at its own pace; where its line breaks, that is a failure and its end."""

    transport: asyncio.Transport | None = None
    sent: float | None = None
    """When the save that is under way was sent."""

    def __init__(self, outcome: Outcome, path: str, form: str, think: float) -> None:
        self.outcome, self.form, self.think = outcome, form, think
        self.number, self.received = 10, bytearray()
        self.head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Accept-Encoding: gzip\r\nHX-Request: true\r\nContent-Length: "
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def save(self) -> None:
        if self.transport is None:
            return
        self.number += 1
        body = f"{self.form}&number={self.number}"
        self.sent = asyncio.get_running_loop().time()
        self.received.clear()
        self.transport.write(f"{self.head}{len(body)}\r\n\r\n{body}".encode())

    def data_received(self, data: bytes) -> None:
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0 or self.sent is None:
            return
        length = _LENGTH.search(self.received, 0, end + 2)
        if len(self.received) < end + 4 + (int(length[1]) if length else 0):
            return
        loop = asyncio.get_running_loop()
        self.outcome.waits.append(loop.time() - self.sent)
        self.outcome.failed += self.received[9:12] not in (b"200", b"204")
        due, self.sent = self.sent + self.think * (0.5 + random.random()), None
        loop.call_at(max(due, loop.time()), self.save)

    def connection_lost(self, error: Exception | None) -> None:
        self.outcome.failed += 1
        self.transport = None


async def study(port: int, forms: Path, seconds: float, think: float, tell: Callable[[float, Outcome, int], None]) -> Outcome:
    """Let one student a form save for so long, each every `think` seconds on average.

    Args: tell: hears now and then how many seconds have passed, what came of them, and which save is the first since.
    """
    loop, outcome = asyncio.get_running_loop(), Outcome()
    lines = (line.split("\t") for line in forms.read_text().splitlines())
    students = []
    for path, form in lines:
        _, student = await loop.create_connection(partial(Student, outcome, path, form, think), "127.0.0.1", port)
        loop.call_later(random.random() * think, student.save)
        students.append(student)
    outcome.waits.clear()  # those who came first have saved already
    began, told = loop.time(), 0
    while loop.time() < began + seconds:
        await asyncio.sleep(min(TICK, began + seconds - loop.time()))
        for student in students:
            if student.transport and student.sent and loop.time() - student.sent > TIMEOUT:
                student.transport.abort()
        tell(loop.time() - began, outcome, told)
        told = len(outcome.waits)
    outcome.seconds = loop.time() - began
    for student in students:
        student.outcome = Outcome()  # closing the lines now is no failure
        if student.transport:
            student.transport.abort()
    return outcome

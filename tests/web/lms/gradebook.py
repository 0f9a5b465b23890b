"""A course of a learning environment with a gradebook, which gives access tokens and takes scores."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import text
from werkzeug.test import TestResponse

from survey_engine.fieldwork.lms.completions import Completions, Outcome
from survey_engine.fieldwork.lms.launches import GRADES, SCORE_SCOPE
from survey_engine.storage.database import read_now
from tests.web.lms.conftest import CUSTOM, Visitor


@dataclass
class Gradebook:
    refusals: dict[str, int] = field(default_factory=dict)
    """Subject, item or `/token` → status of the replies."""

    def __post_init__(self) -> None:
        self.scores: list[tuple[str, dict[str, Any]]] = []
        self.assertions: list[str] = []

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        if path in self.refusals:
            return self.refusals[path], b""
        if path == "/token":
            self.assertions.append(parse_qs(body.decode())["client_assertion"][0])
            return 200, b'{"access_token": "secret"}'
        score = json.loads(body)
        status = self.refusals.get(score["userId"]) or self.refusals.get(path.partition("/scores")[0])
        if status is None:
            self.scores.append((path, score))
        return status or 204, b""

    def told(self) -> list[str]:
        """Return the subjects of the accepted scores, sorted."""
        return sorted(score["userId"] for _, score in self.scores)


@dataclass
class Course:
    visitor: Visitor
    completions: Completions
    book: Gradebook
    address: str

    def launch(self, subject: str = "student-1", *, number: str = "", item: str = "/items/3") -> tuple[Visitor, TestResponse]:
        """Launch a card in a new browser. Args: number: of the student on the roster."""
        browser = Visitor(self.visitor.house, self.visitor.environment)
        found = {CUSTOM: {"student_number": number}} if number else {}
        return browser, browser.launch(sub=subject, **found, **claim(f"{self.address}{item}"))

    def complete(self, subject: str = "student-1", *, number: str = "", item: str = "/items/3") -> None:
        """Launch a card, and complete the response."""
        browser, page = self.launch(subject, number=number, item=item)
        assert browser.start(page).status_code == 303
        complete(browser)

    def report(self, days: int = 0) -> Outcome:
        """Run the job. Args: days: later than now."""
        return self.completions.send(read_now(self.completions.identity) + timedelta(days=days), lambda code: None)


def claim(line_item: str) -> dict[str, Any]:
    return {GRADES: {"scope": [SCORE_SCOPE], "lineitem": line_item}}


def complete(visitor: Visitor) -> None:
    """Complete all responses."""
    with visitor.house.site.answers.write() as connection:
        connection.execute(text("UPDATE response SET completed_at = CURRENT_TIMESTAMP"))

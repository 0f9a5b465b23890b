"""Remarks on questions: the authors' notes, which reviewers see, and testers' remarks, which a file collects."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from survey_engine.model.questionnaire import Item, Page, Question, Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.spreadsheet_cells import guard

REMARK_COLUMNS = ("questionnaire", "version", "page", "question", "language", "tester", "remark")
_LONGEST_REMARK = 4000
"""Maximum number of characters of a remark or name."""


@dataclass(frozen=True, slots=True)
class About:
    """The documentation of a question or item that reviewers and teachers see."""

    code: str
    text: str
    note: str
    purpose: str
    indicators: tuple[str, ...]
    is_question: bool


def list_about(page: Page, wording: Wording) -> list[About]:
    """Return the documentation of a page's questions, each followed by its items that have a text."""
    return [about for question in page.questions for about in _iter_parts(question, wording)]


def _iter_parts(question: Question, wording: Wording) -> Iterator[About]:
    items = [item for item in question.items if item.text]
    first = question.items[0].about if question.items and not items else None
    purpose, indicators = (first.purpose, first.indicators) if first else ("", ())
    yield About(question.code, wording.line(question.text), question.note, purpose, indicators, is_question=True)
    for item in items:
        yield _describe_item(item, wording)


def _describe_item(item: Item, wording: Wording) -> About:
    about = item.about
    return About(item.code, wording.line(item.text), about.note, about.purpose, about.indicators, is_question=False)


class RemarksFile:
    """A CSV file to which testers' remarks are added, one row each."""

    def __init__(self, path: Path) -> None:
        self.path, self._lock = path, threading.Lock()

    def add(self, questionnaire: Questionnaire, page: Page, language: str, tester: str, remarks: Mapping[str, str]) -> int:
        """Add the remarks that are not empty; return their number.

        Args:
            remarks: code of a question or item → remark.
        """
        head = (questionnaire.code, questionnaire.version, page.code)
        rows = [
            [*head, code, language, guard(tester.strip()[:_LONGEST_REMARK]), guard(remark.strip()[:_LONGEST_REMARK])]
            for code, remark in remarks.items()
            if remark.strip()
        ]
        with self._lock:
            is_new = not self.path.exists()
            with self.path.open("a", encoding="utf-8-sig" if is_new else "utf-8", newline="") as file:
                csv.writer(file).writerows([*([REMARK_COLUMNS] if is_new else []), *rows])
        return len(rows)

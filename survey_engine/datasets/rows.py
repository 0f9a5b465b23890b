"""One response as one row: re-routed by the engine, so that each missing value says why it is missing.

Answers that are stored but off the path count as not asked, as they do in conditions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from survey_engine.datasets.columns import Layout
from survey_engine.datasets.missing_values import choose_missing
from survey_engine.datasets.plan import Asked, Cell, Plan, make_plan
from survey_engine.datasets.row_order import hash_name
from survey_engine.engine.routing import Respondent, route
from survey_engine.model.questionnaire import NAMELY, Values
from survey_engine.storage.snapshot import Record


class ExportError(Exception):
    """The answers cannot be exported; the message ends with the remedy."""


@dataclass(slots=True)
class Row:
    """One response, laid out: its cells, and its open answers as variable → text."""

    cells: list[Cell]
    texts: dict[str, str] = field(default_factory=dict)


class Tabulator:
    """Turns responses into rows, and counts what a researcher should know of."""

    def __init__(self, layout: Layout, key: str, withdrawn: Iterable[str] = ()) -> None:
        """`key` makes respondent numbers; `withdrawn` are pseudonyms whose link was withdrawn."""
        self.layout, self.questionnaire = layout, layout.questionnaire
        self.key, self.withdrawn = key, frozenset(withdrawn)
        self.missing = choose_missing(self.questionnaire)
        self.statuses: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        """What is stored but has no column any more → in how many responses; for responses to an earlier version."""
        self._known = {(home.page.code, column.variable.code) for column in layout.columns for home in column.homes}
        self._plans: dict[tuple[str, str, tuple[str, ...]], Plan] = {}

    def tabulate(self, record: Record) -> Row:
        """
        Raises:
            ExportError: when the response belongs to an institution or language that the questionnaire does not have.
        """
        status = self._find_status(record)
        self.statuses[status] += 1
        if record.version != self.questionnaire.version:
            stored = {(page, code) for page, answers in record.answers.items() for code in answers}
            self.lost.update({code for _, code in stored - self._known})
        row = self._answer(record, self._find_plan(record.respondent), status)
        row.cells[:0] = self._introduce(record, status)
        return row

    def _find_status(self, record: Record) -> str:
        if record.completed:
            return "complete"
        return "withdrawn" if record.pseudonym in self.withdrawn else "broken_off"

    def _introduce(self, record: Record, status: str) -> list[Cell]:
        """The cells before the answers."""
        respondent = record.respondent
        return [
            f"r{hash_name(self.key, 'respondent', self.questionnaire.code, record.id).hex()}",
            record.version,
            "" if self.questionnaire.edition is None else self.questionnaire.edition,
            respondent.institution,
            respondent.language,
            " ".join(record.languages),
            record.started,
            record.completed,
            status,
            *(record.reasons.get(module, self.missing.not_assigned) for module in self.layout.modules),
            *(respondent.background.get(variable.code, "") for variable in self.layout.background),
        ]

    def _answer(self, record: Record, plan: Plan, status: str) -> Row:
        row = Row(plan.unasked.copy())
        path = route(self.questionnaire, record.respondent, record.answers)
        stopped = self.missing.withdrawn if status == "withdrawn" else self.missing.broken_off
        for step in path.steps:
            stored = record.answers.get(step.page.code)
            if record.completed and stored is None:
                continue  # the page is newer than the response
            missing = self.missing.skipped if record.completed or step.page.code in record.done else stopped
            for asked in plan.asked[step.index]:
                if not asked.when or all(condition.test(path.known) for condition in asked.when):
                    self._write(row, asked, stored or {}, path.known, missing)
        return row

    def _write(self, row: Row, asked: Asked, stored: Values, known: Values, missing: int) -> None:
        """Put one variable where it belongs."""
        value = asked.keep_offered(stored.get(asked.code), known)
        if asked.cell is not None:
            self._put(row, asked.cell, value, missing)
        elif asked.ticks:
            for code, cell in asked.ticks.items():
                if asked.is_offered(code, known):
                    self._put(row, cell, None if value is None else int(code in value), missing)
        elif value is not None:
            row.texts[asked.code] = value
        written = stored.get(asked.code + NAMELY) if asked.namely else None
        if written is not None and not asked.namely.isdisjoint(value if isinstance(value, list) else (value,)):
            row.texts[asked.code + NAMELY] = written

    def _put(self, row: Row, cell: int, value: Any, missing: int) -> None:
        """Of two places on the path the last one with an answer counts."""
        if value is not None:
            row.cells[cell] = value
        elif row.cells[cell] in (self.missing.not_asked, self.missing.not_assigned):
            row.cells[cell] = missing

    def _find_plan(self, respondent: Respondent) -> Plan:
        key = (respondent.institution, respondent.language, respondent.modules)
        if key not in self._plans:
            self._check(respondent)
            self._plans[key] = make_plan(self.layout, self.missing, respondent)
        return self._plans[key]

    def _check(self, respondent: Respondent) -> None:
        for kind, code, known in (
            ("institution", respondent.institution, list(self.questionnaire.institutions)),
            ("language", respondent.language, list(self.questionnaire.languages)),
        ):
            if code not in known:
                raise ExportError(
                    f"There are responses with the {kind} '{code}', which {self.questionnaire.code} no longer has. "
                    "Put it back into the questionnaire and export again."
                )

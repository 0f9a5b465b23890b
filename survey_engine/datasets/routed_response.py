"""One response, routed in one of its languages.

Conditions are evaluated with the answers that count in this language. Pages do not store the language in which they were answered:
`find_finished` infers it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from survey_engine.datasets.plan import Plan, PlannedVariable
from survey_engine.engine.routing import Path
from survey_engine.model.questionnaire import Code, Question, Values
from survey_engine.storage.snapshot import Record


@dataclass(frozen=True)
class RoutedResponse:
    plan: Plan
    path: Path

    @cached_property
    def asked(self) -> dict[str, dict[str, PlannedVariable]]:
        """Page of the path → code → the variable that the page asks."""
        known = self.path.known
        return {
            step.page.code: {asked.code: asked for asked in self.plan.asked[step.index] if asked.is_asked(known)}
            for step in self.path.steps
        }

    def differs(self, record: Record) -> bool:
        """Whether the stored pages show that the respondent was also asked something else, in another language."""
        asked_elsewhere = record.answers.keys() - {step.page.code for step in self.plan.steps}
        return bool(asked_elsewhere or (record.completed and not record.answers.keys() >= set(self.path.codes)))

    def iter_asked(self) -> Iterator[tuple[str, PlannedVariable]]:
        """Yield (page, variable) in the order of the path."""
        return ((page, asked) for page, variables in self.asked.items() for asked in variables.values())

    def offers(self, question: Question, code: Code) -> bool:
        """Return whether the path asks a question with this option, or this statement of a grid."""
        if any(item.text for item in question.items):
            return any(code in asked for asked in self.asked.values())
        found = (asked[question.code] for asked in self.asked.values() if question.code in asked)
        return any(asked.is_offered(code, self.path.known) for asked in found)

    def list_cells(self, page: str) -> set[int]:
        """Return the positions of all cells of the questions and options on a page of the path."""
        cells: set[int] = set()
        for asked in self.asked.get(page, {}).values():
            offered = (cell for code, cell in asked.cell_by_option.items() if asked.is_offered(code, self.path.known))
            cells.update(offered if asked.cell is None else (asked.cell,))
        return cells

    def list_counted(self, page: str, stored: Values) -> set[tuple[str, object]]:
        """Return (variable, value) or (variable, chosen option) of every stored answer that counts."""
        counted: set[tuple[str, object]] = set()
        for code, asked in self.asked.get(page, {}).items():
            value = asked.keep_offered(stored.get(code), self.path.known)
            values = value if isinstance(value, list) else () if value is None else (value,)
            counted.update((code, each) for each in values)
        return counted

    def find_finished(self, record: Record, later: RoutedResponse) -> set[str]:
        """Return the stored pages that must have been finished in this language, not in the later one.

        These are the pages that are not on the later path, all pages before them, and the pages with an answer that counts only in
        this language. Pages with an answer that counts only in the later language are excluded.
        """
        stored = [page for page in self.path.codes if page in record.answers]
        only_here = [page for page in stored if page not in later.path.codes]
        before = stored[: stored.index(only_here[-1])] if only_here else []
        found = set(only_here)
        for page in stored:
            here, there = (routed.list_counted(page, record.answers[page]) for routed in (self, later))
            if there <= here and (page in before or here > there):
                found.add(page)
        return found

    def keep_answer(
        self, asked: PlannedVariable, stored: Values, later: Mapping[str, PlannedVariable] | tuple[()]
    ) -> PlannedVariable | None:
        """Return the variable if it has an answer. If the later language asks it too, only the chosen options are kept."""
        value = asked.keep_offered(stored.get(asked.code), self.path.known)
        if value is None:
            return None
        if asked.code in later and isinstance(value, list) and asked.outside.keys().isdisjoint(value):
            return replace(asked, cell_by_option={code: cell for code, cell in asked.cell_by_option.items() if code in value})
        return asked

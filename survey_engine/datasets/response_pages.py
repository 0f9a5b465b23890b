"""Numbers of persons who started and completed, per day: a CSV file, and an HTML page with a picture and a table per institution.

A new language is an entry in TEXTS.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from survey_engine.fieldwork.response_history import ALL
from survey_engine.rendering.file_templates import open_template
from survey_engine.storage.response_days import Numbers, ShownDay

_WIDTH, _HEIGHT = 600.0, 200.0
"""Size of a picture in its own units; the page stretches it."""
_HEADER = (
    *("institution", "day", "invited", "started_at_least", "started_percent", "completed_at_least", "completed_percent"),
    *("open_link_started_at_least", "open_link_completed_at_least", "reminder"),
)
PAGE_TEXTS = {
    "en": {
        "title": "Response",
        "all": "All institutions",
        "invited": "Invited",
        "started": "Started, at least",
        "completed": "Completed, at least",
        "open_started": "Started by the open link, at least",
        "open_completed": "Completed by the open link, at least",
        "day": "Day",
        "reminder": "Reminder",
        "table": "Days on which a number changed",
        "steps": "Numbers of persons who started or completed rise in steps of 5, so that no day tells what one person did.",
        "small": "Too few persons to show numbers.",
    },
    "nl": {
        "title": "Respons",
        "all": "Alle instellingen",
        "invited": "Uitgenodigd",
        "started": "Begonnen, ten minste",
        "completed": "Klaar, ten minste",
        "open_started": "Begonnen met de open link, ten minste",
        "open_completed": "Klaar met de open link, ten minste",
        "day": "Dag",
        "reminder": "Herinnering",
        "table": "Dagen waarop een aantal veranderde",
        "steps": "De aantallen begonnen en klaar gaan omhoog in stappen van 5. Zo vertelt geen dag wat één persoon deed.",
        "small": "Te weinig personen om aantallen te tonen.",
    },
}
LIST, _OPEN = ("invited", "started", "completed"), ("open_started", "open_completed")
"""Kinds of numbers: of persons on a list, and of responses by the open link."""


def share(number: int | None, invited: int | None) -> int | None:
    """Return the share of invited persons in whole percent, rounded down; None if unknown.

    >>> share(10, 30), share(None, 30), share(5, 0)
    (33, None, None)
    """
    return None if number is None or not invited else 100 * number // invited


def write_response_counts(path: Path, history: Mapping[str, Sequence[ShownDay]]) -> int:
    """Write a row per institution and day, without a total of institutions; return the number of rows."""
    rows = [
        [
            *(institution, day.day.isoformat(), now.invited, now.started, share(now.started, now.invited)),
            *(now.completed, share(now.completed, now.invited), now.open_started, now.open_completed, int(day.reminded)),
        ]
        for institution, days in history.items()
        if institution != ALL
        for day in days
        for now in (day.numbers,)
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([_HEADER, *rows])
    return len(rows)


@dataclass(frozen=True, slots=True)
class LineChart:
    """The lines of one institution, in units of WIDTH × HEIGHT."""

    name: str
    days: Sequence[ShownDay]

    @property
    def last(self) -> Numbers:
        return self.days[-1].numbers

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of numbers to draw: those of the list if there is one, else those of the open link; none for too few persons."""
        return next((kinds for kinds in (LIST, _OPEN) if getattr(self.last, kinds[-1]) is not None), ())

    @property
    def most(self) -> int:
        """Upper end of the axis: the largest number of a day, at least 5."""
        return max(5, *(getattr(day.numbers, kind) or 0 for day in self.days for kind in self.kinds))

    @property
    def reminders(self) -> list[ShownDay]:
        return [day for day in self.days if day.reminded]

    def place(self, day: date) -> float:
        """Return the horizontal middle of a day."""
        return round(((day - self.days[0].day).days + 0.5) / len(self.days) * _WIDTH, 1)

    def draw(self, kind: str) -> str:
        """Return the SVG path of a line: a step for each day with a number."""
        parts, width = list[str](), _WIDTH / len(self.days)
        for at, day in enumerate(self.days):
            if (number := getattr(day.numbers, kind)) is not None:
                height = round(_HEIGHT - number / self.most * _HEIGHT, 1)
                parts.append(f"{'V' if parts else f'M{at * width:.1f} '}{height} H{(at + 1) * width:.1f}")
        return " ".join(parts)

    def iter_changes(self) -> Iterator[ShownDay]:
        """Iterate over the days with a changed number or a reminder."""
        for before, now in zip([None, *self.days], self.days, strict=False):
            if now.reminded or before is None or before.numbers != now.numbers:
                yield now


def write_page(
    path: Path, title: str, history: Mapping[str, Sequence[ShownDay]], names: Mapping[str, str], language: str
) -> None:
    """Write the page.

    Args:
        names: institution → its name, for the headings.
        language: one of TEXTS.
    """
    texts = PAGE_TEXTS[language]
    pictures = [LineChart(names.get(code, code) if code != ALL else texts["all"], days) for code, days in history.items()]
    page = open_template("datasets/response.html")
    path.write_text(
        page.render(title=title, pictures=pictures, texts=texts, language=language, size=(_WIDTH, _HEIGHT), share=share), "utf-8"
    )

"""The expected export of a response: a value or the reason for a missing value for every column."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.datasets.independent.instrument import Instrument, Option, Page, Variable, mix

NOT_ASKED, NOT_ASSIGNED, SKIPPED, BROKEN_OFF, WITHDRAWN = -1, -2, -3, -4, -5
OUTSIDE = {"na": -8, "dk": -6}
"""Code of an option outside the scale → its missing code."""
EMPTY = (NOT_ASKED, NOT_ASSIGNED, SKIPPED, BROKEN_OFF, WITHDRAWN)


@dataclass
class Stored:
    """A response as it is stored."""

    version: str
    institution: str
    languages: list[str]
    """In the order of use, the last one being current."""
    background: dict[str, Any]
    modules: dict[str, str]
    """Module → reason of its assignment."""
    id: int = 0
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    arms: dict[str, str] = field(default_factory=dict)
    """Experiment → arm."""
    completed: bool = False
    withdrawn: bool = False
    device: str | None = None
    channel: str | None = None
    measured: dict[str, list[int]] = field(default_factory=dict)
    """Page → visits alone, or visits, seconds, changes and double taps; no page of an older release."""

    @property
    def language(self) -> str:
        return self.languages[-1]


@dataclass
class Expected:
    cells: dict[str, Any] = field(default_factory=dict)
    """Cells of asked variables; all others are not asked or not assigned."""
    texts: dict[str, str] = field(default_factory=dict)


@dataclass
class Walk:
    """One response in one language: its path and the values known at its end."""

    instrument: Instrument
    stored: Stored
    language: str
    known: dict[str, Any] = field(default_factory=dict)
    path: dict[str, Page] = field(default_factory=dict)
    """Page code → its first location on the path."""

    def __post_init__(self) -> None:
        stored = self.stored
        self.known |= stored.background
        self.known |= {"language": self.language, "institution": stored.institution, "assigned": list(stored.modules)}
        self.known["today"] = "2026-01-31"
        self.known |= {f"experiment.{code}": arm for code, arm in stored.arms.items()}

    def follow(self) -> Iterator[Page]:
        """Iterate the pages of the path; a page's stored answers count from the next page on."""
        for page in self.list_pages():
            if page.code not in self.path and all(test(self.known, ()) for test in page.when):
                self.path[page.code] = page
                yield page
                self.learn(page)

    def list_pages(self) -> Iterator[Page]:
        pages = self.instrument.pages(self.stored.institution, tuple(self.stored.modules))
        return mix((page for page in pages if self.instrument.shows(self.language, page)), self.stored.id)

    def learn(self, page: Page) -> None:
        """Add the answers that count: asked and offered ones, and an other text if its answer counts."""
        stored = self.stored.pages.get(page.code, {})
        for variable in page.variables:
            if self.is_asked(variable):
                value = self.find(variable, stored)
                if value is not None:
                    self.known[variable.code] = value
                if self.explains(variable, value) and f"{variable.code}__namely" in stored:
                    self.known[f"{variable.code}__namely"] = stored[f"{variable.code}__namely"]

    def is_asked(self, variable: Variable) -> bool:
        return all(test(self.known, ()) for test in variable.when)

    def may_be_asked(self, thing: Variable | Page, coming: Collection[str]) -> bool:
        return all(test(self.known, coming) is not False for test in thing.when)

    def find(self, variable: Variable, stored: dict[str, Any]) -> Any:
        """Return the offered part of an answer."""
        value = stored.get(variable.code)
        if value is None or not variable.options:
            return value
        if not self.has_offer(variable):
            return None
        offered = {option.code for option in variable.options if self.offers(option)}
        if variable.kind == "multiple":
            return [code for code in value if code in offered] or None
        return value if value in offered else None

    def has_fallen(self, variable: Variable, stored: dict[str, Any]) -> bool:
        """Whether none of the options that were chosen is offered any more."""
        return variable.kind == "multiple" and bool(stored.get(variable.code)) and self.find(variable, stored) is None

    def has_offer(self, variable: Variable) -> bool:
        """Whether an option is offered; those outside the scale do not count beside others."""
        options = [option for option in variable.options if not option.outside] or variable.options
        return not options or any(map(self.offers, options))

    def offers(self, option: Option) -> bool:
        return option.when is None or bool(option.when(self.known, ()))

    def list_values(self, code: str) -> set[tuple[str, Any]]:
        """List every stored answer that counts; each option of several answers."""
        found: set[tuple[str, Any]] = set()
        for variable in self.path[code].variables:
            value = self.find(variable, self.stored.pages[code]) if self.is_asked(variable) else None
            found |= {(variable.code, each) for each in (value if isinstance(value, list) else [value]) if each is not None}
        return found

    def explains(self, variable: Variable, value: Any) -> bool:
        """Return whether an option with an other text was chosen."""
        chosen = value if isinstance(value, list) else [value]
        return any(option.namely and option.code in chosen for option in variable.options)

    def write(self, expected: Expected, page: Page, missing: int) -> None:
        """Write the cells of a page of the path."""
        stored = self.stored.pages.get(page.code, {})
        for variable in page.variables:
            if self.is_asked(variable):
                value = self.find(variable, stored)
                fallen = value is None and self.has_fallen(variable, stored)
                self.write_variable(expected, variable, [] if fallen else value, missing)
                named = stored.get(f"{variable.code}__namely")
                if self.explains(variable, value) and named is not None:
                    expected.texts[f"{variable.code}__namely"] = named

    def write_variable(self, expected: Expected, variable: Variable, value: Any, missing: int) -> None:
        chosen = value if isinstance(value, list) else [value]
        outside = next(
            (OUTSIDE[str(option.code)] for option in variable.options if option.outside and option.code in chosen), None
        )
        if variable.kind == "open":
            expected.texts |= {variable.code: value} if value is not None else {}
        elif variable.kind != "multiple":
            put(expected, variable.code, value if outside is None else outside, missing)
        else:
            for option in variable.options:
                if self.offers(option) and not option.outside:
                    ticked = None if value is None else int(option.code in value) if outside is None else outside
                    put(expected, f"{variable.code}_{option.code}", ticked, missing)


def follow(instrument: Instrument, stored: Stored, language: str) -> Walk:
    """Return the whole path of a response as if it had ended in this language."""
    walk = Walk(instrument, stored, language)
    for _ in walk.follow():
        pass
    return walk


def put(expected: Expected, column: str, value: Any, missing: int) -> None:
    if value is not None:
        expected.cells[column] = value
    else:
        expected.cells.setdefault(column, missing)


def expect(instrument: Instrument, stored: Stored) -> Expected:
    expected = Expected()
    walk = follow(instrument, stored, stored.language)
    stopped = WITHDRAWN if stored.withdrawn else BROKEN_OFF
    for page in walk.path.values():
        if page.code in stored.pages or not stored.completed:
            walk.write(expected, page, SKIPPED if stored.completed or page.code in stored.finished else stopped)
    if not stored.completed:
        mark_open(walk, expected, stopped)
    for language in dict.fromkeys(stored.languages):
        if language != stored.language:
            keep(expected, walk, follow(instrument, stored, language))
    return expected


def expect_usage(instrument: Instrument, stored: Stored) -> dict[str, Any]:
    """Return the columns about the use of pages."""
    walk = follow(instrument, stored, stored.language)
    path = [code for code, page in walk.path.items() if not page.variables or any(map(walk.is_asked, page.variables))]
    seen = [code for code in path if code in stored.pages]
    unfinished = [code for code in path if code not in stored.finished]
    seconds = [numbers[1] for numbers in stored.measured.values() if len(numbers) > 1]
    return {
        "device": stored.device or "",
        "channel": stored.channel or "",
        "language_switches": len(stored.languages) - 1,
        "last_page": seen[-1] if seen else "",
        "breakoff_page": unfinished[0] if unfinished and not stored.completed else "",
        "duration_seconds": sum(seconds) if seconds else "",
    }


def expect_pages(stored: Stored, open_pages: Container[str]) -> dict[str, list[str]]:
    """Return page → visits, seconds, changes and double taps, each as text or empty; no changes of pages with an open field."""
    rows = {code: [str(number) for number in stored.measured.get(code, ())] for code in stored.pages}
    rows = {code: row + [""] * (4 - len(row)) for code, row in rows.items()}
    return {code: [*row[:2], "" if code in open_pages else row[2], row[3]] for code, row in rows.items()}


def mark_open(walk: Walk, expected: Expected, stopped: int) -> None:
    """Mark variables that depend on a missing answer as not reached."""
    coming: set[str] = set()
    for page in walk.list_pages():
        reached = walk.path.get(page.code) is page
        if not reached and page.code in walk.path:
            continue
        if not walk.may_be_asked(page, coming):
            continue
        stored = walk.stored.pages.get(page.code, {})
        for variable in page.variables:
            if not walk.may_be_asked(variable, coming):
                continue
            for option in variable.options if variable.kind == "multiple" else ():
                if not option.outside and (option.when is None or option.when(walk.known, coming) is not False):
                    put(expected, f"{variable.code}_{option.code}", None, stopped)
            if variable.kind not in ("multiple", "open"):
                put(expected, variable.code, None, stopped)
            decided = walk.find(variable, stored) is not None or page.code in walk.stored.finished
            if not (reached and walk.is_asked(variable) and decided):
                coming |= {variable.code, f"{variable.code}__namely"}


def keep(expected: Expected, now: Walk, then: Walk) -> None:
    """Keep answers given in an earlier language; `before_switch` counts those that the last one does not ask."""
    earlier = Expected()
    finished = list_finished(now, then)
    for code, page in then.path.items():
        if code in finished:
            then.write(earlier, page, SKIPPED if code in then.stored.finished else NOT_ASKED)
        elif code in then.stored.pages:
            keep_values(earlier, now, then, page)
    for code in finished.intersection(now.path, now.stored.finished):
        asked = [Expected(), Expected()]
        for walk, found in zip((now, then), asked, strict=True):
            walk.write(found, walk.path[code], SKIPPED)
        for column in asked[0].cells.keys() - asked[1].cells.keys():
            if expected.cells[column] in (SKIPPED, 0):
                del expected.cells[column]
    kept = 0
    for column, value in earlier.cells.items():
        present = expected.cells.get(column, NOT_ASKED)
        if present in EMPTY and value not in EMPTY:
            expected.cells[column] = value
            kept += 1
        elif value == SKIPPED and present in (NOT_ASKED, NOT_ASSIGNED):
            expected.cells[column] = value
    kept += len(earlier.texts.keys() - expected.texts.keys())
    expected.texts = {**earlier.texts, **expected.texts}
    expected.cells["before_switch"] = expected.cells.get("before_switch", 0) + kept


def list_finished(now: Walk, then: Walk) -> set[str]:
    """List the pages that were finished before the switch, as far as the stored answers show it.

    These are the pages that only the earlier language asks, and pages before the last of them or with an answer that only
    the earlier language counts; but no page with an answer that only the last language counts.
    """
    left = [code for code in then.path if code in then.stored.pages]
    finished = {code for code in left if code not in now.path}
    last = max((place for place, code in enumerate(left) if code in finished), default=-1)
    for place, code in enumerate(left):
        if code in now.path:
            only_now = now.list_values(code) - then.list_values(code)
            only_then = then.list_values(code) - now.list_values(code)
            if not only_now and (only_then or place < last):
                finished.add(code)
    return finished


def keep_values(earlier: Expected, now: Walk, then: Walk, page: Page) -> None:
    """Keep only the answers of a page that the last language may have asked, not its missing values."""
    part = Expected()
    then.write(part, page, NOT_ASKED)
    here = now.path[page.code].variables
    both = {column for variable in here if variable.kind == "multiple" and now.is_asked(variable) for column in variable.columns}
    stored = then.stored.pages[page.code]
    both |= {column for variable in page.variables if then.has_fallen(variable, stored) for column in variable.columns}
    gone = {column for column, value in part.cells.items() if value in EMPTY or (value == 0 and column in both)}
    earlier.cells |= {column: value for column, value in part.cells.items() if column not in gone}
    earlier.texts |= part.texts

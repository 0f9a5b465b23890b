"""Progress of translations per domain and variant: done, stale, missing and draft texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from survey_engine.authoring.translating.catalogues import (
    find_message,
    find_source,
    find_state,
    list_drafts,
    name_message,
    open_catalogue,
)
from survey_engine.authoring.translating.domains import Domain, Variant

Paint: TypeAlias = Callable[[str, str], str]
"""Function (text, role) that returns the text in the role's colour: done, stale, missing, draft or quiet."""
_COLUMNS = ("done", "stale", "missing", "draft")


@dataclass(frozen=True, slots=True)
class TranslationProgress:
    """Progress of one variant of a domain: numbers of texts that the variant shows."""

    domain: str
    variant: str
    catalogue: str
    total: int
    done: int
    stale: int
    missing: int
    draft: int
    """The number of done texts that a native speaker has not reviewed."""

    @property
    def complete(self) -> bool:
        return self.done == self.total

    def percentage(self, column: str) -> int:
        """Return the share of a column in per cent, rounded; 0 and 100 only if exact."""
        count: int = getattr(self, column)
        share = round(100 * count / self.total) if self.total else 0
        return share if count in (0, self.total) else min(99, max(1, share))


def measure_translation(domain: Domain, variants: Iterable[Variant], translations: Path) -> Iterator[TranslationProgress]:
    """Measure the progress of each variant.

    Raises:
        BrokenCatalogueError: if a catalogue cannot be read.
    """
    for variant in variants:
        catalogue = open_catalogue(translations, domain, variant)
        drafts = list_drafts(catalogue)
        counts = Counter[str]()
        for message in domain.messages:
            found = find_message(catalogue, domain, message)
            state = find_state(found)
            # stale texts that no variant shows count too, because `check` reports them
            if variant.code in message.languages or state == "stale":
                counts[state] += 1
                counts["draft"] += state == "done" and found is not None and name_message(found) in drafts
        total = counts["done"] + counts["stale"] + counts["missing"]
        path = find_source(translations, domain, variant)
        yield TranslationProgress(domain.code, variant.code, path.as_posix(), total, *(counts[column] for column in _COLUMNS))


def format_progress_table(progress: Sequence[TranslationProgress], paint: Paint = lambda text, role: text) -> str:
    """Format a table with one line per domain and variant."""
    names = ("domain", "variant", "texts", *_COLUMNS)
    rows = [(s.domain, s.variant, str(s.total), *(_format_share(s, column) for column in _COLUMNS)) for s in progress]
    widths = [max(map(len, cells)) for cells in zip(names, *rows, strict=True)]
    lines = [paint(_align(names, widths), "quiet")]
    for variant, row in zip(progress, rows, strict=True):
        cells = _align_cells(row, widths)
        for index, column in enumerate(_COLUMNS, 3):
            cells[index] = paint(cells[index], _find_role(variant, column))
        lines.append("  ".join(cells))
    return "\n".join(lines)


def _format_share(row: TranslationProgress, column: str) -> str:
    count = getattr(row, column)
    return f"{count} ({row.percentage(column)} %)" if count else "–"


def _align_cells(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if index < 2 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]


def _align(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_align_cells(cells, widths))


def _find_role(row: TranslationProgress, column: str) -> str:
    if column == "done":
        return "done" if row.complete else "quiet"
    return column if getattr(row, column) else "quiet"


def format_progress_json(progress: Sequence[TranslationProgress]) -> str:
    return json.dumps([asdict(row) for row in progress], indent=2, ensure_ascii=False)

"""How far each translation is: per domain and variant what is done, stale, missing, and still a draft."""

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
"""A text and its role (done, stale, missing, draft, quiet) → the text as the terminal shows it."""
_COLUMNS = ("done", "stale", "missing", "draft")


@dataclass(frozen=True, slots=True)
class TranslationProgress:
    """How far one variant of a domain is, counted in texts that the variant shows."""

    domain: str
    variant: str
    catalogue: str
    total: int
    done: int
    stale: int
    missing: int
    draft: int
    """Of those done, how many a native speaker has yet to read."""

    @property
    def complete(self) -> bool:
        return self.done == self.total

    def percentage(self, column: str) -> int:
        """A share in whole per cents; all or nothing only where it is all or nothing."""
        count: int = getattr(self, column)
        share = round(100 * count / self.total) if self.total else 0
        return share if count in (0, self.total) else min(99, max(1, share))


def measure_progress(domain: Domain, variants: Iterable[Variant], translations: Path) -> Iterator[TranslationProgress]:
    """The standing of each variant.

    Raises:
        BrokenCatalogueError: when a catalogue cannot be read.
    """
    for variant in variants:
        catalogue = open_catalogue(translations, domain, variant)
        drafts = list_drafts(catalogue)
        counts = Counter[str](missing=variant.untranslated)
        for message in domain.messages:
            found = find_message(catalogue, domain, message)
            state = find_state(found)
            # The questionnaire's check also refuses stale wording that nobody is shown.
            if variant.code in message.languages or state == "stale":
                counts[state] += 1
                counts["draft"] += state == "done" and found is not None and name_message(found) in drafts
        total = counts["done"] + counts["stale"] + counts["missing"]
        path = find_source(translations, domain, variant)
        yield TranslationProgress(domain.code, variant.code, path.as_posix(), total, *(counts[column] for column in _COLUMNS))


def format_progress_table(standings: Sequence[TranslationProgress], paint: Paint = lambda text, role: text) -> str:
    """One line per domain and variant."""
    names = ("domain", "variant", "texts", *_COLUMNS)
    rows = [(s.domain, s.variant, str(s.total), *(_show_share(s, column) for column in _COLUMNS)) for s in standings]
    widths = [max(map(len, cells)) for cells in zip(names, *rows, strict=True)]
    lines = [paint(_line_up(names, widths), "quiet")]
    for standing, row in zip(standings, rows, strict=True):
        cells = _line_up_cells(row, widths)
        for index, column in enumerate(_COLUMNS, 3):
            cells[index] = paint(cells[index], _find_role(standing, column))
        lines.append("  ".join(cells))
    return "\n".join(lines)


def _show_share(standing: TranslationProgress, column: str) -> str:
    count = getattr(standing, column)
    return f"{count} ({standing.percentage(column)} %)" if count else "–"


def _line_up_cells(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if index < 2 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]


def _line_up(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_line_up_cells(cells, widths))


def _find_role(standing: TranslationProgress, column: str) -> str:
    if column == "done":
        return "done" if standing.complete else "quiet"
    return column if getattr(standing, column) else "quiet"


def format_progress_json(standings: Sequence[TranslationProgress]) -> str:
    return json.dumps([asdict(standing) for standing in standings], indent=2, ensure_ascii=False)

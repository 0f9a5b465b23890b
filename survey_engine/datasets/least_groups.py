"""Records of the least group behind the counts of tables. A public delivery needs a record for each table.

A command writes `least-group-<command>.json` beside its tables. The record finds a table by its digest, so a table may be renamed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from survey_engine.settings import GroupSizes

PATTERN, COUNTED = "least-group-*.json", "counted"


@dataclass(frozen=True, slots=True)
class LeastGroup:
    """The settings with which a command made tables of counts."""

    questionnaire: str
    responses: int
    """Number of responses that were counted."""
    least: int
    """Minimum number of responses behind a count."""
    sensitive_factor: int
    """Counts of sensitive items need `least` times this number of responses."""
    institution: str = ""
    """The only institution of the responses; empty for several."""

    def is_public(self, sizes: GroupSizes) -> bool:
        return self.least >= sizes.least_public and self.sensitive_factor >= sizes.sensitive_factor

    def is_close(self, other: LeastGroup) -> bool:
        """Return whether the difference of tables of both is about fewer responses than the least group."""
        least = max(self.least, other.least)
        overlap = self.institution == other.institution or "" in (self.institution, other.institution)
        return self.questionnaire == other.questionnaire and overlap and 0 < abs(self.responses - other.responses) < least


def write_record(
    folder: Path, command: str, names: Iterable[str], made: LeastGroup, counted: Mapping[str, Any] | None = None
) -> None:
    """Record the settings of the files with these names in a folder. Names without a file are left out.

    Args: counted: the responses that were counted, from `released_rows.describe_counted`.
    """
    digests = {name: compute_digest(folder / name) for name in sorted(names) if (folder / name).is_file()}
    stored = {**asdict(made), "files": digests, **({COUNTED: counted} if counted else {})}
    path = folder / PATTERN.replace("*", command)
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def read_records(folder: Path) -> dict[str, LeastGroup]:
    """Return digest of a table → its settings, from all records in a folder. Of two records of a table, the larger least group counts."""
    found: dict[str, LeastGroup] = {}
    for made, digests in _iter_records(folder.rglob(PATTERN)):
        for digest in digests:
            known = found.get(digest)
            found[digest] = made if known is None or made.least > known.least else known
    return found


def find_close(folder: Path) -> list[Path]:
    """Find sibling folders whose tables count a few responses more or fewer."""
    made = set(read_records(folder).values())
    found = {
        path.parent
        for path in sorted(folder.absolute().parent.glob(f"[!.]*/{PATTERN}"))
        for other, _ in _iter_records([path])
        if any(each.is_close(other) for each in made)
    }
    return sorted(found)


def compute_digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _iter_records(paths: Iterable[Path]) -> Iterator[tuple[LeastGroup, list[str]]]:
    """Iterate over the readable records: (settings, digests of the files)."""
    for path in paths:
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            digests = list(stored.pop("files").values())
            stored.pop(COUNTED, None)
            yield LeastGroup(**stored), digests
        except (ValueError, TypeError, KeyError, AttributeError):
            continue

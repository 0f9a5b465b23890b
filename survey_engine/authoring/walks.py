"""A respondent written down page by page, as a readable YAML file: what is shown, and what is answered.

What is written here can be read back, to be walked through the real web application or pictured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from survey_engine.model.questionnaire import Values


class UnreadableWalkError(Exception):
    """A file is no walk; the message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class WalkedPage:
    """One page of a path: the items and texts that are shown, and the answers that are given."""

    page: str
    shown: tuple[str, ...]
    answers: Values


@dataclass(frozen=True, slots=True)
class Walk:
    """One respondent from the first page to the last."""

    questionnaire: str
    institution: str
    language: str
    background: Values
    modules: tuple[str, ...]
    minutes: float
    path: tuple[WalkedPage, ...]


def write_walk(walk: Walk, path: Path, heading: str) -> None:
    """One walk as YAML, with a comment above it."""
    data = {**asdict(walk), "modules": list(walk.modules), "path": list(_list_rows(walk))}
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    path.write_text("".join(f"# {line}\n" for line in heading.splitlines()) + text, encoding="utf-8")


def _list_rows(walk: Walk) -> Iterator[dict[str, Any]]:
    for page in walk.path:
        yield {"page": page.page, "shown": list(page.shown), "answers": dict(page.answers)}


def read_walk(path: Path) -> Walk:
    """A walk as `write_walk` wrote it.

    Raises:
        UnreadableWalkError: when it holds something else.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        rows = tuple(WalkedPage(row["page"], tuple(row["shown"]), row["answers"]) for row in data.pop("path"))
        return Walk(**{**data, "modules": tuple(data["modules"]), "path": rows})
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, KeyError, TypeError) as error:
        raise UnreadableWalkError(
            f"{path} is not written as a respondent ({type(error).__name__}). Write it with: survey-engine prove … --covering"
        ) from error


def read_walks(folder: Path) -> list[Walk]:
    """The walks in a folder, in the order of their names.

    Raises:
        UnreadableWalkError: when one of its YAML files holds something else.
    """
    return [read_walk(path) for path in sorted(folder.glob("*.yaml"))]

"""A walk: a respondent's path as a readable YAML file, with the questions, texts and answers of each page.

`read_walk` reads the file, to repeat the walk in the web application or to take screenshots.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from survey_engine.model.questionnaire import Values


class UnreadableWalkError(Exception):
    """A file does not contain a walk. The message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class WalkedPage:
    """One page of a path: visible items and texts, and the answers given."""

    page: str
    shown: tuple[str, ...]
    answers: Values


@dataclass(frozen=True, slots=True)
class Walk:
    """One respondent from first page to last."""

    questionnaire: str
    institution: str
    language: str
    background: Values
    modules: tuple[str, ...]
    minutes: float
    path: tuple[WalkedPage, ...]
    arms: Values = field(default_factory=dict)
    """Experiment → arm; omitted in files of questionnaires without experiments."""


def write_walk(walk: Walk, path: Path, heading: str) -> None:
    """Write a walk as YAML with a comment at the top."""
    data = {**asdict(walk), "modules": list(walk.modules), "path": list(_iter_rows(walk))}
    data = {key: value for key, value in data.items() if key != "arms" or value}
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    path.write_text("".join(f"# {line}\n" for line in heading.splitlines()) + text, encoding="utf-8")


def _iter_rows(walk: Walk) -> Iterator[dict[str, Any]]:
    for page in walk.path:
        yield {"page": page.page, "shown": list(page.shown), "answers": dict(page.answers)}


def read_walk(path: Path) -> Walk:
    """Read a walk from a file that `write_walk` wrote.

    Raises:
        UnreadableWalkError: if the file does not contain a walk.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        rows = tuple(WalkedPage(row["page"], tuple(row["shown"]), row["answers"]) for row in data.pop("path"))
        return Walk(**{**data, "modules": tuple(data["modules"]), "path": rows})
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, KeyError, TypeError) as error:
        raise UnreadableWalkError(
            f"{path} is not a walk ({type(error).__name__}). Write it with: survey-engine prove … --covering"
        ) from error


def read_walks(folder: Path) -> list[Walk]:
    """Read the walks in a folder, in the order of their file names.

    Raises:
        UnreadableWalkError: if a YAML file in the folder does not contain a walk.
    """
    return [read_walk(path) for path in sorted(folder.glob("*.yaml"))]

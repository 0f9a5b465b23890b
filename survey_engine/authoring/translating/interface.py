"""The interface's own messages, found in templates and code with Babel's extractors.

A folder that begins to hold messages is a line in SOURCES; a new way to mark one, a keyword there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias

from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

from survey_engine.authoring.translating.contexts import Context
from survey_engine.model.questionnaire import Place

_Keywords: TypeAlias = Mapping[str, tuple[int, ...] | None]
"""Function → the numbers of its arguments that are texts; None is the first."""
_SAID: _Keywords = {"_": None, "N_": None, "say": None}
SOURCES: tuple[tuple[str, str, _Keywords], ...] = (
    ("templates", "*.html", _SAID),
    ("survey_engine", "*.py", _SAID),
    ("survey_engine/language/question_types", "*.py", {"find_interface_text": None}),
    ("survey_engine/rendering", "*.py", {"count": (1, 2)}),
    ("survey_engine/web", "*.py", {"count": (1, 2)}),
)
"""Folder, files in it at any depth, and what marks a message there.

`find_interface_text` is how a question type asks for a text, `count` how a page says a number.
"""
_REMARK = "Translators:"
"""A comment that begins so, just above a message, is shown to translators."""


@dataclass(slots=True)
class FoundMessage:
    source: str
    plural: str
    context: Context
    places: tuple[Place, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """A short stand-in for a text code: the same as long as the text is the same."""
        return blake2b(f"{self.source}\0{self.plural}".encode(), digest_size=4).hexdigest()


def list_messages(root: Path) -> tuple[FoundMessage, ...]:
    """Every message below `root`, once, in the order of the first file that says it."""
    found: dict[tuple[str, str], FoundMessage] = {}
    for file, line, forms, remarks in _extract(root):
        source, plural = forms if isinstance(forms, tuple) else (forms, "")
        message = found.setdefault((source, plural), FoundMessage(source, plural, Context(file, "interface")))
        message.places += (Place(file, line),)
        message.remarks += tuple(remarks)
    return tuple(found.values())


def _extract(root: Path) -> Iterator[tuple[str, int, Any, list[str]]]:
    for folder, files, keywords in SOURCES:
        for path in sorted((root / folder).rglob(files)):
            method: Any = babel_extract if path.suffix == ".html" else "python"
            options = {"silent": "false"} if path.suffix == ".html" else {}
            messages = extract_from_file(method, path, dict(keywords), [_REMARK], options, strip_comment_tags=True)
            for line, forms, remarks, _ in messages:
                yield path.relative_to(root).as_posix(), line, forms, remarks

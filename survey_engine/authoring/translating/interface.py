"""Messages of the interface, found in templates and code with Babel's extractors.

To add a folder with messages, add a line to SOURCES; to add a function that marks messages, add a keyword there.
"""

from __future__ import annotations

import re
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
"""Function → numbers of the arguments that are messages; None means the first."""
_TRANSLATED: _Keywords = {"_": None, "N_": None, "translate": None}
SOURCES: tuple[tuple[str, str, _Keywords], ...] = (
    ("templates", "*.html", _TRANSLATED),
    ("survey_engine", "*.py", _TRANSLATED),
    ("survey_engine/language/question_types", "*.py", {"find_interface_text": None}),
    ("survey_engine/rendering", "*.py", {"translate_plural": (1, 2)}),
    ("survey_engine/web", "*.py", {"translate_plural": (1, 2)}),
)
"""(Folder, pattern of files at any depth, functions that mark messages in them).

Question types mark texts with `find_interface_text`; pages mark texts with a number with `translate_plural`.
"""
_REMARK = "Translators:"
"""Beginning of a comment for translators, above a message."""


@dataclass(slots=True)
class FoundMessage:
    source: str
    plural: str
    context: Context
    places: tuple[Place, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """A digest of the message, which serves as its text code."""
        return blake2b(f"{self.source}\0{self.plural}".encode(), digest_size=4).hexdigest()


def list_messages(root: Path) -> tuple[FoundMessage, ...]:
    """Return every distinct message below `root`, in the order of files."""
    found: dict[tuple[str, str], FoundMessage] = {}
    for file, line, forms, remarks in _extract(root):
        source, plural = forms if isinstance(forms, tuple) else (forms, "")
        message = found.setdefault((source, plural), FoundMessage(source, plural, Context(file, "interface")))
        message.places += (Place(file, line),)
        message.remarks += tuple(remarks)
    return tuple(found.values())


def _extract(root: Path) -> Iterator[tuple[str, int, Any, list[str]]]:
    for folder, files, keywords in SOURCES:
        calls = re.compile(rf"\b(?:{'|'.join(keywords)})\s*\(")
        for path in sorted((root / folder).rglob(files)):
            if path.suffix == ".py" and not calls.search(path.read_text("utf-8")):  # Babel takes 20 ms for each file
                continue
            method: Any = babel_extract if path.suffix == ".html" else "python"
            options = {"silent": "false"} if path.suffix == ".html" else {}
            messages = extract_from_file(method, path, dict(keywords), [_REMARK], options, strip_comment_tags=True)
            for line, forms, remarks, _ in messages:
                yield path.relative_to(root).as_posix(), line, forms, remarks

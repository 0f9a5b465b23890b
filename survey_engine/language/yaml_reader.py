"""Strict YAML reader: returns plain data with the line of each value, or problems.

Rejects anchors, tags, duplicate keys, unquoted yes/no, and files that are too large or nested too deeply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from survey_engine.language.characters import BULLET, FORBIDDEN, HIDDEN_CHARACTERS, name_character, name_hidden
from survey_engine.language.yaml_errors import (
    BRACED_TEXT,
    NO_COLON,
    explain_bullet,
    explain_error,
    explain_missing_colon,
    explain_missing_space,
)
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 60_000

_WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_COMMENT = re.compile(r"(?<![ \t])[ \t]+(?P<comment>#(?P<close>\S)?.*)")
_GLUED = re.compile(r"\A(?P<key>[A-Za-z_][\w-]*):(?P<value>[^\s/].*)", re.DOTALL)
_AMBIGUOUS_WORDS = {"yes": True, "on": True, "no": False, "off": False}
_BARE_WORDS: dict[str, object] = {"true": True, "false": False, "": None, "~": None, "null": None}
_BEGINNINGS = ("questionnaire", "section", "module", "bank", "institution")
"""First keys of the kinds of files."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BareWord(str):
    """An unquoted yes or no, which is an error."""

    __slots__ = ()

    @property
    def meant(self) -> bool:
        """The truth value that the author means."""
        return _AMBIGUOUS_WORDS[self.lower()]


class SourceMapping(dict[Any, Any]):
    """A mapping with its own place and the place of each key and value."""

    __slots__ = ("key_places", "place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[Any, Place] = {}
        self.key_places: dict[Any, Place] = {}


class SourceList(list[Any]):
    """A list with its own place and the place of each value."""

    __slots__ = ("place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []


def find_place(data: Any, path: Sequence[Any], default: Place, *, key: bool = False) -> Place:
    """Return the place of the value (or key) at `path`, or of its deepest ancestor that exists."""
    place = getattr(data, "place", default)
    for index, step in enumerate(path):
        if isinstance(data, SourceMapping) and step in data:
            at_key = key and index == len(path) - 1
            place, data = (data.key_places if at_key else data.places)[step], data[step]
        elif isinstance(data, SourceList) and isinstance(step, int) and step < len(data):
            place, data = data.places[step], data[step]
        else:
            break
    return place


class _UnreadableError(Exception):
    def __init__(self, code: str, place: Place, **facts: object) -> None:
        self.problem = Problem(code, place, facts)


class _Reader:
    """Builds the data from the YAML library's events and checks the limits while it reads."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.events: Iterator[Any] = iter(())
        self.nodes = 0
        self.problems: list[Problem] = []
        self.lines: list[str] = []

    def read_file(self, text: str) -> SourceMapping:
        if found := FORBIDDEN.search(text):
            before = text[: found.start()]
            place = Place(self.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
            raise _UnreadableError("strange-character", place, character=name_character(found[0]))
        self.lines = text.split("\n")
        self.events = yaml.parse(text, Loader=_LOADER)
        nodes = (event for event in self.events if isinstance(event, yaml.NodeEvent))
        first = next(nodes, None)
        data, place = self.read(first) if first else (None, Place(self.file))
        if not isinstance(data, SourceMapping):
            raise _UnreadableError("not-a-mapping", place)
        if start := next((event for event in self.events if isinstance(event, yaml.DocumentStartEvent)), None):
            raise _UnreadableError("second-document", self.place(start), advice=self.advise_on_document(data))
        return data

    def advise_on_document(self, before: SourceMapping) -> str:
        """Return advice on a second document: move it if it is another definition; if it continues the first, remove the line."""
        first, key = next(self.events), next(self.events)
        mapped = isinstance(first, yaml.MappingStartEvent) and isinstance(key, yaml.ScalarEvent)
        if mapped and (key.value in before or key.value in _BEGINNINGS):
            return "Move what follows to a file of its own, without this line"
        return "Remove this line"

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def read(self, event: Any, depth: int = 0, *, listed: bool = False) -> tuple[Any, Place]:
        """Read one value. Args: listed: whether it is an entry of a list."""
        place = self.place(event)
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise _UnreadableError("too-deep", place, limit=MAX_DEPTH)
        if self.nodes > MAX_NODES:
            raise _UnreadableError("too-large", place, limit=f"{MAX_NODES} values")
        if event.anchor:
            raise _UnreadableError("alias", place)
        if isinstance(event, yaml.ScalarEvent):
            return self.read_scalar(event, place), place
        if event.tag:
            raise _UnreadableError("tag", place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.read_list(place, depth), place
        return self.read_mapping(place, depth, braces=bool(event.flow_style), listed=listed), place

    def read_scalar(self, event: yaml.ScalarEvent, place: Place) -> Any:
        text = event.value
        if event.tag:
            self.problems.append(Problem("tag", place))
        if found := FORBIDDEN.search(text):
            self.problems.append(Problem("strange-character", place, {"character": name_character(found[0])}))
            return FORBIDDEN.sub("", text)
        if not event.implicit[0]:
            return text
        if text.lower() in _AMBIGUOUS_WORDS:
            self.problems.append(Problem("unquoted-word", place, {"word": text}))
            return BareWord(text)
        value = _convert_word(text)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.check_comment(event)
        return value

    def check_comment(self, event: yaml.ScalarEvent) -> None:
        """Report a comment that is probably part of the unquoted text before it: `#3`, or several words and a single space before ` # `."""
        end = event.end_mark
        if end is None or end.line >= len(self.lines):
            return
        comment = _COMMENT.match(self.lines[end.line], end.column)
        if comment and (comment["close"] or (" " in event.value and comment.start("comment") - end.column == 1)):
            place = Place(self.file, end.line + 1, comment.start("comment") + 1)
            self.problems.append(Problem("cut-text", place, {"rest": comment["comment"][:40].rstrip()}))

    def read_list(self, place: Place, depth: int) -> SourceList:
        row = SourceList(place)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, where = self.read(event, depth + 1, listed=True)
            row.append(value)
            row.places.append(where)
        return row

    def read_mapping(self, place: Place, depth: int, *, braces: bool, listed: bool) -> SourceMapping:
        node = SourceMapping(place)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, where = self.read(event, depth + 1)
            self.check_key(key, where)
            value, at = self.read(given := next(self.events), depth + 1)
            bare = value is None and braces and given.start_mark.index == event.end_mark.index
            if bare and event.implicit[0] and (glued := _GLUED.fullmatch(event.value)):
                self.report_glued(glued["key"], where, node)
                key, value, bare = glued["key"], _convert_word(glued["value"].strip("'\"")), False
            if not isinstance(key, str | int) or isinstance(key, bool):
                key = event.value if isinstance(event, yaml.ScalarEvent) else "?"
            if isinstance(key, BareWord):
                key = str(key)
            if isinstance(key, str) and HIDDEN_CHARACTERS.search(key):
                facts = {"character": name_hidden(key), "text": (key := HIDDEN_CHARACTERS.sub("", key).strip())}
                self.problems.append(Problem("hidden-character", where, facts))
            if key in node:
                begins = listed and not braces and key == next(iter(node))
                self.problems.append(Problem("duplicate-key", where, {"key": key, "begins": begins}))
                continue
            if value is None:
                self.report_empty(key, where, bare=bare, node=node)
            own_line = isinstance(value, SourceMapping | SourceList) and at.line != where.line
            node[key], node.places[key], node.key_places[key] = value, where if own_line else at, where
        return node

    def check_key(self, key: object, place: Place) -> None:
        """Reject a key that makes the definition unreadable: after a bullet, or with a bracket instead of its colon."""
        if isinstance(key, str) and BULLET.match(key):
            raise _UnreadableError("yaml", place, **explain_bullet(key))
        if isinstance(key, str) and (found := NO_COLON.match(f"{key}:")):
            raise _UnreadableError("yaml", place, **explain_missing_colon(found["key"]))

    def report_empty(self, key: object, place: Place, *, bare: bool, node: SourceMapping) -> None:
        """Report a key without a value. Of several words without a colon in one pair of braces, report only the first.

        Args:
            bare: whether the key is a word in braces without a colon, as in `{institution}` or `{en: Often, or always}`.
            node: the mapping with the keys before it.
        """
        if bare and not node:
            self.problems.append(Problem("yaml", node.place, BRACED_TEXT))
        elif not bare or not self.has_reported(node):
            after = {"after": list(node.places.values())[-1]} if bare else {}
            self.problems.append(Problem("empty-value", place, {"key": key, **after}))

    def report_glued(self, key: str, place: Place, node: SourceMapping) -> None:
        """Report a key in braces without a space after its colon, as in `{en:Often}`, once per mapping."""
        if not self.has_reported(node):
            self.problems.append(Problem("yaml", place, explain_missing_space(key)))

    def has_reported(self, node: SourceMapping) -> bool:
        """Whether the last problem is a word without a colon in these braces."""
        return bool(self.problems) and self.problems[-1].place in (node.place, *node.key_places.values())


def _convert_word(text: str) -> Any:
    """Return the value of a text without quotes: a number, a truth value, nothing, or the text itself."""
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else _BARE_WORDS.get(text, text)


def read_source(file: str, content: bytes) -> tuple[SourceMapping | None, list[Problem]]:
    """Parse one YAML file; return (data or None if the file is unreadable, problems).

    If the file is not valid YAML, no other problem is reported: it may be a consequence of that error.
    """
    reader = _Reader(file)
    try:
        text = _decode(file, content)
    except _UnreadableError as stop:
        return None, [stop.problem]
    try:
        return reader.read_file(text), reader.problems
    except _UnreadableError as stop:
        return None, [*reader.problems, stop.problem]
    except yaml.YAMLError as error:
        return None, [explain_error(file, text, error)]


def _decode(file: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _UnreadableError("too-large", Place(file), limit="1 MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableError("not-utf8", Place(file, content[: error.start].count(b"\n") + 1)) from None

"""An author's YAML as plain data that remembers its lines, or the problems that stop it from being read.

Only a strict part of YAML is read: no anchors, no tags, no duplicate keys, no bare yes/no, bounded size and depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from survey_engine.language.characters import STRANGE, name_character
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 60_000

_WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_COMMENT = re.compile(r"(?<![ \t])[ \t]+(?P<comment>#(?P<close>\S)?.*)")
_SURPRISES = frozenset({"yes", "no", "on", "off"})
_BARE_WORDS: dict[str, object] = {"true": True, "false": False, "": None, "~": None, "null": None}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FAULTS = (
    ("violates indentation", "a tab stands where the line is indented", "Indent with spaces: no line may begin with a tab."),
    (
        "mapping values are not allowed",
        "a colon stands where no key can be",
        "Put a text that holds `: ` in quotes, and begin each `key:` on a line of its own.",
    ),
    (
        "end of stream",
        "a quote is opened here and never closed",
        "Close it; if it is an apostrophe, put the whole text in double quotes.",
    ),
    (
        "block",
        "this does not fit the lines above it",
        "Indent it like its neighbours, all with a dash or none; if part of a text is in quotes, put the whole text in quotes.",
    ),
    (
        "flow",
        "between these brackets a comma or the closing bracket is missing",
        "Put a text that holds a comma, a colon, a bracket or ` #` in quotes, and close the bracket.",
    ),
    (
        "cannot start any token",
        "no text can begin with this sign",
        "Put a text that begins with @, ` or % in quotes, and indent with spaces, not with tabs.",
    ),
    ("simple key", "this line has no `key:`", "Write `key: value`, or indent it if it goes on with the text above."),
    ("escape", "a \\ stands between double quotes", "Use single quotes around the text, or write \\\\."),
)
"""A word of what the YAML library says → what is wrong and what to do, for an author."""
_FAULTS_SEEN = (
    ("cannot start any token", r"\s*", r"\t", *_FAULTS[0][1:]),
    (
        "mapping values are not allowed",
        r" *[\w-]+",
        ":",
        "this key is indented deeper than its neighbours, as if it went on with the line above",
        "Begin it where its neighbours begin; if it does belong to the text above, put that whole text in quotes.",
    ),
    ("block", " *", r"-\w", "after this dash a space is missing", "Write `- ` before each part of a list."),
)
"""The same where the line itself tells more: a word of the library, what stands before the place, and what begins there."""


class SourceMapping(dict[Any, Any]):
    """A mapping that knows where it, each of its keys and each of its values begin."""

    __slots__ = ("key_places", "place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[Any, Place] = {}
        self.key_places: dict[Any, Place] = {}


class SourceList(list[Any]):
    """A list that knows where it and each of its values begin."""

    __slots__ = ("place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []


def find_place(data: Any, path: Sequence[Any], default: Place, *, key: bool = False) -> Place:
    """The place of the value that `path` leads to, or of its key; as far as the data have the path."""
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
    """Builds the data from YAML's stream of events, so that size and depth are bounded on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.events: Iterator[Any] = iter(())
        self.nodes = 0
        self.problems: list[Problem] = []
        self.lines: list[str] = []

    def read_file(self, text: str) -> SourceMapping:
        if found := STRANGE.search(text):
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
        if second := next(nodes, None):
            raise _UnreadableError("second-document", self.place(second))
        return data

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def read(self, event: Any, depth: int = 0) -> tuple[Any, Place]:
        place = self.place(event)
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise _UnreadableError("too-deep", place, limit=MAX_DEPTH)
        if self.nodes > MAX_NODES:
            raise _UnreadableError("too-large", place, limit=f"{MAX_NODES} values")
        if event.anchor:
            raise _UnreadableError("alias", place)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, place), place
        if event.tag:
            raise _UnreadableError("tag", place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.row(place, depth), place
        return self.node(place, depth), place

    def scalar(self, event: yaml.ScalarEvent, place: Place) -> Any:
        text = event.value
        if event.tag:
            self.problems.append(Problem("tag", place))
        if found := STRANGE.search(text):
            self.problems.append(Problem("strange-character", place, {"character": name_character(found[0])}))
            return STRANGE.sub("", text)
        if not event.implicit[0]:
            return text
        if text.lower() in _SURPRISES:
            self.problems.append(Problem("unquoted-word", place, {"word": text}))
        if _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        self.look_for_cut(event)
        return _BARE_WORDS.get(text, text)

    def look_for_cut(self, event: yaml.ScalarEvent) -> None:
        """A comment behind an unquoted text of several words was rather meant as a part of it."""
        end = event.end_mark
        if end is None or end.line >= len(self.lines):
            return
        comment = _COMMENT.match(self.lines[end.line], end.column)
        if comment and (" " in event.value or comment["close"]):
            place = Place(self.file, end.line + 1, comment.start("comment") + 1)
            self.problems.append(Problem("cut-text", place, {"rest": comment["comment"][:40].rstrip()}))

    def row(self, place: Place, depth: int) -> SourceList:
        row = SourceList(place)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, where = self.read(event, depth + 1)
            row.append(value)
            row.places.append(where)
        return row

    def node(self, place: Place, depth: int) -> SourceMapping:
        node = SourceMapping(place)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, where = self.read(event, depth + 1)
            value, at = self.read(next(self.events), depth + 1)
            if not isinstance(key, str | int) or isinstance(key, bool):
                key = event.value if isinstance(event, yaml.ScalarEvent) else "?"
            if key in node:
                self.problems.append(Problem("duplicate-key", where, {"key": key}))
                continue
            if value is None:
                self.problems.append(Problem("empty-value", where, {"key": key}))
            own_line = isinstance(value, SourceMapping | SourceList) and at.line != where.line
            node[key], node.places[key], node.key_places[key] = value, where if own_line else at, where
        return node


def read_source(file: str, content: bytes) -> tuple[SourceMapping | None, list[Problem]]:
    """One YAML file as a Node, with the problems found on the way; None when nothing can be made of it."""
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
        return None, [*reader.problems, _explain(file, text, error)]


def _decode(file: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _UnreadableError("too-large", Place(file), limit="1 MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableError("not-utf8", Place(file, content[: error.start].count(b"\n") + 1)) from None


def _explain(file: str, text: str, error: yaml.YAMLError) -> Problem:
    """What the YAML library says, in an author's words where they are known."""
    said = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    if re.search("anchor|alias", context):
        return Problem("alias", _place_mark(file, getattr(error, "context_mark", None)))
    fits = (fault for fault in _FAULTS if fault[0] in said or fault[0] in context)
    word, detail, advice = next(fits, ("", said.splitlines()[0], "Put the text in quotes if it begins with a sign."))
    detail, advice = _look_closer(word, text, getattr(error, "problem_mark", None)) or (detail, advice)
    mark, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    far = word == "flow" and mark and opened and opened.line != mark.line
    if opened and (far or word in ("end of stream", "simple key")):
        mark = opened
    return Problem("yaml", _place_mark(file, mark), {"detail": detail, "advice": advice})


def _look_closer(word: str, text: str, mark: Any) -> tuple[str, str] | None:
    """What is wrong and what to do, where the line with the fault says it better than the library."""
    if mark is None:
        return None
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    before, after = line[: mark.column], line[mark.column :]
    for fault, above, here, detail, advice in _FAULTS_SEEN:
        if fault == word and re.fullmatch(above, before) and re.match(here, after):
            return detail, advice
    return None


def _place_mark(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)

"""An author's YAML as plain data that remembers its lines, or the problems that stop it from being read.

Only a strict part of YAML is read: no anchors, no duplicate keys, no bare yes/no, bounded size and depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from survey_engine.model import Place
from survey_engine.problems import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 60_000

_WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_SURPRISES = frozenset({"yes", "no", "on", "off", "y", "n"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node(dict[Any, Any]):
    """A mapping that knows where it and each of its values begin."""

    __slots__ = ("place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[Any, Place] = {}


class Row(list[Any]):
    """A list that knows where it and each of its values begin."""

    __slots__ = ("place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []


def find_place(node: Any, path: tuple[Any, ...], default: Place) -> Place:
    """The place of the value that `path` leads to; steps that the data do not have are passed over."""
    place = getattr(node, "place", default)
    for step in path:
        in_row = isinstance(node, Row) and isinstance(step, int) and step < len(node)
        if in_row or (isinstance(node, Node) and step in node.places):
            place, node = node.places[step], node[step]
    return place


class _UnreadableError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Reader:
    """Builds the data from YAML's stream of events, so that size and depth are bounded on the way."""

    def __init__(self, file: str, events: Iterator[Any]) -> None:
        self.file, self.events = file, events
        self.nodes = 0
        self.problems: list[Problem] = []

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def read(self, event: Any, depth: int = 0) -> tuple[Any, Place]:
        place = self.place(event)
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise _UnreadableError(Problem("too-deep", place, {"limit": MAX_DEPTH}))
        if self.nodes > MAX_NODES:
            raise _UnreadableError(Problem("too-large", place, {"limit": f"{MAX_NODES} values"}))
        if getattr(event, "anchor", None):
            raise _UnreadableError(Problem("alias", place))
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, place), place
        if isinstance(event, yaml.SequenceStartEvent):
            return self.row(place, depth), place
        return self.node(place, depth), place

    def scalar(self, event: yaml.ScalarEvent, place: Place) -> Any:
        text = event.value
        if not event.implicit[0]:
            return text
        if text.lower() in _SURPRISES:
            self.problems.append(Problem("unquoted-word", place, {"word": text}))
        if _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        return {"true": True, "false": False, "": None, "~": None, "null": None}.get(text, text)

    def row(self, place: Place, depth: int) -> Row:
        row = Row(place)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, where = self.read(event, depth + 1)
            row.append(value)
            row.places.append(where)
        return row

    def node(self, place: Place, depth: int) -> Node:
        node = Node(place)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, where = self.read(event, depth + 1)
            value, at = self.read(next(self.events), depth + 1)
            if not isinstance(key, str | int) or isinstance(key, bool):
                key = str(event.value) if isinstance(event, yaml.ScalarEvent) else "?"
            if key in node:
                self.problems.append(Problem("duplicate-key", where, {"key": key}))
                continue
            node[key], node.places[key] = value, where if at.line != where.line else at
        return node


def read_source(file: str, content: bytes) -> tuple[Node | None, list[Problem]]:
    """One YAML file as a Node, with the problems found on the way; None when nothing can be made of it."""
    start = Place(file)
    if len(content) > MAX_BYTES:
        return None, [Problem("too-large", start, {"limit": "1 MB"})]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Problem("not-utf8", Place(file, content[: error.start].count(b"\n") + 1))]
    reader = _Reader(file, yaml.parse(text, Loader=_LOADER))
    try:
        for event in reader.events:
            if isinstance(event, yaml.NodeEvent):
                data, place = reader.read(event)
                rest = next((e for e in reader.events if isinstance(e, yaml.NodeEvent)), None)
                if isinstance(data, Node) and rest is None:
                    return data, reader.problems
                return None, [*reader.problems, Problem("not-a-mapping", reader.place(rest) if rest else place)]
    except _UnreadableError as stop:
        return None, [*reader.problems, stop.problem]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Place(file, mark.line + 1, mark.column + 1) if mark else start
        return None, [*reader.problems, Problem("yaml", where, {"detail": error.problem or error.context})]
    except yaml.YAMLError as error:
        return None, [*reader.problems, Problem("yaml", start, {"detail": str(error).splitlines()[0]})]
    return None, [*reader.problems, Problem("not-a-mapping", start)]

"""Rules of an edition: which sections it asks, how many modules and blocks students get, and from which modules one is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Years:
    """An interval of editions, counted from the first."""

    every: int
    start: int

    def include(self, edition: int) -> bool:
        return edition >= self.start and (edition - self.start) % self.every == 0


@dataclass(frozen=True, slots=True, eq=False)
class ModuleRule:
    """The number of modules that the council chooses, that the institution chooses, and that are drawn at random."""

    council: int
    institution: int
    random: int
    shares: Mapping[str, int] = field(default_factory=dict)
    """Each module that the group names → its share of the draw; empty for the modules that no other group names."""


@dataclass(frozen=True, slots=True)
class BlockRule:
    """At most `limit` blocks; a block is a theme or `questions` local questions; `statements` count as one question."""

    limit: int
    questions: int
    statements: int

"""Rules of the order: editions that ask a section, and the number of modules and blocks that each student gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Years:
    """The editions (years) that ask a section: `start`, and then every `every` years."""

    every: int
    start: int

    def include(self, edition: int) -> bool:
        return edition >= self.start and (edition - self.start) % self.every == 0


@dataclass(frozen=True, slots=True, eq=False)
class ModuleRule:
    """How many modules of a group the council chooses, the institution chooses, and are drawn at random."""

    council: int
    institution: int
    random: int
    shares: Mapping[str, int] = field(default_factory=dict)
    """Module named by the group → its share of the draw. If empty, the group has all modules that no other group names."""


@dataclass(frozen=True, slots=True)
class BlockRule:
    """At most `limit` time blocks per student: themes, or up to `questions` local questions; `statements` statements count as one."""

    limit: int
    questions: int
    statements: int

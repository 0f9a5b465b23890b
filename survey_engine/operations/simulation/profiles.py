"""Kinds of simulated respondents: accuracy, speed and dropout. A new kind is a line in PROFILES."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random


@dataclass(frozen=True, slots=True)
class Profile:
    """Behaviour of a simulated respondent. Every number except `noise` and `pace` is a probability."""

    about: str
    noise: float = 0.7
    """Standard deviation of an answer around the attitude; attitudes have a standard deviation of 1."""
    straight: bool = False
    """Whether all items get the same point of the scale."""
    skip: float = 0.02
    """Leaving an item unanswered."""
    write: float = 0.35
    """Writing in an open question."""
    pace: float = 1.0
    """Time on a page as a share of the expected time."""
    leave: float = 0.003
    """Leaving, on each page."""
    back: float = 0.01
    """Returning once, on each page."""
    slip: float = 0.01
    """Entering invalid input first, in each number or date."""
    restless: float = 0.0
    """Changing the language or sending a page twice, on each page; also writing unusual characters."""


_HONEST = Profile("answers what they think: alike within a theme, now and then skips one or goes back")
PROFILES: dict[str, Profile] = {
    "honest": _HONEST,
    "straightliner": Profile(
        "the same point of every scale, quickly", noise=0.0, straight=True, skip=0.0, write=0.05, pace=0.4, back=0.0
    ),
    "speeder": Profile("anything, as fast as possible", noise=3.0, skip=0.05, write=0.02, pace=0.15, leave=0.01, back=0.0),
    "breaks-off": replace(_HONEST, about="honest, but leaves on the way, more often where one must write", leave=0.07),
    "random": Profile(
        "anything anywhere: skips, goes back, mistypes, changes language, sends twice",
        noise=3.0,
        skip=0.2,
        write=0.6,
        leave=0.01,
        back=0.08,
        slip=0.15,
        restless=0.06,
    ),
}
MIXED = {"honest": 80, "straightliner": 5, "speeder": 8, "breaks-off": 5, "random": 2}
"""Shares of a plausible population, of 100."""


def choose_profile(name: str, chance: Random) -> str:
    """Return the profile; for `mixed`, one of the profiles by its share."""
    if name != "mixed":
        return name
    return chance.choices(list(MIXED), list(MIXED.values()))[0]

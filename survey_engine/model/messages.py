"""Messages for authors: code → severity, error and remedy.

To add a message, add it to `definition_messages` or `content_messages`; tests require that code reports it and a test covers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from survey_engine.model.content_messages import CONTENT_MESSAGES
from survey_engine.model.definition_messages import DEFINITION_MESSAGES
from survey_engine.model.message import Message, Severity
from survey_engine.model.questionnaire import Place

MESSAGES: dict[str, Message] = {**DEFINITION_MESSAGES, **CONTENT_MESSAGES}
"""Code → message."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An author's mistake: a message code, the place, and the values that fill in the message."""

    code: str
    place: Place
    facts: Mapping[str, object] = field(default_factory=dict)
    others: tuple[Place, ...] = ()
    """Other places with the same mistake."""

    @property
    def severity(self) -> Severity:
        return MESSAGES[self.code].severity

    @property
    def wrong(self) -> str:
        return MESSAGES[self.code].wrong.format_map(self.facts)

    @property
    def remedy(self) -> str:
        return MESSAGES[self.code].remedy.format_map(self.facts)

    def __str__(self) -> str:
        wrong = self.wrong
        also = f" {self.also}" if self.others else ""
        return f"{self.place}: {wrong[0].upper()}{wrong[1:]}. {self.remedy}{also} [{self.code}]"

    @property
    def also(self) -> str:
        """A sentence with the other places; an empty string if there are none."""
        files: dict[str, list[str]] = {}
        for place in self.others:
            files.setdefault(place.file, []).append(str(place.line))
        named = [f"{file}:{','.join(dict.fromkeys(lines))}" for file, lines in files.items()]
        return f"Also at {' '.join(named)}." if named else ""


def group_families(problems: Iterable[Problem]) -> list[Problem]:
    """Merge problems with the same message into one, at the first place, with the other places in `also`."""
    families: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        families.setdefault((problem.code, problem.wrong, problem.remedy), []).append(problem)
    return [
        replace(first, others=(*first.others, *(place for each in rest for place in (each.place, *each.others))))
        for first, *rest in families.values()
    ]


class BrokenQuestionnaireError(Exception):
    """The definition of a questionnaire has errors; `problems` contains all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
        super().__init__("\n".join(map(str, group_families(self.problems))))


def _is_similar(name: str, other: str) -> bool:
    """Whether two names have a similar length and the same beginning or end: a cheap test before the full comparison."""
    ends = name[:1] == other[:1].lower() or name[-2:] == other[-2:].lower()
    return ends and abs(len(name) - len(other)) <= max(2, len(name) // 2)


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Return a suggestion with the most similar name; an empty string if no name is similar.

    >>> suggest_name("intership", ["internship", "lessons"])
    " (did you mean 'internship'?)"
    >>> suggest_name("zebra", ["internship"])
    ''
    """
    near = find_similar(name, known)
    return f" (did you mean '{near}'?)" if near else ""


def find_similar(name: str, known: Iterable[str]) -> str:
    """Return the most similar name; an empty string if no name is similar."""
    lowered = name.lower()
    names = [other for other in map(str, known) if _is_similar(lowered, other)]
    near = get_close_matches(name, names, n=1, cutoff=0.65) or get_close_matches(lowered, names, n=1, cutoff=0.65)
    return near[0] if near else ""


def join_names(names: Iterable[object], limit: int = 12) -> str:
    """Sort names and join at most `limit` of them.

    >>> join_names(["b", "a"])
    'a, b'
    """
    ordered = sorted(map(str, names))
    more = f" … ({len(ordered)} in all)" if len(ordered) > limit else ""
    return ", ".join(ordered[:limit]) + more if ordered else "none"

"""Which responses the columns of an institution's file show alike. A reader can join files by the answers and by random orders, which
are the same in each: also by those that remain when an answer was changed.

The record of released rows has keyed hashes of the responses, and no values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from survey_engine.datasets.columns import TableLayout

_Place = tuple[int, int] | None
"""The group of a response in a file, and the number of its answers: 0 for the first ones. None if the file does not have it."""

NEW_RESPONSES, TEXTS_BACKGROUND = "new", "background beside the texts"


class ShownColumns(NamedTuple):
    """The columns of a file of rows by which an institution knows its persons, and the responses that they show alike."""

    background: Sequence[str]
    fixed: Sequence[str]
    """Contents of fixed columns, such as `language`."""
    least: int
    """Least number of responses that the columns show alike."""
    groups: Sequence[Sequence[str]]
    """The responses with equal values, which were asked alike, too: per response two hashes, joined by a slash. The first is the same
    in every file, the second changes with the answers."""
    open_with: Sequence[str] = ()
    """Background beside the texts of open answers."""

    @property
    def kind(self) -> tuple[object, ...]:
        """What two files have in common that hide the same values of the same responses."""
        return (tuple(self.background), tuple(self.fixed), self.least, tuple(self.open_with))

    def describe(self) -> str:
        """Name the columns that a person chose, and the least group.

        >>> ShownColumns(["path"], ["version", "channel"], 5, []).describe()
        'path, channel (groups of 5)'
        """
        chosen = [*self.background, *(content for content in self.fixed if content == "channel")]
        texts = f", texts with {', '.join(self.open_with)}" if self.open_with else ""
        return f"{', '.join(chosen) or 'no background'}{texts} (groups of {self.least})"

    def format_options(self) -> str:
        """Return the options of the export that showed these columns.

        >>> ShownColumns(["path"], ["version", "channel"], 5, []).format_options()
        '--background path --with-channel --least-group 5'
        """
        background = [f"--background {code}" for code in self.background] or ["--no-background"]
        channel = ["--with-channel"] if "channel" in self.fixed else []
        texts = [f"--open-with {code}" for code in self.open_with]
        return " ".join([*background, *texts, *channel, f"--least-group {self.least}"])


def load_shown(stored: Mapping[str, Any] | None) -> ShownColumns | None:
    """Read the columns of a record; None if there are none, or if an older program wrote them, without hashes of the answers."""
    shown = ShownColumns(**stored) if stored else None
    return shown if shown and all("/" in member for group in shown.groups for member in group) else None


def describe_shown(
    layout: TableLayout, least: int, parts: Mapping[object, Collection[str]], open_with: Iterable[str]
) -> ShownColumns | None:
    """Return the columns of the file of an institution; None for a file of all.

    Args: parts: what the columns show → the responses, as in `ShownColumns.groups`.
    """
    if not layout.shared:
        return None
    groups = sorted(sorted(hashes) for hashes in parts.values())
    return ShownColumns([each.code for each in layout.background], list(layout.shared), least, groups, sorted(open_with))


class FewAlike(NamedTuple):
    """Few responses that a reader finds who joins a file with earlier ones."""

    number: int
    least: int
    """The number that would be enough."""
    change: str
    """How the files differ in these responses."""
    earlier: Sequence[ShownColumns]
    """The earlier files that such a reader needs: one if one is enough, otherwise all."""


def find_few_alike(now: ShownColumns, earlier: Sequence[ShownColumns]) -> FewAlike | None:
    """Find the fewest responses that this file and earlier ones of the institution show alike, if they are too few.

    All files are joined at once: each one splits the groups further, so readers of some of them see no smaller group.
    If the texts have other background, assume the worst (1): the record does not tell whose texts they are.
    """
    texts = (each for each in earlier if each.open_with and now.open_with and each.open_with != now.open_with)
    if other := next(texts, None):
        return FewAlike(1, max(now.least, other.least), TEXTS_BACKGROUND, [other])
    if not (earlier and (few := _find_few(now, earlier))):
        return None
    ordered = sorted(earlier, key=lambda each: each.kind != now.kind)
    return next(filter(None, (_find_few(now, [each]) for each in ordered)), few)


def _find_few(now: ShownColumns, earlier: Sequence[ShownColumns]) -> FewAlike | None:
    """Find the smallest group of responses that the joined files show alike and no reader of earlier ones alone knows."""
    least = max(each.least for each in (now, *earlier))
    alike = _join((*earlier, now))
    small = sorted((number, at) for at, (_, number) in enumerate(alike.items()) if number < least)
    if not small:
        return None
    kept = Counter[tuple[int, _Place, _Place]]()
    """(earlier file, place in it, place in this file) → number of responses."""
    for places, number in alike.items():
        kept.update({(file, place, places[-1]): number for file, place in enumerate(places[:-1])})
    found = list(alike)
    for number, at in small:
        *before, here = found[at]
        if not all(
            _tells_nothing(each, kept, (file, place, here), number)
            for file, (each, place) in enumerate(zip(earlier, before, strict=True))
        ):
            return FewAlike(number, least, _describe_change(before, here, {each.kind for each in (now, *earlier)}), earlier)
    return None


def _tells_nothing(
    earlier: ShownColumns, kept: Counter[tuple[int, _Place, _Place]], part: tuple[int, _Place, _Place], number: int
) -> bool:
    """Whether readers of an earlier file learn nothing new of some responses: neither file has them, or none of them changed, and
    they are a whole group of the earlier file, or this file does not split that group."""
    _, before, here = part
    if before is None:
        return here is None
    return not before[1] and not (here and here[1]) and len(earlier.groups[before[0]]) in (number, kept[part])


def _join(files: Sequence[ShownColumns]) -> Counter[tuple[_Place, ...]]:
    """Count the responses with the same place in each of these files.

    >>> path, level = (ShownColumns([], [], 2, groups) for groups in ((["a/1", "b/1"],), (["a/1"], ["b/2", "c/1"])))
    >>> sorted(_join([path, level]).items(), key=str)
    [(((0, 0), (0, 0)), 1), (((0, 0), (1, 1)), 1), ((None, (1, 0)), 1)]
    """
    found: dict[str, list[_Place]] = {}
    states: dict[str, dict[str, int]] = {}
    for file, each in enumerate(files):
        for group, members in enumerate(each.groups):
            for member in members:
                response, _, state = member.partition("/")
                known = states.setdefault(response, {})
                places = found.setdefault(response, [None] * len(files))
                places[file] = (group, known.setdefault(state, len(known)))
    return Counter(map(tuple, found.values()))


def _describe_change(before: Sequence[_Place], here: _Place, kinds: Collection[object]) -> str:
    if here is None:
        return "removed"
    if not any(before):
        return NEW_RESPONSES
    if any(place and place[1] for place in (*before, here)):
        return "changed answers or language"
    return "columns of all files together" if len(kinds) > 1 else "changed background or version"

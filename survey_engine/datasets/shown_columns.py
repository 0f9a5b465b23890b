"""Which responses the columns of an institution's file show alike. Two files with other columns can be joined by their answers.

The record of released rows has keyed hashes of the responses, and no values.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from survey_engine.datasets.columns import TableLayout


class ShownColumns(NamedTuple):
    """The columns of a file of rows by which an institution knows its persons, and the responses that they show alike."""

    background: Sequence[str]
    fixed: Sequence[str]
    """Contents of fixed columns, such as `language`."""
    least: int
    """Least number of responses that the columns show alike."""
    groups: Sequence[Sequence[str]]
    """Hashes of the responses with equal values, which were asked alike, too."""
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


def describe_shown(
    layout: TableLayout, least: int, parts: Mapping[object, Collection[str]], open_with: Iterable[str]
) -> ShownColumns | None:
    """Return the columns of the file of an institution; None for a file of all.

    Args: parts: what the columns show → hashes of the responses.
    """
    if not layout.shared:
        return None
    groups = sorted(sorted(hashes) for hashes in parts.values())
    return ShownColumns([each.code for each in layout.background], list(layout.shared), least, groups, sorted(open_with))


def find_joined(now: ShownColumns, earlier: Iterable[ShownColumns]) -> tuple[ShownColumns, int] | None:
    """Find an earlier file with other columns that shows few responses alike when it is joined with this one, and others, too.

    If the texts have other background, assume the worst (1): the record does not tell whose texts they are.

    Returns: the file and the smallest number of responses; None if each number is at least that of the files.
    """
    others = [each for each in earlier if each.kind != now.kind]
    texts = (each for each in others if each.open_with and now.open_with and each.open_with != now.open_with)
    if other := next(texts, None):
        return other, 1
    for files in _list_joins(others):
        smallest = count_smallest(now, files)
        if smallest < max(each.least for each in (now, *files)):
            return files[-1], smallest
    return None


def _list_joins(earlier: Sequence[ShownColumns]) -> list[list[ShownColumns]]:
    """List which files have a response in common, the fewest files first: a file without it tells nothing of it.

    Other sets of files need no look: a response that they show with few others is with no more in all the files that have it.
    """
    places = defaultdict[str, list[int]](list)
    for place, hash in ((place, hash) for place, each in enumerate(earlier) for group in each.groups for hash in group):
        places[hash].append(place)
    joins = sorted(set(map(tuple, places.values())), key=lambda join: (len(join), join))
    return [[earlier[place] for place in join] for join in joins]


def count_smallest(now: ShownColumns, earlier: Sequence[ShownColumns]) -> int:
    """Count the smallest group of responses in all earlier files that they show alike together with this one.

    That this one leaves responses out tells something of them, too.

    >>> path, level = (ShownColumns([name], [], 2, groups) for name, groups in (("p", ["abc", "de"]), ("l", ["ab", "cde"])))
    >>> count_smallest(level, [path])
    1
    """
    places = [{hash: n for n, group in enumerate(each.groups) for hash in group} for each in (now, *earlier)]
    common = set[str].intersection(*map(set, places[1:]))
    return min(Counter(tuple(place.get(hash) for place in places) for hash in common).values(), default=now.least)

"""Labels: spelling variants of one label, and combinations of labels that few persons share."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias
from unicodedata import combining, normalize

from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition
from survey_engine.model.messages import join_names

_SHOWN = 5
_BETWEEN = re.compile(r"(?<=[0-9])[^\w+#]+(?=[0-9])")
_SIGNS = re.compile(r"[^\w+#]|(?<![0-9])_|_(?![0-9])")
"""Signs that make no difference between labels: 4/5 is not 45, and C++ is not C."""
LabelValues: TypeAlias = tuple[str, ...]
"""The analysis labels of a person, in the order of the columns."""


def find_shown(combinations: Mapping[LabelValues, int], least: int) -> set[LabelValues]:
    """The combinations of labels that may go with the answers of an institution's persons.

    At least so many persons share each of them. So do those without labels, if there are any: else their lack of labels would
    tell who they are. For this the smallest combinations are left out, too.

    Args: combinations: labels → number of persons of the institution; that of persons without labels has empty labels alone.
    """
    shown = {labels for labels, count in combinations.items() if any(labels) and count >= least}
    without = sum(count for labels, count in combinations.items() if labels not in shown)
    while shown and 0 < without < least:
        smallest = min(shown, key=lambda labels: (combinations[labels], labels))
        shown.remove(smallest)
        without += combinations[smallest]
    return shown


class LabelChecks:
    """Counts labels and their combinations."""

    def __init__(
        self,
        definition: RosterDefinition | None = None,
        index: Mapping[str, int] | None = None,
        find_institution: Callable[[Sequence[str]], str] = lambda values: "",
    ) -> None:
        """Args: index: column → position among the values · find_institution: takes the values of a row."""
        index = index or {}
        kinds = ("analysis_label", "response_label")
        self._labels = [(name, index[name]) for name in (definition.iter_kind(*kinds) if definition else ()) if name in index]
        free = [name for name in (definition.iter_kind("analysis_label") if definition else ()) if name in index]
        self._analysis = [(name, index[name]) for name in free]
        self.smallest = definition.smallest if definition else 1
        self._counts: dict[str, Counter[str]] = {name: Counter() for name, _ in self._labels}
        self._rows: dict[tuple[str, str], array[int]] = defaultdict(lambda: array("L"))
        self._find_institution = find_institution
        self.combinations: dict[str, Counter[LabelValues]] = defaultdict(Counter)
        """Institution → analysis labels → number of persons."""
        self._combined: dict[str, set[LabelValues]] = {}
        self.unified: dict[str, dict[str, str]] = {}
        """Column → rarer spelling → most frequent spelling."""

    def add(self, number: int, values: Sequence[str]) -> None:
        for name, at in self._labels:
            value = values[at]
            count = self._counts[name]
            count[value] += 1
            if count[value] <= _SHOWN:
                self._rows[name, value].append(number)
        if self._analysis:
            self.combinations[self._find_institution(values)][self.combine(values)] += 1

    def combine(self, values: Sequence[str]) -> LabelValues:
        """The analysis labels of a row, whatever their spelling."""
        return tuple([normalise_label(values[at]) for _, at in self._analysis])

    def is_shown(self, values: Sequence[str]) -> bool:
        """Whether the analysis labels of a row may go with the answers; known after `finish`."""
        return self.combine(values) in self._combined.get(self._find_institution(values), ())

    def finish(self, findings: RosterFindings, *, unify: bool = False) -> None:
        """Args: unify: rarer spellings are read as the most frequent one."""
        for name, counts in self._counts.items():
            self._check_variants(name, counts, findings)
        if unify:
            self._unify()
        self._combined = {institution: find_shown(counts, self.smallest) for institution, counts in self.combinations.items()}
        self._check_identifying(findings)

    def _unify(self) -> None:
        written = [self.unified.get(name, {}) for name, _ in self._analysis]
        variants = [{normalise_label(rare): normalise_label(best) for rare, best in known.items()} for known in written]
        for institution, counts in self.combinations.items():
            unified = Counter[LabelValues]()
            for labels, count in counts.items():
                unified[tuple([known.get(label, label) for known, label in zip(variants, labels, strict=True)])] += count
            self.combinations[institution] = unified

    def _check_variants(self, name: str, counts: Counter[str], findings: RosterFindings) -> None:
        groups: dict[str, list[str]] = defaultdict(list)
        for value in counts:
            if value:
                groups[fold_label(value)].append(value)
        for variants in groups.values():
            if len(variants) > 1:
                best, *rarer = sorted(variants, key=lambda value: (-counts[value], value))
                for value in rarer:
                    self.unified.setdefault(name, {})[value] = best
                    text = f"'{value}' ({counts[value]} persons) seems to be '{best}' ({counts[best]} persons). Add --unify to read it so."
                    for number in self._rows[name, value]:
                        findings.add(number, "spelling", name, value, text)

    def _check_identifying(self, findings: RosterFindings) -> None:
        hidden = [
            (labels, count)
            for institution, counts in self.combinations.items()
            for labels, count in counts.items()
            if any(labels) and labels not in self._combined[institution]
        ]
        if not hidden:
            return
        names = [name for name, _ in self._analysis]
        persons = sum(count for _, count in hidden)
        blame = {name: persons - self._count_hidden(at) for at, name in enumerate(names)}
        worst, gain = max(blame.items(), key=itemgetter(1))
        advice = f" Without '{worst}' there are {persons - gain}." if gain > 0 else ""
        text = (
            f"{persons} persons are in {len(hidden)} combinations of labels with fewer than {self.smallest} persons of their institution, "
            f"or the smallest beside these: these labels do not go with their answers.{advice} Labels: {join_names(names)}."
        )
        findings.add(0, "identifying", "", "", text)

    def _count_hidden(self, left_out: int) -> int:
        """The number of persons whose labels would not go with their answers without one of the columns."""
        hidden = 0
        for counts in self.combinations.values():
            merged = Counter[LabelValues]()
            for labels, count in counts.items():
                merged[(*labels[:left_out], *labels[left_out + 1 :])] += count
            shown = find_shown(merged, self.smallest)
            hidden += sum(count for labels, count in merged.items() if any(labels) and labels not in shown)
        return hidden


@lru_cache(maxsize=4096)
def normalise_label(label: str) -> str:
    """A label without differences of case, white-space and the composition of accents.

    >>> normalise_label(" Zorg  en e\u0301lan"), normalise_label("zorg en élan")
    ('zorg en élan', 'zorg en élan')
    """
    return " ".join(normalize("NFC", label).split()).casefold()


def fold_label(label: str) -> str:
    """A label without case, accents, spaces and signs, but for + and # and one sign between numbers.

    >>> fold_label("Zorg & Welzijn"), fold_label("zorg&welzijn."), fold_label("Économie"), fold_label("4/5"), fold_label("C++")
    ('zorgwelzijn', 'zorgwelzijn', 'economie', '4_5', 'c++')
    """
    plain = "".join(character for character in normalize("NFKD", label.casefold()) if not combining(character))
    return _SIGNS.sub("", _BETWEEN.sub("_", plain)) or label

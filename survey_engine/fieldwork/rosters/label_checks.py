"""Labels: spelling variants of one label, and combinations of labels that few persons share."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from unicodedata import combining, normalize

from survey_engine.fieldwork.rosters.findings import Findings
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition
from survey_engine.model.messages import join_names

_SHOWN = 5


class LabelChecks:
    """Counts labels and their combinations."""

    def __init__(self, definition: RosterDefinition | None = None, index: Mapping[str, int] | None = None) -> None:
        """Args: index: column → position among the values."""
        index = index or {}
        kinds = ("analysis_label", "response_label")
        self._labels = [(name, index[name]) for name in (definition.iter_kind(*kinds) if definition else ()) if name in index]
        free = [name for name in (definition.iter_kind("analysis_label") if definition else ()) if name in index]
        self._analysis = [(name, index[name]) for name in free]
        self.smallest = definition.smallest if definition else 1
        self._counts: dict[str, Counter[str]] = {name: Counter() for name, _ in self._labels}
        self._rows: dict[tuple[str, str], array[int]] = defaultdict(lambda: array("L"))
        self.combinations: Counter[tuple[str, ...]] = Counter()
        """Analysis labels → number of persons."""
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
            self.combinations[tuple([values[at] for _, at in self._analysis])] += 1

    def is_small(self, values: Mapping[str, str]) -> bool:
        """Whether fewer persons than allowed have these analysis labels."""
        return self.combinations[tuple([values[name] for name, _ in self._analysis])] < self.smallest

    def finish(self, findings: Findings) -> None:
        for name, counts in self._counts.items():
            self._find_variants(name, counts, findings)
        self._find_identifying(findings)

    def _find_variants(self, name: str, counts: Counter[str], findings: Findings) -> None:
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

    def _find_identifying(self, findings: Findings) -> None:
        small = {labels: count for labels, count in self.combinations.items() if count < self.smallest and any(labels)}
        if not small:
            return
        names = [name for name, _ in self._analysis]
        persons = sum(small.values())
        blame = Counter[str]()
        for at, name in enumerate(names):  # the number of small combinations that remain without this label
            merged: Counter[tuple[str, ...]] = Counter()
            for labels, count in self.combinations.items():
                merged[(*labels[:at], *labels[at + 1 :])] += count
            blame[name] = persons - sum(count for count in merged.values() if count < self.smallest)
        worst, gain = blame.most_common(1)[0]
        advice = f" Without '{worst}' there are {persons - gain}." if gain > 0 else ""
        text = (
            f"{persons} persons are in {len(small)} combinations of labels with fewer than {self.smallest} persons: these labels do not "
            f"go with their answers.{advice} Labels: {join_names(names)}."
        )
        findings.add(0, "identifying", "", "", text)


def fold_label(label: str) -> str:
    """A label without case, accents, spaces and signs.

    >>> fold_label("Zorg & Welzijn"), fold_label("zorg&welzijn."), fold_label("Économie")
    ('zorgwelzijn', 'zorgwelzijn', 'economie')
    """
    plain = "".join(character for character in normalize("NFKD", label.casefold()) if not combining(character))
    return re.sub(r"[\W_]", "", plain) or label

"""Polarity of labels: which labels negate another label of their scale, in the source and in a translation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from survey_engine.authoring.translating.moved_wordings import is_option, name_scale
from survey_engine.authoring.translating.units import Unit

_NEGATIONS = frozenset(["niet", "geen", "nicht", "kein", "keine", "keinen", "not", "no", "non"])
_PREFIXES = ("on", "un", "in", "im", "dis", "des", "non")
_WORD = re.compile(r"[^\W\d_]+")
_CONTRACTED = re.compile("n['’]t\\b")
_SHORTEST = 4
"""Least number of letters of a word that a negation or prefix turns into its opposite; shorter words occur in too many labels."""


def find_polarities(labels: Sequence[str]) -> list[int]:
    """Return the polarity of each label: -1 if it negates words of another label, 1 if another label negates its words, else 0.

    >>> find_polarities(["Stimme nicht zu", "Neutral", "Stimme zu"]), find_polarities(["Ontevreden", "Tevreden"])
    ([-1, 0, 1], [-1, 1])
    """
    words = [{*_WORD.findall(_CONTRACTED.sub(" not", label.casefold()))} for label in labels]
    affirmed = [found for found in words if not found & _NEGATIONS]
    negated = [{base for word in found for base in _iter_bases(word, affirmed)} for found in words]
    denied = set[str]().union(*negated)
    asserted = {word for found in affirmed for word in found if len(word) >= _SHORTEST}
    shared = [found & asserted if found & _NEGATIONS else set[str]() for found in words]
    denied |= set[str]().union(*shared)
    polarities = []
    for found, bases, rest in zip(words, negated, shared, strict=True):
        is_negative = bool(bases or rest)
        is_positive = not found & _NEGATIONS and bool(found & denied) and not bases
        is_both = bool(bases and (found & _NEGATIONS or found & bases))
        polarities.append(0 if is_both else -1 if is_negative else int(is_positive))
    return polarities


def _iter_bases(word: str, labels: Sequence[set[str]]) -> Iterator[str]:
    """Yield words of labels that become this word with a prefix."""
    for prefix in _PREFIXES:
        base = word.removeprefix(prefix)
        if base != word and len(base) >= _SHORTEST and any(base in label for label in labels):
            yield base


def iter_reversed_labels(changes: Mapping[str, str], units: Mapping[str, Unit]) -> Iterator[tuple[str, str]]:
    """Yield (code of a changed option, code of its scale) if the new wording has the opposite polarity of the source.

    Args:
        changes: code → new wording.
        units: code → unit with its wording before.
    """
    for scale, options in _group(changes, units).items():
        for unit, source, wording in _compare(options, changes):
            if unit.code in changes and source * wording < 0:
                yield unit.code, scale


def list_undecided(changes: Mapping[str, str], units: Mapping[str, Unit]) -> list[str]:
    """Describe scales with two or more changed labels whose polarity is unknown in a language, for a reader of both languages."""
    shown = []
    for scale, options in _group(changes, units).items():
        changed = [unit for unit in options if unit.code in changes]
        decided = any(source * wording for _, source, wording in _compare(options, changes))
        if scale.startswith("scale.") and len(changed) > 1 and not decided:
            pairs = (f"“{unit.source}” → “{changes.get(unit.code, unit.wording)}”" for unit in options)
            shown.append(f"{scale}: {'; '.join(pairs)}")
    return shown


def _group(changes: Mapping[str, str], units: Mapping[str, Unit]) -> dict[str, list[Unit]]:
    """Return code of a changed scale or question → its options."""
    scales = {name_scale(units[code]) for code in changes if is_option(units[code])}
    found = defaultdict(list)
    for unit in units.values():
        if is_option(unit) and name_scale(unit) in scales:
            found[name_scale(unit)].append(unit)
    return found


def _compare(options: Sequence[Unit], changes: Mapping[str, str]) -> Iterator[tuple[Unit, int, int]]:
    """Yield (option, polarity of its source, polarity of its wording)."""
    sources = find_polarities([unit.source for unit in options])
    wordings = find_polarities([changes.get(unit.code, unit.wording) for unit in options])
    yield from zip(options, sources, wordings, strict=True)

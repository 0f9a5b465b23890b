"""Finds wordings in the wrong row of a translator's workbook: shifted rows and reversed scales."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from survey_engine.authoring.translating.units import Unit

_NUMBERING = re.compile(r"[0-9]{1,2}\s*[.):=\u2013-]\W*(?=[^\W0-9])")
_ACCENTS = dict.fromkeys(range(0x300, 0x370))
_TELLING = frozenset("<>≤≥+")
"""Signs that make a difference between labels, such as "5+ hours"."""


def iter_moved(changes: Mapping[str, str], units: Mapping[str, Unit]) -> Iterator[tuple[str, Unit]]:
    """Yield (code of a changed text, the text to which its new wording belongs).

    A wording belongs to another text if that text had the wording before, and either gets a new one or is an option of the same
    scale. It also belongs to another option of its scale if, in a different scale, an option with that option's source has the
    wording. Texts with equal sources may have equal wordings; stale texts are ignored, because their wording translates an older
    source.

    Args:
        changes: code → new wording.
        units: code → unit with its wording before.
    """
    before, after, scales = defaultdict(list), defaultdict(list), defaultdict(list)
    for unit in units.values():
        if unit.wording.strip() and unit.state != "stale":
            before[fold_letters(unit.wording)].append(unit)
        if is_option(unit):
            after[fold_letters(changes.get(unit.code, unit.wording))].append(unit)
            scales[name_scale(unit)].append(unit)
    for code, wording in changes.items():
        unit, folded = units[code], fold_letters(wording)
        others = [*_iter_owners(unit, before[folded], changes)]
        if is_option(unit):
            others += _list_contradictions(unit, scales[name_scale(unit)], after[folded])
        if others:
            yield code, others[0]


def _iter_owners(unit: Unit, owners: Sequence[Unit], changes: Mapping[str, str]) -> Iterator[Unit]:
    """Yield other texts that had the unit's new wording before, if they get a new one or are options of the same scale."""
    for other in owners:
        if other.message is not unit.message and fold_letters(other.source) != fold_letters(unit.source):
            is_lost = other.code in changes and fold_letters(changes[other.code]) != fold_letters(other.wording)
            if is_lost or (is_option(unit) and is_option(other) and name_scale(unit) == name_scale(other)):
                yield other


def _list_contradictions(unit: Unit, scale: Sequence[Unit], alike: Sequence[Unit]) -> list[Unit]:
    """Return the options of the unit's scale whose source has, in other scales, the unit's new wording.

    Empty if an option elsewhere has both the wording and the source of the unit.
    """
    elsewhere = [other for other in alike if name_scale(other) != name_scale(unit)]
    if any(fold_letters(other.source) == fold_letters(unit.source) for other in elsewhere):
        return []
    siblings = {fold_letters(one.source) for one in scale} - {fold_letters(unit.source)}
    return [other for other in elsewhere if fold_letters(other.source) in siblings]


def is_option(unit: Unit) -> bool:
    """Whether the text is the label of an option of a scale or question."""
    return unit.message.context.kind.endswith("option")


def name_scale(unit: Unit) -> str:
    """Return the code of the scale or question that an option belongs to."""
    return unit.message.code.rpartition(".")[0]


def list_equal(changes: Mapping[str, str], units: Mapping[str, Unit]) -> list[tuple[str, Unit]]:
    """Return (code of a changed option, another option of its scale with the same wording but another source) pairs.

    Args:
        changes: code → new wording.
        units: code → unit with its wording before.
    """
    alike = defaultdict(list)
    for unit in units.values():
        wording = changes.get(unit.code, unit.wording)
        if is_option(unit) and wording.strip():
            alike[name_scale(unit), fold_letters(wording)].append(unit)
    return [
        (unit.code, other)
        for group in alike.values()
        for unit in group
        if unit.code in changes
        and (other := next((o for o in group if fold_letters(o.source) != fold_letters(unit.source)), None))
    ]


def map_untranslated(changes: Mapping[str, str], units: Mapping[str, Unit], variant: str) -> dict[str, Unit]:
    """Return code of a changed option → an option of its scale that the variant shows and that still has no wording.

    Args: changes, units: as in `list_equal`.
    """
    missing = {
        name_scale(unit): unit
        for unit in units.values()
        if is_option(unit) and variant in unit.message.languages and not changes.get(unit.code, unit.wording).strip()
    }
    changed = ((code, units[code]) for code in changes if is_option(units[code]))
    return {code: missing[name_scale(unit)] for code, unit in changed if name_scale(unit) in missing}


def fold_letters(text: str) -> str:
    """Reduce a text to letters and digits, for comparison: without case, accents and numbering, and with ä as ae.

    Only the numbering of a text with letters is removed.

    >>> fold_letters("1. „Höchst zufrieden!“") == fold_letters("hoechst zufrieden")
    True
    >>> fold_letters("1-2 dagen"), fold_letters("-1")
    ('12dagen', '-1')
    """
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_ACCENTS)
    kept = "".join(c for c in _strip_numbering(folded) if c in _TELLING or unicodedata.category(c)[0] in "LNM")
    if not any(map(str.isalpha, kept)):
        return " ".join(text.split()).casefold()
    for pair in ("ae", "oe", "ue"):
        kept = kept.replace(pair, pair[0])
    return kept


def _strip_numbering(text: str) -> str:
    found = _NUMBERING.match(text, next((at for at, c in enumerate(text) if c.isalnum()), 0))
    return text[found.end() :] if found else text

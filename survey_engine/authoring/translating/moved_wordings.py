"""Finds wordings that a translator's workbook has in the row of another text: shifted rows, and scales that were turned round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from survey_engine.authoring.translating.units import Unit


def iter_moved(changes: Mapping[str, str], units: Mapping[str, Unit]) -> Iterator[tuple[str, Unit]]:
    """Iterate over (code of a changed text, the text to which its new wording belongs).

    A wording belongs to another text if that text had it before and gets another one, or is an option of the same scale; or if an
    option of another scale has it and the source of an option of the same scale. Equal sources may have equal wordings, and the
    wording of a stale text belongs to an older source.

    Args:
        changes: code → new wording.
        units: code → unit with its wording before.
    """
    before, after, scales = defaultdict(list), defaultdict(list), defaultdict(list)
    for unit in units.values():
        if unit.wording.strip() and unit.state != "stale":
            before[_fold(unit.wording)].append(unit)
        if _is_option(unit):
            after[_fold(changes.get(unit.code, unit.wording))].append(unit)
            scales[_name_scale(unit)].append(unit)
    for code, wording in changes.items():
        unit, folded = units[code], _fold(wording)
        others = [*_iter_owners(unit, before[folded], changes)]
        if _is_option(unit):
            others += _list_contradictions(unit, scales[_name_scale(unit)], after[folded])
        if others:
            yield code, others[0]


def _iter_owners(unit: Unit, owners: Sequence[Unit], changes: Mapping[str, str]) -> Iterator[Unit]:
    """Iterate over other texts that had the unit's new wording, and lost it or are options of its scale."""
    for other in owners:
        if other.message is not unit.message and _fold(other.source) != _fold(unit.source):
            is_lost = other.code in changes and _fold(changes[other.code]) != _fold(other.wording)
            if is_lost or (_is_option(unit) and _is_option(other) and _name_scale(unit) == _name_scale(other)):
                yield other


def _list_contradictions(unit: Unit, scale: Sequence[Unit], alike: Sequence[Unit]) -> list[Unit]:
    """Options of other scales with the unit's new wording whose source is that of another option of its scale.

    None if an option elsewhere has both the wording and the source of the unit.
    """
    elsewhere = [other for other in alike if _name_scale(other) != _name_scale(unit)]
    if any(_fold(other.source) == _fold(unit.source) for other in elsewhere):
        return []
    siblings = {_fold(one.source) for one in scale} - {_fold(unit.source)}
    return [other for other in elsewhere if _fold(other.source) in siblings]


def _is_option(unit: Unit) -> bool:
    return unit.message.context.kind.endswith("option")


def _name_scale(unit: Unit) -> str:
    """The code of the scale or question of an option."""
    return unit.message.code.rpartition(".")[0]


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()

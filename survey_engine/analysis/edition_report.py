"""The comparison of two editions as text and as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from survey_engine.analysis.audience_changes import ExampleRespondent
from survey_engine.analysis.duration import Minutes
from survey_engine.analysis.edition_diff import CHANGE_KINDS, Change, Comparison
from survey_engine.model.messages import join_names


def format_comparison(comparison: Comparison) -> str:
    """Return the comparison as plain text."""
    lines = [f"{comparison.old} → {comparison.new}"]
    lines += _format_section("Sections, modules and definitions", comparison.parts)
    for kind, heading in CHANGE_KINDS.items():
        changes = comparison.list_kind(kind)
        lines += _format_section(f"{heading} ({len(changes)})", [line for group in _group(changes) for line in _describe(group)])
    breaks = [f"{code}: {', '.join(notes)}" for code, notes in comparison.trend_breaks.items()]
    lines += _format_section(f"Trend breaks ({len(breaks)})", breaks or ["none"])
    lines += _format_section(
        "Other texts reworded", [line for code, notes in comparison.texts.items() for line in (code, *_indent(notes))]
    )
    partly = [f"{code}: {', '.join(languages)} as before" for code, languages in comparison.partly_reworded.items()]
    lines += _format_section(f"Reworded without a translation in the same file ({len(partly)})", partly)
    lines += _format_section(
        "Other capitals, emphasis or punctuation", [join_names(comparison.respelled)] * bool(comparison.respelled)
    )
    lengths = {language: (_show(before), _show(now)) for language, (before, now) in comparison.minutes.items()}
    times = [f"{language}: {before} → {now}" for language, (before, now) in lengths.items() if before != now]
    lines += _format_section("Minutes, typical (shortest to longest)", times)
    return "\n".join(lines)


def format_changes(comparison: Comparison) -> str:
    """Return the comparison of two versions as plain text; one line if no word and no setting differs."""
    if comparison.has_changes:
        return format_comparison(comparison)
    spelling = f" Other capitals, emphasis or punctuation: {join_names(comparison.respelled)}." if comparison.respelled else ""
    return f"No other words or settings than in the version before.{spelling}"


def _format_section(heading: str, lines: Iterable[str]) -> list[str]:
    found = _indent(lines)
    return ["", heading, *found] if found else []


def _indent(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _group(changes: list[Change]) -> list[list[Change]]:
    """Group changes of the same section with the same example respondents."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.where, str(change.gained), str(change.lost)), []).append(change)
    return list(groups.values())


def _describe(group: list[Change]) -> list[str]:
    """Return the text lines of one group: its section, example respondents and items."""
    first = group[0]
    lines = [f"{first.where}, for {_format_example(example)}" for example in (first.gained, first.lost) if example] or [
        first.where
    ]
    for change in group:
        one_line = change.kind not in ("reworded", "rescaled")
        lines += _indent([f"{change.code}  {'; '.join(change.notes)}".rstrip()] if one_line else [change.code])
        lines += [] if one_line else _indent(_indent(change.notes))
    return lines


def _format_example(example: ExampleRespondent) -> str:
    return f"{example}: {example.before} → {example.now}"


def _show(minutes: Minutes | None) -> str:
    return str(minutes) if minutes else "–"


def serialize_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as data for JSON."""
    return {
        "old": comparison.old,
        "new": comparison.new,
        "parts": list(comparison.parts),
        "changes": [_serialize_change(change) for change in comparison.changes],
        "trend_breaks": {code: list(notes) for code, notes in comparison.trend_breaks.items()},
        "texts": {code: list(notes) for code, notes in comparison.texts.items()},
        "respelled": list(comparison.respelled),
        "partly_reworded": {code: list(languages) for code, languages in comparison.partly_reworded.items()},
        "minutes": {
            language: {"before": _serialize_minutes(before), "now": _serialize_minutes(now)}
            for language, (before, now) in comparison.minutes.items()
        },
    }


def _serialize_change(change: Change) -> dict[str, Any]:
    facts = {"kind": change.kind, "code": change.code, "where": change.where, "notes": list(change.notes)}
    return facts | {
        name: _serialize_example(example) for name, example in (("gained", change.gained), ("lost", change.lost)) if example
    }


def _serialize_example(example: ExampleRespondent) -> dict[str, Any]:
    return {name: getattr(example, name) for name in example.__dataclass_fields__}


def _serialize_minutes(minutes: Minutes | None) -> dict[str, float] | None:
    if minutes is None:
        return None
    return {name: round(getattr(minutes, name), 2) for name in ("shortest", "typical", "longest")}

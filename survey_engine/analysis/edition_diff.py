"""Two editions of a questionnaire side by side, item by item: what a researcher needs to know before comparing their data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from survey_engine.analysis.audience_changes import AudienceChange, ComparedEdition, ExampleRespondent, find_audience_changes
from survey_engine.analysis.duration import Minutes, estimate_minutes
from survey_engine.analysis.editions import AskedItem, compare_items, list_resting, list_shared
from survey_engine.analysis.shown_texts import list_shown
from survey_engine.model.questionnaire import Questionnaire, Section, Text

ChangeKind = Literal["added", "removed", "moved", "reworded", "rescaled", "rerouted"]
KINDS: Mapping[ChangeKind, str] = {
    "added": "Added",
    "removed": "Removed",
    "moved": "Moved",
    "reworded": "Reworded",
    "rescaled": "Rescaled",
    "rerouted": "Asked of others",
}
"""Kind of change → its heading."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two editions."""

    kind: ChangeKind
    code: str
    where: str
    """The section that asks it now, or asked it before."""
    notes: tuple[str, ...] = ()
    gained: ExampleRespondent | None = None
    lost: ExampleRespondent | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    old: str
    new: str
    parts: tuple[str, ...]
    """Sections and modules that are asked only in one of both, in words."""
    changes: tuple[Change, ...]
    trend_breaks: Mapping[str, tuple[str, ...]]
    """Item → what makes its results incomparable."""
    texts: Mapping[str, tuple[str, ...]]
    """Other texts that were reworded, by code."""
    minutes: Mapping[str, tuple[Minutes | None, Minutes | None]] = field(default_factory=dict)

    def list_kind(self, kind: ChangeKind) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]


def compare_questionnaires(old: Questionnaire, new: Questionnaire) -> Comparison:
    """Everything that changed from one edition to the next; only texts and codes count, not the order of YAML."""
    before, now = ComparedEdition(old), ComparedEdition(new)
    shifts = find_audience_changes(before, now)
    return Comparison(
        old=old.code,
        new=new.code,
        parts=tuple(_compare_parts(old, new)),
        changes=tuple(_list_changes(before, now, shifts)),
        trend_breaks=dict(_list_breaks(before, now)),
        texts=dict(_compare_texts(before, now)),
        minutes=_compare_minutes(old, new),
    )


def _list_parts(questionnaire: Questionnaire) -> dict[str, str]:
    kinds = (("section", questionnaire.sections), ("module", questionnaire.modules))
    return {code: kind for kind, sections in kinds for code in sections}


def _compare_parts(old: Questionnaire, new: Questionnaire) -> Iterator[str]:
    before, now = _list_parts(old), _list_parts(new)
    for code in [*before, *(code for code in now if code not in before)]:
        if code not in now:
            rests = f"rests in {new.code}" if code in new.rested else f"is gone in {new.code}"
            yield f"- {before[code]} {code}: {rests}"
        elif code not in before:
            rested = f", rested in {old.code}" if code in old.rested else f", new in {new.code}"
            yield f"+ {now[code]} {code}{rested}"
        elif before[code] != now[code]:
            yield f"~ {code}: {before[code]} in {old.code}, {now[code]} in {new.code}"


def _list_changes(old: ComparedEdition, new: ComparedEdition, shifts: Mapping[str, AudienceChange]) -> Iterator[Change]:
    resting_before, resting_now = list_resting(old.questionnaire), list_resting(new.questionnaire)
    for code, asked in new.asked.items():
        if code not in old.asked:
            notes = (_quote(asked, new), *(["from the bank"] if code in resting_before else []))
            yield Change("added", code, _name(asked.section), notes, gained=shifts.get(code, AudienceChange()).gained)
    for code, asked in old.asked.items():
        if code not in new.asked:
            notes = (_quote(asked, old), "rests in the bank" if code in resting_now else "gone")
            yield Change("removed", code, _name(asked.section), notes, lost=shifts.get(code, AudienceChange()).lost)
    for code, asked in new.asked.items():
        if code in old.asked:
            yield from _compare_both(old.asked[code], asked, old, new, shifts.get(code, AudienceChange()))


def _compare_both(
    before: AskedItem, now: AskedItem, old: ComparedEdition, new: ComparedEdition, shift: AudienceChange
) -> Iterator[Change]:
    where = _name(now.section)
    if _name(before.section) != where:
        yield Change("moved", now.code, where, (f"from {_name(before.section)} to {where}",))
    languages = [code for code in old.questionnaire.languages if code in new.questionnaire.languages]
    if wording := tuple(_compare_said(before, now, languages)):
        yield Change("reworded", now.code, where, wording)
    if scale := tuple(note for note in compare_items(before, now, languages) if not note.startswith("wording")):
        yield Change("rescaled", now.code, where, scale)
    if shift != AudienceChange():
        yield Change("rerouted", now.code, where, (), shift.gained, shift.lost)


def _compare_said(before: AskedItem, now: AskedItem, languages: list[str]) -> Iterator[str]:
    """What an item says in both editions, with its question where that changed too."""
    for language in languages:
        same_question = before.question.text.wording.get(language) == now.question.text.wording.get(language)
        old, new = (before.statement, now.statement) if same_question else (before.wording, now.wording)
        yield from _compare_wording(old, new, [language])


def _compare_wording(old: Mapping[str, str], new: Mapping[str, str], languages: list[str]) -> Iterator[str]:
    for language in languages:
        if old.get(language) != new.get(language):
            yield f"{language}: “{old.get(language, '–')}” → “{new.get(language, '–')}”"


def _name(section: Section | None) -> str:
    return section.code if section else "bank"


def _quote(asked: AskedItem, edition: ComparedEdition) -> str:
    return f"“{asked.statement.get(edition.questionnaire.source_language, asked.code)}”"


def _list_breaks(old: ComparedEdition, new: ComparedEdition) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Items of both editions, asked or resting, whose scale or wording changed in a language that is no draft."""
    languages = list_shared(old.questionnaire, new.questionnaire)
    before = {**list_resting(old.questionnaire), **old.asked}
    for code, asked in new.asked.items():
        if code in before and (changes := tuple(compare_items(before[code], asked, languages))):
            yield code, changes


def _compare_texts(old: ComparedEdition, new: ComparedEdition) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Texts that are not an item's own: titles, help, introduction, notices, information."""
    before, now = _list_texts(old), _list_texts(new)
    languages = [code for code in old.questionnaire.languages if code in new.questionnaire.languages]
    for code, text in now.items():
        if code in before and (notes := tuple(_compare_wording(before[code].wording, text.wording, languages))):
            yield code, notes


def _list_texts(edition: ComparedEdition) -> dict[str, Text]:
    asked = edition.asked.values()
    own = {text.code for item in asked for text in (item.question.text, item.item.text) if text}
    own |= {option.text.code for item in asked for option in item.question.options}
    return {shown.text.code: shown.text for shown in list_shown(edition.questionnaire) if shown.text.code not in own}


def _compare_minutes(old: Questionnaire, new: Questionnaire) -> dict[str, tuple[Minutes | None, Minutes | None]]:
    before, now = estimate_minutes(old), estimate_minutes(new)
    return {language: (before.get(language), now.get(language)) for language in {**before, **now}}


def format_comparison(comparison: Comparison) -> str:
    """The comparison as a page of text."""
    lines = [f"{comparison.old} → {comparison.new}"]
    lines += _head("Sections and modules", comparison.parts)
    for kind, heading in KINDS.items():
        changes = comparison.list_kind(kind)
        lines += _head(f"{heading} ({len(changes)})", [line for group in _group(changes) for line in _describe(group)])
    breaks = [f"{code}: {', '.join(notes)}" for code, notes in comparison.trend_breaks.items()]
    lines += _head(f"Trend breaks ({len(breaks)})", breaks or ["none"])
    lines += _head("Other texts reworded", [line for code, notes in comparison.texts.items() for line in (code, *_indent(notes))])
    times = [f"{language}: {_show(before)} → {_show(now)}" for language, (before, now) in comparison.minutes.items()]
    lines += _head("Minutes, typical (shortest to longest)", times)
    return "\n".join(lines)


def _head(heading: str, lines: Iterable[str]) -> list[str]:
    found = _indent(lines)
    return ["", heading, *found] if found else []


def _indent(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _group(changes: list[Change]) -> list[list[Change]]:
    """Changes of one section that are seen by the same respondents, together."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.where, str(change.gained), str(change.lost)), []).append(change)
    return list(groups.values())


def _describe(group: list[Change]) -> list[str]:
    """A section with the items that changed in it, and who shows it."""
    first = group[0]
    lines = [f"{first.where}, for {_say(witness)}" for witness in (first.gained, first.lost) if witness] or [first.where]
    for change in group:
        one_line = change.kind != "reworded"
        lines += _indent([f"{change.code}  {'; '.join(change.notes)}".rstrip()] if one_line else [change.code])
        lines += [] if one_line else _indent(_indent(change.notes))
    return lines


def _say(witness: ExampleRespondent) -> str:
    return f"{witness}: {witness.before} → {witness.now}"


def _show(minutes: Minutes | None) -> str:
    return str(minutes) if minutes else "–"


def list_metadata(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data for JSON."""
    return {
        "old": comparison.old,
        "new": comparison.new,
        "parts": list(comparison.parts),
        "changes": [_list_change(change) for change in comparison.changes],
        "trend_breaks": {code: list(notes) for code, notes in comparison.trend_breaks.items()},
        "texts": {code: list(notes) for code, notes in comparison.texts.items()},
        "minutes": {
            language: {"before": _list_minutes(before), "now": _list_minutes(now)}
            for language, (before, now) in comparison.minutes.items()
        },
    }


def _list_change(change: Change) -> dict[str, Any]:
    facts = {"kind": change.kind, "code": change.code, "where": change.where, "notes": list(change.notes)}
    return facts | {
        name: _list_witness(witness) for name, witness in (("gained", change.gained), ("lost", change.lost)) if witness
    }


def _list_witness(witness: ExampleRespondent) -> dict[str, Any]:
    return {name: getattr(witness, name) for name in witness.__dataclass_fields__}


def _list_minutes(minutes: Minutes | None) -> dict[str, float] | None:
    if minutes is None:
        return None
    return {name: round(getattr(minutes, name), 2) for name in ("shortest", "typical", "longest")}

"""Imports a translator's workbook into a catalogue: reports all problems by row, then applies all changes or none.

Three wordings are compared: at export, in the returned workbook, and in the current catalogue. Only rows that the translator
changed are imported, so an old workbook does not revert later corrections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from babel.messages.catalog import Catalog

from survey_engine.authoring.report_formats import capitalise
from survey_engine.authoring.translating.catalogues import find_message, mark_current, mark_reviewed, update_catalogue
from survey_engine.authoring.translating.contexts import Context
from survey_engine.authoring.translating.domains import Domain, Variant
from survey_engine.authoring.translating.moved_wordings import (
    fold_letters,
    is_option,
    iter_moved,
    list_equal,
    map_untranslated,
    name_scale,
)
from survey_engine.authoring.translating.polarity import iter_reversed_labels, list_undecided
from survey_engine.authoring.translating.returned import ReturnedRow, ReturnedWorkbook
from survey_engine.authoring.translating.rules import check_room, list_wording_problems
from survey_engine.authoring.translating.units import IN_PLACE, Unit, iter_translation_units
from survey_engine.authoring.translating.workbooks import SIGNS, SIGNS_NAMED, WorkbookRow
from survey_engine.language.interface_catalogues import drop_fields, list_forms
from survey_engine.model.messages import suggest_name

_ASK = "Ask for a new workbook and compare with the new source."
_MARK = f"If the translation is still right, write {SIGNS_NAMED} there"
_WHOLE_SCALE = "Translate all labels of the scale, and import them together."
_CHOOSE = "Choose one and write it in a new workbook, or in the one that --partial makes of the refused rows."


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be imported."""

    row: ReturnedRow
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"row {self.row.number}, {self.row.code or 'no code'}: {self.wrong}. {self.remedy}"


@dataclass(slots=True)
class WorkbookChanges:
    """What the import of a workbook would do."""

    units: Mapping[str, Unit]
    """Code → unit, for every unit of the domain."""
    changes: dict[str, str] = field(default_factory=dict)
    """Code → new wording."""
    confirmed: list[str] = field(default_factory=list)
    """Codes of units whose wording the translator did not change."""
    marked: list[str] = field(default_factory=list)
    """Codes of stale units whose wording the translator confirmed, or typed."""
    newer: int = 0
    """Unchanged rows whose wording in the catalogue changed since the export."""
    refusals: list[Refusal] = field(default_factory=list)
    empty: int = 0
    """Rows without a translation."""
    absent: int = 0
    """Texts of the variant that are missing in the workbook."""
    untranslated: list[str] = field(default_factory=list)
    """Changed texts whose new wording equals the source."""
    questions: list[str] = field(default_factory=list)
    """Descriptions of changes that only a reader of the language can judge: directions of scales, comments, alternatives."""

    def list_settled(self, reviewed: bool) -> list[str]:
        """Return the codes of unchanged wordings that become current: the confirmed ones; with `reviewed`, all of them."""
        return [code for code in self.confirmed if self.units[code].state not in ("done", IN_PLACE)] if reviewed else self.marked


def compare_workbook(
    returned: ReturnedWorkbook, domain: Domain, variant: Variant, catalogue: Catalog, moved: Collection[str] = ()
) -> WorkbookChanges:
    """Check every row against the current sources and catalogue; nothing is changed.

    Args:
        moved: codes of texts, scales or questions for which a translation that belongs to another text is accepted.
    """
    units = {unit.code: unit for unit in iter_translation_units(domain, variant, catalogue, everything=True)}
    counts = Counter(row.code for row in returned.rows)
    intake = WorkbookChanges(units)
    for row in returned.rows:
        unit = units.get(row.code)
        problems = list(_check_row(row, unit, counts, units, domain.has_codes))
        intake.refusals += [Refusal(row, wrong, remedy) for wrong, remedy in problems]
        if unit and not problems:
            _accept(intake, row, unit)
    _refuse_moved(intake, {row.code: row for row in returned.rows}, moved, map_untranslated(intake.changes, units, variant.code))
    intake.untranslated = [
        code for code, wording in intake.changes.items() if fold_letters(wording) == fold_letters(units[code].source)
    ]
    intake.questions = list_undecided(intake.changes, units) + list(_iter_remarks(intake, returned.rows))
    shown = (unit for unit in units.values() if variant.code in unit.message.languages)
    intake.absent = sum(unit.code not in counts for unit in shown)
    return intake


def _iter_remarks(intake: WorkbookChanges, rows: Sequence[ReturnedRow]) -> Iterator[str]:
    """Yield descriptions of comments, and of new wordings that seem to be two alternatives."""
    for row in rows:
        if row.comment:
            yield f"row {row.number}, {row.code}: the cell has a comment: “{row.comment}”"
        if row.code in intake.changes and " / " in row.translation and "/" not in row.source:
            yield f"row {row.number}, {row.code}: “{row.translation}” seems to be two translations of “{row.source}”"


def _check_row(
    row: ReturnedRow, unit: Unit | None, counts: Mapping[str, int], units: Mapping[str, Unit], has_codes: bool
) -> Iterator[tuple[str, str]]:
    if unit is None:
        near = suggest_name(row.code, units)
        yield f"no text has the code '{row.code}'{near}", "Put the code back, or take the row out if the text is gone."
        return
    if counts[row.code] > 1:
        yield f"the code '{row.code}' is in {counts[row.code]} rows", "Keep one of them."
        return
    if row.problem:
        yield row.problem, "Format the cell as text and type the translation."
        return
    present = unit.wording.strip()
    if row.unchanged and normalize("NFC", row.unchanged).casefold() not in SIGNS:
        yield f"the column 'unchanged' contains “{row.unchanged}”", f"{_MARK}, or leave it empty."
        return
    if row.translation in (row.handed_out, present):
        if row.unchanged and not row.translation:
            yield "the column 'unchanged' is marked, but there is no translation", "Write the translation, or remove the mark."
        elif row.unchanged and row.translation == present and row.source != unit.source.strip() and unit.state == "stale":
            yield "the column 'unchanged' is marked, but the source in this row is not the current one", _ASK
        return
    if unit.state == IN_PLACE:
        yield "this translation is in no catalogue", unit.note.partition("\n")[0]
    elif not row.translation:
        yield "the translation is missing", "Write it again, or ask for a new workbook."
    elif row.source != unit.source.strip():
        yield "the source in this row is not the current one", _ASK
    elif row.handed_out != present:
        yield f"the catalogue was changed to “{present}” meanwhile, and the workbook to “{row.translation}”", _CHOOSE
    else:
        as_word = unit.may_omit_number and not has_codes and "%(" not in row.translation
        yield from list_wording_problems(drop_fields(unit.source) if as_word else unit.source, row.translation, has_codes)
        yield from check_room(row.translation, unit.message.context.room)


def _accept(intake: WorkbookChanges, row: ReturnedRow, unit: Unit) -> None:
    present = unit.wording.strip()
    if row.translation not in (row.handed_out, present):
        intake.changes[unit.code] = row.translation
    elif not present:
        intake.empty += 1
    elif row.translation != present:
        intake.newer += 1
    # a row with an old source confirms nothing about the current source
    elif row.source == unit.source.strip():
        intake.confirmed.append(unit.code)
        typed = row.translation != row.handed_out  # an offered translation may equal it
        if unit.state == "stale" and (row.unchanged or typed):
            intake.marked.append(unit.code)


def _refuse_moved(
    intake: WorkbookChanges, rows: Mapping[str, ReturnedRow], moved: Collection[str], untranslated: Mapping[str, Unit]
) -> None:
    """Refuse moved wordings, reversed labels, equal labels of one scale, and incompletely translated scales.

    If a wording belongs to another text, the change of that text is refused too.

    Args:
        untranslated: as `map_untranslated` returns.
    """
    lost: dict[str, str] = {}
    for code, other in [*iter_moved(intake.changes, intake.units)]:
        scale = code.rpartition(".")[0]
        if not {code, scale} & {*moved}:
            wrong = (
                f"“{intake.changes[code]}” is the translation of “{other.source}” ({other.code}), not of “{rows[code].source}”"
            )
            remedy = "Check whether rows were shifted or a scale was reversed. If it is intended: --moved"
            intake.refusals.append(Refusal(rows[code], wrong, f"{remedy} {scale or code}."))
            lost[code] = ""
            lost.setdefault(other.code, f"its former translation was refused in the row of {code}")
    for code, scale in iter_reversed_labels(intake.changes, intake.units):
        if not {code, scale} & {*moved, *lost}:
            wrong = f"“{intake.changes[code]}” has the opposite direction of “{rows[code].source}”"
            intake.refusals.append(Refusal(rows[code], wrong, f"Reverse the scale again. If it is right: --moved {scale}."))
            lost[code] = ""
    for code, other in list_equal(intake.changes, intake.units):
        wrong = f"“{intake.changes[code]}” is also the label of “{other.source}” ({other.code}), an option of the same question"
        intake.refusals.append(Refusal(rows[code], wrong, "Give each option a label of its own."))
        lost[code] = ""
    for code, other in untranslated.items():
        wrong = f"another label of this scale, “{other.source}” ({other.code}), has no translation"
        intake.refusals.append(Refusal(rows[code], wrong, _WHOLE_SCALE))
        lost[code] = ""
    scales = {name_scale(other) for other in untranslated.values()}
    for code in rows.keys() & intake.units.keys():
        unit = intake.units[code]
        if is_option(unit) and name_scale(unit) in scales and not intake.changes.get(code, unit.wording).strip():
            intake.refusals.append(Refusal(rows[code], "this label of the scale has no translation", _WHOLE_SCALE))
    _refuse_with(intake, rows, lost)
    intake.refusals.sort(key=lambda refusal: refusal.row.number)


def _refuse_with(intake: WorkbookChanges, rows: Mapping[str, ReturnedRow], lost: Mapping[str, str]) -> None:
    """Refuse the changes of texts in `lost`, and all changes of scales with a refused option.

    Args:
        lost: code of a text whose former wording went to another text → what is wrong.
    """
    refused = {*lost, *(refusal.row.code for refusal in intake.refusals)} & intake.units.keys()
    scales = {name_scale(intake.units[code]): code for code in sorted(refused) if is_option(intake.units[code])}
    for code in [*intake.changes]:
        scale = name_scale(intake.units[code]) if is_option(intake.units[code]) else ""
        wrong = lost.get(code, f"another label of this scale was refused ({scales.get(scale)})")
        if code in lost or scale in scales:
            del intake.changes[code]
            if wrong:
                intake.refusals.append(Refusal(rows[code], wrong, "Check this row too, and import them together."))


def apply_changes(intake: WorkbookChanges, domain: Domain, variant: Variant, catalogue: Catalog, reviewed: bool = False) -> int:
    """Write the accepted wordings to the catalogue, and make unchanged ones current (`list_settled`).

    Returns:
        The number of wordings that changed or became current.
    """
    settled = [intake.units[code] for code in [*intake.changes, *intake.list_settled(reviewed)]]
    for unit in settled:
        _store_wording(unit, intake.changes.get(unit.code, unit.wording), domain, catalogue)
    if reviewed and settled:
        mark_reviewed(catalogue, {domain.name(unit.message) for unit in settled})
    update_catalogue(catalogue, domain, variant)
    return len(settled)


def _store_wording(unit: Unit, wording: str, domain: Domain, catalogue: Catalog) -> None:
    """Store a wording as current. A text that only other variants show is added to the catalogue."""
    context = unit.message.code if domain.has_codes else None
    message = find_message(catalogue, domain, unit.message) or catalogue.add(unit.message.key, context=context)
    forms = list(list_forms(message))
    forms += [""] * (unit.index + 1 - len(forms))
    forms[unit.index] = wording
    message.string = tuple(forms) if unit.message.plural else wording
    mark_current(message)


def iter_refused(intake: WorkbookChanges) -> Iterator[WorkbookRow]:
    """Yield the refused rows for a new workbook, with the translator's wording and the reasons."""
    problems: dict[ReturnedRow, list[str]] = {}
    for refusal in intake.refusals:
        problems.setdefault(refusal.row, []).append(f"{capitalise(refusal.wrong)}. {refusal.remedy}")
    for row, reasons in problems.items():
        unit = intake.units.get(row.code)
        context, source = (unit.message.context, unit.source) if unit else (Context(), row.source)
        present = unit.wording if unit else ""
        shown = (row.code, context.page, context.kind, source, row.translation, "refused", "\n".join(reasons))
        yield WorkbookRow(*shown, handed_out=present)

"""Takes a translator's workbook into a catalogue: row by row what is wrong, and then all of it or nothing.

Three wordings are compared: the one that was handed out, the one that came back, and the catalogue's own as it is now. Only rows
that the translator changed count, so that an older workbook undoes no correction that was made meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from babel.messages.catalog import Catalog

from survey_engine.authoring.report_formats import capitalise
from survey_engine.authoring.translating.catalogues import find_message, settle_drafts, update_catalogue
from survey_engine.authoring.translating.contexts import Context
from survey_engine.authoring.translating.domains import Domain, Variant
from survey_engine.authoring.translating.returned import ReturnedRow, ReturnedWorkbook
from survey_engine.authoring.translating.rules import list_wording_faults
from survey_engine.authoring.translating.units import Unit, list_units
from survey_engine.authoring.translating.workbooks import WorkbookRow
from survey_engine.language.interface_catalogues import drop_fields, list_forms
from survey_engine.model.messages import suggest_name

_CHOOSE = "Choose one of them, and write it in a new workbook or in the one that --partial makes of the refused rows."


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be taken in."""

    row: ReturnedRow
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"row {self.row.number}, {self.row.code or 'no code'}: {self.wrong}. {self.remedy}"


@dataclass(slots=True)
class Intake:
    """What a workbook brings."""

    units: Mapping[str, Unit]
    """Every unit that it may hold, by code."""
    changes: dict[str, str] = field(default_factory=dict)
    """Unit code → its new wording."""
    confirmed: list[str] = field(default_factory=list)
    """Units whose wording came back as it went."""
    newer: int = 0
    """Rows that came back as they went, and have been changed in the catalogue meanwhile."""
    refusals: list[Refusal] = field(default_factory=list)
    empty: int = 0
    """Rows that are still without translation."""
    absent: int = 0
    """Texts that the variant shows and the workbook no longer holds."""


def compare_workbook(returned: ReturnedWorkbook, domain: Domain, variant: Variant, catalogue: Catalog) -> Intake:
    """Check every row against the sources and the catalogue as they are now; nothing changes."""
    units = {unit.code: unit for unit in list_units(domain, variant, catalogue, everything=True)}
    counts = Counter(row.code for row in returned.rows)
    intake = Intake(units)
    for row in returned.rows:
        unit = units.get(row.code)
        faults = list(_check_row(row, unit, counts, units, domain.has_codes))
        intake.refusals += [Refusal(row, wrong, remedy) for wrong, remedy in faults]
        if unit and not faults:
            _accept(intake, row, unit)
    shown = (unit for unit in units.values() if variant.code in unit.message.languages)
    intake.absent = sum(unit.code not in counts for unit in shown)
    return intake


def _check_row(
    row: ReturnedRow, unit: Unit | None, counts: Mapping[str, int], units: Mapping[str, Unit], has_codes: bool
) -> Iterator[tuple[str, str]]:
    if unit is None:
        near = suggest_name(row.code, units)
        yield f"no text has the code '{row.code}'{near}", "Put the code back, or take the row out if the text is gone."
        return
    if counts[row.code] > 1:
        yield f"the code '{row.code}' stands in {counts[row.code]} rows", "Keep one of them."
        return
    if row.fault:
        yield row.fault, "Format the cell as text and type the translation."
        return
    present = unit.wording.strip()
    if row.translation in (row.handed_out, present):
        return
    if not row.translation:
        yield "the translation is gone", "Write it again, or ask for a new workbook."
    elif row.source != unit.source.strip():
        yield "the source in this row is not the present one", "Ask for a new workbook and compare with the new source."
    elif row.handed_out != present:
        yield f"it was changed here to “{present}” meanwhile, and in the workbook to “{row.translation}”", _CHOOSE
    else:
        as_word = unit.may_omit_number and not has_codes and "%(" not in row.translation
        yield from list_wording_faults(drop_fields(unit.source) if as_word else unit.source, row.translation, has_codes)


def _accept(intake: Intake, row: ReturnedRow, unit: Unit) -> None:
    present = unit.wording.strip()
    if row.translation not in (row.handed_out, present):
        intake.changes[unit.code] = row.translation
    elif not present:
        intake.empty += 1
    elif row.translation != present:
        intake.newer += 1
    # A row of an older source confirms nothing about the present one.
    elif row.source == unit.source.strip():
        intake.confirmed.append(unit.code)


def take_in(intake: Intake, domain: Domain, variant: Variant, catalogue: Catalog, reviewed: bool = False) -> int:
    """Put what was accepted into the catalogue; `reviewed` also settles wordings that came back unchanged.

    Returns how many wordings that changed or settled.
    """
    doubtful = [code for code in intake.confirmed if reviewed and intake.units[code].state != "done"]
    settled = [intake.units[code] for code in [*intake.changes, *doubtful]]
    for unit in settled:
        _settle(unit, intake.changes.get(unit.code, unit.wording), domain, catalogue)
    if reviewed and settled:
        settle_drafts(catalogue, {domain.name(unit.message) for unit in settled})
    update_catalogue(catalogue, domain, variant)
    return len(settled)


def _settle(unit: Unit, wording: str, domain: Domain, catalogue: Catalog) -> None:
    """Make a wording the present one; a text that only others show is new to the catalogue."""
    context = unit.message.code if domain.has_codes else None
    message = find_message(catalogue, domain, unit.message) or catalogue.add(unit.message.key, context=context)
    forms = list(list_forms(message))
    forms += [""] * (unit.index + 1 - len(forms))
    forms[unit.index] = wording
    message.string = tuple(forms) if unit.message.plural else wording
    message.flags.discard("fuzzy")
    message.previous_id = []


def list_refused(intake: Intake) -> Iterator[WorkbookRow]:
    """The refused rows as a sheet to be mended: what the translator wrote, with the reasons."""
    faults: dict[ReturnedRow, list[str]] = {}
    for refusal in intake.refusals:
        faults.setdefault(refusal.row, []).append(f"{capitalise(refusal.wrong)}. {refusal.remedy}")
    for row, reasons in faults.items():
        unit = intake.units.get(row.code)
        context, source = (unit.message.context, unit.source) if unit else (Context(), row.source)
        present = unit.wording if unit else ""
        shown = (row.code, context.page, context.kind, source, row.translation, "refused", "\n".join(reasons))
        yield WorkbookRow(*shown, handed_out=present)

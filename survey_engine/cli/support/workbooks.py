"""`survey-engine translations xlsx-out` and `xlsx-in`: export and import of workbooks for translators."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from babel.messages.catalog import Catalog

from survey_engine.authoring.translating.catalogues import find_catalogue_path, open_catalogue, write_catalogue
from survey_engine.authoring.translating.domains import Domain, Variant
from survey_engine.authoring.translating.units import Unit, iter_translation_units
from survey_engine.cli.support.catalogues import Chosen, choose_texts, find_texts
from survey_engine.cli.support.input_files import InputFile
from survey_engine.model.messages import join_names

try:
    from survey_engine.authoring.translating.returned import ReturnedWorkbook, UnreadableWorkbookError, read_returned_workbook
    from survey_engine.authoring.translating.workbook_import import WorkbookChanges, apply_changes, compare_workbook, iter_refused
    from survey_engine.authoring.translating.workbooks import (
        UnwritableError,
        WorkbookRow,
        make_workbook_row,
        write_translation_workbook,
    )
except ModuleNotFoundError as missing:
    if missing.name != "openpyxl":
        raise
    raise click.ClickException("Workbooks need openpyxl. Install it with: pip install 'survey-engine[authoring]'") from None


@click.command("xlsx-out", epilog="Example: survey-engine translations xlsx-out -d job-2026 -l pap --out for-translators")
@choose_texts
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("build/translators"), show_default=True)
@click.option("--todo", is_flag=True, help="Include only texts that are missing, stale or drafts.")
@click.option(
    "--all", "everything", is_flag=True, help="Include texts that the variant does not show, such as the question bank."
)
@click.option(
    "--beside",
    default="",
    metavar="LANGUAGE",
    help="Also show the wordings in this language, for translators who do not know the source language.",
)
@click.option(
    "--link",
    default="",
    metavar="ADDRESS",
    help="Link each text to its page: a URL or file with {questionnaire}, {page}, {slug}, {language}, {code}. "
    "For images of `survey-engine screenshots`: screenshots/{page}.{language}.png",
)
def xlsx_out(chosen: Chosen, out: Path, todo: bool, everything: bool, beside: str, link: str) -> None:
    """Write a workbook for the translator of each variant.

    Translators can edit the column of translations, and a column in which they confirm translations whose source has changed. Notes
    say who sees a text, its other pages, its maximum length, its purpose, and whether its item is reversed.
    """
    out.mkdir(parents=True, exist_ok=True)
    for domain, variant in chosen.iter_pairs():
        units = iter_translation_units(domain, variant, open_catalogue(chosen.root, domain, variant), everything)
        second = _read_second(chosen, domain, beside)
        rows = _make_rows((unit for unit in units if not todo or unit.state != "done"), domain, variant, link, second)
        path = out / f"{domain.code}.{variant.code}.xlsx"
        try:
            write_translation_workbook(path, domain, variant, rows)
        except UnwritableError as error:
            raise click.ClickException(f"{domain.code}, {variant.code}: {error}") from None
        click.echo(f"{path}: {len(rows)} texts")


def _read_second(chosen: Chosen, domain: Domain, language: str) -> dict[str, str]:
    """Return code of the unit → its current wording in `language`; empty if `language` is empty or the source language."""
    if language in ("", domain.source_language):  # the source already has a column
        return {}
    variant = next((one for one in domain.variants if one.code == language), None)
    if variant is None:
        raise click.UsageError(
            f"--beside: {domain.code} is not translated into {language}. Known: {join_names([one.code for one in domain.variants])}."
        )
    units = iter_translation_units(domain, variant, open_catalogue(chosen.root, domain, variant), everything=True)
    return {unit.code: unit.wording for unit in units if unit.state != "stale"}


def _make_rows(
    units: Iterable[Unit], domain: Domain, variant: Variant, link: str, second: Mapping[str, str]
) -> list[WorkbookRow]:
    try:
        return [make_workbook_row(unit, domain, variant, link, second.get(unit.code, "")) for unit in units]
    except (KeyError, ValueError) as error:
        raise click.UsageError(f"--link is invalid: {error}. It may contain {{page}}, {{slug}}, {{language}} …") from None


@dataclass(frozen=True, slots=True)
class _Examined:
    """A translated workbook and the catalogue into which it is imported."""

    returned: ReturnedWorkbook
    domain: Domain
    variant: Variant
    path: Path
    catalogue: Catalog
    intake: WorkbookChanges


@click.command("xlsx-in", epilog="Example: survey-engine translations xlsx-in for-translators/job-2026.pap.xlsx")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=InputFile())
@find_texts
@click.option("--partial", is_flag=True, help="Import valid rows; write refused rows to FILE.refused.xlsx for correction.")
@click.option("--reviewed", is_flag=True, help="Confirm unchanged translations too: the translator has reviewed every row.")
@click.option("--dry-run", is_flag=True, help="Check without importing.")
@click.option(
    "--moved",
    multiple=True,
    metavar="CODE",
    help="Accept that the text, scale or question with this code has wordings of another text; may be repeated.",
)
def xlsx_in(
    chosen: Chosen, files: tuple[Path, ...], partial: bool, reviewed: bool, dry_run: bool, moved: tuple[str, ...]
) -> None:
    """Import translated workbooks into the catalogues.

    All rows are checked first. If a row is refused, nothing is imported, unless --partial is given. Only translations that changed
    after the export are imported; other changes in the catalogue are kept. A row is refused if its text changed in both, or if its
    wording belongs to another text, for example after a shift of rows or in a reversed scale. The labels of a scale are imported
    together or not at all. Exits with 1 if a row is refused.
    """
    try:
        examined = _examine(files, chosen, moved)
        refused = any(one.intake.refusals for one in examined)
        if refused and partial and not dry_run:
            _set_aside(examined)
    except (UnreadableWorkbookError, UnwritableError) as error:
        raise click.ClickException(str(error)) from None
    for one in examined:
        for refusal in one.intake.refusals:
            click.echo(f"{one.returned.path}, {refusal}", err=True)
    if refused and not partial:
        click.echo("Nothing was imported. Correct the rows, or import the valid ones with --partial.", err=True)
    elif not dry_run:
        for one in examined:
            if apply_changes(one.intake, one.domain, one.variant, one.catalogue, reviewed):
                write_catalogue(one.path, one.catalogue, one.domain, one.variant)
                click.echo(f"{one.path}: written")
    for one in examined:
        _report(one, reviewed, imported=not dry_run and (partial or not refused))
    sys.exit(refused)


def _examine(files: Sequence[Path], chosen: Chosen, moved: Sequence[str]) -> list[_Examined]:
    """Return each workbook with its catalogue. Several workbooks may belong to one catalogue.

    Raises:
        UnreadableWorkbookError: two workbooks change the same text differently.
    """
    found: list[_Examined] = []
    changed: dict[tuple[Path, str], tuple[Path, str]] = {}
    for file in files:
        returned = read_returned_workbook(file)
        domain, variant = _find_texts(returned, chosen)
        path = find_catalogue_path(chosen.root, domain, variant)
        shared = next((one.catalogue for one in found if one.path == path), None)
        catalogue = shared or open_catalogue(chosen.root, domain, variant)
        intake = compare_workbook(returned, domain, variant, catalogue, moved)
        one = _Examined(returned, domain, variant, path, catalogue, intake)
        for code, wording in one.intake.changes.items():
            other, theirs = changed.setdefault((path, code), (file, wording))
            if theirs != wording:
                both = f"it changes '{code}' to “{wording}”, and {other} to “{theirs}”"
                raise UnreadableWorkbookError(file, both, "Make both translations the same, or omit this workbook.")
        found.append(one)
    return found


def _find_texts(returned: ReturnedWorkbook, chosen: Chosen) -> tuple[Domain, Variant]:
    domain = chosen.find(returned.domain)
    variant = next((v for v in domain.variants if v.code == returned.variant), None) if domain else None
    if domain is None or variant is None:
        wrong = f"it translates {returned.domain} into {returned.variant}, which does not exist here"
        raise UnreadableWorkbookError(returned.path, wrong, "Give the folder of its questionnaire with --questionnaires.")
    return domain, variant


def _set_aside(examined: Sequence[_Examined]) -> None:
    """Write the refused rows of each workbook to a workbook next to it."""
    for one in examined:
        if one.intake.refusals:
            path = one.returned.path.with_suffix(".refused.xlsx")
            write_translation_workbook(path, one.domain, one.variant, list(iter_refused(one.intake)))
            click.echo(f"{path}: the refused rows, for correction")


def _report(one: _Examined, reviewed: bool, *, imported: bool) -> None:
    """Print the number of rows per result, and each changed text."""
    intake = one.intake
    parts = {
        "changed": len(intake.changes),
        "unchanged": len(intake.confirmed),
        "changed in the catalogue": intake.newer,
        "refused": len({refusal.row for refusal in intake.refusals}),
        "still empty": intake.empty,
        "not in the workbook": intake.absent,
    }
    found = ", ".join(f"{count} {what}" for what, count in parts.items() if count)
    click.echo(f"{one.returned.path}: {'' if imported else 'not imported: '}{found or 'no rows'}")
    for code, wording in intake.changes.items():
        click.echo(f"  {code}: “{intake.units[code].wording}” → “{wording}”")
    if settled := intake.list_settled(reviewed):
        click.echo(f"  {'' if imported else 'not '}confirmed as unchanged: {', '.join(settled)}")
    if left := [code for code in intake.confirmed if intake.units[code].state == "stale" and code not in settled]:
        click.echo(f"  still stale, because the column 'unchanged' is empty: {join_names(left, 20)}")
    for question in intake.questions:
        click.echo(f"Check this wording. {question}")
    if intake.untranslated:
        click.echo(f"Equal to the source, so perhaps not translated: {join_names(intake.untranslated, 20)}.")

"""`survey-engine translations`: translation status, templates and catalogues, export and import of workbooks."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

from survey_engine.authoring.translating.catalogues import (
    compile_catalogue,
    confirm_unchanged,
    find_catalogue_path,
    find_source,
    is_current,
    make_template,
    open_catalogue,
    write_catalogue,
)
from survey_engine.authoring.translating.pofile import format_catalogue
from survey_engine.authoring.translating.status import (
    TranslationProgress,
    format_progress_json,
    format_progress_table,
    measure_translation,
)
from survey_engine.cli.support.catalogues import Chosen, choose_texts
from survey_engine.language.interface_catalogues import read_interface_catalogue
from survey_engine.model.messages import Problem, join_names, suggest_name

EXAMPLES = """\b
Examples:
  survey-engine translations status
  survey-engine translations update -d job-2026
  survey-engine translations xlsx-out -d job-2026 -l pap --out for-translators
  survey-engine translations xlsx-in for-translators/job-2026.pap.xlsx
"""
_WORKBOOK_COMMANDS = {
    "xlsx-in": "Import translated workbooks into the catalogues.",
    "xlsx-out": "Write a workbook for the translators of each variant.",
}
"""Commands that need openpyxl, from the extra `authoring`; imported on demand."""
_COLOURS = {"done": "green", "stale": "yellow", "missing": "red", "draft": "cyan"}


class Translations(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*self.commands, *_WORKBOOK_COMMANDS])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _WORKBOOK_COMMANDS:
            return self.commands.get(name)
        command: click.Command = getattr(import_module("survey_engine.cli.support.workbooks"), name.replace("-", "_"))
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        helps = {**{name: command.get_short_help_str(100) for name, command in self.commands.items()}, **_WORKBOOK_COMMANDS}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(helps.items()))


@click.group(cls=Translations, epilog=EXAMPLES)
def translations() -> None:
    """Report translation status; export and import texts for translators.

    A domain has one catalogue per language: `interface`, or the id of a questionnaire. A text is done, missing, stale (its
    source changed after it was translated) or a draft (not yet reviewed by a native speaker).
    """


@translations.command(epilog="Example: survey-engine translations status --strict --format json")
@choose_texts
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Exit with 1 if a text is missing or stale.")
def status(chosen: Chosen, format_: str, strict: bool) -> None:
    """Count texts that are done, stale, missing and draft.

    Only texts that a variant shows are counted: for example, simple Dutch needs no texts of modules that it never asks.
    Translations of the interface that would break a page are listed.
    """
    standings = _measure(chosen)
    click.echo(format_progress_json(standings) if format_ == "json" else format_progress_table(standings, _paint))
    faults = _list_faults(chosen)
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(strict and bool(faults or not all(standing.complete for standing in standings)))


@translations.command(epilog="Example: survey-engine translations extract -d job-2026 --out templates")
@choose_texts
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("build/translations"), show_default=True)
def extract(chosen: Chosen, out: Path) -> None:
    """Write a template (.pot) of all texts of each domain.

    Each text has its code, page, type and source line, for editors such as Poedit and Weblate.
    """
    out.mkdir(parents=True, exist_ok=True)
    for domain in chosen.list_domains():
        path = out / f"{domain.code}.pot"
        template = make_template(domain, (message for message in domain.messages if message.in_catalogues))
        path.write_text(format_catalogue(template, domain.code, "", lines=True), "utf-8")
        click.echo(f"{path}: {len(domain.messages)} texts")


@translations.command(epilog="Example: survey-engine translations update -d job-2026 -l pap")
@choose_texts
def update(chosen: Chosen) -> None:
    """Merge the current texts into the catalogues.

    New texts are added. If a source changed, its translation is kept as stale, with the previous source. Removed texts are kept
    as obsolete, and restored if the text is added again.
    """
    for domain, variant in chosen.iter_pairs():
        path, catalogue = find_catalogue_path(chosen.root, domain, variant), open_catalogue(chosen.root, domain, variant)
        found = find_source(chosen.root, domain, variant)
        if not is_current(found, catalogue, domain, variant) and write_catalogue(path, catalogue, domain, variant):
            (standing,) = measure_translation(domain, [variant], chosen.root)
            click.echo(f"{path}: {standing.done} done, {standing.stale} stale, {standing.missing} missing")


@translations.command(epilog="Example: survey-engine translations unchanged -d job-2026 internship_place week.help")
@choose_texts
@click.argument("codes", nargs=-1, required=True)
def unchanged(chosen: Chosen, codes: tuple[str, ...]) -> None:
    """Make the stale or offered translations of the texts with these CODES current: their meaning is unchanged.

    Use it after a typing error in the source was corrected, or to accept a translation of an equal text that `update` offered.
    Nothing is written if a code is unknown, or its text is stale in none of the languages.
    """
    opened = [(domain, variant, open_catalogue(chosen.root, domain, variant)) for domain, variant in chosen.iter_pairs()]
    confirmed = [confirm_unchanged(catalogue, domain, codes) for domain, _, catalogue in opened]
    known = {code for domain, _, _ in opened for code in domain.by_code}
    for code in codes:
        if code not in known:
            raise click.UsageError(f"There is no text '{code}'{suggest_name(code, known)}.")
        if not any(code in found for found in confirmed):
            languages = join_names({variant.code for domain, variant, _ in opened if code in domain.by_code})
            raise click.UsageError(f"The text '{code}' is not stale in {languages}.")
    for (domain, variant, catalogue), found in zip(opened, confirmed, strict=True):
        if found:
            path = find_catalogue_path(chosen.root, domain, variant)
            write_catalogue(path, catalogue, domain, variant)
            click.echo(f"{path}: {', '.join(found)}")


@translations.command("compile", epilog="Example: survey-engine translations compile -d interface")
@choose_texts
def compile_(chosen: Chosen) -> None:
    """Write .mo files next to the catalogues, for other programs.

    The engine does not need them: it reads the catalogues.
    """
    for domain, variant in chosen.iter_pairs():
        path = find_catalogue_path(chosen.root, domain, variant)
        if path.is_file():
            compile_catalogue(open_catalogue(chosen.root, domain, variant), path.with_suffix(".mo"))
            click.echo(path.with_suffix(".mo"))


def _measure(chosen: Chosen) -> list[TranslationProgress]:
    return [
        standing for domain, variant in chosen.iter_pairs() for standing in measure_translation(domain, [variant], chosen.root)
    ]


def _list_faults(chosen: Chosen) -> list[Problem]:
    paths = [(find_source(chosen.root, d, variant), variant.code) for d, variant in chosen.iter_pairs() if not d.has_codes]
    return [problem for path, code in paths for problem in read_interface_catalogue(path, path.as_posix(), code).problems]


def _paint(text: str, role: str) -> str:
    return click.style(text, dim=True) if role == "quiet" else click.style(text, fg=_COLOURS[role], bold=True)

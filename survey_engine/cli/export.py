"""`survey-engine export`: export answers as data, with a codebook and a separate file of open answers."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

import click

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.group_sizes import group_size_options, warn_about_close
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.cli.support.open_institutions import describe_fieldwork, describe_open
from survey_engine.cli.support.progress import show_progress
from survey_engine.datasets import FORMATS
from survey_engine.datasets.code_numbers import read_code_numbers
from survey_engine.datasets.delivery import ExportRequest, ExportResult, write_export
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.missing_values import Missing
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.versions import StoredVersionError, read_version
from survey_engine.settings import GroupSizes, Settings
from survey_engine.storage.database import Database, is_missing_file, read_now
from survey_engine.storage.identity import list_withdrawn
from survey_engine.storage.versions import map_versions

EXAMPLES = """\b
Examples:
  survey-engine export job-2026 --out delivery
  survey-engine export job-2026 --out delivery --format sav,parquet --language nl
  survey-engine export job-2026 --out delivery --background path --background level
  survey-engine export job-2026 --out delivery --open-with path --least-group 10 --force
  survey-engine export job-2027 --out delivery-2027 --format sav --numbers-of delivery-2026
  survey-engine export job-2026 --out noorderlicht --institution noorderlicht --background path --format sav
"""
OPEN_ROWS = (
    "Do not give these rows to anybody who has reminder lists (`remind`) or gets a later file: both together tell who answered what. "
    "`deliver` makes them final after the closing."
)


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    callback=lambda context, option, values: read_formats(values),
    help=f"Format of the responses; may be repeated, or several with commas: {', '.join(FORMATS)}.  [default: csv]",
)
@click.option("--language", default="", metavar="LANGUAGE", help="Language of labels in the data (default: the source language).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option(
    "--institution",
    default="",
    metavar="CODE",
    help="Export the file of one institution: its responses and questions, and no background but that of --background.",
)
@click.option(
    "--same-numbers",
    is_flag=True,
    help="With --institution: the respondent numbers of every other export with this option, such as to add a column to a file that "
    "somebody works on. Without it they are new at each export, because two files of one institution, joined by them, show whose "
    "answers changed in between.",
)
@click.option(
    "--with-channel",
    is_flag=True,
    help="With --institution: include the channel of the links (`?via=`), by which the institution can mark its persons. It is "
    "empty where fewer than --least-group responses share it, as language and device are.",
)
@click.option(
    "--numbers-of",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An earlier delivery, such as of the last edition: its codes keep their numbers in SPSS and Stata, and new ones follow.",
)
@click.option("--background", multiple=True, metavar="VARIABLE", help="Include only this background variable; may be repeated.")
@click.option("--no-background", is_flag=True, help="Include no background variables in responses.")
@click.option(
    "--open-with", multiple=True, metavar="VARIABLE", help="Include this background variable with open answers; may be repeated."
)
@group_size_options
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def export(
    *,
    questionnaire: str,
    formats: tuple[str, ...],
    language: str,
    out: Path,
    institution: str,
    same_numbers: bool,
    with_channel: bool,
    numbers_of: Path | None,
    background: tuple[str, ...],
    no_background: bool,
    open_with: tuple[str, ...],
    sizes: GroupSizes,
    public: bool,
    force: bool,
) -> None:
    """Export the answers to QUESTIONNAIRE, with a codebook.

    The folder contains responses (one row per response, codes only, distinct missing values), open_answers.csv (without other
    answers and without a respondent number), paradata.csv (one row per response and page), codebook.csv and codebook.html.
    Counts in the codebook, open answers and their institution and background need at least --least-group responses.
    The export is a snapshot, also while the questionnaire is open; the same answers give the same bytes, except for the numbers and
    order of an institution's responses (--same-numbers). Rows of an open questionnaire, and reminder lists of it (`remind`), must
    not go to the same person. Each response is read with the version that it was given to.
    """
    if background and no_background:
        raise click.UsageError("Give --background or --no-background, not both.")
    if (same_numbers or with_channel) and not institution:
        raise click.UsageError("Each of --same-numbers and --with-channel needs --institution: the file of all has both.")
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    with closing(open_store(settings, "answers", replica=True)) as store:
        versions = load_versions(store, found)
        refuse_unknown_background((found, *versions.values()), (*background, *open_with))
        check_language(found, language)
        refuse_unknown_institution((found, *versions.values()), institution)
        wanted = ExportRequest(
            questionnaire=found,
            key=settings.pseudonym_key,
            formats=formats,
            language=language,
            open_with=open_with,
            withdrawn=find_withdrawn(settings, found),
            versions=versions,
            timezone=settings.timezone,
            institution=institution,
            channel=with_channel,
            salt="" if same_numbers else secrets.token_hex(16),
            background=background if background or no_background or institution else None,
            least_group=sizes.find_least(public=public),
            sensitive_factor=sizes.sensitive_factor,
            numbers=read_earlier_numbers(numbers_of, found),
        )
        with fill_folder(out, force=force) as folder:
            with store.snapshot() as connection:
                delivered = write_export(connection, wanted, folder, show_progress)
            warn_about_close(folder)
            warn_of_open(found, institution, settings, store)
            click.echo(summarise_export(delivered, out, sorted(path.name for path in folder.iterdir())))


def warn_of_open(questionnaire: Questionnaire, institution: str, settings: Settings, answers: Database) -> None:
    """Warn of responses that may still change, and of rows of one institution that can still be answered."""
    if open_now := describe_fieldwork(questionnaire, institution, settings, answers):
        click.secho(open_now, fg="yellow", err=True)
    if institution and (found := describe_open(questionnaire, institution, settings, read_now(answers))):
        click.secho(f"{found} {OPEN_ROWS}", fg="yellow", err=True)


def read_formats(values: Iterable[str]) -> tuple[str, ...]:
    """Return the names in repeated and comma-separated values, each once.

    Raises:
        click.BadParameter: a name is not in FORMATS.
    """
    names = tuple(dict.fromkeys(name.strip() for value in values for name in value.split(","))) or ("csv",)
    for name in names:
        if name not in FORMATS:
            raise click.BadParameter(f"There is no format '{name}'{suggest_name(name, FORMATS)}. Known: {join_names(FORMATS)}.")
    return names


def read_earlier_numbers(folder: Path | None, questionnaire: Questionnaire) -> Mapping[str, Mapping[str, int]]:
    """Return variable → text code → number of an earlier delivery of the questionnaire, or of an edition; nothing without a folder."""
    try:
        return read_code_numbers(folder, questionnaire) if folder else {}
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def check_language(questionnaire: Questionnaire, language: str) -> None:
    known = list(questionnaire.languages)
    if language and language not in known:
        raise click.UsageError(f"There is no language '{language}'{suggest_name(language, known)}. Known: {join_names(known)}.")


def refuse_unknown_institution(versions: Iterable[Questionnaire], code: str) -> None:
    known = list(dict.fromkeys(each for version in versions for each in version.institutions))
    if code and code not in known:
        raise click.UsageError(f"There is no institution '{code}'{suggest_name(code, known)}. Known: {join_names(known)}.")


def refuse_unknown_background(versions: Iterable[Questionnaire], names: Iterable[str]) -> None:
    known = list(dict.fromkeys(code for version in versions for code in version.background))
    for name in names:
        if name not in known:
            raise click.UsageError(
                f"There is no background variable '{name}'{suggest_name(name, known)}. Known: {join_names(known)}."
            )


def load_versions(answers: Database, questionnaire: Questionnaire) -> dict[str, Questionnaire]:
    """Return the stored versions of a questionnaire by name; print and skip unreadable ones."""
    versions = {}
    for name in map_versions(answers).get(questionnaire.code, []):
        try:
            versions[name] = read_version(answers, questionnaire.code, name)
        except StoredVersionError as error:
            click.secho(str(error), fg="yellow", err=True)
    return versions


def find_withdrawn(settings: Settings, questionnaire: Questionnaire) -> frozenset[str]:
    """Return the pseudonyms of withdrawn links; none if the identity store was destroyed."""
    if is_missing_file(settings.identity_url):
        click.secho("There is no identity store: responses of withdrawn links have the status broken off.", fg="yellow", err=True)
        return frozenset()
    with closing(open_store(settings, "identity")) as store:
        seats = list_withdrawn(store, questionnaire.code)
    return frozenset(make_pseudonym(settings.pseudonym_key, questionnaire.code, seat) for seat in seats)


def summarise_export(delivered: ExportResult, out: Path, names: Iterable[str]) -> str:
    findings, least = delivered.findings, delivered.least_group
    statuses = {status.replace("_", " "): count for status, count in findings.statuses.items()}
    counts = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    lines = [f"{delivered.responses} responses ({counts or 'none yet'}) and {delivered.texts} open answers in {out}:"]
    lines += [f"  {name}" for name in names]
    lines.append(f"Missing values: {delivered.missing.describe()}.")
    if delivered.missing != Missing():
        lines.append(
            f"Warning: these are not the default values ({Missing().describe()}), because a version has answers with those values. "
            "An earlier export may have others."
        )
    if delivered.left_out:
        lines.append(
            f"{delivered.left_out} responses were left out of this file: every row shows what was asked because of version, language and "
            f"background, and fewer than {least} share that and the exported background with {delivered.left_out - delivered.added} of "
            "them (--least-group). Fewer variables in --background leave out fewer responses."
            + f" {delivered.added} others were left out, too, because those are fewer than {least}."
            * bool(delivered.added)
        )
    if delivered.generalised:
        lines.append(
            f"Institution or background was removed from {delivered.generalised} of {delivered.texts} open answers, "
            f"because fewer than {least} of those who wrote share it (--least-group)."
        )
    if delivered.withheld:
        lines.append(
            f"{delivered.withheld} open answers were withheld: fewer than {least} responses in this file have one to their question "
            "(--least-group)."
        )
    if delivered.texts:
        lines.append(
            "Release only one export with open answers: a unique text can be matched between two exports, which then reveal the "
            "background columns of both."
        )
    if delivered.rare:
        lines.append(
            f"Warning: {delivered.rare} of {delivered.responses} responses share their institution and background with fewer than "
            f"{least - 1} others: with the list of students or links.csv they can be identified. Release only the background that is "
            "needed (--background, --no-background), and never together with such a list. Background that decides what is asked is "
            "counted without its column, too, because the rows show it: if too many remain, give tables (`scores`, `benchmark`) "
            "instead of rows."
        )
    warnings = (
        ("Answers without a column, because their version does not ask them there", findings.lost),
        ("Read with the version in service, because their own version is missing", findings.unknown_versions),
        ("Responses left out, because the version with this code is missing: restore it and export again", findings.left_out),
    )
    lines += [f"{warning} (number of responses): {format_counts(found)}" for warning, found in warnings if found]
    return "\n".join(lines)


def format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))

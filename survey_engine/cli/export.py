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
from survey_engine.datasets.export import ExportRequest, ExportResult, write_export
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
_OPEN_ROWS = (
    "Do not give these rows to anybody who has reminder lists (`remind`) or gets a later file: two of these files reveal who gave which "
    "answers. `deliver` makes the rows final after the last day."
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
    help="Export the file of one institution: its responses and questions, with background variables only as in --background.",
)
@click.option(
    "--same-numbers",
    is_flag=True,
    help="With --institution: the respondent numbers of every other export with this option, such as for somebody who works on an "
    "earlier file. Use the columns of that file: two files with other columns, joined, can show few persons alike, and `deliver` "
    "refuses them then. Without it the numbers are new at each export, so that they do not tell whose answers changed in between.",
)
@click.option(
    "--with-channel",
    is_flag=True,
    help="With --institution: include the channel of the links (`?via=`). An institution can use it to mark persons. The channel is "
    "empty where fewer than --least-group responses share it; so are language and device.",
)
@click.option(
    "--numbers-of",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An earlier delivery, for example of the last edition: codes keep its numbers in SPSS and Stata, and new codes get new numbers.",
)
@click.option("--background", multiple=True, metavar="VARIABLE", help="Include only this background variable; may be repeated.")
@click.option("--no-background", is_flag=True, help="Include no background variables in responses.")
@click.option(
    "--open-with",
    multiple=True,
    metavar="VARIABLE",
    help="Include this background variable in open_answers.csv; may be repeated.",
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

    The folder contains responses (one row per response, only codes, one value per kind of missing answer), open_answers.csv (no
    other answers, no respondent numbers), paradata.csv (one row per response and page), codebook.csv and codebook.html. Counts in
    the codebook, open answers and their institution and background need at least --least-group responses. The export is a snapshot,
    also while the questionnaire is open. The same answers give the same bytes, except for the numbers and order of an institution's
    responses (--same-numbers). Do not give rows of an open questionnaire to a person who gets its reminder lists (`remind`). Each
    response is read with its own version.
    """
    if background and no_background:
        raise click.UsageError("Give --background or --no-background, not both.")
    if (same_numbers or with_channel) and not institution:
        raise click.UsageError("--same-numbers and --with-channel need --institution: other exports have both.")
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
    """Warn that responses may still change, and that rows of an institution were exported while persons can still answer."""
    if open_now := describe_fieldwork(questionnaire, institution, settings, answers):
        click.secho(open_now, fg="yellow", err=True)
    if institution and (found := describe_open(questionnaire, institution, settings, read_now(answers))):
        click.secho(f"{found} {_OPEN_ROWS}", fg="yellow", err=True)


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
    """Return variable → text code → number in an earlier delivery of the questionnaire or of an edition; empty without a folder."""
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
        click.secho(
            "There is no identity store, so withdrawn links are unknown: their responses get the status broken off.",
            fg="yellow",
            err=True,
        )
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
            f"Warning: these are not the default values ({Missing().describe()}), because a version has answers with the default values. "
            "An earlier export may have other values."
        )
    if delivered.left_out:
        lines.append(
            f"{delivered.left_out} responses were left out of this file: each row shows which questions version, language and background "
            f"led to. For {delivered.left_out - delivered.added} of them, fewer than {least} responses share questions and exported "
            "background (--least-group). With fewer variables in --background, fewer responses are left out."
            + f" {delivered.added} others were added to them, so that at least {least} are left out."
            * bool(delivered.added)
        )
    if delivered.generalised:
        lines.append(
            f"Institution or background was removed from {delivered.generalised} of {delivered.texts} open answers, "
            f"because fewer than {least} authors of open answers share it (--least-group)."
        )
    if delivered.withheld:
        lines.append(
            f"{delivered.withheld} open answers were withheld: fewer than {least} responses in this file answer the same question "
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
            f"{least - 1} others: the list of students or links.csv can identify them. Release only necessary background "
            "(--background, --no-background), and never together with such a list. Background that decides which questions are asked "
            "counts even without its column, because the rows show it. If too many responses remain, release tables (`scores`, "
            "`benchmark`) instead of rows."
        )
    warnings = (
        ("Answers without a column, because their version does not ask their question there", findings.lost),
        ("Read with the version in service, because their own version is missing", findings.unknown_versions),
        ("Responses left out, because the version with this code is missing: restore it and export again", findings.left_out),
    )
    lines += [f"{warning} (number of responses): {format_counts(found)}" for warning, found in warnings if found]
    return "\n".join(lines)


def format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))

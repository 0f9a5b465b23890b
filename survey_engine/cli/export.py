"""`survey-engine export`: the answers as data, with open answers apart and a codebook."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import click

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.installation import find_questionnaire, find_settings, is_missing, open_store
from survey_engine.datasets import FORMATS
from survey_engine.datasets.delivery import ExportRequest, ExportResult, write_export
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.missing_values import Missing
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.versions import StoredVersionError, read_version
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import list_withdrawn
from survey_engine.storage.snapshot import Record
from survey_engine.storage.versions import list_versions

EXAMPLES = """\b
Examples:
  survey-engine export job-2026 --out delivery
  survey-engine export job-2026 --out delivery --background path --background level
  survey-engine export job-2026 --out delivery --open-with path --least-group 10 --force
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="csv", show_default=True, help="How to write it.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to make.")
@click.option("--background", multiple=True, metavar="VARIABLE", help="Only this background with the responses; may be repeated.")
@click.option("--no-background", is_flag=True, help="No background with the responses.")
@click.option("--open-with", multiple=True, metavar="VARIABLE", help="Background that goes with open answers; may be repeated.")
@click.option(
    "--least-group",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="What stands beside an open answer is shared by at least N responses.",
)
@click.option("--force", is_flag=True, help="Write into a folder that holds files already.")
def export(
    *,
    questionnaire: str,
    format_: str,
    out: Path,
    background: tuple[str, ...],
    no_background: bool,
    open_with: tuple[str, ...],
    least_group: int,
    force: bool,
) -> None:
    """Write the answers to QUESTIONNAIRE as data with a codebook.

    The folder gets responses (one row each, codes only, missing values told apart), open_answers.csv (without survey data
    and without the respondent's number), codebook.csv and codebook.html. All of it is as it stood at one moment; the same
    answers give the same bytes. The questionnaire may stay open meanwhile. Each response is read with the version that it
    was given to.
    """
    if background and no_background:
        raise click.UsageError("Give --background or --no-background, not both.")
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    with closing(open_store(settings.reading_url, "answers")) as store:
        versions = load_versions(store, found)
        check_background((found, *versions.values()), (*background, *open_with))
        wanted = ExportRequest(
            questionnaire=found,
            key=settings.pseudonym_key,
            write_table=FORMATS[format_],
            open_with=open_with,
            withdrawn=find_withdrawn(settings, found),
            versions=versions,
            timezone=settings.timezone,
            background=background if background or no_background else None,
            least_group=least_group,
        )
        with fill_folder(out, force=force) as folder:
            with store.snapshot() as connection:
                delivered = write_export(connection, wanted, folder, show_progress)
            names = sorted(path.name for path in folder.iterdir())
    click.echo(summarise(delivered, out, names))


def check_background(versions: Iterable[Questionnaire], names: Iterable[str]) -> None:
    known = list(dict.fromkeys(code for version in versions for code in version.background))
    for name in names:
        if name not in known:
            raise click.UsageError(
                f"There is no background variable '{name}'{suggest_name(name, known)}. Known: {join_names(known)}."
            )


def load_versions(answers: Database, questionnaire: Questionnaire) -> dict[str, Questionnaire]:
    """Every version of a questionnaire that is stored; one that cannot be read is named and left out."""
    versions = {}
    for name in list_versions(answers).get(questionnaire.code, []):
        try:
            versions[name] = read_version(answers, questionnaire.code, name)
        except StoredVersionError as error:
            click.secho(str(error), fg="yellow", err=True)
    return versions


def find_withdrawn(settings: Settings, questionnaire: Questionnaire) -> frozenset[str]:
    """The pseudonyms whose link was withdrawn; none once the store of identities has been destroyed."""
    if is_missing(settings.identity_url):
        click.secho("There is no store of identities: withdrawn links count as broken off.", fg="yellow", err=True)
        return frozenset()
    with closing(open_store(settings.identity_url, "identity")) as store:
        seats = list_withdrawn(store, questionnaire.code)
    return frozenset(make_pseudonym(settings.pseudonym_key, questionnaire.code, seat) for seat in seats)


def show_progress(records: Iterable[Record], count: int) -> Iterator[Record]:
    with click.progressbar(records, count, "Responses", file=sys.stderr, update_min_steps=max(1, count // 500)) as bar:
        yield from bar


def summarise(delivered: ExportResult, out: Path, names: Iterable[str]) -> str:
    findings, least = delivered.findings, delivered.least_group
    statuses = {status.replace("_", " "): count for status, count in findings.statuses.items()}
    counts = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    lines = [f"{delivered.responses} responses ({counts or 'none yet'}) and {delivered.texts} open answers in {out}:"]
    lines += [f"  {name}" for name in names]
    lines.append(f"Missing values: {delivered.missing.describe()}.")
    if delivered.missing != Missing():
        lines.append(
            f"Warning: they are not the usual ones ({Missing().describe()}), for in some version these can be answers. "
            "An earlier export may have other ones."
        )
    if delivered.generalised:
        lines.append(
            f"Beside {delivered.generalised} of {delivered.texts} open answers institution or background was left out, "
            f"for fewer than {least} responses share it (--least-group)."
        )
    if delivered.withheld:
        lines.append(
            f"{delivered.withheld} open answers were withheld: fewer than {least} responses of the institution whose own question "
            "it is were asked it (--least-group)."
        )
    if delivered.texts:
        lines.append(
            "Give out one delivery of open answers only: texts that occur once can be matched between two, and then show what "
            "stands beside them in both."
        )
    if delivered.rare:
        lines.append(
            f"Warning: {delivered.rare} of {delivered.responses} responses share their institution and background with fewer "
            f"than {least - 1} others: the list of students or links.csv can tell whose they are. Give out only the "
            "background that is needed (--background, --no-background), and never together with such a list."
        )
    said = (
        ("Without a column, for the version that was answered does not ask it there", findings.lost),
        ("Read with the version in service, for their own is not there", findings.unknown_versions),
        ("Responses left out, for the version that has this is not there: put it back and export again", findings.left_out),
    )
    lines += [f"{what} (in how many responses): {list_counts(found)}" for what, found in said if found]
    return "\n".join(lines)


def list_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))

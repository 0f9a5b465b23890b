"""`survey-engine export`: the answers as data, with open answers apart and a codebook."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import click

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.installation import find_questionnaire, find_settings, is_missing, open_store
from survey_engine.datasets import FORMATS
from survey_engine.datasets.delivery import Delivered, Wanted, deliver
from survey_engine.datasets.rows import ExportError
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.model.messages import listing, meant
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import Settings
from survey_engine.storage.identity import list_withdrawn
from survey_engine.storage.snapshot import Record

EXAMPLES = """\b
Examples:
  survey-engine export job-2026 --out delivery
  survey-engine export job-2026 --out delivery --open-with path --open-with level --force
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="csv", show_default=True, help="How to write it.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to make.")
@click.option("--open-with", multiple=True, metavar="VARIABLE", help="Background that goes with open answers; may be repeated.")
@click.option("--force", is_flag=True, help="Write into a folder that holds files already.")
def export(questionnaire: str, format_: str, out: Path, open_with: tuple[str, ...], force: bool) -> None:
    """Write the answers to QUESTIONNAIRE as data with a codebook.

    The folder gets responses (one row each, codes only, missing values told apart), open_answers.csv (without survey data
    and without the respondent's number), codebook.csv and codebook.html. All of it is as it stood at one moment; the same
    answers give the same bytes. The questionnaire may stay open meanwhile.
    """
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    check_background(found, open_with)
    with closing(open_store(settings.reading_url, "answers")) as store, fill_folder(out, force=force) as folder:
        withdrawn = find_withdrawn(settings, found)
        wanted = Wanted(found, settings.pseudonym_key, FORMATS[format_], open_with, withdrawn, settings.timezone)
        try:
            with store.snapshot() as connection:
                delivered = deliver(connection, wanted, folder, show_progress)
        except ExportError as error:
            raise click.ClickException(str(error)) from None
        names = sorted(path.name for path in folder.iterdir())
    click.echo(summarise(delivered, out, names))


def check_background(questionnaire: Questionnaire, names: Iterable[str]) -> None:
    known = questionnaire.background
    for name in names:
        if name not in known:
            raise click.UsageError(f"There is no background variable '{name}'{meant(name, known)}. Known: {listing(known)}.")


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


def summarise(delivered: Delivered, out: Path, names: Iterable[str]) -> str:
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in sorted(delivered.statuses.items()))
    lines = [f"{delivered.responses} responses ({counts or 'none yet'}) and {delivered.texts} open answers in {out}:"]
    lines += [f"  {name}" for name in names]
    if delivered.lost:
        lost = ", ".join(f"{code} ({count})" for code, count in sorted(delivered.lost.items()))
        lines.append(f"Left out, for the questionnaire no longer asks it there (in how many responses): {lost}")
    return "\n".join(lines)

"""`survey-engine demo`: serve the shipped questionnaires, with a personal link for every demonstration student."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import click

from survey_engine.cli.maintain import open_installation
from survey_engine.cli.run import check_stores, serve
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import give_links, seal_clear_seats
from survey_engine.model.questionnaire import Institution, Questionnaire, Values
from survey_engine.operations.worker import Worker
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.settings import ROOT, Settings, read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat

EXAMPLES = """\b
Examples:
  survey-engine demo --port 8080
  survey-engine demo --host 192.168.1.20
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; this machine's own, for a phone in its network.",
)
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Where answers are kept.")
@click.option("--links-only", is_flag=True, help="Print the links and stop.")
def demo(host: str, port: int, data: Path, links_only: bool) -> None:
    """Serve the shipped questionnaires with links for demonstration students.

    Prints, for each questionnaire and language, the personal link of an institution's student, and serves until Ctrl-C. Jobs
    are carried out by the same process, as `survey-engine work` does.
    """
    base = f"http://{host}:{port}"
    settings = set_apart(base, data)
    folders = sorted(path.parent for path in settings.questionnaires.glob("*/questionnaire.yaml"))
    with click.progressbar(folders, len(folders), "Compiling", file=sys.stderr) as bar:
        questionnaires = [compile_questionnaire(folder, settings.translations) for folder in bar]
    identity = Database(settings.identity_url, "identity")
    identity.migrate()
    keys = ContactKeys(settings.contact_keys)
    seal_clear_seats(identity, keys)
    for questionnaire in questionnaires:
        click.secho(f"\n{questionnaire.title.wording[questionnaire.source_language]}", bold=True)
        for institution, lines in list_links(identity, keys, questionnaire, base):
            click.echo(f"  {institution.name} – open link with QR code: {base}/q/{questionnaire.code}/{institution.code}/qr.svg")
            for line in lines:
                click.echo(f"    {line}")
    identity.close()
    click.echo(f"\nAll institutions: {base}/    Answers: {data.resolve()}    Stop with Ctrl-C.")
    if links_only:
        return
    check_stores(settings)
    with open_installation(settings) as installation:
        Thread(target=Worker(installation).run, args=(Event(),), daemon=True).start()
        serve(host, port, workers=2, threads=4)


def set_apart(base: str, data: Path) -> Settings:
    """Settings of the demonstration alone, for this process and those that serve: nothing of an installation beside it."""
    for name in [name for name in os.environ if name.startswith("SURVEY_")]:
        del os.environ[name]
    os.environ.update(SURVEY_BASE_URL=base, SURVEY_DATA=str(data), SURVEY_QUESTIONNAIRES=str(ROOT / "questionnaires"))
    return read_settings()


def list_links(
    identity: Database, keys: ContactKeys, questionnaire: Questionnaire, base: str
) -> Iterator[tuple[Institution, list[str]]]:
    """For each institution, a link per language; its demonstration students take turns."""
    for institution in questionnaire.institutions.values():
        profiles: tuple[Values, ...] = institution.demo or (institution.open_link,)
        seats = [
            Seat(questionnaire.code, institution.code, profiles[number % len(profiles)], language)
            for number, language in enumerate(institution.languages)
        ]
        tokens = give_links(identity, keys, seats)
        yield (
            institution,
            [
                f"{questionnaire.languages[seat.language or ''].name:<20} {base}/l/{token}   {describe(seat.background)}"
                for seat, token in zip(seats, tokens, strict=True)
            ],
        )


def describe(background: Values) -> str:
    return ", ".join(f"{name} {value}" for name, value in background.items())

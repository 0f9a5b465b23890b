"""`survey-engine demo`: serve the shipped questionnaires, with a personal link for every demonstration student."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from shlex import quote
from threading import Thread

import click

from survey_engine.cli.run import follow_parent, hold_port, serve
from survey_engine.cli.support.installation import create_settings, create_stores
from survey_engine.cli.support.marked_folders import mark_folder
from survey_engine.cli.work import run_jobs
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import encrypt_clear_seats, give_links
from survey_engine.model.questionnaire import Institution, Questionnaire, Values
from survey_engine.operations.folder_marks import DEMO
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.settings import ROOT, Settings
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
    help="The address to listen on. To test on a phone, give the address of this machine in its network.",
)
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="The port to listen on.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="The folder for answers, which is new or of the demo.",
)
@click.option("--links-only", is_flag=True, help="Print the links and stop.")
def demo(host: str, port: int, data: Path, links_only: bool) -> None:
    """Serve the shipped questionnaires with links for demonstration students.

    Prints a personal link for each questionnaire, institution and language, and serves until Ctrl-C. Runs the jobs
    of `survey-engine work` too.
    """
    base, course = f"http://{host}:{port}", f"http://{host}:{port + 1}" if find_spec("pylti1p3") else ""
    mark_demo(data)
    settings = make_settings(base, data, course)
    if not links_only:
        with hold_port(settings.data, host, port):
            pass  # report a port in use before the slow compilation
    folders = sorted(path.parent for path in settings.questionnaires.glob("*/questionnaire.yaml"))
    with click.progressbar(folders, len(folders), "Compiling", file=sys.stderr) as bar:
        questionnaires = [compile_questionnaire(folder, settings.translations) for folder in bar]
    create_stores(settings)
    identity = Database(settings.identity_url, "identity")
    keys = ContactKeys(settings.contact_keys)
    encrypt_clear_seats(identity, keys)
    for questionnaire in questionnaires:
        wording = Wording(questionnaire, questionnaire.languages[questionnaire.source_language], None)
        click.secho(f"\n{wording.line(questionnaire.title)}", bold=True)
        for institution, lines in iter_demo_links(identity, keys, questionnaire, base):
            click.echo(f"  {institution.name} – open link with QR code: {base}/q/{questionnaire.code}/{institution.code}/qr.svg")
            for line in lines:
                click.echo(f"    {line}")
    if course and not links_only:
        import_module("survey_engine.operations.demo_course").register(identity, course)
        click.echo(f"\nA course of a learning environment, with the gallery as a card: {course}/")
    identity.close()
    click.echo(f"\nAll institutions: {base}/    Answers: {data.resolve()}    Stop with Ctrl-C.")
    if links_only:
        return
    get_context("spawn").Process(target=run_beside_server, args=(course, base, os.getpid()), daemon=True).start()
    serve(host, port, workers=2, threads=4)


def mark_demo(data: Path) -> None:
    """Refuse the folder of an installation: it would get seats of demonstration students."""
    refusal = (
        f"{data} is an installation: it would get the links of demonstration students, and perhaps their answers. Name a new folder "
        f"with --data. If it only has what an earlier demo wrote, say so: touch {quote(str(data / DEMO))}"
    )
    mark_folder(data, DEMO, refusal)


def run_beside_server(course: str, base: str, parent: int) -> None:
    """Run jobs, and serve the course if there is one, in a separate process until the server with process id `parent` ends.

    The process that forks the server's workers must have no store open: a fork would copy locks that SQLite holds at that moment,
    and the new worker would wait for them forever.
    """
    Thread(target=follow_parent, args=(parent,), daemon=True).start()
    if course:
        serve_course = import_module("survey_engine.operations.demo_course").serve_course
        Thread(target=serve_course, args=(course, base), daemon=True).start()
    run_jobs()


def make_settings(base: str, data: Path, course: str) -> Settings:
    """Set the demo's settings in the environment of this process and its workers, and remove all others."""
    ignored = sorted(name for name in os.environ if name.startswith("SURVEY_"))
    for name in ignored:
        del os.environ[name]
    if ignored:
        click.echo(f"The demo has its own settings, and ignores: {', '.join(ignored)}. Its data folder is {data} (--data).")
    os.environ.update(
        SURVEY_INDEX="1", SURVEY_BASE_URL=base, SURVEY_DATA=str(data), SURVEY_QUESTIONNAIRES=str(ROOT / "questionnaires")
    )
    if course:
        os.environ["SURVEY_LMS_DEVELOPMENT"] = course
    return create_settings()


def iter_demo_links(
    identity: Database, keys: ContactKeys, questionnaire: Questionnaire, base: str
) -> Iterator[tuple[Institution, list[str]]]:
    """Iterate over (institution, its link lines): one line per language, for the demonstration students in turn."""
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

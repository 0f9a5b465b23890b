"""`survey-engine simulate`: robots answer a questionnaire, for dummy data, for load, and to see where it loses people."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import count as counting
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import click

from survey_engine.cli.support.installation import find_published, find_questionnaire, find_translations
from survey_engine.cli.support.questionnaires import find_folder
from survey_engine.fieldwork.invitations.links import find_by_tokens, give_links, read_token
from survey_engine.fieldwork.rosters.csv import LINK
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.operations.simulation.browsing import HttpLine, Line, RobotError, WsgiLine
from survey_engine.operations.simulation.dummy_store import DummyDatabase
from survey_engine.operations.simulation.flow import Flow, draw_bars, draw_page, measure_flow
from survey_engine.operations.simulation.population import invent_background, invent_times, make_chance
from survey_engine.operations.simulation.profiles import PROFILES
from survey_engine.operations.simulation.runs import Simulation, run_robots
from survey_engine.operations.simulation.walking import Entry, Walk
from survey_engine.publication.compiler import list_homes
from survey_engine.settings import Folders, locate_answers, read_folders, read_settings, spell_out
from survey_engine.storage.database import Database
from survey_engine.storage.dummy_times import set_times
from survey_engine.storage.identity import Seat
from survey_engine.storage.versions import StoredVersion, store_version
from survey_engine.web.app import create_app
from survey_engine.web.respondent.site import Site

EXAMPLES = """\b
Examples:
  survey-engine simulate job-2026 -n 200 --profile mixed --picture flow.html
  survey-engine simulate job-2026 -n 1000 --data dummy && SURVEY_DATA=dummy survey-engine export job-2026 --out delivery
  survey-engine simulate job-2026 -n 5000 --http https://test.example.org --threads 16
"""
FIELDWORK = timedelta(weeks=6)
_ABOUT = "\n".join(f"  {name:<14} {profile.about}" for name, profile in PROFILES.items())


@click.command(
    epilog=EXAMPLES,
    help=f"""Let robots answer QUESTIONNAIRE and show how far they come.

Without --http they answer in this process, each with a personal link and a background of its own; the answers are thrown
away unless --data names a folder for them. The same seed makes the same robots, in this process with the same modules.

No source gives the shares of languages, levels, learning paths and years of robots: they are assumptions.

\b
Profiles:
{_ABOUT}
  mixed          a plausible population of these""",
)
@click.argument("questionnaire")
@click.option("-n", "count", default=100, show_default=True, type=click.IntRange(1), help="How many robots.")
@click.option("--profile", type=click.Choice([*PROFILES, "mixed"]), default="honest", show_default=True, help="How they answer.")
@click.option("--seed", default="1", show_default=True, help="Any text.")
@click.option("--institution", "named", multiple=True, help="Only this institution; may be repeated.")
@click.option("--http", "url", metavar="URL", help="A server that runs already; they come in by the open links.")
@click.option(
    "--links", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="With --http: links.csv, as `links` made it."
)
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="With --http: robots at a time.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Keep the answers in this folder.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw the flow into this HTML file.")
def simulate(
    *,
    questionnaire: str,
    count: int,
    profile: str,
    seed: str,
    named: tuple[str, ...],
    url: str | None,
    links: Path | None,
    threads: int,
    data: Path | None,
    picture: Path | None,
) -> None:
    if (url and data) or (links and not url):
        raise click.UsageError("--data is for robots in this process, --links for those that come over --http.")
    folders = read_folders()
    found = find_questionnaire(questionnaire, folders)
    simulation = Simulation(found, profile, seed)
    institutions = choose_institutions(found, named)
    if url:
        entries = read_entries(links, found, count) if links else list_open_links(found, institutions, count)
        walks = run(simulation, entries, lambda: HttpLine(url), threads)
    else:
        published = find_published(questionnaire, locate_answers())
        with serve_here(found, published or locate(questionnaire, folders), data) as site_and_line:
            site, line = site_and_line
            site.participation.seeds = (f"{seed}/{number}/modules" for number in counting())
            entries = add_students(site, simulation, institutions, count)
            walks = run(simulation, entries, lambda: line, 1)
            times = invent_times(*choose_period(site, found), make_chance(seed, "days"))
            set_times(site.answers, found.code, zip(list_pseudonyms(site, found, entries), times, strict=False))
    flow = measure_flow(found, walks)
    if picture:
        picture.write_text(draw_page(flow, found, seed), "utf-8")
    click.echo(summarise(flow))


def choose_institutions(questionnaire: Questionnaire, named: Sequence[str]) -> list[Institution]:
    known = questionnaire.institutions
    for name in named:
        if name not in known:
            raise click.UsageError(f"There is no institution '{name}'{suggest_name(name, known)}. Known: {join_names(known)}.")
    return [known[name] for name in named or known]


def list_open_links(questionnaire: Questionnaire, institutions: Sequence[Institution], count: int) -> list[Entry]:
    """Each robot by the open link of an institution in turn."""
    chosen = (institutions[number % len(institutions)] for number in range(count))
    return [
        Entry(f"/q/{questionnaire.code}/{institution.code}", institution.code, institution.open_link) for institution in chosen
    ]


def read_entries(links: Path, questionnaire: Questionnaire, count: int) -> list[Entry]:
    """The first personal links of a file with the columns institution and link."""
    written = links.read_text("utf-8-sig")
    delimiter = max(",;\t", key=written.partition("\n")[0].count)
    rows = list(csv.DictReader(io.StringIO(written, newline=""), delimiter=delimiter))
    if not rows or not {"institution", LINK} <= set(rows[0]):
        raise click.ClickException(
            f"{links} has no columns institution and {LINK}. Give the file that `survey-engine links` made."
        )
    choose_institutions(questionnaire, [row["institution"] for row in rows])
    return [Entry(urlsplit(row[LINK]).path, row["institution"]) for row in rows[:count]]


@contextmanager
def serve_here(questionnaire: Questionnaire, source: Folders | StoredVersion, data: Path | None) -> Iterator[tuple[Site, Line]]:
    """The application in this process, on stores of its own.

    Those are never the databases of the installation: robots' answers must not get among people's.

    Args: source: a published version, or the folders of what was never published.
    """
    with TemporaryDirectory(prefix="survey-") as temporary:
        settings = read_settings({}, data or Path(temporary))
        if isinstance(source, StoredVersion):
            with closing(Database(settings.database_url, "answers")) as answers:
                answers.migrate()
                store_version(answers, source, publish=True)
            source = replace(read_folders(), questionnaires=Path(temporary))
        served = replace(settings, questionnaires=source.questionnaires, translations=source.translations)
        app = create_app(served, DummyDatabase)
        site: Site = app.extensions["survey_engine"]
        if questionnaire.code not in site.questionnaires:
            raise click.ClickException(f"Give the folder of {questionnaire.code} its code as a name, to let it be served.")
        try:
            yield site, WsgiLine(app.wsgi_app)
        finally:
            site.answers.close()
            site.identity.close()


def locate(name: str, folders: Folders) -> Folders:
    """The folders from which the questionnaire is served."""
    folder = find_folder(name, folders.questionnaires)
    translations = find_translations() or list_homes(folder, None)[0]
    return replace(folders, questionnaires=spell_out(folder).parent, translations=translations)


def choose_period(site: Site, questionnaire: Questionnaire) -> tuple[date, date]:
    """The days on which robots answered: those of the questionnaire that are over, or else the last six weeks."""
    today = site.participation.now().date()
    last = min(questionnaire.closes or today, today)
    first = questionnaire.opens or last - FIELDWORK
    return (first, last) if first <= last else (last - FIELDWORK, last)


def add_students(site: Site, simulation: Simulation, institutions: Sequence[Institution], count: int) -> list[Entry]:
    """A personal link for each robot, the institutions in turn."""
    questionnaire = simulation.questionnaire
    seats = []
    for number in range(count):
        institution = institutions[number % len(institutions)]
        chance = make_chance(simulation.seed, number, "who")
        seats.append(Seat(questionnaire.code, institution.code, invent_background(questionnaire, institution, chance)))
    tokens = give_links(site.identity, site.participation.contact_keys, seats)
    return [Entry(f"/l/{token}", seat.institution, seat.background) for token, seat in zip(tokens, seats, strict=True)]


def list_pseudonyms(site: Site, questionnaire: Questionnaire, entries: Sequence[Entry]) -> Iterator[str]:
    """The pseudonym of each robot, by its personal link."""
    for seat in find_by_tokens(site.identity, questionnaire.code, [read_token(entry.path) for entry in entries]):
        if seat:
            yield make_pseudonym(site.participation.pseudonym_key, questionnaire.code, seat.id)


def run(simulation: Simulation, entries: Sequence[Entry], connect: Callable[[], Line], threads: int) -> list[Walk]:
    """Raises ClickException when the site does what a respondent should never meet."""
    walks = run_robots(simulation, entries, connect, threads)
    try:
        with click.progressbar(walks, len(entries), "Robots", file=sys.stderr) as bar:
            return list(bar)
    except RobotError as error:
        raise click.ClickException(str(error)) from None


def summarise(flow: Flow) -> str:
    """The flow in a few lines and bars; the seconds are a respondent's, the milliseconds the site's."""
    profiles = ", ".join(f"{name} {completed} of {robots}" for name, (robots, completed) in flow.profiles.items())
    return (
        f"{draw_bars(flow)}\n\n{flow.completed} of {flow.robots} robots completed the questionnaire ({profiles});"
        f" median {flow.minutes:.1f} minutes of a respondent's time."
    )

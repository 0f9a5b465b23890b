"""`survey-engine simulate`: simulate respondents, for dummy data, load tests and drop-out analysis."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import click

from survey_engine.cli.support.input_files import InputFile
from survey_engine.cli.support.installation import find_published, find_questionnaire, find_translations
from survey_engine.cli.support.marked_folders import mark_folder
from survey_engine.cli.support.questionnaires import find_folder
from survey_engine.fieldwork.invitations.links import find_by_tokens, give_links, read_token
from survey_engine.fieldwork.rosters.row_reader import LINK_COLUMN
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.operations.folder_marks import SIMULATED
from survey_engine.operations.simulation.browsing import HttpLine, RobotError
from survey_engine.operations.simulation.flow import Flow, format_bars, measure_flow, render_flow_page
from survey_engine.operations.simulation.local_runs import LocalRobots
from survey_engine.operations.simulation.population import invent_background, invent_times, make_generator
from survey_engine.operations.simulation.profiles import PROFILES
from survey_engine.operations.simulation.runs import Simulation, run_robots
from survey_engine.operations.simulation.walking import RobotEntry, RobotWalk
from survey_engine.publication.compiler import list_catalogue_folders
from survey_engine.publication.folders import is_questionnaire
from survey_engine.publication.versions import pack_version
from survey_engine.settings import locate_stores, read_folders, read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.dummy_times import set_times
from survey_engine.storage.identity import Seat
from survey_engine.storage.versions import StoredVersion, store_version
from survey_engine.web.respondent.site import Site

EXAMPLES = """\b
Examples:
  survey-engine simulate job-2026 -n 200 --profile mixed --picture flow.html
  survey-engine simulate job-2026 -n 1000 --data dummy && SURVEY_DATA=dummy survey-engine export job-2026 --out delivery
  survey-engine simulate job-2026 -n 5000 --http https://test.example.org --threads 16
"""
_FIELDWORK = timedelta(weeks=6)
_ABOUT = "\n".join(f"  {name:<14} {profile.about}" for name, profile in PROFILES.items())


@click.command(
    epilog=EXAMPLES,
    help=f"""Simulate respondents of QUESTIONNAIRE and show where they drop out.

Without --http, the robots answer in this process, each with a personal link and a random background. Their answers are
discarded unless --data names a folder. With --data, a questionnaire in SURVEY_QUESTIONNAIRES is used instead of its published
version. The same seed gives the same robots and, without --http, the same modules.

The shares of languages, levels, learning paths and years are assumptions: they have no source.

\b
Profiles:
{_ABOUT}
  mixed          a plausible mixture of these""",
)
@click.argument("questionnaire")
@click.option("-n", "count", default=100, show_default=True, type=click.IntRange(1), help="Number of robots.")
@click.option(
    "--profile", type=click.Choice([*PROFILES, "mixed"]), default="honest", show_default=True, help="The profile of the robots."
)
@click.option("--seed", default="1", show_default=True, help="Seed of the random generator: any text.")
@click.option("--institution", "named", multiple=True, help="Only this institution; may be repeated.")
@click.option("--http", "url", metavar="URL", help="Simulate on a running server, by its open links.")
@click.option(
    "--links",
    type=InputFile(),
    help="With --http: answer by the personal links of this links.csv.",
)
@click.option(
    "--threads",
    default=4,
    show_default=True,
    type=click.IntRange(1, 64),
    help="With --http: number of robots that answer at the same time.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Store the answers in this folder. It must be new or contain only simulated answers.",
)
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Write a diagram of the flow to this HTML file.")
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
        raise click.UsageError("--data cannot be combined with --http; --links needs --http.")
    folders = read_folders()
    if data:
        mark_simulated(data)
    if data and os.environ.get("SURVEY_QUESTIONNAIRES") and is_questionnaire(folders.questionnaires / questionnaire):
        questionnaire = str(folders.questionnaires / questionnaire)  # not the version that another installation published
    found = find_questionnaire(questionnaire, folders)
    institutions = choose_institutions(found, named)
    if url:
        entries = read_links_file(links, found, count) if links else list_robot_entries(found, institutions, count)
        walks = collect(run_robots(Simulation(found, profile, seed), entries, lambda: HttpLine(url), threads), len(entries))
    else:
        version, translations = find_published(questionnaire, locate_stores()["answers"]), folders.translations
        if version is None:
            folder = find_folder(questionnaire, folders.questionnaires)
            translations = find_translations() or list_catalogue_folders(folder, None)[0]
            version = pack_version(found, folder, translations)
        with TemporaryDirectory(prefix="survey-") as temporary:
            robots = LocalRobots(found, profile, seed, data or Path(temporary), translations)
            walks = walk_here(robots, version, institutions, count)
    flow = measure_flow(found, walks)
    if picture:
        picture.write_text(render_flow_page(flow, found, seed), "utf-8")
    click.echo(summarise_flow(flow))


def choose_institutions(questionnaire: Questionnaire, named: Sequence[str]) -> list[Institution]:
    known = questionnaire.institutions
    for name in named:
        if name not in known:
            raise click.UsageError(f"There is no institution '{name}'{suggest_name(name, known)}. Known: {join_names(known)}.")
    return [known[name] for name in named or known]


def list_robot_entries(questionnaire: Questionnaire, institutions: Sequence[Institution], count: int) -> list[RobotEntry]:
    """Return one entry per robot: the open links of the institutions in turn."""
    chosen = (institutions[number % len(institutions)] for number in range(count))
    return [
        RobotEntry(f"/q/{questionnaire.code}/{institution.code}", institution.code, institution.open_link)
        for institution in chosen
    ]


def read_links_file(links: Path, questionnaire: Questionnaire, count: int) -> list[RobotEntry]:
    """Return the first `count` personal links of a file.

    Raises:
        click.ClickException: the file has no columns institution and link.
    """
    written = links.read_text("utf-8-sig")
    delimiter = max(",;\t", key=written.partition("\n")[0].count)
    rows = list(csv.DictReader(io.StringIO(written, newline=""), delimiter=delimiter))
    if not rows or not {"institution", LINK_COLUMN} <= set(rows[0]):
        raise click.ClickException(
            f"{links} has no columns institution and {LINK_COLUMN}. Give a links.csv of `survey-engine links`."
        )
    choose_institutions(questionnaire, [row["institution"] for row in rows])
    return [RobotEntry(urlsplit(row[LINK_COLUMN]).path, row["institution"]) for row in rows[:count]]


def mark_simulated(data: Path) -> None:
    """Refuse a folder with other answers than simulated ones: they would mix, and its questionnaire would be published unchecked."""
    refusal = (
        f"{data} is an installation: simulated answers would be among its own, under the questionnaire as it is in its folder now. "
        "Name a new folder."
    )
    mark_folder(data, SIMULATED, refusal)


def walk_here(robots: LocalRobots, version: StoredVersion, institutions: Sequence[Institution], count: int) -> list[RobotWalk]:
    """Publish a version in separate stores, so that simulated answers never mix with real ones, and run the robots."""
    found, url = robots.questionnaire, read_settings({}, robots.data).database_url
    with closing(Database(url, "answers")) as answers:
        answers.migrate()
        store_version(answers, version, publish=True)
    with robots.serve() as (site, _):
        entries = add_students(site, found, robots.seed, institutions, count)
        pseudonyms = [*iter_robot_pseudonyms(site, found, entries)]
        period = choose_period(site, found)
    walks = collect(robots.run(entries), count)
    with closing(Database(url, "answers")) as answers:
        times = invent_times(*period, make_generator(robots.seed, "days"))
        set_times(answers, found.code, zip(pseudonyms, times, strict=False))
    return walks


def choose_period(site: Site, questionnaire: Questionnaire) -> tuple[date, date]:
    """Return the first and last day of simulated answers: the past days of the questionnaire's period, or the last six weeks."""
    today = site.participation.now().date()
    last = min(questionnaire.closes or today, today)
    first = questionnaire.opens or last - _FIELDWORK
    return (first, last) if first <= last else (last - _FIELDWORK, last)


def add_students(
    site: Site, questionnaire: Questionnaire, seed: str, institutions: Sequence[Institution], count: int
) -> list[RobotEntry]:
    """Add one student per robot, to the institutions in turn; return their personal links."""
    seats = []
    for number in range(count):
        institution = institutions[number % len(institutions)]
        chance = make_generator(seed, number, "who")
        seats.append(Seat(questionnaire.code, institution.code, invent_background(questionnaire, institution, chance)))
    tokens = give_links(site.identity, site.participation.contact_keys, seats)
    return [RobotEntry(f"/l/{token}", seat.institution, seat.background) for token, seat in zip(tokens, seats, strict=True)]


def iter_robot_pseudonyms(site: Site, questionnaire: Questionnaire, entries: Sequence[RobotEntry]) -> Iterator[str]:
    """Iterate over the pseudonyms of the robots."""
    for seat in find_by_tokens(site.identity, questionnaire.code, [read_token(entry.path) for entry in entries]):
        if seat:
            yield make_pseudonym(site.participation.pseudonym_key, questionnaire.code, seat.id)


def collect(walks: Iterable[RobotWalk], count: int) -> list[RobotWalk]:
    """Show the progress of the robots; return their walks in the order of the robots.

    Raises:
        click.ClickException: the site behaved incorrectly.
    """
    try:
        with click.progressbar(walks, count, "Robots", file=sys.stderr) as bar:
            return sorted(bar, key=lambda walk: walk.number)
    except RobotError as error:
        raise click.ClickException(str(error)) from None


def summarise_flow(flow: Flow) -> str:
    """Return a text summary of the flow; minutes are simulated time of respondents."""
    profiles = ", ".join(f"{name} {completed} of {robots}" for name, (robots, completed) in flow.profiles.items())
    return (
        f"{format_bars(flow)}\n\n{flow.completed} of {flow.robots} robots completed the questionnaire ({profiles});"
        f" median {flow.minutes:.1f} minutes of a respondent's time."
    )

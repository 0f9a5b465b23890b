"""`survey-engine deliver`: change the state of a delivery, and hand out its files to the readers of that state."""

from __future__ import annotations

import secrets
from contextlib import closing, nullcontext, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.group_sizes import choose_sizes
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.cli.support.open_institutions import describe_fieldwork, describe_open

EXAMPLES = """\b
Examples:
  survey-engine deliver delivery
  survey-engine deliver delivery --set review --by "Data team"
  survey-engine deliver delivery --set final --by "Data team" --embargo 2027-05-27T10:00
  survey-engine deliver delivery --to institution --out hand-out
"""
_WHILE_OPEN = (
    "Two releases, or a release and reminder lists (`remind`), reveal who gave which answers in between. Export again after the last day; "
    "or add --while-open, if nobody who gets these files has reminder lists or gets a later release."
)
_UNKNOWN = "So it is unknown whether {code} has closed. Add --while-open if it has."
# As in `datasets/delivered_files.py`, whose import is slow.
STATES, AUDIENCES = ("draft", "review", "final", "public"), ("reviewer", "institution", "public")


@click.command(epilog=EXAMPLES)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--set", "state", type=click.Choice(STATES), help="Change the state: one step forward, or back.")
@click.option("--by", default="", help="With --set: the person or team that decided, for the history.")
@click.option(
    "--embargo",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="With --set final: the delivery cannot become public before this time, in SURVEY_TIMEZONE.",
)
@click.option(
    "--checked",
    multiple=True,
    metavar="FILE",
    help="With --set final or public: release this file, which no command made. You have checked that its readers may see all its rows, "
    "and for public that it shows no small groups. May be repeated.",
)
@click.option(
    "--despite-earlier",
    is_flag=True,
    help="With --set final or public: release files although earlier released files differ by only a few responses.",
)
@click.option(
    "--while-open",
    is_flag=True,
    help="With --set final or public: release files although their questionnaire can still be answered.",
)
@click.option("--to", "audience", type=click.Choice(AUDIENCES), help="Write the files for these readers, with a new password.")
@click.option("--out", type=click.Path(path_type=Path), help="With --to: the folder to create.")
def deliver(
    *,
    folder: Path,
    state: str | None,
    by: str,
    embargo: datetime | None,
    checked: tuple[str, ...],
    despite_earlier: bool,
    while_open: bool,
    audience: str | None,
    out: Path | None,
) -> None:
    """Show or change the state of the delivery in FOLDER, or hand out its files.

    Reviewers get the files from the state review on. Institutions get them from final on: only rows of one institution, and only
    files that a command wrote or that were checked (--checked). The public gets them in the state public: not before the end of the
    embargo, no rows of single respondents, and only tables made with --public. A delivery cannot become final while its
    questionnaire can be answered, unless --while-open is given. Files that changed after the delivery became final are not handed
    out. The password opens the .xlsx files in Excel, and the archive of all other files in 7-Zip and other programs.
    """
    if (
        bool(state) + bool(audience) > 1
        or bool(audience) != bool(out)
        or bool(state) != bool(by)
        or (embargo and state != "final")
        or ((checked or despite_earlier or while_open) and state not in ("final", "public"))
    ):
        raise click.UsageError(
            "Give --set with --by, or --to with --out. --embargo needs --set final; --checked, --despite-earlier and --while-open "
            "need --set final or public."
        )
    release = import_module("survey_engine.datasets.delivered_files")
    now = datetime.now(UTC)
    try:
        delivery = release.read_delivery(folder)
        if state in ("final", "public") and not while_open:
            check_closed(delivery, now)
        if state:
            until = embargo.replace(tzinfo=ZoneInfo(find_settings().timezone)) if embargo else None
            still_open = " ".join(list_open(delivery))
            click.secho(still_open, fg="yellow", err=True, nl=bool(still_open))
            decision = release.StateChange(by, now, until, checked, despite_earlier, still_open)
            is_final = state == "final"
            with closing(open_store(find_settings(), "answers", migrate=True)) if is_final else nullcontext() as answers:
                delivery.change_state(state, decision, choose_sizes(None), answers, find_settings().pseudonym_key)
        if audience and out:
            hand_out(delivery, audience, out, now)
            return
    except release.ReleaseError as error:
        raise click.ClickException(str(error)) from None
    click.echo(describe(delivery))


def check_closed(delivery: Any, now: datetime) -> None:
    """Raises ClickException when the questionnaire of rows or tables of the delivery can still be answered."""
    settings = find_settings()
    for code, institution in delivery.list_sources():
        try:
            questionnaire = find_questionnaire(code, settings)
        except click.ClickException as error:
            raise click.ClickException(f"{error.message}\n{_UNKNOWN.format(code=code)}") from None
        if found := describe_open(questionnaire, institution, settings, now):
            raise click.ClickException(f"{found} {_WHILE_OPEN}")


def list_open(delivery: Any) -> list[str]:
    """Return a description of each open fieldwork behind the delivery's rows and tables. Unknown questionnaires are left out."""
    settings, found = find_settings(), list[str]()
    for code, institution in delivery.list_sources():
        with suppress(click.ClickException), closing(open_store(settings, "answers", replica=True)) as answers:
            found.append(describe_fieldwork(find_questionnaire(code, settings), institution, settings, answers))
    return [text for text in found if text]


def hand_out(delivery: Any, audience: str, out: Path, now: datetime) -> None:
    password = "" if audience == "public" else "-".join(secrets.token_hex(2) for _ in range(5))
    with fill_folder(out, force=False) as folder:
        names = delivery.hand_out(audience, folder, password, now, choose_sizes(None))
    click.echo(f"{', '.join(names)} in {out}.")
    if password:
        click.echo(f"Password: {password}\nIt is shown once. Send it by another channel than the files.")


def describe(delivery: Any) -> str:
    """Return the state, the history and the changed files."""
    until = f", embargo until {delivery.embargo:%Y-%m-%d %H:%M UTC%z}" if delivery.embargo else ""
    lines = [f"{delivery.folder}: {delivery.state}{until}, {len(delivery.list_files())} files"]
    lines += [f"  {step['at'][:16]}  {step['state']:7} {step['by']}" for step in delivery.history]
    lines += [f"  {name} changed since the delivery became final" for name in delivery.list_changed()]
    return "\n".join(lines)

"""`survey-engine backup`: copy both stores and the list of erasures."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.cli.support.command_errors import explain
from survey_engine.cli.support.installation import find_settings, open_store
from survey_engine.fieldwork.erasure import Stores, check_list
from survey_engine.fieldwork.erasure_list import BrokenListError, read_list, read_whole
from survey_engine.fieldwork.list_owners import MissingListError, check_lines, check_owner
from survey_engine.operations.backups import BackupError, back_up
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.row_order import hide_order
from survey_engine.storage.sqlite_files import make_private_file

EXAMPLES = """\b
Examples:
  survey-engine backup --answers /backup/a/0131.db --identity /backup/i/0131.db --erasures /backup/e/0131.csv
"""
LOCKED = (
    "A table was locked, so its rows were copied in their order: this reveals in which order persons asked for links or launched. "
    "Make another backup."
)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog=EXAMPLES)
@click.option("--answers", type=FILE, required=True, help="A new file for the answers, with the published questionnaires.")
@click.option("--identity", type=FILE, required=True, help="A new file for persons and links.")
@click.option("--erasures", type=FILE, required=True, help="A new file for the list of erasures.")
def backup(*, answers: Path, identity: Path, erasures: Path) -> None:
    """Copy both stores and the list of erasures to new files, while the site runs.

    Keep the three files apart from each other and from the keys: a person with all of them can join persons and answers. SQLite
    is copied by VACUUM INTO, PostgreSQL by `pg_dump`: neither copies bytes of erased rows. On PostgreSQL, the rows of launches
    and of requests for links are shuffled first. The answers are copied before the identities, so that each response has its
    seat. Each copy is read once to check it. Nothing is copied if the list of erasures is missing, damaged or belongs to
    another installation.
    """
    settings = find_settings()
    if missing := [file.parent for file in (answers, identity, erasures) if not file.parent.is_dir()]:
        raise click.ClickException(f"There is no folder {missing[0]}.")
    files = [file.resolve() for file in (answers, identity, erasures)]
    if len({*files}) < len(files):
        raise click.ClickException("Name three different files, so that the copies can be stored apart.")
    if erasures.exists():
        raise click.ClickException(f"{erasures} exists. Name another file: a backup overwrites no file.")
    written = list[Path]()
    try:
        with closing(open_store(settings, "answers")) as store, closing(open_store(settings, "identity")) as persons:
            is_current = all(each.read_schema_state() == "current" for each in (store, persons))
            check_erasures(settings, store, persons, is_current=is_current)
            if is_current and not hide_order(store, persons):
                click.secho(LOCKED, fg="yellow", err=True)
        for url, file in ((settings.database_url, answers), (settings.identity_url, identity)):
            back_up(url, file)
            written.append(file)
            click.echo(f"{file}: {file.stat().st_size:,} bytes")
        written.append(make_private_file(erasures))
        erasures.write_bytes(read_whole(settings.erasures))
    except (BackupError, BrokenListError, MissingListError, OSError, SQLAlchemyError, sqlite3.Error) as error:
        left = f"\nThe backup is incomplete. Remove its files: {', '.join(map(str, written))}" if written else ""
        raise click.ClickException(f"{explain(error) or error}{left}") from None
    make_private_file(settings.backup_stamp).touch()
    click.echo(f"{erasures}: {erasures.stat().st_size:,} bytes")


def check_erasures(settings: Settings, answers: Database, identity: Database, *, is_current: bool) -> None:
    """Check the list of erasures before it is copied: a restore repeats only erasures that the copy has.

    Args: is_current: whether the stores have all tables. Stores of an earlier release lack some, and are not compared with the list.

    Raises:
        BrokenListError, MissingListError: the list is damaged, missing, incomplete or belongs to another installation.
    """
    check_owner(settings.erasures, settings.pseudonym_key)
    if is_current:
        check_list(Stores(answers, identity, settings.pseudonym_key), settings.erasures)
        check_lines(answers, identity, settings.erasures)
    read_list(settings.erasures).check()

"""`survey-engine restore`: restore both stores from a backup."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from survey_engine.cli.erase import erase_again, open_stores
from survey_engine.cli.support.installation import check_restored, explain_unfinished, find_settings
from survey_engine.fieldwork.erasure_list import BrokenListError, check_list_copy, read_whole
from survey_engine.fieldwork.list_owners import ForeignListError, check_owner
from survey_engine.operations.backups import BackupError, check_restore, mark_begun, mark_restored
from survey_engine.operations.backups import restore_backup as restore_store
from survey_engine.operations.folder_marks import remove_marks
from survey_engine.operations.server_locks import has_worker, list_ports
from survey_engine.settings import Settings
from survey_engine.storage.sqlite_files import make_private_file

EXAMPLES = """\b
Examples:
  survey-engine restore --answers /backup/a/0131.db --identity /backup/i/0131.db --erasures /backup/e/0131.csv
"""
NEXT = """Next, before you start the servers:
  for each list of students that is newer than the backup: survey-engine links … with the same --key; then survey-engine erase --again
  survey-engine doctor"""
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command(epilog=EXAMPLES)
@click.option("--answers", type=FILE, help="The backup of the answers.")
@click.option(
    "--identity", type=FILE, help="The backup of persons and links. It must not be older than the backup of the answers."
)
@click.option("--erasures", type=FILE, help="A copy of the list of erasures, if the list of this installation is lost.")
def restore(*, answers: Path | None, identity: Path | None, erasures: Path | None) -> None:
    """Restore the stores from files of `survey-engine backup`, and repeat all erasures on the list.

    Stop all servers and workers first. An existing store is never overwritten: move SQLite's files away, or create an empty
    PostgreSQL database. Without --answers or --identity, that store stays unchanged. If the list of erasures of this installation
    still exists, it is used instead of the copy: it has the erasures after the backup.
    """
    if not (answers or identity):
        raise click.UsageError("Give --answers, --identity, or both.")
    settings = find_settings(finishes_restore=True)
    check_stopped(settings.data)
    copies = (("answers", settings.database_url, answers), ("identity", settings.identity_url, identity))
    files = [(store, url, file) for store, url, file in copies if file]
    was_stopped, restored = settings.restore_mark.is_file(), 0
    try:
        for store, url, file in files:
            check_restore(url, store, file)
        take_list(settings, erasures)
        mark_begun(settings.restore_mark, [store for store, _, _ in files])
        remove_marks(settings.data)
        for store, url, file in files:
            restore_store(url, file)
            mark_restored(settings.restore_mark, store)
            restored += 1
    except BackupError as error:
        if not (was_stopped or restored):
            settings.restore_mark.unlink(missing_ok=True)
        raise click.ClickException(f"{error}\n{explain_unfinished(settings)}" if was_stopped else str(error)) from None
    check_restored(settings)
    with open_stores(settings) as stores:
        click.echo(erase_again(settings, stores))
    click.echo(NEXT)


def check_stopped(data: Path) -> None:
    """Raises ClickException if a server or worker of this installation runs: it would continue to use the files that were moved away."""
    if ports := list_ports(data):
        raise click.ClickException(f"A server runs at port {ports[0]}. Stop all servers, and try again.")
    if has_worker(data):
        raise click.ClickException("`survey-engine work` or `maintain` runs. Stop all workers, and try again.")


def take_list(settings: Settings, backup: Path | None) -> None:
    """Copy the backup of the list if the installation has none.

    Raises:
        click.ClickException: the copy is cut off or belongs to another installation, the list of this installation lacks a line of the
            copy, or there is neither a list nor a copy.
    """
    try:
        for path in filter(None, (backup, settings.erasures)):
            check_owner(path, settings.pseudonym_key)
        if backup:
            check_list_copy(backup)
    except (BrokenListError, ForeignListError) as error:
        raise click.ClickException(str(error)) from None
    if settings.erasures.is_file():
        known = set(read_whole(settings.erasures).splitlines())
        if backup and set(backup.read_bytes().splitlines()) - known:
            raise click.ClickException(
                f"{settings.erasures} lacks lines of {backup}. Append the missing lines, in the order of their times, and try again."
            )
    elif backup:
        shutil.copyfile(backup, make_private_file(settings.erasures))
    else:
        raise click.ClickException(
            f"There is no list of erasures at {settings.erasures} (SURVEY_ERASURES): without it, erased answers would come back. "
            "Give --erasures."
        )

"""Folders of data that are no installation: each has a file that says so."""

from __future__ import annotations

from pathlib import Path

import click

from survey_engine.operations.folder_marks import FOLDER_MARKS, NEW_FOLDER, is_used, note_use


def mark_folder(data: Path, name: str, refusal: str) -> None:
    """Write the file `name` into a new folder of data.

    Raises:
        click.ClickException: the folder has stores without that file, with `refusal`; or it was used as an installation since.
    """
    mark = data / name
    if not mark.exists() and any((data / store).exists() for store in ("answers.db", "identity.db")):
        raise click.ClickException(refusal)
    if is_used(data, name):
        raise click.ClickException(f"{data} was used as an installation: it may have answers of respondents. Name a new folder.")
    data.mkdir(parents=True, exist_ok=True)
    mark.write_text(f"{FOLDER_MARKS[name]}\n", encoding="utf-8")


def warn_marked(data: Path, command: str) -> None:
    """Warn that a command for fieldwork uses a marked folder, and write it in the marks."""
    for name in note_use(data, command):
        click.secho(
            f"{data / name}: {FOLDER_MARKS[name]} Those of respondents would be among them. {NEW_FOLDER}",
            fg="yellow",
            err=True,
        )

"""Folders of data that are no installation: each has a file that says so."""

from __future__ import annotations

from pathlib import Path

import click


def mark_folder(data: Path, name: str, content: str, refusal: str) -> None:
    """Write the file `name` into a new folder of data. Raises ClickException with `refusal` if it has stores without that file."""
    mark = data / name
    if not mark.exists() and any((data / store).exists() for store in ("answers.db", "identity.db")):
        raise click.ClickException(refusal)
    data.mkdir(parents=True, exist_ok=True)
    mark.write_text(f"{content}\n", encoding="utf-8")

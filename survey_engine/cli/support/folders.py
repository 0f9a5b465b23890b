"""Output folders: complete under their final name, or not there at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def fill_folder(out: Path, *, force: bool) -> Iterator[Path]:
    """A new folder beside `out`, that only this user can read; it becomes `out` when the block ends well.

    With `force` its files replace those of the same name in `out`; other files there are left alone.

    Raises:
        click.UsageError: when `out` holds files already and there is no `force`.
    """
    check_folder(out, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        yield folder
        _put_in_place(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_folder(out: Path, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise click.UsageError(f"{out} is a file. Name a folder.")
    if out.is_dir() and any(out.iterdir()) and not force:
        raise click.UsageError(f"The folder {out} holds files already. Name another, or add --force to write over them.")


def _put_in_place(folder: Path, out: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o600)
    if not out.exists():
        folder.rename(out)
        return
    for path in folder.iterdir():
        path.replace(out / path.name)

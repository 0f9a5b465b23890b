"""Output folders: complete under their final name, or not there at all."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def fill_folder(out: Path, *, force: bool) -> Iterator[Path]:
    """A new folder beside `out`, that only this user can read; it becomes `out` when the block ends well.

    Others that want to make a folder there wait until then, and find what stands in it. A block that writes nothing makes none.

    With `force` its files replace those of the same name in `out`; other files there are left alone.

    Raises:
        click.UsageError: when `out` holds files already and there is no `force`.
    """
    check_folder(out, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    with _take_turns(out.parent):
        check_folder(out, force)
        _show_leavings(out)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            yield folder
            if any(folder.iterdir()):
                _put_in_place(folder, out)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _show_leavings(out: Path) -> None:
    """Name what runs beside `out` left when they were killed, and show it; nobody else is at work there.

    Links in it may have been stored already, and be nowhere else.
    """
    made = re.compile(r"\.(.+)\.([a-z0-9_]{8})")  # as mkdtemp does
    for path in sorted(out.parent.iterdir()):
        found, left = made.fullmatch(path.name), path
        if not found or path.is_symlink() or not path.is_dir() or stat.S_IMODE(path.stat().st_mode) != 0o700:
            continue
        if found[1] == out.name:
            left = path.rename(out.parent / f"{out.name}-unfinished-{found[2]}")
        elif not (path / "links.csv").exists():
            continue
        click.echo(f"A run was killed. What it wrote lies in {left}. Links in it may work: look, and remove it then.", err=True)


@contextmanager
def _take_turns(folder: Path) -> Iterator[None]:
    """One process at a time."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def check_folder(out: Path, force: bool) -> None:
    if out.is_symlink() and not out.exists():
        raise click.UsageError(f"{out} is a symbolic link that leads nowhere. Name another folder.")
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

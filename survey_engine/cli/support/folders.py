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
        _remove_leavings(out)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            yield folder
            if any(folder.iterdir()):
                _put_in_place(folder, out)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_leavings(out: Path) -> None:
    """Remove what runs into the same folder left when they were killed; nobody else is at work there."""
    made = re.compile(re.escape(f".{out.name}.") + "[a-z0-9_]{8}")  # as mkdtemp does
    for path in out.parent.iterdir():
        if made.fullmatch(path.name) and stat.S_IMODE(path.lstat().st_mode) == 0o700 and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


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

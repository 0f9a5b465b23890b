"""Atomic output folders: a folder has its final name only when it is complete."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def fill_folder(out: Path, *, force: bool, must_keep: Callable[[], bool] = lambda: False) -> Iterator[Path]:
    """Yield a temporary folder that only this user can read; rename it to `out` if the block succeeds.

    Until then, other processes that write `out` wait. If the block writes no file, no folder is created. With `force`,
    the new files replace files of the same name in `out`; other files are kept.

    Args:
        must_keep: called after a failure: whether to keep the folder under another name, because links in it may be valid.

    Raises:
        click.UsageError: `out` is not empty and `force` is false, or `out` is a file.
    """
    refuse_used_folder(out, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    with _lock(out):
        refuse_used_folder(out, force)
        _report_unfinished(out)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        done = False
        try:
            yield folder
            if any(folder.iterdir()):
                _put_in_place(folder, out)
            done = True
        finally:
            if done or not must_keep():
                shutil.rmtree(folder, ignore_errors=True)
            elif folder.exists():
                left = _rename_unfinished(folder, out)
                click.echo(f"Links in {left} may be valid. Keep its files until you know which links work.", err=True)
            else:
                click.echo(
                    f"The links are stored, but {folder}, the only folder with their files, was removed or moved. Find it; or restore the "
                    "stores from the last backup, and give the links again.",
                    err=True,
                )


def _report_unfinished(out: Path) -> None:
    """Report temporary folders that killed processes left next to `out`; rename those of `out`.

    Links in these folders may already be in the database, and in no other file.
    """
    temporary = re.compile(r"\.(.+)\.([a-z0-9_]{8})")  # the names of mkdtemp
    for path in sorted(out.parent.iterdir()):
        found, left = temporary.fullmatch(path.name), path
        if not found or path.is_symlink() or not path.is_dir() or stat.S_IMODE(path.stat().st_mode) != 0o700:
            continue
        if found[1] == out.name:
            left = _rename_unfinished(path, out)
        elif not (path / "links.csv").exists() or _is_locked(path.with_name(found[1])):
            continue
        click.echo(f"A killed command left {left}. It may contain valid links: check its files, then remove it.", err=True)


def _rename_unfinished(folder: Path, out: Path) -> Path:
    return folder.rename(out.parent / f"{out.name}-unfinished-{folder.name.rpartition('.')[2]}")


@contextmanager
def _lock(out: Path) -> Iterator[None]:
    """Exclude other processes that write this folder: each locks a file next to the folder, and removes the file at its end."""
    path = _find_lock(out)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                click.echo(f"Waiting for another command that writes {out.resolve()} …", err=True)
                fcntl.flock(handle, fcntl.LOCK_EX)
            if not _is_open(path, handle):  # the previous process removed this file: another process may have locked a new one
                continue
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return
        finally:
            os.close(handle)


def _find_lock(out: Path) -> Path:
    return out.parent / f".{out.name}.lock"


def _is_open(path: Path, handle: int) -> bool:
    """Whether `handle` is the file that has this name now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _is_locked(out: Path) -> bool:
    """Whether another process writes this folder now."""
    try:
        handle = os.open(_find_lock(out), os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def refuse_used_folder(out: Path, force: bool) -> None:
    if out.is_symlink() and not out.exists():
        raise click.UsageError(f"{out} is a broken symbolic link. Give another folder.")
    if out.exists() and not out.is_dir():
        raise click.UsageError(f"{out} is a file. Give a folder.")
    if out.is_dir() and any(out.iterdir()) and not force:
        raise click.UsageError(f"The folder {out} is not empty. Give another folder, or add --force to overwrite its files.")


class LostFileError(Exception):
    """A file with new links was removed or moved before the links were stored. The message ends with the remedy."""


def refuse_lost(files: Iterable[Path]) -> None:
    """Raise LostFileError if one of the files with new links does not exist any more; call it before the links are stored."""
    if lost := next((path for path in files if not path.exists()), None):
        raise LostFileError(f"{lost}, which this command wrote, was removed or moved meanwhile. Run the command again.")


def _put_in_place(folder: Path, out: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    if not out.exists():
        folder.rename(out)
        return
    for path in folder.iterdir():
        path.replace(out / path.name)

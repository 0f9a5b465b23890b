"""Progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

T = TypeVar("T")


def show_progress(elements: Iterable[T], count: int, name: str) -> Iterator[T]:
    """Yield the elements, and show `name` with the percentage of `count` that was yielded."""
    with click.progressbar(elements, count, name, file=sys.stderr, update_min_steps=max(1, count // 500)) as bar:
        yield from bar


def show_rows(count: int) -> None:
    """Show the number of rows read so far, in a terminal only. 0 clears the line."""
    if sys.stderr.isatty():
        click.echo(f"\r{f'{count} rows' if count else ''}\x1b[K", nl=False, err=True)

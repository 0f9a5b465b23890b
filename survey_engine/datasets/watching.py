"""Progress of an export."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Watch(Protocol):
    """Passes elements on one by one and shows progress."""

    def __call__(self, elements: Iterable[T], count: int, name: str, /) -> Iterable[T]:
        """Return the same elements.

        Args:
            count: the number of elements.
            name: what they are, for the progress bar.
        """
        ...


def ignore_progress(elements: Iterable[T], count: int, name: str, /) -> Iterable[T]:
    return elements

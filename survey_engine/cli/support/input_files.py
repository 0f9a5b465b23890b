"""Type of arguments and options that name a file to read, such as a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class InputFile(click.Path):
    """An existing regular file. Pipes and devices are refused: lists are read several times."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if not Path(str(found)).is_file():
            self.fail(f"'{value}' is a pipe or a device. Write its content to a file, and give that file.", param, ctx)
        return found
